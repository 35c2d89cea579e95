/* SPDX-License-Identifier: ISC */
/* Addresses that are kept for another use; see address.h. */
#include "load/address.h"

#include <stdio.h>
#include <string.h>

/* Blocks that no host's own address is of; the narrow ones come first. */
static const struct {
	struct addr block;
	uint8_t prefix;
	const char *what;
} blocks[] = {
    {{AF_INET, {255, 255, 255, 255}}, 32, "the limited broadcast address"},
    {{AF_INET, {0}}, 32, "the unspecified address"},
    {{AF_INET, {0}}, 8, "of 0.0.0.0/8, \"this network\" (RFC 1122)"},
    {{AF_INET, {127}}, 8, "a loopback address"},
    {{AF_INET, {224}}, 4, "a multicast address"},
    {{AF_INET, {240}}, 4, "of 240.0.0.0/4, which is reserved (class E)"},
    {{AF_INET6, {0}}, 128, "the unspecified address"},
    {{AF_INET6, {[15] = 1}}, 128, "the loopback address"},
    {{AF_INET6, {0}}, 96, "an IPv4-compatible address (RFC 4291 2.5.5.1)"},
    {{AF_INET6, {[10] = 0xff, 0xff}}, 96,
	"an IPv4 address within IPv6, to be written as IPv4"},
    {{AF_INET6, {0xff}}, 8, "a multicast address"},
};

/* Sets the bits beyond the prefix to `bit`. */
static struct addr
filled(const struct addr *addr, uint8_t prefix, bool bit)
{
	struct addr out = *addr;
	size_t len = addr_len(addr->family), i;
	unsigned host;

	for (i = prefix / 8u; i < len; i++) {
		host = i == prefix / 8u ? 0xffu >> prefix % 8u : 0xffu;
		out.bytes[i] = (uint8_t)(bit ? out.bytes[i] | host :
					       out.bytes[i] & ~host);
	}
	return out;
}

const char *
address_misfit(const struct addr *addr)
{
	struct addr network;
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (blocks[i].block.family != addr->family)
			continue;
		network = filled(addr, blocks[i].prefix, false);
		if (addr_equal(&network, &blocks[i].block))
			return blocks[i].what;
	}
	return NULL;
}

bool
address_is_loopback(const struct addr *addr)
{
	static const struct addr six = {AF_INET6, {[15] = 1}};

	return addr->family == AF_INET ? addr->bytes[0] == 127 :
					 addr_equal(addr, &six);
}

/* Networks of one or two addresses have hosts alone (RFC 3021, 6164). */
static bool
has_edges(uint8_t family, uint8_t prefix)
{
	return prefix + 1 < addr_max_prefix(family);
}

const char *
address_network_misfit(
    const struct addr *addr, uint8_t prefix, char buf[MISFIT_STRLEN])
{
	struct addr first = filled(addr, prefix, false);
	struct addr last = filled(addr, prefix, true);
	const char *what;
	char text[ADDR_STRLEN];

	if (!has_edges(addr->family, prefix))
		return NULL;
	if (addr_equal(addr, &first))
		what = addr->family == AF_INET ?
		    "the network address" :
		    "the routers' anycast address (RFC 4291 2.6.1)";
	else if (addr->family == AF_INET && addr_equal(addr, &last))
		what = "the broadcast address";
	else
		return NULL;
	snprintf(buf, MISFIT_STRLEN, "%s of %s/%u", what,
	    addr_format(&first, text), prefix);
	return buf;
}

void
networks_add(struct networks *networks, const struct addr *addr, uint8_t prefix,
    struct network *room)
{
	if (!has_edges(addr->family, prefix))
		return;
	room->addr = filled(addr, prefix, false);
	room->prefix = prefix;
	names_put(&networks->table, room, sizeof(*room), 0);
	networks->lengths[prefix] = true;
}

const char *
networks_misfit(const struct networks *networks, const struct addr *addr,
    char buf[MISFIT_STRLEN])
{
	struct network network;
	const char *what;
	uint8_t prefix;

	for (prefix = addr_max_prefix(addr->family); prefix-- > 0;) {
		if (!networks->lengths[prefix])
			continue;
		what = address_network_misfit(addr, prefix, buf);
		if (what == NULL)
			continue;
		memset(&network, 0, sizeof(network));
		network.addr = filled(addr, prefix, false);
		network.prefix = prefix;
		if (names_get(&networks->table, &network, sizeof(network)) !=
		    NAMES_NONE)
			return what;
	}
	return NULL;
}
