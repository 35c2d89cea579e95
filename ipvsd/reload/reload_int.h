/* SPDX-License-Identifier: ISC */
/* Between reload.c, where a reload begins and ends, and steps.c below it. */
#ifndef IPVSD_RELOAD_RELOAD_INT_H
#define IPVSD_RELOAD_RELOAD_INT_H

#include "running/generation.h"
#include "reload/reload.h"
#include "running/running.h"

enum reload_phase {
	RELOAD_IDLE,
	RELOAD_PARSING,	  /* the parser works */
	RELOAD_DECODING,  /* our own part */
	RELOAD_MATCHING,  /* with what is in force */
	RELOAD_VOTING,	  /* READY is awaited */
	RELOAD_HANDING,	  /* what is not in it any more is handed over */
	RELOAD_SAVING,	  /* for a restart */
	RELOAD_SWITCHING, /* and COMMIT */
	RELOAD_CLEANING,  /* what was in force before */
	RELOAD_PHASE_MAX
};

struct reload {
	struct ipvsd *ipvsd;
	struct findings findings;
	enum reload_phase phase;
	struct event *step;
	struct event *timeout; /* for READY */
	struct event *restart; /* for `again` */
	struct generation *generation;
	struct conf_decoder *decoder;
	struct conf *conf;
	struct running *next;
	struct running *old;
	struct generation_save *save;
	uint64_t started;
	uint64_t hand_over_end; /* until when a hand-over is awaited */
	uint64_t client;	/* ctl_id of who waits, 0: nobody */
	bool queued;		/* asked for meanwhile */
	bool stored;		/* the generation is a former ipvsd's */
	bool failed;
	char failure[512];
};

/* What a step leads to. */
enum reload_next {
	RELOAD_MORE,   /* the next step, while the slice lasts */
	RELOAD_TURN,   /* the next step, in another turn of the loop */
	RELOAD_WAIT,   /* somebody's answer, or reload->step */
	RELOAD_FAILED, /* reload->failure says why */
	RELOAD_FINISHED
};

/* The next step of the phase: steps.c. */
enum reload_next steps_take(struct reload *);
/* Notes why it fails. */
enum reload_next steps_fail(struct reload *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
