/* SPDX-License-Identifier: ISC */
/* What a daemon does with a configuration once it is decoded. */

#include <stdio.h>
#include <string.h>

#include "conf/arena.h"
#include "conf/conf.h"

uint64_t
conf_adverts_per_second(const struct conf *conf)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < conf->instance_count; i++) {
		if (conf->instances[i].interval > 0)
			sum += 1 + 1000 / conf->instances[i].interval;
	}
	return sum;
}

void
conf_free(struct conf *conf)
{
	if (conf != NULL)
		conf_arena_free(conf->arena);
}

/* Looks an id up. It is the position where the role has all objects. */
#define BY_ID(list, count, id)                            \
	do {                                              \
		size_t low = 0, high = (count), middle;   \
                                                          \
		if ((id) < high && (list)[id].id == (id)) \
			return &(list)[id];               \
		while (low < high) {                      \
			middle = low + (high - low) / 2;  \
			if ((list)[middle].id == (id))    \
				return &(list)[middle];   \
			if ((list)[middle].id < (id))     \
				low = middle + 1;         \
			else                              \
				high = middle;            \
		}                                         \
		return NULL;                              \
	} while (0)

const struct conf_instance *
conf_instance(const struct conf *conf, uint32_t id)
{
	BY_ID(conf->instances, conf->instance_count, id);
}

const struct conf_probe *
conf_probe(const struct conf *conf, uint32_t id)
{
	BY_ID(conf->probes, conf->probe_count, id);
}

const struct conf_instance *
conf_instance_by_name(const struct conf *conf, const char *name)
{
	uint32_t i;

	for (i = 0; i < conf->instance_count; i++) {
		if (strcmp(conf->instances[i].name, name) == 0)
			return &conf->instances[i];
	}
	return NULL;
}
