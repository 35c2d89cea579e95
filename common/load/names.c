/* SPDX-License-Identifier: ISC */
/* A hash table from bytes to a number, and likeness of names. */

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "load/names.h"
#include "log.h"

#define LIKE_MAX   512u /* keys looked at for a suggestion */
#define TEXT_LIMIT 64u

static uint64_t
table_hash(const void *key, size_t len)
{
	return digest_mix(fnv1a64(FNV1A64_INIT, key, len));
}

static struct table_slot *
find(const struct table *t, const void *key, size_t len, uint64_t hash)
{
	struct table_slot *slot;
	uint32_t i = (uint32_t)hash & (t->size - 1);

	for (;; i = (i + 1) & (t->size - 1)) {
		slot = &t->slots[i];
		if (slot->key == NULL)
			return slot;
		if (slot->hash == hash && slot->len == len &&
		    memcmp(slot->key, key, len) == 0)
			return slot;
	}
}

static void
grow(struct table *t)
{
	struct table old = *t;
	struct table_slot *slot;
	uint32_t i;

	t->size = old.size == 0 ? 16 : old.size * 2;
	if ((t->slots = calloc(t->size, sizeof(*t->slots))) == NULL)
		fatalx("conf: out of memory");
	for (i = 0; i < old.size; i++) {
		slot = &old.slots[i];
		if (slot->key != NULL)
			*find(t, slot->key, slot->len, slot->hash) = *slot;
	}
	free(old.slots);
}

uint32_t
table_get(const struct table *t, const void *key, size_t len)
{
	const struct table_slot *slot;

	if (t->size == 0)
		return TABLE_NONE;
	slot = find(t, key, len, table_hash(key, len));
	return slot->key == NULL ? TABLE_NONE : slot->value;
}

uint32_t
table_put(struct table *t, const void *key, size_t len, uint32_t value)
{
	struct table_slot *slot;
	uint64_t hash = table_hash(key, len);

	if (t->size == 0 || t->count >= t->size / 4 * 3)
		grow(t);
	slot = find(t, key, len, hash);
	if (slot->key == NULL) {
		slot->key = key;
		slot->len = (uint32_t)len;
		slot->hash = hash;
		slot->value = value;
		t->count++;
	}
	return slot->value;
}

uint32_t
table_get_text(const struct table *t, const char *key)
{
	return table_get(t, key, strlen(key) + 1);
}

uint32_t
table_put_text(struct table *t, const char *key, uint32_t value)
{
	return table_put(t, key, strlen(key) + 1, value);
}

void
table_free(struct table *t)
{
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Levenshtein's distance, a row at a time. */
unsigned
text_distance(const char *a, const char *b, unsigned most)
{
	unsigned row[TEXT_LIMIT + 1], i, j, before, above;
	size_t la = strlen(a), lb = strlen(b);

	if (la > TEXT_LIMIT || lb > TEXT_LIMIT ||
	    (la > lb ? la - lb : lb - la) > most)
		return most + 1;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		before = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1,
			    before + (a[i - 1] != b[j - 1]));
			before = above;
		}
	}
	return row[lb];
}

const char *
table_like(const struct table *t, const char *text)
{
	const char *best = NULL, *key;
	unsigned most = strlen(text) > 4 ? 2 : 1, distance, seen = 0;
	uint32_t i;

	for (i = 0; i < t->size && seen < LIKE_MAX; i++) {
		if ((key = t->slots[i].key) == NULL)
			continue;
		seen++;
		distance = text_distance(key, text, most);
		if (distance > most)
			continue;
		if (best == NULL || distance < most || strcmp(key, best) < 0)
			best = key;
		most = distance;
	}
	return best;
}
