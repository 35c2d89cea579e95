/* SPDX-License-Identifier: ISC */
/* Memory that is given back all at once. */

#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/arena.h"

#define ARENA_FIRST ((size_t)4096)
#define ARENA_MOST  ((size_t)1 << 20)
#define ARENA_LARGE ((size_t)256 << 10) /* of the system's pages alone */
#define ARENA_ALIGN ((size_t)8)

struct block {
	struct block *next;
	size_t used;
	size_t size;
	uint64_t data[];
};

struct conf_arena {
	struct block *blocks;
	size_t next_size;
};

struct conf_arena *
conf_arena_new(void)
{
	struct conf_arena *arena;

	if ((arena = calloc(1, sizeof(*arena))) != NULL)
		arena->next_size = ARENA_FIRST;
	return arena;
}

void
conf_arena_free(struct conf_arena *arena)
{
	struct block *b, *next;

	if (arena == NULL)
		return;
	for (b = arena->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

/*
 * The pages of a large block at once: nearly all will be written to, and a
 * fault for each costs more than the writing. A kernel that cannot (before
 * Linux 5.14) takes the faults.
 */
static void
populate(void *memory, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)memory + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)memory + size) & ~(page - 1);

	if (size >= ARENA_LARGE)
		(void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}

static struct block *
block_add(struct conf_arena *arena, size_t need)
{
	struct block *b;
	size_t size = arena->next_size;

	if (size < need)
		size = need;
	else if (arena->next_size < ARENA_MOST)
		arena->next_size *= 2;
	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	if ((b = calloc(1, sizeof(*b) + size)) == NULL)
		return NULL;
	populate(b, sizeof(*b) + size);
	b->size = size;
	/* A block for one large object must not hide the room in the last. */
	if (need > ARENA_MOST && arena->blocks != NULL) {
		b->next = arena->blocks->next;
		arena->blocks->next = b;
	} else {
		b->next = arena->blocks;
		arena->blocks = b;
	}
	return b;
}

void *
conf_arena_alloc(struct conf_arena *arena, size_t size)
{
	struct block *b = arena->blocks;
	void *p;

	if (size > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	size = (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	if (b == NULL || b->size - b->used < size) {
		if ((b = block_add(arena, size)) == NULL)
			return NULL;
	}
	p = (char *)b->data + b->used;
	b->used += size;
	return p;
}

char *
conf_arena_text(struct conf_arena *arena, const char *text, size_t len)
{
	char *p;

	if (len == SIZE_MAX || (p = conf_arena_alloc(arena, len + 1)) == NULL)
		return NULL;
	memcpy(p, text, len);
	p[len] = '\0';
	return p;
}
