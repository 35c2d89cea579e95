/* SPDX-License-Identifier: ISC */
/*
 * Settings of interfaces: raised before they are needed, put back when they
 * no longer are. Never lowered below what was found.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/kernel_int.h"

#define OBJECT_SIZE 64 /* an interface and a setting */

static struct former_setting *
find_former(
    struct kernel *kernel, const char *interface, enum iface_setting setting)
{
	for (uint32_t i = 0; i < kernel->former_count; i++)
		if (kernel->formers[i].setting == setting &&
		    strcmp(kernel->formers[i].interface, interface) == 0)
			return &kernel->formers[i];
	return NULL;
}

/* Remembers what an interface had before we raised it. */
void
setting_former(struct kernel *kernel, const char *interface,
    enum iface_setting setting, uint32_t value)
{
	struct former_setting *former;

	if (find_former(kernel, interface, setting) != NULL)
		return;
	kernel->formers = grow(kernel->formers, kernel->former_count,
	    &kernel->former_size, sizeof(*kernel->formers));
	former = &kernel->formers[kernel->former_count++];
	memset(former, 0, sizeof(*former));
	strncpy(former->interface, interface, sizeof(former->interface) - 1);
	former->setting = setting;
	former->value = value;
}

static bool
holds_ipv4(const struct kernel *kernel, const char *interface)
{
	const struct live_address *live;

	for (uint32_t i = 0; i < kernel->wanted.count; i++)
		if (kernel->wanted.list[i].addr.family == AF_INET &&
		    strcmp(kernel->wanted.list[i].interface, interface) == 0)
			return true;
	/* Until the last one has gone. */
	for (uint32_t i = 0; i < kernel->addrs.addresses.count; i++) {
		live = &kernel->addrs.addresses.list[i];
		if (live->ours && live->addr.family == AF_INET &&
		    strcmp(live->interface, interface) == 0)
			return true;
	}
	return false;
}

/*
 * Whether adverts whose source we hold ourselves come in here: the owner of
 * an address sends from it when it comes back, and the kernel takes such
 * packets for martians. Without it two would stay master for ever.
 */
static bool
hears_owner(const struct kernel *kernel, const char *interface)
{
	const struct desired_address *wanted;
	const struct conf_instance *instance;

	for (uint32_t i = 0; i < kernel->wanted.count; i++) {
		wanted = &kernel->wanted.list[i];
		if (!wanted->anothers || wanted->addr.family != AF_INET)
			continue;
		instance = conf_instance(kernel->input->conf, wanted->instance);
		if (instance != NULL && instance->interface != NULL &&
		    strcmp(instance->interface, interface) == 0)
			return true;
	}
	return false;
}

static bool
is_needed(const struct kernel *kernel, const struct live_iface *iface,
    enum iface_setting setting)
{
	if (iface->flags & IFF_LOOPBACK)
		return false;
	if (setting == IFACE_SETTING_PROMOTE)
		return holds_ipv4(kernel, iface->name);
	if (setting == IFACE_SETTING_ACCEPT_LOCAL)
		return hears_owner(kernel, iface->name);
	return kernel->wanted.real_server && !(iface->flags & IFF_NOARP);
}

static void
setting_object(
    char object[OBJECT_SIZE], const char *interface, enum iface_setting setting)
{
	snprintf(object, OBJECT_SIZE, "%s: %s", interface,
	    iface_setting_name(setting));
}

static void
raise_one(
    struct kernel *kernel, struct live_iface *iface, enum iface_setting setting)
{
	uint32_t before = iface->settings[setting];
	char object[OBJECT_SIZE];
	int error;

	error = addr_batch_set(
	    &kernel->addrs, iface, setting, iface_setting_value(setting));
	kernel->stats.commands++;
	if (error != 0) {
		kernel_refused(kernel, "%s: %s: %s", iface->name,
		    iface_setting_name(setting), strerror(error));
		return;
	}
	setting_object(object, iface->name, setting);
	log_change(object, "%s %u -> %u", object, before,
	    iface_setting_value(setting));
	setting_former(kernel, iface->name, setting, before);
	kernel_save_changed(kernel);
}

bool
setting_raise(struct kernel *kernel)
{
	uint64_t start = clock_monotonic();
	struct live_iface *iface;

	for (uint32_t i = 0; i < kernel->addrs.ifaces.count; i++) {
		iface = &kernel->addrs.ifaces.list[i];
		if (!iface->known)
			continue;
		for (int j = 0; j < IFACE_SETTING_MAX; j++)
			if (is_needed(kernel, iface, (enum iface_setting)j) &&
			    iface->settings[j] <
				iface_setting_value((enum iface_setting)j))
				raise_one(kernel, iface, (enum iface_setting)j);
		if (clock_monotonic() - start > KERNEL_SLICE &&
		    i + 1 < kernel->addrs.ifaces.count)
			return false;
	}
	return true;
}

static void
lower_one(struct kernel *kernel, const struct former_setting *former)
{
	struct live_iface *iface = addr_nl_iface(
	    &kernel->addrs, former->interface);
	char object[OBJECT_SIZE];
	int error;

	/* Gone, or somebody else has set it since: not ours to put back. */
	if (iface == NULL ||
	    iface->settings[former->setting] !=
		iface_setting_value(former->setting))
		return;
	error = addr_batch_set(
	    &kernel->addrs, iface, former->setting, former->value);
	kernel->stats.commands++;
	if (error != 0) {
		kernel_refused(kernel, "%s: %s: %s", iface->name,
		    iface_setting_name(former->setting), strerror(error));
		return;
	}
	setting_object(object, iface->name, former->setting);
	log_change(object, "%s -> %u", object, former->value);
}

bool
setting_lower(struct kernel *kernel)
{
	uint64_t start = clock_monotonic();
	struct former_setting former;
	struct live_iface *iface;

	for (uint32_t i = kernel->former_count; i-- > 0;) {
		former = kernel->formers[i];
		iface = addr_nl_iface(&kernel->addrs, former.interface);
		if (iface != NULL && is_needed(kernel, iface, former.setting))
			continue;
		lower_one(kernel, &former);
		kernel->formers[i] = kernel->formers[--kernel->former_count];
		kernel_save_changed(kernel);
		if (clock_monotonic() - start > KERNEL_SLICE && i > 0)
			return false;
	}
	return true;
}
