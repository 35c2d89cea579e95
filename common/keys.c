/* SPDX-License-Identifier: ISC */
/*
 * Open addressing: at most half of the slots are taken. Keys come from the
 * parser, so where one lies depends on a number that it does not know. See
 * keys.h.
 */
#include "keys.h"

#include <stdlib.h>

#include "digest.h"
#include "seed.h"

struct slot {
	uint64_t key; /* 0: free */
	uint32_t value;
};

struct keys {
	uint32_t left; /* how many may still come */
	uint32_t mask;
	struct slot slots[];
};

struct keys *
keys_new(uint32_t count)
{
	struct keys *keys;
	size_t size = 16;

	while (size < (size_t)count * 2)
		size *= 2;
	keys = calloc(1, sizeof(*keys) + size * sizeof(struct slot));
	if (keys == NULL)
		return NULL;
	keys->left = count;
	keys->mask = (uint32_t)size - 1;
	return keys;
}

void
keys_free(struct keys *keys)
{
	free(keys);
}

/* Where the key is, or would be. */
static uint32_t
slot_of(const struct keys *keys, uint64_t key)
{
	uint32_t at = (uint32_t)digest_mix(key ^ seed()) & keys->mask;

	while (keys->slots[at].key != 0 && keys->slots[at].key != key)
		at = (at + 1) & keys->mask;
	return at;
}

bool
keys_put(struct keys *keys, uint64_t key, uint32_t value)
{
	uint32_t at = slot_of(keys, key);

	if (key == 0 || keys->left == 0 || keys->slots[at].key != 0)
		return false;
	keys->left--;
	keys->slots[at].key = key;
	keys->slots[at].value = value;
	return true;
}

uint32_t
keys_take(struct keys *keys, uint64_t key)
{
	uint32_t at = slot_of(keys, key), value = keys->slots[at].value;

	if (key == 0 || keys->slots[at].key == 0)
		return KEYS_NONE;
	keys->slots[at].value = KEYS_NONE;
	return value;
}
