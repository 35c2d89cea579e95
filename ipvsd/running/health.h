/* SPDX-License-Identifier: ISC */
/*
 * The health of probes. checkd reports a verdict, and ipvsd puts at most one
 * change of a probe's health in force in each interval of the probe. A probe
 * is named by its id in the generation in force.
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

struct health_table *health_new(struct ipvsd *); /* fatal without memory */
void health_free(struct health_table *);
/*
 * checkd reports a verdict. Of the struct only health, reason, latency, detail
 * and epoch are read. The change is in force at once, or later, see health.c.
 */
void health_receive(struct ipvsd *, uint32_t probe, const struct verdict *);
/* True when checkd is away, or has not reported the probe up or down since it
 * came back. */
bool health_stale(const struct ipvsd *, uint32_t probe);
/* checkd begins its snapshot: the DIGEST counts only what it reports from now
 * on. */
void health_forget_reports(struct ipvsd *);
/* Whether checkd's DIGEST agrees with what it has reported. */
bool health_agrees(const struct ipvsd *, uint32_t count, uint64_t digest);
/*
 * Another generation is in force: changes that wait get the new ids of their
 * probes. map has `count` new ids by old id (carry_probes()). Ends
 * health_follow().
 */
void health_renumber(struct ipvsd *, const uint32_t *map, uint32_t count);
/* Reads the health that a former ipvsd saved for this generation, if any. */
void health_restore(struct ipvsd *);
/* Saves the health of all probes: now, or within a second. */
void health_save_now(struct ipvsd *);
void health_save_soon(struct ipvsd *);
/*
 * Saves health for the next generation too from now on, until it is in force.
 * So an ipvsd that starts after a crash finds health for the generation that it
 * loads, the old or the next. NULL: the next one does not come into force.
 */
void health_follow(struct ipvsd *, const struct running *next);

#endif
