/* SPDX-License-Identifier: ISC */
/*
 * vrrpd's private state: the process, and its instances. An instance is a
 * virtual router that this host takes part in. Functions are declared in the
 * header of the file that has them, and a comment names the file that keeps a
 * member. Times are CLOCK_MONOTONIC in ns.
 */
#ifndef VRRPD_VRRPD_H
#define VRRPD_VRRPD_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/conf.h"
#include "fsm/fsm.h"
#include "link/renewals.h"
#include "log.h"
#include "packet/packet.h"
#include "process/timer.h"

#define INSTANCE_BUCKETS 256
#define ID_NONE		 UINT32_MAX
#define ODD_LEN		 192

struct vrrpd;

/* Another master beside this router: rival.c. */
struct rival {
	char text[ODD_LEN];
	struct addr source;
	uint64_t at;	/* it was heard last */
	uint64_t until; /* unless it is heard before; 0: there is none */
	struct log_limit limit;
};

struct instance {
	LIST_ENTRY(instance) entry; /* of vrrpd->instances */
	LIST_ENTRY(instance) hash;  /* of vrrpd->hash, while ifindex is set */
	TAILQ_ENTRY(instance) announcing_entry; /* of vrrpd->announcing */
	struct vrrpd *vrrpd;
	struct generation *generation; /* owns conf; a reference */
	const struct conf_instance *conf;
	uint32_t id; /* in the current generation, or ID_NONE */
	/* life: instance.c */
	bool started;  /* takes part; before that it is only prepared */
	bool leaving;  /* SHUTDOWN was given */
	bool done;     /* to be freed by a turn of work, work.c */
	bool replaced; /* another of its name goes on on its interface */
	/* Another of its name, with another vrid or version, had resigned:
	 * until when, FSM_NEVER without end; 0: no. */
	uint64_t resigned_before;
	/* the state machine: act.c */
	struct fsm fsm;
	struct timer timer; /* of the fsm's deadline */
	bool wake_due;	    /* FSM_WAKE follows the drain, turn.c */
	/* the interface: binding.c */
	unsigned ifindex;	/* 0: the interface is not there */
	bool joined;		/* the VRRP group, on ifindex */
	bool hears_far;		/* counted in vrrpd->hear_far */
	bool had_global;	/* ifindex has had an IPv6 address of its own
				   that is not link-local */
	bool up;		/* as the fsm was told last */
	bool addresses_present; /* as the fsm was told last */
	struct addr source;	/* of its adverts while up */
	char down_reason[96];	/* while not up; "" before the first look */
	char fault[96];		/* as the fsm was told last, or "" */
	uint64_t moved;		/* the last iface->moved that it was told of */
	/* gratuitous ARP and the like: announce.c */
	bool announcing;
	uint32_t announce_at;	/* index of the next address to announce */
	uint32_t announce_more; /* times that all follow once more */
	/* for status and for limits of the log */
	uint64_t adverts_tx, adverts_rx;
	uint64_t priority_zero_tx, priority_zero_rx;
	uint64_t send_errors;
	uint64_t drops[VRRP_DROP_MAX];
	uint64_t notes[VRRP_NOTES_MAX];
	struct log_limit drop_limit, note_limits[VRRP_NOTES_MAX], send_limit;
	struct log_limit stranger_limit, conflict_limit;
	/* another program of this host: beside.c */
	struct timer beside; /* runs while it is listened for */
	bool beside_heard;
	uint64_t conflicts; /* others that say they have our addresses */
	struct {
		char text[ODD_LEN]; /* "": there was none yet */
		uint64_t at;
	} odd; /* the last packet that was dropped or noted */
	struct rival rival;
	char refused[FSM_REASON_LEN]; /* why it is not master, as the log
					 says; "": that is not so */
};

struct vrrpd {
	struct event_base *base;
	uint64_t started;
	bool ready;		 /* the interfaces are known */
	bool exiting;		 /* leave.c */
	struct timer exit_bound; /* the longest that leaving may take */
	/* whom it talks to */
	struct ctl_server *ctl;
	struct rendezvous *rendezvous; /* NULL: the links came with -F */
	struct link *ipvsd;
	struct link *checkd;
	/* renewals that are not said yet: say.c */
	struct renewals renewals;
	struct timer renew;
	uint64_t renew_since; /* the first of them was added */
	uint64_t renewed_at;  /* some were said */
	/* the network */
	struct sockets *sockets;
	struct groups *groups;
	struct ifaces *ifaces;
	struct rtnl *rtnl;
	struct strangers *strangers;
	unsigned besides; /* instances that listen to what leaves this host */
	uint64_t drops[VRRP_DROP_MAX]; /* before an instance was found */
	struct log_limit drop_limit;
	/* generations: reload.c */
	struct generation *current;  /* in force; NULL: none yet */
	struct generation *previous; /* ipvsd may still speak it; or NULL */
	struct reload *reload;
	struct receiver *receiver; /* of the next one, from ipvsd */
	bool resync_due; /* an instance missed what ipvsd said; reload.c asks */
	/* instances */
	LIST_HEAD(, instance) instances;	      /* all that are started */
	LIST_HEAD(, instance) hash[INSTANCE_BUCKETS]; /* binding.c */
	uint32_t hear_far;	/* instances that have `unicast` */
	uint16_t vrids[2][256]; /* how many, by IPv6 or not and VRID */
	TAILQ_HEAD(, instance) announcing;
	/* work in slices: turn.c asks for it, work.c does it */
	struct timer turn;
	bool (*work)(struct vrrpd *, uint64_t deadline);
	struct instance *scan_next; /* looks at its interface next */
	bool scan_again;	    /* from the first, when all have looked */
	bool drain_due;		    /* read everything, then give FSM_WAKE */
	unsigned drain_rounds;
	uint64_t boot_offset; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC */
	uint64_t slept;	      /* by how much that grew, for the next WAKE */
	/* room for one advert: for whoever needs it, during a call */
	uint8_t packet[VRRP_MESSAGE_MAX + VRRP_AUTH_LEN];
	struct addr list[VRRP_ADDRESSES_MAX];
};

#endif
