/* SPDX-License-Identifier: ISC */
/* See seed.h. */
#include "seed.h"

#include <sys/random.h>

#include "log.h"

uint64_t
seed(void)
{
	static uint64_t value;

	while (value == 0)
		if (getrandom(&value, sizeof(value), 0) != sizeof(value))
			fatal("getrandom");
	return value;
}
