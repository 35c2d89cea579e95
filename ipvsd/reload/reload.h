/* SPDX-License-Identifier: ISC */
/*
 * Generations: from the operator's file, or from the committed one that a
 * former ipvsd left, to what is in force in every daemon. Two phases:
 * nothing changes anywhere before all have said READY.
 */
#ifndef IPVSD_RELOAD_RELOAD_H
#define IPVSD_RELOAD_RELOAD_H

#include "ipvsd.h"
#include "reload/findings.h"

struct reload *reload_new(struct ipvsd *);
void reload_free(struct reload *);
/*
 * The first configuration: the committed generation if a former ipvsd left
 * one, else the file; asked: the parser reads that already. Whatever is wrong
 * with it ends ipvsd with 1.
 */
void reload_first(struct ipvsd *, bool asked);
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
void reload_ours(struct generation *, void *arg);
void reload_parsed(
    struct generation *, uint32_t errors, uint32_t warnings, void *arg);

/* ---- peers.c: PREPARE, READY or REJECT, COMMIT or ABORT ---- */

struct peers;
struct peers *peers_new(struct ipvsd *);
void peers_free(struct peers *);
/* A link came up: the committed generation for it; or it went down. */
void peers_joined(struct ipvsd *, struct link *);
void peers_left(struct ipvsd *, struct link *);
/*
 * At a first start the table comes first: what the siblings do with their
 * configuration would compete with it. Nobody is asked until the release,
 * which comes by itself after a second.
 */
void peers_hold(struct peers *);
void peers_release(struct ipvsd *);
/* Asks every daemon that is up. */
void peers_prepare(struct ipvsd *, const struct generation *);
/* Whether one has not answered yet; its name in *who. */
bool peers_wait(const struct peers *, const char **who);
/* To those who were asked. After a COMMIT ours must be in force. */
void peers_commit(struct ipvsd *, const struct generation *);
void peers_abort(struct ipvsd *, const struct generation *);
void peers_ready(struct ipvsd *, struct link *, uint64_t generation);
void peers_reject(struct ipvsd *, struct link *, uint64_t generation,
    const char *object, const char *reason);
/* reload.c: a peer's answer came. why: NULL when it is READY or gone. */
void reload_answer(
    struct ipvsd *, const char *who, const char *object, const char *why);
struct peers *reload_peers(struct reload *);

#endif
