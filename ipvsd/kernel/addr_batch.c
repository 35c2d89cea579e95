/* SPDX-License-Identifier: ISC */
/* See addr_batch.h. */
#include "kernel/addr_batch.h"

#include <linux/rtnetlink.h>

#include <errno.h>
#include <string.h>

#include "kernel/sysctl.h"
#include "log.h"

struct batch {
	uint32_t first;
	uint32_t count;
	int *errors;
	uint32_t places[NETLINK_BATCH]; /* of the requests among them */
};

static void
answered(uint32_t seq, int error, const char *text, void *arg)
{
	struct batch *batch = arg;
	uint32_t i = seq - batch->first;

	if (i >= batch->count)
		return;
	batch->errors[batch->places[i]] = error;
	if (error != 0 && text != NULL)
		log_debug("rtnetlink: %s: %s", strerror(error), text);
}

static void
batch_begin(struct batch *batch, const struct addr_nl *nl, int *errors)
{
	batch->first = nl->commands.seq + 1;
	batch->count = 0;
	batch->errors = errors;
}

/* The next request answers for the command at place. */
static void
batch_add(struct batch *batch, uint32_t place)
{
	batch->places[batch->count++] = place;
	batch->errors[place] = NETLINK_UNANSWERED;
}

int
addr_batch_send(struct addr_nl *nl, const struct address_command *commands,
    uint32_t count, int *errors, uint64_t now)
{
	const struct live_iface *iface;
	struct batch batch;
	bool add;

	batch_begin(&batch, nl, errors);
	for (uint32_t i = 0; i < count; i++) {
		iface = addr_nl_iface(nl, commands[i].address.interface);
		if (iface == NULL) {
			errors[i] = ENODEV;
			continue;
		}
		batch_add(&batch, i);
		add = commands[i].op == ADDRESS_ADD;
		(void)addr_nl_compose(&nl->commands, &commands[i].address,
		    iface->index, add ? RTM_NEWADDR : RTM_DELADDR,
		    add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	}
	if (netlink_send(&nl->commands, answered, &batch, errors, count) == -1)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		iface = addr_nl_iface(nl, commands[i].address.interface);
		if (commands[i].op == ADDRESS_DEL &&
		    (errors[i] == EADDRNOTAVAIL || errors[i] == ENODEV))
			errors[i] = 0;
		if (errors[i] != 0 || iface == NULL)
			continue;
		if (commands[i].op == ADDRESS_ADD)
			addr_nl_accepted(
			    nl, &commands[i].address, iface->index, now);
		else
			addr_nl_removed(nl, &commands[i].address, iface->index);
	}
	return 0;
}

int
addr_batch_renew(struct addr_nl *nl, const struct desired_address *addresses,
    uint32_t count, int *errors, uint64_t now)
{
	struct live_address *live;
	const struct live_iface *iface;
	struct batch batch;

	batch_begin(&batch, nl, errors);
	for (uint32_t i = 0; i < count; i++) {
		iface = addr_nl_iface(nl, addresses[i].interface);
		if (iface == NULL) {
			errors[i] = ENODEV;
			continue;
		}
		batch_add(&batch, i);
		(void)addr_nl_compose(&nl->commands, &addresses[i],
		    iface->index, RTM_NEWADDR, NLM_F_REPLACE);
	}
	if (netlink_send(&nl->commands, answered, &batch, errors, count) == -1)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		live = addr_nl_find(nl, &addresses[i]);
		if (errors[i] == 0 && live != NULL)
			live->renewed = now;
	}
	return 0;
}

int
addr_batch_set(struct addr_nl *nl, struct live_iface *iface,
    enum iface_setting setting, uint32_t value)
{
	struct batch batch;
	int error = 0;

	batch_begin(&batch, nl, &error);
	batch_add(&batch, 0);
	addr_nl_compose_iface(&nl->commands, iface->index, setting, value);
	if (netlink_send(&nl->commands, answered, &batch, &error, 1) == -1)
		error = errno;
	if (error != 0 &&
	    !sysctl_write_conf(iface->name, iface_setting_name(setting), value))
		return error;
	iface->settings[setting] = value;
	return 0;
}
