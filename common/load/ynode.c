/* SPDX-License-Identifier: ISC */
/* Looks into maps. */
#include <string.h>

#include "load/ynode.h"

const struct ynode *
ynode_value(const struct ynode *map, const char *key)
{
	const struct ynode *k;

	if (map == NULL || map->kind != Y_MAP)
		return NULL;
	for (k = map->child; k != NULL; k = k->next->next) {
		if (strcmp(k->text, key) == 0)
			return k->next;
	}
	return NULL;
}

const struct ynode *
ynode_place(const struct ynode *map, const char *key)
{
	const struct ynode *value = ynode_value(map, key);

	return value != NULL ? value : map;
}
