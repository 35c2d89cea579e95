/* SPDX-License-Identifier: ISC */
/* IPVS over generic netlink (linux/ip_vs.h): the table, time-outs, daemons. */
#ifndef IPVSD_KERNEL_IPVS_NL_H
#define IPVSD_KERNEL_IPVS_NL_H

#include "desired/diff.h"
#include "net/netlink.h"

/* A dump under way. */
struct ipvs_dump {
	struct netlink netlink;
	struct ipvs_table *table;     /* it fills this */
	struct ipvs_service *service; /* whose destinations are read */
	uint32_t next;		      /* the next one's place in table */
	bool services_done;
	bool services_only;
};

struct ipvs_nl {
	int family; /* 0: not resolved */
	struct netlink commands;
	struct ipvs_dump all;
	struct ipvs_dump one; /* of one service, beside the other */
};

struct ipvs_timeouts {
	uint32_t tcp; /* s */
	uint32_t tcp_fin;
	uint32_t udp;
};

/* Opens the sockets; -1 with errno. */
int ipvs_nl_open(struct ipvs_nl *);
void ipvs_nl_close(struct ipvs_nl *);
/* Asks the kernel for the family, which loads the module where it may. -1
 * with errno (ENOENT: no ip_vs here). */
int ipvs_nl_resolve(struct ipvs_nl *);

/*
 * Sends at most NETLINK_BATCH commands at once; errors[i] is 0 or the errno
 * of the i-th. -1: some answers were lost, those have NETLINK_UNANSWERED; dump
 * afresh.
 */
int ipvs_nl_batch(
    struct ipvs_nl *, const struct ipvs_command *, uint32_t count, int *errors);

/* Starts to read everything into an empty table, by nl->all; or the services
 * without their destinations. -1 with errno. */
int ipvs_nl_dump(struct ipvs_nl *, struct ipvs_table *, bool services_only);
/* Starts to read one service into an empty table, by nl->one. -1 with errno;
 * ESRCH: the kernel has no such service. */
int ipvs_nl_dump_one(
    struct ipvs_nl *, const struct ipvs_key *, struct ipvs_table *);
/* Goes on for about so many ns. 1: more, 0: all is read and sorted, -1. */
int ipvs_nl_dump_step(struct ipvs_nl *, struct ipvs_dump *, uint64_t slice);

/* 0 or an errno. */
int ipvs_nl_get_timeouts(struct ipvs_nl *, struct ipvs_timeouts *);
int ipvs_nl_set_timeouts(struct ipvs_nl *, const struct ipvs_timeouts *);
/* The running daemons, master first; state 0: not running. */
int ipvs_nl_get_daemons(struct ipvs_nl *, struct ipvs_daemon out[2]);
int ipvs_nl_new_daemon(struct ipvs_nl *, const struct ipvs_daemon *);
int ipvs_nl_del_daemon(struct ipvs_nl *, const struct ipvs_daemon *);

#endif
