/* SPDX-License-Identifier: ISC */
/* Virtual addresses that nobody of us has put here; see leftover.h. Pure. */
#include "desired/leftover.h"

#include <string.h>

/* Whether `nodes` gives the address to this host: it is the owner. */
static bool
is_own(const struct conf *conf, const struct addr *addr)
{
	const struct conf_node *node;

	for (uint32_t i = 0; i < conf->node_count; i++) {
		node = &conf->nodes[i];
		for (uint32_t j = 0; node->self && j < node->addresses.count;
		     j++)
			if (addr_equal(&node->addresses.list[j], addr))
				return true;
	}
	return false;
}

/* Whether this host is a real server of a service of this address. */
static bool
is_served(const struct conf *conf, const struct addr *addr)
{
	for (uint32_t i = 0; i < conf->service_count; i++)
		if (addr_equal(&conf->services[i].addr, addr) &&
		    desired_is_local(&conf->services[i]))
			return true;
	return false;
}

enum leftover
leftover_judge(const struct conf *conf, const struct conf_address *address,
    const struct live_address *live)
{
	if (live->ours || !addr_equal(&live->addr, &address->addr) ||
	    is_own(conf, &live->addr))
		return LEFTOVER_NONE;
	if (strcmp(live->interface, "lo") == 0 && is_served(conf, &live->addr))
		return LEFTOVER_NONE;
	return live->prefix == address->prefix &&
		strcmp(live->interface, address->interface) == 0 ?
	    LEFTOVER_SAME :
	    LEFTOVER_ALIKE;
}

struct live_address *
leftover_next(const struct conf *conf, const struct conf_address *address,
    const struct live_addresses *addresses, uint32_t *at, enum leftover *what)
{
	const struct live_address first = {.addr = address->addr};
	struct live_address *live;

	if (*at == 0)
		*at = live_address_place(addresses, &first);
	while (*at < addresses->count) {
		live = &addresses->list[*at];
		if (!addr_equal(&live->addr, &address->addr))
			return NULL;
		(*at)++;
		*what = leftover_judge(conf, address, live);
		if (*what != LEFTOVER_NONE)
			return live;
	}
	return NULL;
}
