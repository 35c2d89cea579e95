/* SPDX-License-Identifier: ISC */
/* A hash table from bytes to a number; keys stay where the caller has them. */
#ifndef COMMON_LOAD_NAMES_H
#define COMMON_LOAD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE UINT32_MAX

struct names_slot {
	const void *key;
	uint32_t len;
	uint32_t value;
	uint64_t hash;
};

struct names {
	struct names_slot *slots;
	uint32_t size; /* a power of two, or 0 */
	uint32_t count;
};

/* NAMES_NONE when it is not there. */
uint32_t names_get(const struct names *, const void *key, size_t len);
/*
 * Enters value unless the key is there already; gives the value that the
 * table now has. Out of memory ends the process: only the loader uses it.
 */
uint32_t names_put(struct names *, const void *key, size_t len, uint32_t value);
uint32_t names_get_text(const struct names *, const char *key);
uint32_t names_put_text(struct names *, const char *key, uint32_t value);
/* The key, of those that are texts, that is most like this one, or NULL. */
const char *names_like(const struct names *, const char *);
void names_free(struct names *);

#endif
