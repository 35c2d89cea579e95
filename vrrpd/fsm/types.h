/* SPDX-License-Identifier: ISC */
/*
 * The states of a virtual router and what its state machine remembers. Times
 * are CLOCK_MONOTONIC in ns.
 */
#ifndef VRRPD_FSM_TYPES_H
#define VRRPD_FSM_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/conf.h"

#define FSM_NEVER      UINT64_MAX
#define FSM_REASON_LEN 96

#define FSM_STATE_TABLE(X)                             \
	X(INITIALIZE, "initialize")                    \
	X(BACKUP, "backup")                            \
	X(ACQUIRING, "acquiring") /* waits for HELD */ \
	X(MASTER, "master")                            \
	X(LEAVING, "leaving") /* priority 0 sent, still forwards */

enum fsm_state {
#define X(id, name) FSM_STATE_##id,
	FSM_STATE_TABLE(X)
#undef X
	    FSM_STATE_MAX
};

/* When a master announces its addresses; FSM_NEVER: that is not due. */
struct fsm_announce {
	uint64_t next;	  /* next frame */
	uint32_t left;	  /* frames of this burst, next's included */
	uint64_t second;  /* the burst after repeat_after */
	uint64_t refresh; /* the next periodic burst */
};

/* Anybody may read the first part; only the files of fsm/ write any of it. */
struct fsm {
	enum fsm_state state;
	uint64_t since;		     /* when it, or a former process of it,
					entered the state */
	char reason[FSM_REASON_LEN]; /* of the last transition */
	struct conf_instance conf;   /* shallow copy: scalars only */
	struct addr source;	     /* family 0: the interface is not up */
	struct addr master;	     /* family 0: none known */
	uint8_t master_priority;
	uint64_t learned_interval; /* the master's (version 3), 0: none */
	uint64_t become_master;	   /* times it became master */
	bool may_preempt;	   /* ipvsd has said MAY_PREEMPT */
	bool resigned;
	uint64_t resigned_until; /* FSM_NEVER: until ENABLE */
	uint64_t term;		 /* 0: none */
	uint64_t lease_end;	 /* as ipvsd said it last */
	/* ipvsd, private from here on */
	bool ipvsd_up;	     /* link up, snapshot complete */
	bool in_snapshot;    /* between SNAPSHOT_BEGIN and SNAPSHOT_END */
	bool ipvsd_silent;   /* it does not answer renewals */
	bool term_confirmed; /* this snapshot has told our term */
	bool addresses_held; /* the kernel holds all of them */
	unsigned acquires_unanswered; /* ACQUIREs in a row that ran out */
	unsigned acquires_refused;    /* and that were refused */
	bool acquire_failed;	      /* and no master was heard since */
	uint64_t failed_since;	      /* the first of such in a row */
	/* fault.c */
	char fault[FSM_REASON_LEN]; /* "": there is none */
	uint64_t fault_at;	    /* when a master tries to hand over */
	uint64_t fault_over;	    /* when the last one ended */
	uint64_t fault_wait;	    /* how long it has waited for that */
	/* the process and the host */
	bool anew; /* no snapshot was complete yet: a former process may have
		      been in the state it enters */
	enum fsm_state former; /* that process's state, */
	uint64_t former_since; /* and since when; 0: not known */
	bool fresh;	       /* a term of a former process may be taken up */
	bool asleep;	       /* overslept: sends nothing before WAKE */
	unsigned held_back;    /* FSM_DO_SEND, if asleep keeps one back */
	bool interface_away;   /* DOWN was given, and no UP after it */
	bool shutdown;	       /* SHUTDOWN was given */
	bool may_return;       /* leaving: master again if nobody takes over */
	uint64_t start_at;     /* end of start_delay */
	uint64_t preempt_at;   /* end of preempt_delay */
	bool preempt_delay_over; /* preempt_delay is over */
	/* adverts, our own and others' */
	bool term_advertised;  /* an advert of this term went out */
	bool last_send_failed; /* the last advert could not be sent */
	unsigned unsent_terms; /* terms in a row without an advert */
	uint64_t mute_until;   /* a living master is left alone until then */
	uint64_t heard_at;     /* last advert with a priority > 0 */
	uint64_t sent_at;      /* our last advert */
	uint64_t answered_zero_at;  /* our last answer to a priority 0 */
	uint64_t answered_loser_at; /* and to a master that loses */
	/* timers */
	uint64_t timer;	    /* the state's own; FSM_NEVER: none */
	uint64_t down_base; /* Active_Down_Timer counts from here, */
	uint64_t down_wait; /* this many intervals, 3 or 0, */
	bool down_late;	    /* and fsm_late_skew(), not fsm_skew() */
	struct fsm_announce announce;
};

#endif
