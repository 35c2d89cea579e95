/* SPDX-License-Identifier: ISC */
/* See claim.h. */
#include "kernel/claim.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

void
claim_free(struct claims *claims)
{
	free(claims->list);
	memset(claims, 0, sizeof(*claims));
}

static struct addr_claim *
find(const struct claims *claims, const char *interface,
    const struct addr *addr, uint8_t prefix)
{
	for (uint32_t i = 0; i < claims->count; i++)
		if (claims->list[i].prefix == prefix &&
		    addr_equal(&claims->list[i].addr, addr) &&
		    strcmp(claims->list[i].interface, interface) == 0)
			return &claims->list[i];
	return NULL;
}

void
claim_add(struct claims *claims, const char *interface, const struct addr *addr,
    uint8_t prefix)
{
	struct addr_claim *claim;

	if (find(claims, interface, addr, prefix) != NULL)
		return;
	claims->list = grow(
	    claims->list, claims->count, &claims->size, sizeof(*claims->list));
	claim = &claims->list[claims->count++];
	memset(claim, 0, sizeof(*claim));
	strncpy(claim->interface, interface, sizeof(claim->interface) - 1);
	claim->addr = *addr;
	claim->prefix = prefix;
}

void
claim_remove(struct claims *claims, const char *interface,
    const struct addr *addr, uint8_t prefix)
{
	struct addr_claim *claim = find(claims, interface, addr, prefix);

	if (claim != NULL)
		*claim = claims->list[--claims->count];
}

bool
claim_has(const struct claims *claims, const char *interface,
    const struct addr *addr, uint8_t prefix)
{
	return find(claims, interface, addr, prefix) != NULL;
}

void
claim_taken(struct claims *claims, const char *interface,
    const struct addr *addr, uint8_t prefix)
{
	struct addr_claim *claim = find(claims, interface, addr, prefix);

	if (claim != NULL)
		claim->taken = true;
}

bool
claim_was_taken(struct claims *claims, const char *interface,
    const struct addr *addr, uint8_t prefix)
{
	struct addr_claim *claim = find(claims, interface, addr, prefix);
	bool taken = claim != NULL && claim->taken;

	if (taken)
		claim->taken = false;
	return taken;
}

void
claim_save(const struct claims *claims, FILE *file)
{
	const struct addr_claim *claim;
	char text[ADDR_STRLEN];

	for (uint32_t i = 0; i < claims->count; i++) {
		claim = &claims->list[i];
		(void)fprintf(file, "address %s %s %u\n", claim->interface,
		    addr_format(&claim->addr, text), claim->prefix);
	}
}

bool
claim_load(struct claims *claims, const char *line)
{
	char interface[IFNAMSIZ], text[ADDR_STRLEN];
	struct addr addr;
	unsigned prefix;

	if (sscanf(line, "address %15s %45s %u", interface, text, &prefix) != 3)
		return false;
	if (addr_parse(&addr, text) && prefix <= addr_max_prefix(addr.family))
		claim_add(claims, interface, &addr, (uint8_t)prefix);
	return true;
}
