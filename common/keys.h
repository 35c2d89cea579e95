/* SPDX-License-Identifier: ISC */
/* A table from the keys of objects (conf/conf.h) to numbers. */
#ifndef COMMON_KEYS_H
#define COMMON_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define KEYS_NONE UINT32_MAX

struct keys;

/* For at most so many. NULL: no memory. */
struct keys *keys_new(uint32_t count);
void keys_free(struct keys *);
/* False: the key is 0, or in the table already; nothing is changed. */
bool keys_put(struct keys *, uint64_t key, uint32_t value);
/* The number of a key, which nobody gets again. KEYS_NONE: there is none. */
uint32_t keys_take(struct keys *, uint64_t key);

#endif
