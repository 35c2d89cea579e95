/* SPDX-License-Identifier: ISC */
/*
 * The directory DIR/ipvsd, mode 0700, with the files that survive a restart. A
 * file is replaced by rename, so a crash leaves the old one or the new one.
 */
#ifndef IPVSD_RUNNING_STATE_H
#define IPVSD_RUNNING_STATE_H

#include <stdbool.h>
#include <stdio.h>

/* The files' names. */
#define STATE_GENERATION "generation" /* generation.c: the committed one */
#define STATE_TERMS	 "terms"      /* terms.c: open terms */
#define STATE_HEALTH	 "health"     /* health.c: health in force */
#define STATE_SINCE	 "since"      /* since.c: since when that is so */
#define STATE_STATES	 "states"     /* states.c: vrrpd's, since when */
#define STATE_OVERRIDES	 "overrides"  /* override.c */
#define STATE_KERNEL	 "kernel"     /* kernel_save() */

/*
 * Makes the directory, before privileges are dropped. If another user has put
 * something in its place, root moves that aside. Fatal on failure.
 */
void state_init(const char *dir);
/* Whether there is such a file, good or not. */
bool state_has(const char *name);
/* When it was written, wall clock, ms; 0: that is not to be had. */
uint64_t state_written(const char *name);
/* Writes the path of a file into buf. Fatal when it does not fit. */
void state_path(const char *name, char *buf, size_t size);
/* Calls write(file, arg) and replaces the file. False (logged) with errno: it
 * failed, and the old file is still there. */
bool state_save(const char *name, void (*write)(FILE *, void *), void *arg);
/* Opens the file for reading; the caller closes it. NULL: there is none, or it
 * cannot be opened (logged). */
FILE *state_open(const char *name);
/* Opens the file for overwriting in place; the caller closes it. -1: it cannot
 * be opened (logged). */
int state_edit(const char *name);
/* Removes the file if it is there. */
void state_remove(const char *name);

#endif
