/* SPDX-License-Identifier: ISC */
/*
 * The settings that have no netlink form: /proc/sys/net/ipv4/vs, and the
 * per-interface ones when IFLA_INET_CONF is refused. Former values are kept
 * by the caller (struct sysctl_saved) and put back when ipvsd leaves.
 */
#ifndef IPVSD_KERNEL_SYSCTL_H
#define IPVSD_KERNEL_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "conf/conf.h"

#define SYSCTL_VALUE_LEN 32

/* net/ipv4/conf/INTERFACE/NAME. False with errno. */
bool sysctl_write_conf(const char *interface, const char *name, unsigned value);

/* Whether sockets that are bound to no VRF hear nothing of what comes in by
 * one. */
bool sysctl_vrf_is_unheard(void);

/* One row an option of ipvs.options and ipvs.sync. */
#define SYSCTL_VS_TABLE(X)                               \
	X(EXPIRE_NODEST_CONN, "expire_nodest_conn")      \
	X(SLOPPY_TCP, "sloppy_tcp")                      \
	X(EXPIRE_QUIESCENT, "expire_quiescent_template") \
	X(CONN_REUSE_MODE, "conn_reuse_mode")            \
	X(CONNTRACK, "conntrack")                        \
	X(SYNC_THRESHOLD, "sync_threshold")              \
	X(SYNC_REFRESH, "sync_refresh_period")

enum sysctl_vs {
#define X(id, text) SYSCTL_##id,
	SYSCTL_VS_TABLE(X)
#undef X
	    SYSCTL_VS_MAX
};

/* What was there before us; "" where we changed nothing. */
struct sysctl_saved {
	char former[SYSCTL_VS_MAX][SYSCTL_VALUE_LEN];
};

/* Writes what is configured and differs; what is no longer configured goes
 * back. Gives the number of errors (logged); *changed: saved has changed. */
unsigned sysctl_vs_apply(
    const struct conf_ipvs *, struct sysctl_saved *, bool *changed);
void sysctl_vs_restore(struct sysctl_saved *);
/* "vs NAME VALUE" lines. */
void sysctl_vs_save(const struct sysctl_saved *, FILE *);
bool sysctl_vs_load(struct sysctl_saved *, const char *line);

#endif
