/* SPDX-License-Identifier: ISC */
/* checkd's own state: probes, the generation in force, its two siblings. */
#ifndef CHECKD_CHECKD_H
#define CHECKD_CHECKD_H

#include "conf/conf.h"
#include "process/timer.h"
#include "schedule_item.h"
#include "verdict.h"

struct check_run;
struct ctl_server;
struct link;
struct receiver;
struct keys;
struct rendezvous;
struct schedule;

#define CHECKD_OPEN_MAX	    16384 /* probes open at a time */
#define CHECKD_ADDRESS_MAX  32	  /* of these to one address */
#define CHECKD_RESERVED_FDS 128	  /* for all but probes */

/* One probe of the generation in force. */
struct probe {
	const struct conf_probe *conf;
	struct schedule_item item;
	struct verdict verdict;
	struct check_run *run; /* while open */
	uint64_t since;	       /* of the health, monotonic ns; 0: none yet */
	uint64_t former_since; /* of verdict.former, likewise */
	uint64_t last;	       /* result; 0: none yet */
	uint64_t successes;
	uint64_t failures;
	uint32_t round; /* of the generation it is in; 0: of none yet */
	uint8_t untold; /* a bit for each peer that has an older verdict */
};

struct counters {
	uint64_t started;
	uint64_t succeeded;
	uint64_t failed;
	uint64_t timeouts; /* of the failed ones */
	uint64_t limited;  /* ended by a limit of ours */
	uint64_t changes;  /* of health */
	uint64_t reloads;  /* generations that came into force */
	uint64_t verdicts; /* told, the sum of both peers */
};

/* Whom verdicts go to. */
enum peer_id { PEER_IPVSD, PEER_VRRPD, PEER_MAX };

struct peer {
	struct checkd *checkd;
	enum peer_id id;
	struct link *link;
	struct probe **untold; /* its verdicts are old; room for all */
	uint32_t untold_count;
	bool digest_due; /* when all is told */
};

/* What reload.c knows of the next generation, and of the last. */
struct reload {
	uint32_t round; /* of the generation in force, from 1 on */
	/* being prepared: */
	struct conf *next;	/* once decoded; or NULL */
	struct probe **matched; /* its probes, by ascending id */
	struct keys *keys;	/* of the probes in force, with their index */
	uint32_t keyed;		/* how many of them are in keys */
	uint32_t at;		/* index: the next one to match */
	uint32_t kept;
	uint32_t tracked;
	/* in force: */
	uint32_t scheduled; /* how many of the probes are */
	/* what was in force before, until it is freed: */
	struct conf *old;
	struct probe **leaving; /* with those that were kept */
	uint32_t leaving_count;
	uint32_t freed;
};

struct checkd {
	struct event_base *base;
	struct conf *conf;     /* NULL: idle */
	struct probe **probes; /* by ascending id */
	uint32_t probe_count;
	uint32_t tracked; /* of these, that vrrpd hears of */
	struct schedule *schedule;
	uint32_t open_max;
	struct timer timer;
	struct check_run *free_runs;
	struct peer peers[PEER_MAX];
	struct receiver *receiver; /* of generations, from ipvsd */
	struct timer step;	   /* the receiver has more to do */
	struct reload reload;
	uint8_t *former;	/* enum health in force, by id of the probes of
				   what is prepared; NULL: ipvsd has not said it */
	uint64_t *former_since; /* of that, monotonic ns, 0: not known; NULL
				   as former */
	struct timer tell;	/* sends what is untold */
	struct timer digest;
	struct ctl_server *ctl;
	struct rendezvous *rendezvous;
	struct counters counters;
	uint64_t started;
};

#endif
