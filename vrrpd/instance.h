/* SPDX-License-Identifier: ISC */
/* A virtual router that this host takes part in: fsm, interface, counters. */
#ifndef VRRPD_INSTANCE_H
#define VRRPD_INSTANCE_H

#include <sys/queue.h>

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "fsm/fsm.h"
#include "log.h"
#include "packet.h"

struct table;
struct vrrpd;

#define ID_NONE	  UINT32_MAX
#define ODD_LEN	  160
#define NOTES_MAX 6 /* bits of enum vrrp_note */

struct instance {
	LIST_ENTRY(instance) entry; /* of vrrpd->instances */
	LIST_ENTRY(instance) hash;  /* by (ifindex, family, vrid) */
	TAILQ_ENTRY(instance) work; /* of vrrpd->announcing */
	struct vrrpd *vrrpd;
	struct table *table; /* holds conf */
	const struct conf_instance *conf;
	uint32_t id; /* in the current generation, or ID_NONE */
	struct fsm fsm;
	struct event *timer;
	uint64_t armed;	    /* what timer is set to, FSM_NEVER: not */
	unsigned ifindex;   /* 0: the interface is not there */
	bool joined;	    /* the group, on ifindex */
	bool up;	    /* as last told to the fsm */
	bool present;	    /* the same for its addresses */
	struct addr source; /* of its adverts while up */
	char down[96];	    /* else why not; "" before the first look */
	bool started;	    /* takes part; else only prepared */
	bool wake;	    /* a WAKE is due after the drain */
	bool leaving;	    /* SHUTDOWN was given */
	bool done;	    /* to be freed by the next turn of work */
	bool announcing;
	uint32_t announce_at; /* the next address to announce */
	uint64_t adverts_tx, adverts_rx;
	uint64_t zero_tx, zero_rx;
	uint64_t send_errors;
	uint64_t drops[VRRP_DROP_MAX];
	uint64_t notes[NOTES_MAX];
	struct log_limit drop_limit, note_limits[NOTES_MAX], send_limit;
	struct {
		char text[ODD_LEN]; /* "": nothing was odd yet */
		uint64_t at;
	} odd; /* the last packet that was dropped or noted */
};

/* announce.c: gratuitous ARP and unsolicited neighbour advertisements */
/* Announces all addresses once, the first ones at once. */
void announce_begin(struct instance *);
void announce_cancel(struct instance *);
/* Goes on until the deadline; whether more is to do. */
bool announce_step(struct vrrpd *, uint64_t deadline);

/* instance.c: events in, actions out */
struct instance *instance_new(
    struct vrrpd *, struct table *, const struct conf_instance *);
void instance_free(struct instance *);
void instance_start(struct instance *);
void instance_event(struct instance *, struct fsm_event *);
/* An event that has no fields. */
void instance_tell(struct instance *, enum fsm_event_type);
void instance_tell_all(struct vrrpd *, enum fsm_event_type);
/* Another configuration of the same virtual router. */
void instance_configure(
    struct instance *, struct table *, const struct conf_instance *);
/* SHUTDOWN: hand over, then be freed. */
void instance_leave(struct instance *, const char *why);

/* binding.c: an instance and the interface that it runs on */
/* Looks at the interface and the addresses, and tells the fsm what changed. */
void binding_evaluate(struct instance *);
/* Leaves the group; no packet finds the instance any more. */
void binding_undo(struct instance *);
/* The instances that a packet is for, one after the other; NULL: no more. */
struct instance *binding_find(
    struct vrrpd *, unsigned ifindex, uint8_t family, uint8_t vrid);
struct instance *binding_find_next(struct instance *);
/* Whether any interface has such an instance. */
bool binding_elsewhere(struct vrrpd *, uint8_t family, uint8_t vrid);

#endif
