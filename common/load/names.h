/* SPDX-License-Identifier: ISC */
/* A hash table from bytes to a number; keys stay where the caller has them. */
#ifndef COMMON_LOAD_NAMES_H
#define COMMON_LOAD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX

struct table_slot {
	const void *key;
	uint32_t len;
	uint32_t value;
	uint64_t hash;
};

struct table {
	struct table_slot *slots;
	uint32_t size; /* a power of two, or 0 */
	uint32_t count;
};

/* TABLE_NONE when it is not there. */
uint32_t table_get(const struct table *, const void *key, size_t len);
/*
 * Enters value unless the key is there already; gives the value that the
 * table now has. Out of memory ends the process: only the loader uses it.
 */
uint32_t table_put(struct table *, const void *key, size_t len, uint32_t value);
uint32_t table_get_text(const struct table *, const char *key);
uint32_t table_put_text(struct table *, const char *key, uint32_t value);
/* The key, of those that are texts, that is most like this one, or NULL. */
const char *table_like(const struct table *, const char *);
void table_free(struct table *);
/* The number of edits between two short texts; more than most: most + 1. */
unsigned text_distance(const char *, const char *, unsigned most);

#endif
