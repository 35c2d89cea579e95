/* SPDX-License-Identifier: ISC */
/* Which addresses no host can have as its own, and why: pure. */
#ifndef COMMON_LOAD_ADDRESS_H
#define COMMON_LOAD_ADDRESS_H

#include "addr.h"
#include "load/names.h"

#define MISFIT_STRLEN 128

/*
 * What the address is that no host can have on a network: "a loopback
 * address". NULL: a host may have it.
 */
const char *address_misfit(const struct addr *);
bool address_is_loopback(const struct addr *); /* 127.0.0.0/8 or ::1 */

/* The networks that a configuration speaks of. All zero: none yet. */
struct networks {
	struct names table;
	bool lengths[129]; /* prefixes that one in the table has */
};
struct network {
	struct addr addr; /* bits beyond the prefix are 0 */
	uint8_t prefix;
};
/* Enters the network of an address; room stays the table's. */
void networks_add(struct networks *, const struct addr *, uint8_t prefix,
    struct network *room);
/*
 * What the address is in one of the networks, "the broadcast address of
 * 10.0.0.0/24", into buf; NULL: nothing that a host cannot have.
 */
const char *networks_misfit(
    const struct networks *, const struct addr *, char buf[MISFIT_STRLEN]);
/* The same for an address that is written with its network's prefix. */
const char *address_network_misfit(
    const struct addr *, uint8_t prefix, char buf[MISFIT_STRLEN]);

#endif
