/* SPDX-License-Identifier: ISC */
/* A hash table from bytes to a number, and the likest of them. */

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "load/names.h"
#include "conf/text.h"
#include "log.h"

#define LIKE_MAX 512u /* keys looked at for a suggestion */

static uint64_t
names_hash(const void *key, size_t len)
{
	return digest_mix(fnv1a64(FNV1A64_INIT, key, len));
}

static struct names_slot *
find(const struct names *t, const void *key, size_t len, uint64_t hash)
{
	struct names_slot *slot;
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
grow(struct names *t)
{
	struct names old = *t;
	struct names_slot *slot;
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
names_get(const struct names *t, const void *key, size_t len)
{
	const struct names_slot *slot;

	if (t->size == 0)
		return NAMES_NONE;
	slot = find(t, key, len, names_hash(key, len));
	return slot->key == NULL ? NAMES_NONE : slot->value;
}

uint32_t
names_put(struct names *t, const void *key, size_t len, uint32_t value)
{
	struct names_slot *slot;
	uint64_t hash = names_hash(key, len);

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
names_get_text(const struct names *t, const char *key)
{
	return names_get(t, key, strlen(key) + 1);
}

uint32_t
names_put_text(struct names *t, const char *key, uint32_t value)
{
	return names_put(t, key, strlen(key) + 1, value);
}

void
names_free(struct names *t)
{
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

const char *
names_like(const struct names *t, const char *text)
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
