/* SPDX-License-Identifier: ISC */
/* The state machine's states and memory; see fsm.h. */
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

/* The burst of announcements that runs; times are FSM_NEVER when unset. */
struct fsm_announce {
	uint64_t next;	  /* next frame */
	uint32_t left;	  /* frames of this burst after next's */
	uint64_t second;  /* the burst after repeat_after */
	uint64_t refresh; /* the next periodic burst */
};

/* Readable by status; written by fsm*.c alone. */
struct fsm {
	enum fsm_state state;
	uint64_t since;		     /* when it entered the state */
	char reason[FSM_REASON_LEN]; /* of the last transition */
	struct conf_instance conf;   /* shallow copy: scalars only */
	struct addr source;	     /* family 0: not up */
	struct addr master;	     /* family 0: none known */
	uint8_t master_priority;
	uint64_t learned;	/* the master's interval, 0: none */
	uint64_t become_master; /* times it became */
	bool fit;		/* MAY_PREEMPT was said */
	bool resigned;
	uint64_t resigned_until; /* FSM_NEVER: until ENABLE */
	uint64_t term;		 /* 0: none */
	uint64_t lease_end;
	/* private */
	bool ipvsd;	/* link up, snapshot complete */
	bool snapshot;	/* one is coming in */
	bool silent;	/* ipvsd does not acknowledge */
	bool confirmed; /* term seen in this snapshot */
	bool addresses; /* the kernel holds them */
	bool fresh;	/* may take up a former term */
	bool asleep;	/* no SEND before WAKE */
	bool away;	/* the interface is */
	bool shutdown;
	bool returns;		 /* leaving: master if nobody takes over */
	bool preempting;	 /* preempt_delay has passed */
	unsigned held_back;	 /* FSM_DO_* that asleep keeps back */
	bool failed;		 /* to acquire, and no master heard since */
	bool spoken;		 /* an advert of this term went out */
	bool choked;		 /* the last advert could not be sent */
	unsigned unanswered;	 /* ACQUIREs in a row that ran out */
	unsigned unheard;	 /* terms in a row that could send nothing */
	uint64_t mute_until;	 /* leaves a living master alone until then */
	uint64_t start_at;	 /* start_delay's end */
	uint64_t timer;		 /* the state's own; FSM_NEVER: none */
	uint64_t down_base;	 /* Active_Down_Timer counts from */
	uint64_t down_wait;	 /* whole intervals it waits: 3, 0 */
	bool down_late;		 /* and then fsm_late_skew() */
	uint64_t preempt_at;	 /* preempt_delay's end */
	uint64_t heard;		 /* last advert with a priority > 0 */
	uint64_t sent;		 /* last advert of ours */
	uint64_t answered_zero;	 /* rate limits: last answer to 0 */
	uint64_t answered_loser; /* and to a losing advert */
	struct fsm_announce announce;
};

#endif
