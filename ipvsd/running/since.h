/* SPDX-License-Identifier: ISC */
/*
 * Since when the health in force of each probe is so, across a restart of ipvsd
 * (a file beside the one of the health) and of checkd (SINCE).
 */
#ifndef IPVSD_RUNNING_SINCE_H
#define IPVSD_RUNNING_SINCE_H

struct link;
struct running;

/* Saves it, and for the probes that go on also by the ids of the next
 * generation; next may be NULL. */
void since_save(const struct running *, const struct running *next);
/* Reads what a former ipvsd has saved for this generation, if any. */
void since_restore(struct running *);
/* SINCE: tells checkd, before a COMMIT. */
void since_tell(const struct running *, struct link *);

#endif
