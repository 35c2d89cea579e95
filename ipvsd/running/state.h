/* SPDX-License-Identifier: ISC */
/*
 * DIR/ipvsd/, mode 0700: what must survive a restart. A file there is
 * replaced by rename, so a crash leaves the old one or the new one.
 */
#ifndef IPVSD_RUNNING_STATE_H
#define IPVSD_RUNNING_STATE_H

#include <stdbool.h>
#include <stdio.h>

/* The files. */
#define STATE_GENERATION "generation" /* generation.c: committed bytes */
#define STATE_TERMS	 "terms"      /* instance.c: open terms */
#define STATE_HEALTH	 "health"     /* health.c: verdicts taken */
#define STATE_OVERRIDES	 "overrides"  /* override.c */
#define STATE_KERNEL	 "kernel"     /* kernel.c: former settings, ours */

/*
 * Makes the directory, before privileges are dropped; what another user put
 * in its place is moved aside, if we are root. Fatal on failure.
 */
void state_init(const char *dir);
/* Whether there is such a file, good or not. */
bool state_has(const char *name);
/* A file's whole name. */
void state_path(const char *name, char *buf, size_t size);
/* False when it could not be replaced (logged): the old one stays. */
bool state_save(const char *name, void (*write)(FILE *, void *), void *arg);
/* To be closed by the caller; NULL when there is none. */
FILE *state_open(const char *name);
/* To overwrite parts of it in place; -1 (logged). */
int state_edit(const char *name);
void state_remove(const char *name);

#endif
