/* SPDX-License-Identifier: ISC */
/* From the addresses that are to those that should be; see diff.h. Pure. */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "grow.h"

static struct address_command *
add(struct address_commands *out, enum address_op op)
{
	struct address_command *command;

	out->list = grow(out->list, out->count, &out->size,
	    sizeof(*out->list));
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
same_place(const struct desired_address *wanted,
    const struct live_address *live)
{
	return addr_equal(&wanted->addr, &live->addr) &&
	    strcmp(wanted->interface, live->interface) == 0;
}

bool
diff_address_is(const struct desired_address *wanted,
    const struct live_address *live)
{
	return same_place(wanted, live) &&
	    (!live->ours || wanted->prefix == live->prefix);
}

static bool
is_live(const struct desired_address *wanted,
    const struct live_addresses *live)
{
	for (uint32_t i = 0; i < live->count; i++)
		if (diff_address_is(wanted, &live->list[i]))
			return true;
	return false;
}

static bool
is_wanted(const struct live_address *live,
    const struct desired_addresses *wanted)
{
	for (uint32_t i = 0; i < wanted->count; i++)
		if (diff_address_is(&wanted->list[i], live))
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
	memcpy(address->interface, live->interface,
	    sizeof(address->interface));
}

/* IPv6 knows an address once on an interface, whatever the prefix: the old
 * one has to go before the new one comes. */
static bool
blocks(const struct live_address *live,
    const struct desired_addresses *wanted)
{
	if (live->addr.family != AF_INET6)
		return false;
	for (uint32_t i = 0; i < wanted->count; i++)
		if (same_place(&wanted->list[i], live))
			return true;
	return false;
}

void
diff_addresses(const struct desired_addresses *wanted,
    const struct live_addresses *live, struct address_commands *out)
{
	const struct live_address *one;

	for (uint32_t i = 0; i < live->count; i++) {
		one = &live->list[i];
		if (one->ours && !is_wanted(one, wanted) &&
		    blocks(one, wanted))
			remove_live(out, one);
	}
	for (uint32_t i = 0; i < wanted->count; i++)
		if (!is_live(&wanted->list[i], live))
			add(out, ADDRESS_ADD)->address = wanted->list[i];
	for (uint32_t i = 0; i < live->count; i++) {
		one = &live->list[i];
		if (one->ours && !is_wanted(one, wanted) &&
		    !blocks(one, wanted))
			remove_live(out, one);
	}
}
