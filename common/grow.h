/* SPDX-License-Identifier: ISC */
/*
 * Growing arrays and memory that is there. The policy of all daemons: what a
 * running daemon needs and does not get ends it, and its next start takes over
 * what it had; what a new configuration needs and does not get refuses that.
 */
#ifndef COMMON_GROW_H
#define COMMON_GROW_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory; exits when there is none. */
void *xcalloc(size_t count, size_t size);
/* Makes room for one more of `each` bytes; *size elements are allocated. */
void *grow(void *list, uint32_t count, uint32_t *size, size_t each);

#endif
