/* SPDX-License-Identifier: ISC */
/* Growing arrays and memory that is there: a daemon without memory ends. */
#ifndef COMMON_GROW_H
#define COMMON_GROW_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory; exits when there is none. */
void *xcalloc(size_t count, size_t size);
/* Makes room for one more of `each` bytes; *size elements are allocated. */
void *grow(void *list, uint32_t count, uint32_t *size, size_t each);

#endif
