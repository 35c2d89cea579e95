/* SPDX-License-Identifier: ISC */
/*
 * Memory that is given back all at once: a configuration is made of many
 * small objects that live and die together.
 */
#ifndef COMMON_CONF_ARENA_H
#define COMMON_CONF_ARENA_H

#include <stddef.h>

struct conf_arena;

struct conf_arena *conf_arena_new(void);
void conf_arena_free(struct conf_arena *);
/* Zeroed, aligned for any object; NULL when there is no memory. */
void *conf_arena_alloc(struct conf_arena *, size_t);
/* A copy with a terminating NUL; NULL when there is no memory. */
char *conf_arena_text(struct conf_arena *, const char *, size_t len);

#endif
