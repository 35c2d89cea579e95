/* SPDX-License-Identifier: ISC */
/* A reload's state, for reload.c, which begins and ends it, and steps.c, which
 * has its steps. */
#ifndef IPVSD_RELOAD_RELOAD_INT_H
#define IPVSD_RELOAD_RELOAD_INT_H

#include "running/generation.h"
#include "reload/reload.h"
#include "running/running.h"

enum reload_phase {
	RELOAD_IDLE,
	RELOAD_PARSING,	  /* the parser reads the file */
	RELOAD_DECODING,  /* ipvsd decodes its own part */
	RELOAD_MATCHING,  /* objects are matched with those in force */
	RELOAD_VOTING,	  /* peers have yet to say READY */
	RELOAD_HANDING,	  /* vrrpd hands over instances that are going */
	RELOAD_SAVING,	  /* the generation is saved for a restart */
	RELOAD_SWITCHING, /* it comes into force, and peers hear COMMIT */
	RELOAD_CLEANING,  /* what was in force before is freed */
	RELOAD_PHASE_MAX
};

struct reload {
	struct ipvsd *ipvsd;
	struct findings findings;
	enum reload_phase phase;
	struct timer step;	       /* takes the next steps */
	struct timer timeout;	       /* of the vote */
	struct timer restart;	       /* begins the reload that is queued */
	struct generation *generation; /* owned by `next` once there is one */
	struct conf_decoder *decoder;
	struct conf *conf;
	struct running *next; /* is being built */
	struct running *old;  /* was in force; is to be freed */
	struct generation_save *save;
	uint64_t started;	/* monotonic ns */
	uint64_t read_at;	/* when the file was read, wall clock, ms */
	uint64_t hand_over_end; /* deadline of RELOAD_HANDING, ns */
	uint64_t client;	/* ctl_id() of the client that waits; 0: none */
	bool queued;		/* another reload was asked for meanwhile */
	bool stored;		/* a former ipvsd committed the generation */
	bool failed;		/* the last one did, failure says why */
	char failure[512];
};

/* What follows a step. */
enum reload_next {
	RELOAD_MORE,   /* the next step, in this turn if the slice lasts */
	RELOAD_TURN,   /* the next step, in another turn of the loop */
	RELOAD_WAIT,   /* an answer, or reload->step when it is due */
	RELOAD_FAILED, /* reload->failure says why */
	RELOAD_FINISHED
};

/* Takes one step of the phase. */
enum reload_next steps_take(struct reload *);

#endif
