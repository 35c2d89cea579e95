/* SPDX-License-Identifier: ISC */
/*
 * A generation is one configuration as the parser made it of the operator's
 * files. It has a part for each reader, a sealed memfd: IPVSD, VRRPD, CHECKD,
 * and CLIENT for the canonical text. The committed generation is also kept in
 * a file, so that a restart runs it and not files that were edited since.
 */
#ifndef IPVSD_RUNNING_GENERATION_H
#define IPVSD_RUNNING_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/codec.h"
#include "link/msg.h"

#define GENERATION_READERS 4

struct generation {
	uint64_t id;		 /* digest of the canonical text, not 0 */
	int fd[ROLE_MAX];	 /* owned; -1: none */
	uint32_t size[ROLE_MAX]; /* bytes */
};

extern const enum role generation_readers[GENERATION_READERS];

struct generation *generation_new(uint64_t id); /* NULL: no memory */
void generation_free(struct generation *);
/*
 * Closes one part, so that the caller can free a large generation over several
 * turns of the loop. False when none is left.
 */
bool generation_release(struct generation *);
/* Whether every reader's part is there. */
bool generation_whole(const struct generation *);

/*
 * Saves a generation as the file `name`: writes name.new in steps of about a
 * millisecond and renames it at the end. The generation must outlive the save.
 */
struct generation_save;
/* NULL with errno set: the file cannot be made. */
struct generation_save *generation_save_new(
    const struct generation *, const char *name);
/* 1: there is more to do; 0: the file has its name; -1 with errno set (logged):
 * it failed, and an older file of that name is still there. */
int generation_save_step(struct generation_save *);
/* Keeps errno. */
void generation_save_free(struct generation_save *);

/*
 * Reads a saved generation into sealed memfds. NULL: there is no such file, or
 * it is not whole (logged). It blocks, so only the start may call it.
 */
struct generation *generation_load(const char *name);

#endif
