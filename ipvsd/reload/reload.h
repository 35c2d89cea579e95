/* SPDX-License-Identifier: ISC */
/*
 * Generations: from the operator's file, or from the committed one that a
 * former ipvsd left, to what is in force in every daemon. Two phases:
 * nothing changes anywhere before all have said READY.
 */
#ifndef IPVSD_RELOAD_RELOAD_H
#define IPVSD_RELOAD_RELOAD_H

#include "running/ipvsd.h"
#include "reload/findings.h"
#include "running/generation.h"

struct reload *reload_new(struct ipvsd *);
void reload_free(struct reload *);
/*
 * The first configuration: the committed generation if a former ipvsd left
 * one, else the file. Whatever is wrong with it ends ipvsd with 1.
 */
void reload_first(struct ipvsd *);
/*
 * Reads the file again. NULL, or why not now; with queue it is done after
 * the one that runs. client: who waits for the end (ctl_id), 0: nobody.
 */
const char *reload_start(struct ipvsd *, uint64_t client, bool queue);
bool reload_busy(const struct reload *);

/* What the last one found, and why it failed (NULL: it did not, or goes
 * on). Another reload begins with new findings. */
const struct findings *reload_findings(const struct reload *);
const char *reload_failure(const struct reload *);

/* What the parser says (parse.h); arg is ipvsd. */
void reload_report(enum conf_severity, const char *text, void *arg);
void reload_parsed(
    struct generation *, uint32_t errors, uint32_t warnings, void *arg);

#endif
