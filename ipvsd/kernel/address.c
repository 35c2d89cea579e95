/* SPDX-License-Identifier: ISC */
/*
 * Addresses follow the configuration and the held instances, in passes: raise
 * settings, add what is missing, remove what is not wanted, put settings
 * back. What comes meanwhile makes another pass.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kernel_int.h"

enum stage { STAGE_NONE, STAGE_RAISE, STAGE_COMMANDS, STAGE_LOWER };

/* What notifications have changed. */
static void
address_changed(struct kernel *kernel)
{
	struct addr_nl *addrs = &kernel->addrs;

	if (!addrs->ifaces_changed && !addrs->addresses_changed)
		return;
	kernel->addresses_dirty = true;
	if (kernel->ifaces_dumping)
		kernel->ifaces_dump_wanted = true;
	if (addrs->ifaces_changed && kernel->turn.input != NULL) {
		sync_touch_daemons(kernel->sync);
		phase_ifaces_changed(kernel);
	}
	/* A destination needs a route to be let in. */
	if (kernel->turn.input != NULL && !kernel->leaving)
		table_touch_failed(kernel);
	addrs->ifaces_changed = addrs->addresses_changed = false;
	turn_schedule(&kernel->turn);
}

void
address_events(struct kernel *kernel)
{
	if (addr_nl_events(&kernel->addrs, TURN_SLICE) == -1) {
		log_change_warnx("notifications",
		    "rtnetlink: notifications lost: %s", strerror(errno));
		kernel->turn.stats.overruns++;
		kernel->ifaces_dump_wanted = true;
		turn_schedule(&kernel->turn);
	}
	address_changed(kernel);
}

bool
address_dump_step(struct kernel *kernel)
{
	int more;

	if (!kernel->ifaces_dumping) {
		if (!kernel->ifaces_dump_wanted)
			return false;
		kernel->ifaces_dump_wanted = false;
		if (addr_nl_dump(&kernel->addrs) == -1) {
			log_change_warnx("addresses", "rtnetlink: dump: %s",
			    strerror(errno));
			turn_retry(&kernel->turn);
			return false;
		}
		kernel->ifaces_dumping = true;
		return true;
	}
	more = addr_nl_dump_step(&kernel->addrs, TURN_SLICE);
	if (more == 1)
		return true;
	kernel->ifaces_dumping = false;
	if (more == -1) {
		/* Interrupted by a change: what was read may be half old. */
		if (errno != EINTR) {
			log_change_warnx("addresses", "rtnetlink: dump: %s",
			    strerror(errno));
			kernel->turn.stats.overruns++;
			turn_retry(&kernel->turn);
			return false;
		}
		kernel->ifaces_dump_wanted = true;
		return true;
	}
	kernel->ifaces_known = true;
	address_changed(kernel);
	return true;
}

static void
pass_begin(struct kernel *kernel)
{
	struct desired_input held;

	kernel->addresses_dirty = false;
	if (kernel->leaving) {
		kernel->wanted.count = 0;
		kernel->wanted.real_server = false;
	} else {
		held = *kernel->turn.input;
		held.duty = kernel->held;
		held.duty_count = kernel->instance_count;
		desired_addresses(&held, &kernel->wanted);
		phase_pass_begins(kernel);
	}
	kernel->renew_next = 0;
	kernel->stage = STAGE_RAISE;
}

/*
 * An address of a held instance that is gone, and whose lease has ended too
 * (we were stopped for long), is not put back; nor is one of a term that an
 * earlier run left: its lifetime has ended, and somebody else may hold it. Nor
 * is one that was released after the pass began.
 */
static bool
is_over(
    struct kernel *kernel, const struct address_command *command, uint64_t now)
{
	uint32_t id = command->address.instance;

	return command->op == ADDRESS_ADD && command->address.lifetime &&
	    id < kernel->instance_count &&
	    (kernel->held[id] != DUTY_MASTER ||
		!kernel->turn.handlers->renewable(id, now, kernel->turn.arg));
}

/*
 * An instance whose services are not in yet: its addresses stay where they
 * are until it is their turn. After a restart they may be in place already.
 */
static bool
is_gaining(const struct kernel *kernel, const struct addr *addr)
{
	const struct conf_instance *instance;

	for (uint32_t i = 0; i < kernel->instance_count; i++) {
		if (kernel->instances[i].phase != PHASE_GAIN_SERVICES)
			continue;
		instance = conf_instance(kernel->turn.input->conf, i);
		for (uint32_t j = 0;
		     instance != NULL && j < instance->address_count; j++)
			if (addr_equal(&instance->addresses[j].addr, addr))
				return true;
	}
	return false;
}

static void
pass_compare(struct kernel *kernel)
{
	struct address_commands *pass = &kernel->pass;
	uint64_t now = clock_monotonic();
	uint32_t kept = 0;

	pass->count = kernel->pass_next = 0;
	diff_addresses(&kernel->wanted, &kernel->addrs.addresses, pass);
	for (uint32_t i = 0; i < pass->count; i++)
		if (!is_over(kernel, &pass->list[i], now) &&
		    !is_gaining(kernel, &pass->list[i].address.addr))
			pass->list[kept++] = pass->list[i];
	pass->count = kept;
	kernel->stage = STAGE_COMMANDS;
}

static void
answered(
    struct kernel *kernel, const struct address_command *command, int error)
{
	const struct desired_address *address = &command->address;
	char text[ADDR_STRLEN], object[IFNAMSIZ + ADDR_STRLEN + 8];

	(void)addr_format(&address->addr, text);
	snprintf(object, sizeof(object), "%s: %s/%u", address->interface, text,
	    address->prefix);
	if (error == 0) {
		log_change(object, "%s %s", object,
		    command->op == ADDRESS_ADD ? "added" : "removed");
		return;
	}
	/* Ours to adopt, once the dump has told. */
	if (error == EEXIST && command->op == ADDRESS_ADD) {
		kernel->ifaces_dump_wanted = true;
		return;
	}
	/* No refusal: the kernel was not asked. Its coming will tell. */
	if (error == ENODEV) {
		log_change_warnx(object,
		    "%s has no place: there is no such interface", object);
		return;
	}
	turn_refused(&kernel->turn, "%s: %s %s/%u: %s", address->interface,
	    command->op == ADDRESS_ADD ? "add" : "remove", text,
	    address->prefix, strerror(error));
	/* What has to go, or is missing here, is tried again. */
	turn_retry(&kernel->turn);
}

static void
pass_send(struct kernel *kernel)
{
	const struct address_command *commands = &kernel->pass
						      .list[kernel->pass_next];
	uint32_t count = kernel->pass.count - kernel->pass_next;
	int errors[KERNEL_ADDR_BATCH];

	if (count > KERNEL_ADDR_BATCH)
		count = KERNEL_ADDR_BATCH;
	kernel->turn.stats.commands += count;
	if (addr_batch_send(&kernel->addrs, commands, count, errors,
		clock_monotonic()) == -1) {
		log_change_warnx(
		    "answers", "rtnetlink: answers lost: %s", strerror(errno));
		kernel->turn.stats.overruns++;
		kernel->ifaces_dump_wanted = true;
		kernel->addresses_dirty = true;
	}
	/* Of what was not answered the dump tells, and another pass follows. */
	for (uint32_t i = 0; i < count; i++)
		if (errors[i] != NETLINK_UNANSWERED)
			answered(kernel, &commands[i], errors[i]);
	kernel->pass_next += count;
	turn_save_changed(&kernel->turn);
}

bool
address_step(struct kernel *kernel)
{
	if (!kernel->ifaces_known || kernel->turn.input == NULL)
		return false;
	switch ((enum stage)kernel->stage) {
	case STAGE_NONE:
		if (!kernel->addresses_dirty)
			return false;
		pass_begin(kernel);
		break;
	case STAGE_RAISE:
		if (setting_raise(kernel->settings, &kernel->wanted))
			pass_compare(kernel);
		break;
	case STAGE_COMMANDS:
		if (kernel->pass_next < kernel->pass.count)
			pass_send(kernel);
		if (kernel->pass_next == kernel->pass.count)
			kernel->stage = STAGE_LOWER;
		break;
	case STAGE_LOWER:
		/* An address that was there already, as the dump will say. */
		if (kernel->ifaces_dump_wanted || kernel->ifaces_dumping)
			return false;
		if (!setting_lower(kernel->settings, &kernel->wanted))
			break;
		kernel->stage = STAGE_NONE;
		kernel->renew_due = true;
		if (!kernel->leaving)
			phase_pass_done(kernel);
		break;
	}
	return true;
}

bool
address_present(const struct kernel *kernel, const struct conf_address *conf)
{
	struct desired_address wanted;

	memset(&wanted, 0, sizeof(wanted));
	wanted.addr = conf->addr;
	wanted.prefix = conf->prefix;
	strncpy(
	    wanted.interface, conf->interface, sizeof(wanted.interface) - 1);
	return addr_nl_find(&kernel->addrs, &wanted) != NULL;
}

/* Ours, with a lifetime that is to go on. */
static bool
is_renewable(
    struct kernel *kernel, const struct desired_address *wanted, uint64_t now)
{
	const struct live_address *live;

	if (!wanted->lifetime)
		return false;
	live = addr_nl_find(&kernel->addrs, wanted);
	if (live == NULL || !live->ours)
		return false;
	/* Just added, or so long ago that it has ended: then a renewal would
	 * put it back after all. */
	if (live->renewed != 0 &&
	    (now - live->renewed < KERNEL_RENEW / 2 ||
		now - live->renewed >= ADDR_LIFETIME * NS_PER_SEC)) {
		if (now - live->renewed >= ADDR_LIFETIME * NS_PER_SEC)
			kernel->ifaces_dump_wanted = true;
		return false;
	}
	return kernel->turn.handlers->renewable(
	    wanted->instance, now, kernel->turn.arg);
}

bool
address_renew_step(struct kernel *kernel)
{
	struct desired_address batch[KERNEL_ADDR_BATCH];
	int errors[KERNEL_ADDR_BATCH];
	uint32_t count = 0;
	uint64_t now;

	if (!kernel->renew_due || kernel->stage != STAGE_NONE)
		return false;
	now = clock_monotonic();
	while (count < KERNEL_ADDR_BATCH &&
	    kernel->renew_next < kernel->wanted.count) {
		if (is_renewable(
			kernel, &kernel->wanted.list[kernel->renew_next], now))
			batch[count++] = kernel->wanted
					     .list[kernel->renew_next];
		kernel->renew_next++;
	}
	if (kernel->renew_next >= kernel->wanted.count) {
		kernel->renew_due = false;
		kernel->renew_next = 0;
	}
	if (count == 0)
		return true;
	kernel->turn.stats.renewals += count;
	if (addr_batch_renew(&kernel->addrs, batch, count, errors, now) == -1)
		kernel->ifaces_dump_wanted = true;
	for (uint32_t i = 0; i < count; i++)
		if (errors[i] != 0 && errors[i] != NETLINK_UNANSWERED) {
			kernel->ifaces_dump_wanted = true;
			kernel->addresses_dirty = true;
			turn_refused(&kernel->turn, "%s: renew: %s",
			    batch[i].interface, strerror(errors[i]));
		}
	return true;
}
