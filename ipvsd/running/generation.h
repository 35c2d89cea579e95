/* SPDX-License-Identifier: ISC */
/*
 * A generation: what the parser made of the operator's files, as sealed
 * memfds, one a reader: IPVSD, VRRPD, CHECKD, and CLIENT for the canonical
 * text. The committed one is also kept in a file, so that a restart runs it
 * and not what has been edited since.
 */
#ifndef IPVSD_RUNNING_GENERATION_H
#define IPVSD_RUNNING_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/codec.h"
#include "link/msg.h"

#define GENERATION_READERS 4

struct generation {
	uint64_t id;
	int fd[ROLE_MAX]; /* -1: none */
	uint32_t size[ROLE_MAX];
};

extern const enum role generation_readers[GENERATION_READERS];

struct generation *generation_new(uint64_t id); /* NULL: no memory */
void generation_free(struct generation *);
/* Gives one part's memory back, which takes long for a large one: false when
 * none is left. */
bool generation_release(struct generation *);
/* Whether every reader's part is there. */
bool generation_whole(const struct generation *);

/*
 * Writes it into a new file beside name, in steps of about a millisecond,
 * and renames that at the end. generation_save_step: 1: more is to do, 0:
 * it is in place, -1: failed, nothing is changed (logged).
 */
struct generation_save;
struct generation_save *generation_save_new(
    const struct generation *, const char *name);
int generation_save_step(struct generation_save *);
void generation_save_free(struct generation_save *);

/* Reads it back into sealed memfds; NULL when there is none or it is not
 * whole (logged unless it is just not there). At start only: it blocks. */
struct generation *generation_load(const char *name);

#endif
