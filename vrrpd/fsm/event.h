/* SPDX-License-Identifier: ISC */
/* The events that the state machine is told, and the actions that it asks
 * for; see fsm.h. */
#ifndef VRRPD_FSM_EVENT_H
#define VRRPD_FSM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/conf.h"
#include "fsm/types.h"
#include "link/lease_reason.h"
#include "packet/packet.h"

/*
 * What happened, and the fields of struct fsm_event that tell more about it:
 *
 * UP		source: the interface is there, running, and this is its
 *		primary (IPv6: link-local) address. Again when that changes.
 * DOWN		text: why not ("interface eth1 is down", "eth1 has no
 *		IPv4 address"); the caller's. linked: the link carries, so
 *		that priority 0 can be said by the source used until now
 * ADVERT	advert, one that vrrp_accept() let pass
 * TIMER	fsm_deadline() has come
 * HELD		term, end		(on the link, also inside a snapshot)
 * FAILED	lease_reason; text, if not NULL, tells better why
 * RENEWED	term, end
 * ENDED	term, lease_reason
 * FORMER	state, time: ipvsd tells in a snapshot in which state a former
 *		process was, and since when
 * MAY_PREEMPT	none: ipvsd says that this host may take over from a living
 *		master; that holds until the machine asks for RETURNED
 * SNAPSHOT_BEGIN  ipvsd's snapshot begins (new link or RESYNC)
 * SNAPSHOT_END	it is complete: ipvsd is there (the snapshot that follows
 *		COMMITTED tells a new fsm so)
 * IPVSD_LOST	the link is gone
 * ADDRESSES	present: whether the kernel holds all of the instance's
 *		addresses, on change, from rtnetlink (never polled)
 * LINKS	text: why an interface of an address, other than the
 *		instance's own, does not carry ("interface eth1 has no
 *		carrier"); "": all do; the caller's. On change
 * MOVED	none: neighbours have to learn anew where an interface of an
 *		address is
 * SENT		time: CLOCK_MONOTONIC just before the successful send
 * SEND_FAILED	none
 * WAKE		every socket and link was read until empty, after a DRAIN
 *		or because the caller saw that the machine slept; gap (ns): by
 *		how much CLOCK_BOOTTIME advanced more than CLOCK_MONOTONIC
 * RESIGN	duration in ns, 0: until ENABLE
 * ENABLE	none
 * SHUTDOWN	text: why ("shutdown"), the caller's: hand over if master,
 *		then DONE. replaced: another instance of this process goes on
 *		with the term, so that nobody is to take over
 * CONFIG	conf; addresses_changed: the list of addresses, or an
 *		interface of one
 */
enum fsm_event_type {
	FSM_UP,
	FSM_DOWN,
	FSM_ADVERT,
	FSM_TIMER,
	FSM_HELD,
	FSM_FAILED,
	FSM_RENEWED,
	FSM_ENDED,
	FSM_FORMER,
	FSM_MAY_PREEMPT,
	FSM_SNAPSHOT_BEGIN,
	FSM_SNAPSHOT_END,
	FSM_IPVSD_LOST,
	FSM_ADDRESSES,
	FSM_LINKS,
	FSM_MOVED,
	FSM_SENT,
	FSM_SEND_FAILED,
	FSM_WAKE,
	FSM_RESIGN,
	FSM_ENABLE,
	FSM_SHUTDOWN,
	FSM_CONFIG,
	FSM_EVENT_MAX
};

struct fsm_event {
	enum fsm_event_type type;
	struct addr source;
	const char *text;
	const struct vrrp_advert *advert;
	const struct conf_instance *conf;
	enum lease_reason lease_reason;
	enum fsm_state state;
	bool present;
	bool linked;
	bool replaced;
	bool addresses_changed;
	uint64_t term, end, time, gap, duration;
};

/* What to do, in this order; ANNOUNCE only if it is still master after SEND. */
#define FSM_DO_DRAIN	1u   /* read everything, then give FSM_WAKE */
#define FSM_DO_SEND	2u   /* an advert with `priority` */
#define FSM_DO_ANNOUNCE 4u   /* one gratuitous ARP or NA for each address */
#define FSM_DO_RENEW	8u   /* RENEW(term, time) */
#define FSM_DO_RELEASE	16u  /* RELEASE(term); 0: what is being opened */
#define FSM_DO_ACQUIRE	32u  /* ACQUIRE */
#define FSM_DO_RETURNED 64u  /* RETURNED: MAY_PREEMPT is to be said anew */
#define FSM_DO_DONE	128u /* SHUTDOWN is complete: no event after */
#define FSM_DO_RESYNC	256u /* RESYNC: ipvsd's snapshot was missed */

struct fsm_actions {
	unsigned what;	  /* FSM_DO_* */
	uint8_t priority; /* of SEND */
	uint64_t term;	  /* of RENEW and RELEASE */
	uint64_t time;	  /* of RENEW */
	bool changed;	  /* the state did: log from, to, fsm->reason */
	enum fsm_state from, to;
};

#endif
