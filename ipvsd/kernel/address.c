/* SPDX-License-Identifier: ISC */
/* See address.h. */
#include "kernel/address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desired/leftover.h"
#include "grow.h"
#include "kernel/addr_batch.h"
#include "kernel/setting.h"
#include "log_change.h"

#define RENEW_EVERY    (3 * NS_PER_SEC)
#define BATCH	       50 /* commands or renewals sent at once */

#define PUT_BACK_BURST 5
#define PUT_BACK_EVERY (60 * NS_PER_SEC)

enum stage { STAGE_NONE, STAGE_RAISE, STAGE_COMMANDS, STAGE_LOWER };

struct kernel_addresses {
	struct kernel_turn *turn;
	struct kernel_watch *watch;
	struct addr_nl *copy; /* the watch's */
	struct kernel_phases *phases;
	void (*pass_done)(void *);
	void *arg;
	struct kernel_settings *settings;
	struct timer renew;

	struct desired_addresses wanted;
	struct address_commands pass; /* one pass from here to there */
	uint32_t pass_next;
	enum stage stage; /* of the pass */
	bool dirty;	  /* a pass is due */
	bool leaving;	  /* nothing is wanted */

	struct log_limit put_back; /* lines about what others removed */
	bool renew_due;
	uint32_t renew_next;
};

/* --- what others have left --- */

/* From now on it has a lifetime while it is held, and goes when it is not. */
static void
claim(struct kernel_addresses *addresses, struct live_address *live)
{
	char text[ADDR_STRLEN], object[IFNAMSIZ + ADDR_STRLEN + 8];

	(void)addr_format(&live->addr, text);
	snprintf(object, sizeof(object), "%s: %s/%u", live->interface, text,
	    live->prefix);
	log_change_warnx(object,
	    "%s was left by somebody else, and is ours from now on", object);
	live->ours = true;
	claim_add(&addresses->copy->claims, live->interface, &live->addr,
	    live->prefix);
	turn_save_changed(addresses->turn);
}

static void
claim_leftovers(struct kernel_addresses *addresses)
{
	const struct kernel_turn *turn = addresses->turn;
	const struct conf *conf = turn->input->conf;
	const struct conf_instance *instance;
	struct live_address *live;
	enum leftover what;
	uint32_t at;

	for (uint32_t i = 0; i < conf->instance_count; i++) {
		instance = &conf->instances[i];
		if (turn->handlers->claimable == NULL ||
		    !turn->handlers->claimable(instance->id, turn->arg))
			continue;
		for (uint32_t j = 0; j < instance->address_count; j++) {
			at = 0;
			while (
			    (live = leftover_next(conf, &instance->addresses[j],
				 &addresses->copy->addresses, &at, &what)) !=
			    NULL)
				if (what == LEFTOVER_SAME)
					claim(addresses, live);
		}
	}
}

/* --- a pass --- */

static void
pass_begin(struct kernel_addresses *addresses)
{
	struct desired_input held;

	addresses->dirty = false;
	if (addresses->leaving) {
		addresses->wanted.count = 0;
		addresses->wanted.real_server = false;
	} else {
		held = *addresses->turn->input;
		held.duty = phase_duties(addresses->phases);
		held.duty_count = phase_count(addresses->phases);
		desired_addresses(&held, &addresses->wanted);
		claim_leftovers(addresses);
		phase_pass_begins(addresses->phases);
	}
	addresses->renew_next = 0;
	addresses->stage = STAGE_RAISE;
}

/*
 * An address that is missing is not added when its instance was released
 * after the pass began, or when the instance's term does not run any more.
 * The term may have ended while we were stopped, or an earlier run left it:
 * then the kernel took the address out at the end of its lifetime, and
 * another node may hold it.
 */
static bool
is_over(struct kernel_addresses *addresses,
    const struct address_command *command, uint64_t now)
{
	const struct kernel_turn *turn = addresses->turn;
	uint32_t id = command->address.instance;

	return command->op == ADDRESS_ADD && command->address.lifetime &&
	    id < phase_count(addresses->phases) &&
	    (phase_duties(addresses->phases)[id] != DUTY_MASTER ||
		!turn->handlers->renewable(id, now, turn->arg));
}

/*
 * Whether an instance of this address is in PHASE_GAIN_SERVICES. Its addresses
 * stay as they are until its services are in: after a restart they may be
 * there already.
 */
static bool
is_gaining(const struct kernel_addresses *addresses, const struct addr *addr)
{
	const struct conf_instance *instance;

	for (uint32_t i = 0; i < phase_count(addresses->phases); i++) {
		if (phase_get(addresses->phases, i) != PHASE_GAIN_SERVICES)
			continue;
		instance = conf_instance(addresses->turn->input->conf, i);
		for (uint32_t j = 0;
		     instance != NULL && j < instance->address_count; j++)
			if (addr_equal(&instance->addresses[j].addr, addr))
				return true;
	}
	return false;
}

static void
pass_compare(struct kernel_addresses *addresses)
{
	struct address_commands *pass = &addresses->pass;
	uint64_t now = clock_monotonic();
	uint32_t kept = 0;

	pass->count = addresses->pass_next = 0;
	diff_addresses(&addresses->wanted, &addresses->copy->addresses, pass);
	for (uint32_t i = 0; i < pass->count; i++)
		if (!is_over(addresses, &pass->list[i], now) &&
		    !is_gaining(addresses, &pass->list[i].address.addr))
			pass->list[kept++] = pass->list[i];
	pass->count = kept;
	addresses->stage = STAGE_COMMANDS;
}

/*
 * Whether an address that was added was here all the time, but for somebody
 * who removed it. An instance that was not held since then has it anew.
 */
static bool
is_put_back(
    struct kernel_addresses *addresses, const struct desired_address *address)
{
	uint32_t id = address->instance;

	return claim_was_taken(&addresses->copy->claims, address->interface,
		   &address->addr, address->prefix) &&
	    (!address->lifetime || id >= phase_count(addresses->phases) ||
		phase_get(addresses->phases, id) == PHASE_HELD);
}

static void
tell_done(struct kernel_addresses *addresses,
    const struct address_command *command, const char *object)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	if (command->op == ADDRESS_DEL)
		log_change(object, "%s removed", object);
	else if (!is_put_back(addresses, &command->address))
		log_change(object, "%s added", object);
	else if (log_limit(&addresses->put_back, clock_monotonic(),
		     PUT_BACK_BURST, PUT_BACK_EVERY, &suppressed))
		log_warnx("%s was removed by somebody else, and is put back%s",
		    object, log_more(suppressed, more));
}

static void
answered(struct kernel_addresses *addresses,
    const struct address_command *command, int error)
{
	const struct desired_address *address = &command->address;
	char text[ADDR_STRLEN], object[IFNAMSIZ + ADDR_STRLEN + 8];

	(void)addr_format(&address->addr, text);
	snprintf(object, sizeof(object), "%s: %s/%u", address->interface, text,
	    address->prefix);
	if (error == 0) {
		tell_done(addresses, command, object);
		return;
	}
	/* Somebody else has added it: the dump tells, and it is adopted. */
	if (error == EEXIST && command->op == ADDRESS_ADD) {
		watch_want(addresses->watch);
		return;
	}
	/* The kernel was not asked. A notification tells when it comes. */
	if (error == ENODEV) {
		log_change_warnx(object,
		    "%s has no place: there is no such interface", object);
		return;
	}
	turn_refused(addresses->turn, "%s: %s %s/%u: %s", address->interface,
	    command->op == ADDRESS_ADD ? "add" : "remove", text,
	    address->prefix, strerror(error));
	turn_retry(addresses->turn);
}

static void
pass_send(struct kernel_addresses *addresses)
{
	const struct address_command
	    *commands = &addresses->pass.list[addresses->pass_next];
	uint32_t count = addresses->pass.count - addresses->pass_next;
	int errors[BATCH];

	if (count > BATCH)
		count = BATCH;
	addresses->turn->stats.commands += count;
	if (addr_batch_send(addresses->copy, commands, count, errors,
		clock_monotonic()) == -1) {
		log_change_warnx(
		    "answers", "rtnetlink: answers lost: %s", strerror(errno));
		addresses->turn->stats.overruns++;
		watch_want(addresses->watch);
		addresses->dirty = true;
	}
	/* The dump tells what became of the others; another pass follows. */
	for (uint32_t i = 0; i < count; i++)
		if (errors[i] != NETLINK_UNANSWERED)
			answered(addresses, &commands[i], errors[i]);
	addresses->pass_next += count;
	turn_save_changed(addresses->turn);
}

bool
address_step(struct kernel_addresses *addresses)
{
	if (!watch_is_known(addresses->watch) || addresses->turn->input == NULL)
		return false;
	switch (addresses->stage) {
	case STAGE_NONE:
		if (!addresses->dirty)
			return false;
		pass_begin(addresses);
		break;
	case STAGE_RAISE:
		if (setting_raise(addresses->settings, &addresses->wanted))
			pass_compare(addresses);
		break;
	case STAGE_COMMANDS:
		if (addresses->pass_next < addresses->pass.count)
			pass_send(addresses);
		if (addresses->pass_next == addresses->pass.count)
			addresses->stage = STAGE_LOWER;
		break;
	case STAGE_LOWER:
		/* A dump first tells of addresses that others had added. */
		if (watch_is_reading(addresses->watch))
			return false;
		if (!setting_lower(addresses->settings, &addresses->wanted))
			break;
		addresses->stage = STAGE_NONE;
		addresses->renew_due = true;
		addresses->pass_done(addresses->arg);
		if (addresses->turn->handlers->addresses != NULL)
			addresses->turn->handlers->addresses(
			    addresses->turn->arg);
		break;
	}
	return true;
}

/* --- renewals --- */

/* Whether a wanted address is ours, and its lifetime is to go on. */
static bool
is_renewable(struct kernel_addresses *addresses,
    const struct desired_address *wanted, uint64_t now)
{
	const struct live_address *live;

	if (!wanted->lifetime)
		return false;
	live = addr_nl_find(addresses->copy, wanted);
	if (live == NULL || !live->ours)
		return false;
	/* Right after a renewal another one is needless. After the end of the
	 * lifetime it would add the address again. */
	if (live->renewed != 0 &&
	    (now - live->renewed < RENEW_EVERY / 2 ||
		now - live->renewed >= ADDR_LIFETIME * NS_PER_SEC)) {
		if (now - live->renewed >= ADDR_LIFETIME * NS_PER_SEC)
			watch_want(addresses->watch);
		return false;
	}
	return addresses->turn->handlers->renewable(
	    wanted->instance, now, addresses->turn->arg);
}

bool
address_renew_step(struct kernel_addresses *addresses)
{
	struct desired_address batch[BATCH];
	int errors[BATCH];
	uint32_t count = 0;
	uint64_t now;

	if (!addresses->renew_due || addresses->stage != STAGE_NONE)
		return false;
	now = clock_monotonic();
	while (
	    count < BATCH && addresses->renew_next < addresses->wanted.count) {
		if (is_renewable(addresses,
			&addresses->wanted.list[addresses->renew_next], now))
			batch[count++] = addresses->wanted
					     .list[addresses->renew_next];
		addresses->renew_next++;
	}
	if (addresses->renew_next >= addresses->wanted.count) {
		addresses->renew_due = false;
		addresses->renew_next = 0;
	}
	if (count == 0)
		return true;
	addresses->turn->stats.renewals += count;
	if (addr_batch_renew(addresses->copy, batch, count, errors, now) == -1)
		watch_want(addresses->watch);
	for (uint32_t i = 0; i < count; i++)
		if (errors[i] != 0 && errors[i] != NETLINK_UNANSWERED) {
			watch_want(addresses->watch);
			addresses->dirty = true;
			turn_refused(addresses->turn, "%s: renew: %s",
			    batch[i].interface, strerror(errors[i]));
		}
	return true;
}

/* --- the part --- */

static void
on_renew(void *arg)
{
	struct kernel_addresses *addresses = arg;

	timer_after(&addresses->renew, RENEW_EVERY);
	address_renew(addresses);
}

struct kernel_addresses *
address_new(struct kernel_turn *turn, struct event_base *base,
    struct kernel_watch *watch, struct kernel_phases *phases,
    void (*pass_done)(void *), void *arg)
{
	struct kernel_addresses *addresses = xcalloc(1, sizeof(*addresses));

	addresses->turn = turn;
	addresses->watch = watch;
	addresses->copy = watch_copy(watch);
	addresses->phases = phases;
	addresses->pass_done = pass_done;
	addresses->arg = arg;
	addresses->settings = setting_new(turn, addresses->copy);
	timer_init(&addresses->renew, base, on_renew, addresses);
	timer_after(&addresses->renew, RENEW_EVERY);
	return addresses;
}

void
address_free(struct kernel_addresses *addresses)
{
	timer_stop(&addresses->renew);
	setting_free(addresses->settings);
	address_commands_clear(&addresses->pass);
	desired_addresses_clear(&addresses->wanted);
	free(addresses);
}

void
address_touch(struct kernel_addresses *addresses)
{
	addresses->dirty = true;
	turn_schedule(addresses->turn);
}

bool
address_pass_is_due(const struct kernel_addresses *addresses)
{
	return addresses->dirty;
}

void
address_renew(struct kernel_addresses *addresses)
{
	addresses->renew_due = true;
	turn_schedule(addresses->turn);
}

void
address_leave(struct kernel_addresses *addresses)
{
	addresses->leaving = addresses->dirty = true;
}

void
address_save(const struct kernel_addresses *addresses, FILE *file)
{
	setting_save(addresses->settings, file);
	claim_save(&addresses->copy->claims, file);
}

void
address_load(struct kernel_addresses *addresses, const char *line)
{
	if (!setting_load(addresses->settings, line))
		(void)claim_load(&addresses->copy->claims, line);
}
