/* SPDX-License-Identifier: ISC */
/*
 * A reload brings a generation into force in every daemon. It comes from the
 * operator's file, or at a start from what a former ipvsd committed. There are
 * two phases: nothing changes in any daemon before all have said READY.
 */
#ifndef IPVSD_RELOAD_RELOAD_H
#define IPVSD_RELOAD_RELOAD_H

#include "running/ipvsd.h"
#include "reload/findings.h"
#include "running/generation.h"

/* Makes ipvsd->peers as well. Fatal without memory. */
struct reload *reload_new(struct ipvsd *);
void reload_free(struct reload *);
/*
 * Begins with the first configuration: the generation that a former ipvsd
 * committed, or the file if there is none or it is refused. If the file is
 * refused ipvsd exits with 1.
 */
void reload_first(struct ipvsd *);
/*
 * Reads the file again. NULL, or why that is not possible now. A reload that is
 * under way is followed by another one. client is the ctl_id() of the client
 * that is resumed at the end, 0: none.
 */
const char *reload_start(struct ipvsd *, uint64_t client);
/* ipvsd leaves: a reload that is under way and not yet saved fails. */
void reload_leave(struct ipvsd *);
/* Whom the reload that is under way waits for: "the parser", a peer that has
 * been asked and has not answered, or "ipvsd". NULL: none is under way, and a
 * generation is in force. */
const char *reload_waits_for(const struct reload *);

/*
 * The same, for what an operator changes; NULL while the parser reads as well,
 * because that changes nothing yet and its disk may not answer.
 */
const char *reload_bars(const struct reload *);

/* What the last reload found; valid until the next one begins. */
const struct findings *reload_findings(const struct reload *);
/* Why the last reload failed. NULL: it did not, or is under way. */
const char *reload_failure(const struct reload *);

/* The handlers of the parser (parse.h); arg is ipvsd. */
void reload_report(enum conf_severity, const char *text, void *arg);
void reload_parsed(
    struct generation *, uint32_t errors, uint32_t warnings, void *arg);

#endif
