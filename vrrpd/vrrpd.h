/* SPDX-License-Identifier: ISC */
/* vrrpd's private state: nothing here is shared with another daemon. */
#ifndef VRRPD_VRRPD_H
#define VRRPD_VRRPD_H

#include <sys/queue.h>

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "conf/conf.h"
#include "ctl/ctl.h"
#include "iface.h"
#include "instance.h"
#include "link/link.h"
#include "link/rendezvous.h"
#include "log.h"
#include "log_change.h"
#include "packet.h"
#include "socket.h"
#include "table.h"

#define INSTANCE_BUCKETS 256
/* How long a piece of work may last before the loop looks elsewhere. */
#define SLICE_NS	 (300 * NS_PER_US)

struct vrrpd {
	struct event_base *base;
	struct sockets *sockets;
	struct groups *groups;
	struct ifaces *ifaces;
	struct rtnl *rtnl;
	struct ctl_server *ctl;
	struct rendezvous *rendezvous; /* NULL with -F */
	struct link *ipvsd;
	struct link *checkd;
	struct tables tables;
	LIST_HEAD(, instance) instances;
	LIST_HEAD(, instance) hash[INSTANCE_BUCKETS];
	uint16_t vrids[2][256]; /* instances, by IPv6 or not and vrid */
	TAILQ_HEAD(, instance) announcing;
	struct instance *scan; /* the next to look at its interface */
	struct event *work;    /* what is done in slices, work.c */
	bool drain;	       /* read everything, then WAKE */
	unsigned drain_rounds;
	uint64_t boot_offset; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC */
	uint64_t gap;	      /* what it grew by, for the next WAKE */
	uint64_t started;
	bool ready;
	bool exiting;
	struct event *bound;	       /* the longest that an exit may wait */
	uint64_t drops[VRRP_DROP_MAX]; /* before an instance was found */
	struct log_limit drop_limit;
	uint8_t packet[VRRP_MESSAGE_MAX + VRRP_AUTH_LEN];
	struct addr list[VRRP_ADDRESSES_MAX];
};

/* receive.c */
void receive_packet(const struct received *, void *vrrpd);

/* work.c: what may take long, in slices; oversleep */
void work_init(struct vrrpd *);
void work_schedule(struct vrrpd *);
void work_scan(struct vrrpd *);	    /* look at all interfaces again */
void work_drain(struct instance *); /* read everything, then WAKE */
bool work_slept(struct vrrpd *);    /* the machine did: WAKE will come */

/* dispatch.c */
void dispatch_init(struct vrrpd *);
void dispatch_link(enum role peer, int fd, uint64_t epoch, pid_t, void *vrrpd);
void dispatch_ready(struct vrrpd *, uint64_t generation);
void dispatch_reject(struct vrrpd *, uint64_t generation, const char *object,
    const char *reason);
/* A generation is in force: say so on every link, with a snapshot. */
void dispatch_committed(struct vrrpd *);
void dispatch_resync(struct vrrpd *);
void dispatch_acquire(struct instance *);
void dispatch_returned(struct instance *);
void dispatch_renew(struct instance *, uint64_t term, uint64_t time);
void dispatch_release(struct instance *, uint64_t term);

/* control.c */
void control_init(struct vrrpd *, const char *dir);
/* To every `monitor`. */
void control_event(struct vrrpd *, const char *object, const char *name,
    const char *from, const char *to, const char *text);

/* main.c */
void vrrpd_instance_gone(struct vrrpd *); /* one was freed */

#endif
