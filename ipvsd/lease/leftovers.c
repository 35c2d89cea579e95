/* SPDX-License-Identifier: ISC */
/* Addresses here that nobody holds; see leftovers.h. */
#include "lease/leftovers.h"

#include <stdio.h>

#include "desired/leftover.h"
#include "digest.h"
#include "lease/say.h"
#include "log_change.h"
#include "running/running.h"

/* What becomes of one that is as configured, or only like that. */
static const char *
fate(const struct instance *instance, enum leftover what)
{
	if (instance->leftovers == LEFTOVERS_BESIDE)
		return "another program here is master of it: stop it first";
	if (what == LEFTOVER_ALIKE)
		return "it is not as configured, so it stays: remove it";
	if (instance->conf->leftover == LEFTOVER_KEEP)
		return "left by somebody else, and kept";
	return "left by somebody else, and removed if no other program here "
	       "sends its adverts";
}

static void
describe(const struct live_address *live, const char *then,
    char text[LEFTOVERS_TEXT])
{
	char addr[ADDR_STRLEN];

	snprintf(text, LEFTOVERS_TEXT, "%s/%u is on %s, %s",
	    addr_format(&live->addr, addr), live->prefix, live->interface,
	    then);
}

static void
warn(const char *instance, const struct live_address *live, const char *text)
{
	char addr[ADDR_STRLEN], object[ADDR_STRLEN + sizeof("leftover ")];

	snprintf(object, sizeof(object), "leftover %s",
	    addr_format(&live->addr, addr));
	log_change_warnx(object, "vrrp %s: not master, and %s", instance, text);
}

static const struct live_address *
next_leftover(const struct ipvsd *ipvsd, const struct conf_address *address,
    uint32_t *at, enum leftover *what)
{
	return leftover_next(ipvsd->running->conf, address,
	    kernel_addresses(ipvsd->kernel), at, what);
}

bool
leftovers_text(const struct instance *instance,
    const struct conf_address *address, char text[LEFTOVERS_TEXT])
{
	const struct live_address *live;
	enum leftover what;
	uint32_t at = 0;

	if (instance->leftovers == LEFTOVERS_NONE)
		return false;
	live = next_leftover(instance->ipvsd, address, &at, &what);
	if (live == NULL)
		return false;
	describe(live, fate(instance, what), text);
	return true;
}

/* Of an instance that this host is no node of; NULL: it is not here. */
static const struct live_address *
stray(const struct ipvsd *ipvsd, const struct conf_address *address,
    char text[LEFTOVERS_TEXT])
{
	const struct live_address *live;
	enum leftover what;
	uint32_t at = 0;

	live = next_leftover(ipvsd, address, &at, &what);
	if (live != NULL)
		describe(
		    live, "and this host is no node of it: remove it", text);
	return live;
}

bool
leftovers_stray(const struct ipvsd *ipvsd, const struct conf_address *address,
    char text[LEFTOVERS_TEXT])
{
	return stray(ipvsd, address, text) != NULL;
}

/* Calls each() for all of an instance. */
static void
walk(struct instance *instance,
    void (*each)(struct instance *, const struct live_address *, enum leftover))
{
	const struct conf_instance *conf = instance->conf;
	const struct live_address *live;
	enum leftover what;
	uint32_t at;

	for (uint32_t i = 0; i < conf->address_count; i++) {
		at = 0;
		while ((live = next_leftover(instance->ipvsd,
			    &conf->addresses[i], &at, &what)) != NULL)
			each(instance, live, what);
	}
}

static void
see(struct instance *instance, const struct live_address *live,
    enum leftover what)
{
	uint64_t digest = instance->leftovers_seen == 0 ?
	    FNV1A64_INIT :
	    instance->leftovers_seen;

	(void)what;
	digest = fnv1a64(digest, live->addr.bytes, addr_len(live->addr.family));
	digest = fnv1a64_u32(digest, live->prefix);
	instance->leftovers_seen = fnv1a64_u32(digest, live->ifindex);
}

static void
tell(struct instance *instance, const struct live_address *live,
    enum leftover what)
{
	char text[LEFTOVERS_TEXT];

	describe(live, fate(instance, what), text);
	warn(instance->conf->name, live, text);
}

/* A digest of what is here of instances that this host is no node of; told if
 * tell is set. */
static uint64_t
strays(const struct ipvsd *ipvsd, bool tell)
{
	const struct conf *conf = ipvsd->running->conf;
	const struct conf_instance *instance;
	const struct live_address *live;
	uint64_t digest = FNV1A64_INIT;
	char text[LEFTOVERS_TEXT];

	for (uint32_t i = 0; i < conf->instance_count; i++) {
		instance = &conf->instances[i];
		for (uint32_t j = 0;
		     !instance->member && j < instance->address_count; j++) {
			live = stray(ipvsd, &instance->addresses[j], text);
			if (live == NULL)
				continue;
			digest = fnv1a64_string(digest, text);
			if (tell)
				warn(instance->name, live, text);
		}
	}
	return digest;
}

static void
ask(struct instance *instance)
{
	if (instance->leftovers == LEFTOVERS_FOUND && say_listen(instance))
		instance->leftovers = LEFTOVERS_ASKED;
}

static void
look(struct instance *instance)
{
	uint64_t before = instance->leftovers_seen;

	if (instance->state != INSTANCE_NONE) {
		/* Under a term what is here is rightly so. */
		if (instance_expiry(instance) != 0) {
			instance->leftovers = LEFTOVERS_NONE;
			instance->leftovers_seen = 0;
		}
		return;
	}
	instance->leftovers_seen = 0;
	walk(instance, see);
	if (instance->leftovers_seen != before) {
		instance->leftovers = instance->leftovers_seen == 0 ?
		    LEFTOVERS_NONE :
		    LEFTOVERS_FOUND;
		walk(instance, tell);
	}
	ask(instance);
}

void
leftovers_look(void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL)
			look(instance);
	}
	if (ipvsd->running != NULL && strays(ipvsd, false) != ipvsd->strays)
		ipvsd->strays = strays(ipvsd, true);
}

void
leftovers_ask_again(struct ipvsd *ipvsd)
{
	struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance->leftovers == LEFTOVERS_NONE)
			continue;
		instance->leftovers = LEFTOVERS_FOUND;
		ask(instance);
	}
}

void
leftovers_judged(struct instance *instance, bool beside)
{
	enum leftovers found = beside ? LEFTOVERS_BESIDE : LEFTOVERS_ALONE;

	if (instance->leftovers == LEFTOVERS_NONE ||
	    instance->leftovers == LEFTOVERS_FOUND ||
	    instance->leftovers == found)
		return; /* that was asked long ago, or told already */
	instance->leftovers = found;
	if (beside)
		walk(instance, tell);
	else
		kernel_claim(instance->ipvsd->kernel);
}

/*
 * While vrrpd has not said that no other program is master of it, an address
 * without a term is left alone. Under a term it is, as ACQUIRE was granted.
 */
bool
leftovers_claimable(uint32_t id, void *arg)
{
	struct ipvsd *ipvsd = arg;
	const struct instance *instance = running_instance(
	    ipvsd->running, ipvsd->running->generation->id, id);

	if (instance == NULL || instance->conf->leftover != LEFTOVER_REMOVE)
		return false;
	return instance->leftovers == LEFTOVERS_ALONE ||
	    instance->state == INSTANCE_ACQUIRING ||
	    instance->state == INSTANCE_HELD;
}
