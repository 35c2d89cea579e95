/* SPDX-License-Identifier: ISC */
/*
 * What checkd says about probes and what ipvsd takes of it: at most one change
 * of a probe's health in each of its intervals. Probes are named by their ids
 * in the generation in force.
 */
#ifndef IPVSD_RUNNING_HEALTH_H
#define IPVSD_RUNNING_HEALTH_H

#include "link/health.h"
#include "running/ipvsd.h"

struct running;

struct verdict {
	uint8_t health;	  /* enum health: checkd's last word */
	uint8_t reason;	  /* enum reason of that word */
	bool reported;	  /* said in this generation: the DIGEST has it */
	bool late;	  /* in the list of changes that wait, see health.c */
	uint32_t latency; /* us */
	uint32_t detail;  /* HTTP status or errno */
	uint64_t since;	  /* when a change was last put in force, monotonic
			     ns; 0: never in this run */
	uint64_t epoch;	  /* the link that checkd said it on */
};

struct health_table *health_new(struct ipvsd *);
void health_free(struct health_table *);
void health_receive(struct ipvsd *, uint32_t probe, const struct verdict *);
/* Nothing of it, since this link came up, was confirmed. */
bool health_stale(const struct ipvsd *, uint32_t probe);
/* checkd begins its snapshot: what it told before does not count. */
void health_forget_reports(struct ipvsd *);
/* Whether a DIGEST is of what we have heard since. */
bool health_agrees(const struct ipvsd *, uint32_t count, uint64_t digest);
/* A generation came into force: map is from the old ids to the new. */
void health_renumber(struct ipvsd *, const uint32_t *map, uint32_t count);
/* Verdicts that an earlier run of the same generation took. */
void health_restore(struct ipvsd *);
void health_save_now(struct ipvsd *);
/*
 * Saved for this generation too from now on, until it is in force: whoever
 * comes after a crash finds what belongs to the generation that was kept.
 * NULL: it will not be.
 */
void health_follow(struct ipvsd *, const struct running *next);

#endif
