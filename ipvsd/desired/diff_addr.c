/* SPDX-License-Identifier: ISC */
/* The difference between live and wanted addresses; see diff.h. Pure. */
#include <stdlib.h>
#include <string.h>

#include "desired/diff.h"
#include "grow.h"

static struct address_command *
add(struct address_commands *out, enum address_op op)
{
	struct address_command *command;

	out->list = grow(out->list, out->count, &out->size, sizeof(*out->list));
	command = &out->list[out->count++];
	memset(command, 0, sizeof(*command));
	command->op = op;
	return command;
}

void
address_commands_clear(struct address_commands *out)
{
	free(out->list);
	memset(out, 0, sizeof(*out));
}

static bool
same_place(
    const struct desired_address *wanted, const struct live_address *live)
{
	return addr_equal(&wanted->addr, &live->addr) &&
	    strcmp(wanted->interface, live->interface) == 0;
}

static bool
address_is(
    const struct desired_address *wanted, const struct live_address *live)
{
	return same_place(wanted, live) &&
	    (!live->ours || wanted->prefix == live->prefix);
}

int
live_address_cmp(const struct live_address *a, const struct live_address *b)
{
	int order = addr_cmp(&a->addr, &b->addr);

	if (order != 0)
		return order;
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return (int)a->prefix - (int)b->prefix;
}

uint32_t
live_address_place(
    const struct live_addresses *live, const struct live_address *address)
{
	uint32_t low = 0, high = live->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (live_address_cmp(&live->list[middle], address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct live_address *
live_address_find(
    const struct live_addresses *live, const struct desired_address *wanted)
{
	struct live_address first = {.addr = wanted->addr};

	for (uint32_t i = live_address_place(live, &first);
	     i < live->count && addr_equal(&live->list[i].addr, &wanted->addr);
	     i++)
		if (address_is(wanted, &live->list[i]))
			return &live->list[i];
	return NULL;
}

/* The wanted addresses, sorted: a host may have thousands. */
struct by_address {
	const struct desired_address **list;
	uint32_t count;
};

static int
wanted_order(const void *a, const void *b)
{
	const struct desired_address *const *left = a;
	const struct desired_address *const *right = b;

	return addr_cmp(&(*left)->addr, &(*right)->addr);
}

static void
sort_wanted(const struct desired_addresses *wanted, struct by_address *sorted)
{
	sorted->count = wanted->count;
	sorted->list = xcalloc(wanted->count, sizeof(*sorted->list));
	for (uint32_t i = 0; i < wanted->count; i++)
		sorted->list[i] = &wanted->list[i];
	qsort(sorted->list, sorted->count, sizeof(*sorted->list), wanted_order);
}

/* The index of the first wanted address that does not sort before this one. */
static uint32_t
wanted_place(const struct by_address *sorted, const struct addr *addr)
{
	uint32_t low = 0, high = sorted->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (addr_cmp(&sorted->list[middle]->addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether is() holds for any wanted address that equals the live one. */
static bool
any_wanted(const struct live_address *live, const struct by_address *sorted,
    bool (*is)(const struct desired_address *, const struct live_address *))
{
	for (uint32_t i = wanted_place(sorted, &live->addr);
	     i < sorted->count &&
	     addr_equal(&sorted->list[i]->addr, &live->addr);
	     i++)
		if (is(sorted->list[i], live))
			return true;
	return false;
}

static void
remove_live(struct address_commands *out, const struct live_address *live)
{
	struct desired_address *address = &add(out, ADDRESS_DEL)->address;

	address->addr = live->addr;
	address->prefix = live->prefix;
	address->scope = live->scope;
	memcpy(address->interface, live->interface, sizeof(address->interface));
}

/* Whether the live address has to go before a wanted one can come: IPv6 has an
 * address once on an interface, with one prefix. */
static bool
blocks(const struct live_address *live, const struct by_address *sorted)
{
	return live->addr.family == AF_INET6 &&
	    any_wanted(live, sorted, same_place);
}

/* Removes addresses of ours that are not wanted: those that block, or the
 * others. */
static void
removals(const struct live_addresses *live, const struct by_address *sorted,
    bool blocking, struct address_commands *out)
{
	const struct live_address *one;

	for (uint32_t i = 0; i < live->count; i++) {
		one = &live->list[i];
		if (one->ours && !any_wanted(one, sorted, address_is) &&
		    blocks(one, sorted) == blocking)
			remove_live(out, one);
	}
}

void
diff_addresses(const struct desired_addresses *wanted,
    const struct live_addresses *live, struct address_commands *out)
{
	struct by_address sorted;

	sort_wanted(wanted, &sorted);
	removals(live, &sorted, true, out);
	for (uint32_t i = 0; i < wanted->count; i++)
		if (live_address_find(live, &wanted->list[i]) == NULL)
			add(out, ADDRESS_ADD)->address = wanted->list[i];
	removals(live, &sorted, false, out);
	free(sorted.list);
}
