/* SPDX-License-Identifier: ISC */
/*
 * DIR/ipvsd/, mode 0700: what must survive a restart. A file there is
 * replaced by rename, so a crash leaves the old one or the new one.
 */
#ifndef IPVSD_STATE_H
#define IPVSD_STATE_H

#include <stdbool.h>
#include <stdio.h>

/* The files. */
#define STATE_GENERATION "generation" /* generation.c: committed bytes */
#define STATE_TERMS	 "terms"      /* instance.c: open terms */
#define STATE_HEALTH	 "health"     /* health.c: verdicts taken */
#define STATE_OVERRIDES	 "overrides"  /* override.c */
#define STATE_KERNEL	 "kernel"     /* kernel.c: former settings, ours */

/* Whether there is such a file, good or not; before state_init(). */
bool state_has(const char *dir, const char *name);
/* Makes the directory, before privileges are dropped. Fatal on failure. */
void state_init(const char *dir);
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
