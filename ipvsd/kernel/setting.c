/* SPDX-License-Identifier: ISC */
/* See setting.h. */
#include "kernel/setting.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "kernel/addr_batch.h"
#include "log_change.h"

#define OBJECT_SIZE 64 /* an interface and a setting */

/* What an interface had before we raised it. */
struct former_setting {
	char interface[IFNAMSIZ];
	enum iface_setting setting;
	uint32_t value;
};

struct kernel_settings {
	struct kernel_turn *turn;
	struct addr_nl *addrs;
	struct former_setting *formers;
	uint32_t former_count;
	uint32_t former_size;
};

struct kernel_settings *
setting_new(struct kernel_turn *turn, struct addr_nl *addrs)
{
	struct kernel_settings *settings = xcalloc(1, sizeof(*settings));

	settings->turn = turn;
	settings->addrs = addrs;
	return settings;
}

void
setting_free(struct kernel_settings *settings)
{
	free(settings->formers);
	free(settings);
}

static struct former_setting *
find_former(struct kernel_settings *settings, const char *interface,
    enum iface_setting setting)
{
	for (uint32_t i = 0; i < settings->former_count; i++)
		if (settings->formers[i].setting == setting &&
		    strcmp(settings->formers[i].interface, interface) == 0)
			return &settings->formers[i];
	return NULL;
}

/* The first value that was found stays. */
static void
remember_former(struct kernel_settings *settings, const char *interface,
    enum iface_setting setting, uint32_t value)
{
	struct former_setting *former;

	if (find_former(settings, interface, setting) != NULL)
		return;
	settings->formers = grow(settings->formers, settings->former_count,
	    &settings->former_size, sizeof(*settings->formers));
	former = &settings->formers[settings->former_count++];
	memset(former, 0, sizeof(*former));
	strncpy(former->interface, interface, sizeof(former->interface) - 1);
	former->setting = setting;
	former->value = value;
}

static bool
holds_ipv4(const struct kernel_settings *settings,
    const struct desired_addresses *wanted, const char *interface)
{
	const struct live_addresses *addresses = &settings->addrs->addresses;
	const struct live_address *live;

	for (uint32_t i = 0; i < wanted->count; i++)
		if (wanted->list[i].addr.family == AF_INET &&
		    strcmp(wanted->list[i].interface, interface) == 0)
			return true;
	/* The setting stays until our last address has gone. */
	for (uint32_t i = 0; i < addresses->count; i++) {
		live = &addresses->list[i];
		if (live->ours && live->addr.family == AF_INET &&
		    strcmp(live->interface, interface) == 0)
			return true;
	}
	return false;
}

/*
 * Whether adverts come in here whose source address we hold ourselves. The
 * owner of an address sends from it when it comes back. The kernel drops such
 * packets as martians unless accept_local is set, and both hosts would stay
 * master for ever.
 */
static bool
hears_owner(const struct conf *conf, const struct desired_addresses *wanted,
    const char *interface)
{
	const struct desired_address *address;
	const struct conf_instance *instance;

	for (uint32_t i = 0; i < wanted->count; i++) {
		address = &wanted->list[i];
		if (!address->is_anothers || address->addr.family != AF_INET)
			continue;
		instance = conf_instance(conf, address->instance);
		if (instance != NULL && instance->interface != NULL &&
		    strcmp(instance->interface, interface) == 0)
			return true;
	}
	return false;
}

static bool
is_needed(const struct kernel_settings *settings,
    const struct desired_addresses *wanted, const struct live_iface *iface,
    enum iface_setting setting)
{
	if (iface->flags & IFF_LOOPBACK)
		return false;
	if (setting == IFACE_SETTING_PROMOTE)
		return holds_ipv4(settings, wanted, iface->name);
	if (setting == IFACE_SETTING_ACCEPT_LOCAL)
		return hears_owner(
		    settings->turn->input->conf, wanted, iface->name);
	return wanted->real_server && !(iface->flags & IFF_NOARP);
}

static void
format_object(
    char object[OBJECT_SIZE], const char *interface, enum iface_setting setting)
{
	snprintf(object, OBJECT_SIZE, "%s: %s", interface,
	    iface_setting_name(setting));
}

static void
raise_one(struct kernel_settings *settings, struct live_iface *iface,
    enum iface_setting setting)
{
	uint32_t before = iface->settings[setting];
	char object[OBJECT_SIZE];
	int error;

	error = addr_batch_set(
	    settings->addrs, iface, setting, iface_setting_value(setting));
	settings->turn->stats.commands++;
	if (error != 0) {
		turn_refused(settings->turn, "%s: %s: %s", iface->name,
		    iface_setting_name(setting), strerror(error));
		return;
	}
	format_object(object, iface->name, setting);
	log_change(object, "%s %u -> %u", object, before,
	    iface_setting_value(setting));
	remember_former(settings, iface->name, setting, before);
	turn_save_changed(settings->turn);
}

bool
setting_raise(
    struct kernel_settings *settings, const struct desired_addresses *wanted)
{
	uint64_t start = clock_monotonic();
	struct live_iface *iface;

	for (uint32_t i = 0; i < settings->addrs->ifaces.count; i++) {
		iface = &settings->addrs->ifaces.list[i];
		if (!iface->known)
			continue;
		for (int j = 0; j < IFACE_SETTING_MAX; j++)
			if (is_needed(settings, wanted, iface,
				(enum iface_setting)j) &&
			    iface->settings[j] <
				iface_setting_value((enum iface_setting)j))
				raise_one(
				    settings, iface, (enum iface_setting)j);
		if (clock_monotonic() - start > TURN_SLICE &&
		    i + 1 < settings->addrs->ifaces.count)
			return false;
	}
	return true;
}

static void
lower_one(struct kernel_settings *settings, const struct former_setting *former)
{
	struct live_iface *iface = addr_nl_iface(
	    settings->addrs, former->interface);
	char object[OBJECT_SIZE];
	int error;

	/* Gone, or somebody else has set it since: not ours to put back. */
	if (iface == NULL ||
	    iface->settings[former->setting] !=
		iface_setting_value(former->setting))
		return;
	error = addr_batch_set(
	    settings->addrs, iface, former->setting, former->value);
	settings->turn->stats.commands++;
	if (error != 0) {
		turn_refused(settings->turn, "%s: %s: %s", iface->name,
		    iface_setting_name(former->setting), strerror(error));
		return;
	}
	format_object(object, iface->name, former->setting);
	log_change(object, "%s -> %u", object, former->value);
}

bool
setting_lower(
    struct kernel_settings *settings, const struct desired_addresses *wanted)
{
	uint64_t start = clock_monotonic();
	struct former_setting former;
	struct live_iface *iface;

	for (uint32_t i = settings->former_count; i-- > 0;) {
		former = settings->formers[i];
		iface = addr_nl_iface(settings->addrs, former.interface);
		if (iface != NULL &&
		    is_needed(settings, wanted, iface, former.setting))
			continue;
		lower_one(settings, &former);
		settings->formers[i] = settings
					   ->formers[--settings->former_count];
		turn_save_changed(settings->turn);
		if (clock_monotonic() - start > TURN_SLICE && i > 0)
			return false;
	}
	return true;
}

void
setting_save(const struct kernel_settings *settings, FILE *file)
{
	const struct former_setting *former;

	for (uint32_t i = 0; i < settings->former_count; i++) {
		former = &settings->formers[i];
		(void)fprintf(file, "link %s %s %u\n", former->interface,
		    iface_setting_name(former->setting), former->value);
	}
}

bool
setting_load(struct kernel_settings *settings, const char *line)
{
	char interface[IFNAMSIZ], name[ADDR_STRLEN];
	unsigned value;

	if (sscanf(line, "link %15s %45s %u", interface, name, &value) != 3)
		return false;
	for (int i = 0; i < IFACE_SETTING_MAX; i++)
		if (strcmp(iface_setting_name((enum iface_setting)i), name) ==
		    0)
			remember_former(
			    settings, interface, (enum iface_setting)i, value);
	return true;
}
