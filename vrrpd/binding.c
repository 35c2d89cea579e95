/* SPDX-License-Identifier: ISC */
/* An instance and the interface that it runs on, see binding.h. */
#include "binding.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "generation.h"
#include "group.h"
#include "iface.h"
#include "socket.h"
#include "vrrpd.h"

#define IP4_HEADER 20
#define IP6_HEADER 40

static unsigned
bucket(unsigned ifindex, uint8_t family, uint8_t vrid)
{
	return (ifindex * 31u + vrid * 2u + (family == AF_INET6)) %
	    INSTANCE_BUCKETS;
}

static bool
matches(const struct instance *instance, unsigned ifindex, uint8_t family,
    uint8_t vrid)
{
	return instance->ifindex == ifindex &&
	    instance->conf->family == family && instance->conf->vrid == vrid;
}

struct instance *
binding_find(
    struct vrrpd *vrrpd, unsigned ifindex, uint8_t family, uint8_t vrid)
{
	struct instance *instance;

	LIST_FOREACH(
	    instance, &vrrpd->hash[bucket(ifindex, family, vrid)], hash) {
		if (matches(instance, ifindex, family, vrid))
			return instance;
	}
	return NULL;
}

struct instance *
binding_find_next(struct instance *instance)
{
	struct instance *next;

	for (next = LIST_NEXT(instance, hash); next != NULL;
	     next = LIST_NEXT(next, hash)) {
		if (matches(next, instance->ifindex, instance->conf->family,
			instance->conf->vrid))
			return next;
	}
	return NULL;
}

bool
binding_elsewhere(struct vrrpd *vrrpd, uint8_t family, uint8_t vrid)
{
	return vrrpd->vrids[family == AF_INET6][vrid] > 0;
}

static void
attach(struct instance *instance, unsigned ifindex)
{
	const struct conf_instance *conf = instance->conf;
	struct vrrpd *vrrpd = instance->vrrpd;

	instance->ifindex = ifindex;
	LIST_INSERT_HEAD(
	    &vrrpd->hash[bucket(ifindex, conf->family, conf->vrid)], instance,
	    hash);
	vrrpd->vrids[conf->family == AF_INET6][conf->vrid]++;
}

static void
leave_group(struct instance *instance)
{
	if (instance->joined)
		group_leave(instance->vrrpd->groups, instance->conf->family,
		    instance->ifindex);
	instance->joined = false;
}

/* What comes from afar is read as long as an instance may want it. */
static void
hear_far(struct instance *instance, bool want)
{
	struct vrrpd *vrrpd = instance->vrrpd;

	if (want == instance->hears_far)
		return;
	instance->hears_far = want;
	if (want)
		vrrpd->hear_far++;
	else
		vrrpd->hear_far--;
	socket_hear_far(vrrpd->sockets, vrrpd->hear_far > 0);
}

void
binding_undo(struct instance *instance)
{
	const struct conf_instance *conf = instance->conf;
	struct vrrpd *vrrpd = instance->vrrpd;

	if (instance->ifindex == 0)
		return;
	leave_group(instance);
	hear_far(instance, false);
	instance->had_global = false;
	LIST_REMOVE(instance, hash);
	vrrpd->vrids[conf->family == AF_INET6][conf->vrid]--;
	instance->ifindex = 0;
}

/*
 * The address that adverts come from: the configured one, else the
 * interface's first that is not virtual, and for IPv6 is link-local. NULL:
 * there is none.
 */
static const struct addr *
source_of(const struct instance *instance, const struct iface *iface)
{
	const struct conf_instance *conf = instance->conf;
	const struct iface_addr *addr;

	TAILQ_FOREACH(addr, &iface->addrs, entry) {
		if (addr->addr.family != conf->family || !addr->usable)
			continue;
		if (conf->source.family != 0) {
			if (addr_equal(&addr->addr, &conf->source))
				return &addr->addr;
			continue;
		}
		if (conf->family == AF_INET6 && !conf->unicast &&
		    !addr_is_link_local(&addr->addr))
			continue;
		if (!generation_is_virtual(instance->generation, &addr->addr))
			return &addr->addr;
	}
	return NULL;
}

/* Whether it has an address that nothing but an address of the interface's own
 * gives a route for. */
static bool
needs_global(const struct conf_instance *conf)
{
	for (uint32_t i = 0; i < conf->address_count; i++) {
		if (conf->addresses[i].prefix == 128 &&
		    !addr_is_link_local(&conf->addresses[i].addr))
			return true;
	}
	return false;
}

/*
 * Whether the kernel has forgotten the interface's own IPv6 address, as it does
 * when a link goes down: the link-local one comes back by itself, so adverts
 * would be sent by a master that has no way to its clients.
 */
static bool
has_lost_global(struct instance *instance, const struct iface *iface)
{
	const struct conf_instance *conf = instance->conf;
	const struct iface_addr *addr;

	if (conf->family != AF_INET6 || !needs_global(conf))
		return false;
	TAILQ_FOREACH(addr, &iface->addrs, entry) {
		if (addr->addr.family != AF_INET6 || !addr->usable ||
		    addr_is_link_local(&addr->addr) ||
		    generation_is_virtual(instance->generation, &addr->addr))
			continue;
		instance->had_global = true;
		return false;
	}
	return instance->had_global;
}

/* Whether the advert, which lists all addresses, fits into one packet. */
static bool
fits_mtu(const struct instance *instance, const struct iface *iface)
{
	const struct conf_instance *conf = instance->conf;
	struct addr *list = instance->vrrpd->list;
	size_t count = vrrp_list(conf, list, VRRP_ADDRESSES_MAX);
	size_t header = conf->family == AF_INET ? IP4_HEADER : IP6_HEADER;

	return header + vrrp_encoded_len(conf->version, conf->family, count) <=
	    iface->mtu;
}

static void __attribute__((format(printf, 3, 4)))
explain(char *text, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, size, fmt, args);
	va_end(args);
}

/* Writes why nothing comes or goes there, or "". */
static void
find_dead(const struct iface *iface, const char *name, char *why, size_t size)
{
	why[0] = '\0';
	if (iface == NULL)
		explain(why, size, "interface %s does not exist", name);
	else if (!iface->up)
		explain(why, size, "interface %s is down", name);
	else if (!iface->running)
		explain(why, size, "interface %s has no carrier", name);
}

/* Writes why the instance cannot run here, or "" and *source. */
static void
find_obstacle(struct instance *instance, const struct iface *iface,
    struct addr *source, char *why, size_t size)
{
	const struct conf_instance *conf = instance->conf;
	const char *name = conf->interface;
	const struct addr *found;

	find_dead(iface, name, why, size);
	if (why[0] != '\0')
		return;
	if (!instance->joined && !conf->unicast)
		explain(
		    why, size, "interface %s cannot join the VRRP group", name);
	else if (!fits_mtu(instance, iface))
		explain(why, size,
		    "interface %s: MTU %u is too small for the "
		    "list of addresses",
		    name, iface->mtu);
	else if (has_lost_global(instance, iface))
		explain(
		    why, size, "interface %s has lost its IPv6 address", name);
	else if ((found = source_of(instance, iface)) != NULL)
		*source = *found;
	else if (conf->source.family != 0)
		explain(
		    why, size, "interface %s does not have the source", name);
	else
		explain(why, size, "interface %s has no %s address", name,
		    conf->family == AF_INET ? "IPv4" : "link-local");
}

static void
join(struct instance *instance)
{
	hear_far(instance, instance->conf->unicast);
	if (instance->conf->unicast)
		leave_group(instance);
	if (instance->joined || instance->conf->unicast)
		return;
	instance->joined = group_join(
	    instance->vrrpd->groups, instance->conf->family, instance->ifindex);
	if (!instance->joined)
		log_debug("vrrp %s: join on %s: %s", instance->conf->name,
		    instance->conf->interface, strerror(errno));
}

/* Why an interface of an address, other than the instance's own, does not
 * carry, or "". */
static void
find_fault(const struct instance *instance, char *why, size_t size)
{
	const struct conf_instance *conf = instance->conf;
	const char *name, *last = conf->interface;
	const struct iface *iface;

	why[0] = '\0';
	for (uint32_t i = 0; i < conf->address_count && why[0] == '\0'; i++) {
		name = conf->addresses[i].interface;
		if (strcmp(name, last) == 0 ||
		    strcmp(name, conf->interface) == 0)
			continue;
		last = name;
		iface = iface_by_name(instance->vrrpd->ifaces, name);
		find_dead(iface, name, why, size);
	}
}

static bool
all_addresses_present(const struct instance *instance)
{
	const struct conf_instance *conf = instance->conf;
	struct ifaces *ifaces = instance->vrrpd->ifaces;
	const struct conf_address *address;
	const struct iface *iface;

	for (uint32_t i = 0; i < conf->address_count; i++) {
		address = &conf->addresses[i];
		iface = iface_by_name(ifaces, address->interface);
		if (iface == NULL ||
		    iface_address(ifaces, iface->index, &address->addr) == NULL)
			return false;
	}
	return true;
}

/* Tells the fsm what is wrong with its addresses' interfaces, if that is new
 * to it. */
static void
tell_fault(struct instance *instance)
{
	struct fsm_event event = {.type = FSM_LINKS, .text = instance->fault};
	char why[sizeof(instance->fault)];

	find_fault(instance, why, sizeof(why));
	if (strcmp(why, instance->fault) == 0)
		return;
	memcpy(instance->fault, why, sizeof(why));
	act_event(instance, &event);
}

/* Tells the fsm that an interface of an address has moved, if it has since. */
static void
tell_moved(struct instance *instance)
{
	const struct conf_instance *conf = instance->conf;
	uint64_t before = instance->moved;
	const struct iface *iface;

	for (uint32_t i = 0; i < conf->address_count; i++) {
		iface = iface_by_name(
		    instance->vrrpd->ifaces, conf->addresses[i].interface);
		if (iface != NULL && iface->moved > instance->moved)
			instance->moved = iface->moved;
	}
	if (instance->moved != before)
		act_tell(instance, FSM_MOVED);
}

/* Tells the fsm that the interface is up, if source is new to it. */
static void
tell_up(struct instance *instance, const struct addr *source)
{
	struct fsm_event event = {.type = FSM_UP, .source = *source};

	if (instance->up && addr_equal(source, &instance->source))
		return;
	instance->up = true;
	instance->down_reason[0] = '\0';
	instance->source = *source;
	act_event(instance, &event);
}

/* Tells the fsm why the interface is not up, if that is new to it. */
static void
tell_down(struct instance *instance, const struct iface *iface, const char *why)
{
	struct fsm_event event = {
	    .type = FSM_DOWN,
	    .text = instance->down_reason,
	    .linked = iface != NULL && iface->up && iface->running,
	};

	if (!instance->up && strcmp(instance->down_reason, why) == 0)
		return;
	instance->up = false;
	snprintf(
	    instance->down_reason, sizeof(instance->down_reason), "%s", why);
	act_event(instance, &event);
}

void
binding_evaluate(struct instance *instance)
{
	struct fsm_event event = {.type = FSM_ADDRESSES};
	const struct iface *iface;
	struct addr source;
	char why[sizeof(instance->down_reason)];

	if (!iface_known(instance->vrrpd->ifaces))
		return;
	iface = iface_by_name(
	    instance->vrrpd->ifaces, instance->conf->interface);
	if (instance->ifindex != (iface != NULL ? iface->index : 0)) {
		binding_undo(instance);
		if (iface != NULL)
			attach(instance, iface->index);
	}
	if (iface != NULL && iface->up)
		join(instance);
	find_obstacle(instance, iface, &source, why, sizeof(why));
	if (why[0] != '\0')
		tell_down(instance, iface, why);
	tell_fault(instance);
	event.present = all_addresses_present(instance);
	if (event.present != instance->addresses_present) {
		instance->addresses_present = event.present;
		act_event(instance, &event);
	}
	if (why[0] == '\0')
		tell_up(instance, &source);
	tell_moved(instance);
}
