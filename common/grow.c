/* SPDX-License-Identifier: ISC */
/* See grow.h. */
#include "grow.h"

#include <stdlib.h>

#include "log.h"

void *
xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count == 0 ? 1 : count, size);

	if (memory == NULL)
		fatal("out of memory");
	return memory;
}

void *
grow(void *list, uint32_t count, uint32_t *size, size_t each)
{
	if (count < *size)
		return list;
	if (*size > UINT32_MAX / 2)
		fatalx("out of memory: too long a list");
	*size = *size == 0 ? 4 : *size * 2;
	if ((list = reallocarray(list, *size, each)) == NULL)
		fatal("out of memory");
	return list;
}
