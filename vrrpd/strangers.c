/* SPDX-License-Identifier: ISC */
/* Who is a node of an instance, see strangers.h. */
#include "strangers.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "generation.h"
#include "iface.h"
#include "seed.h"
#include "vrrpd.h"

/* Strangers can fill the table: in a set the one heard last stays longest. */
#define SETS 128
#define WAYS 8

struct heard {
	unsigned ifindex; /* 0: unused */
	struct addr source;
	uint64_t at;
};

struct strangers {
	struct heard sets[SETS][WAYS];
};

struct strangers *
strangers_new(void)
{
	struct strangers *strangers = calloc(1, sizeof(*strangers));

	if (strangers == NULL)
		fatal("strangers: calloc");
	return strangers;
}

/* The place of that source on the interface; if it has none, the one that was
 * not used for the longest time. */
static struct heard *
place_of(
    struct strangers *strangers, unsigned ifindex, const struct addr *source)
{
	uint64_t hash = fnv1a64(
	    seed() + ifindex, source->bytes, addr_len(source->family));
	struct heard *set = strangers->sets[digest_mix(hash) % SETS];
	struct heard *oldest = set;

	for (struct heard *heard = set; heard < set + WAYS; heard++) {
		if (heard->ifindex == ifindex &&
		    addr_equal(&heard->source, source))
			return heard;
		if (heard->at < oldest->at)
			oldest = heard;
	}
	return oldest;
}

static bool
was_heard(const struct vrrpd *vrrpd, const struct vrrp_advert *advert)
{
	const struct heard *heard = place_of(
	    vrrpd->strangers, advert->ifindex, &advert->source);

	return heard->ifindex == advert->ifindex &&
	    addr_equal(&heard->source, &advert->source);
}

static void
remember(struct vrrpd *vrrpd, const struct vrrp_advert *advert, uint64_t now)
{
	struct heard *heard = place_of(
	    vrrpd->strangers, advert->ifindex, &advert->source);

	heard->ifindex = advert->ifindex;
	heard->source = advert->source;
	heard->at = now;
}

/* Whether each other node has an address that it can send from here. */
static bool
all_known(const struct instance *instance)
{
	const struct iface *iface = iface_by_index(
	    instance->vrrpd->ifaces, instance->ifindex);
	const struct conf_instance *conf = instance->conf;

	for (uint32_t i = 0; i < conf->peer_count; i++) {
		const struct conf_addrs *sources = &conf->peers[i].sources;
		uint32_t at = 0;

		while (at < sources->count && iface != NULL &&
		    !iface_is_on_link(iface, &sources->list[at]))
			at++;
		if (at == sources->count || iface == NULL)
			return false;
	}
	return true;
}

/* The node whose adverts may come from the source, or NULL. */
static const struct conf_peer *
peer_at(const struct conf_instance *conf, const struct addr *source)
{
	for (uint32_t i = 0; i < conf->peer_count; i++) {
		const struct conf_addrs *sources = &conf->peers[i].sources;

		for (uint32_t at = 0; at < sources->count; at++) {
			if (addr_equal(&sources->list[at], source))
				return &conf->peers[i];
		}
	}
	return NULL;
}

bool
strangers_node(const struct instance *instance, const struct addr *source,
    const char **name)
{
	const struct conf_peer *peer = peer_at(instance->conf, source);

	*name = peer != NULL ? peer->name : NULL;
	return peer != NULL || !all_known(instance);
}

/* Whether it lists an address of any instance of ours, as a node does whose
 * instances have swapped their VRIDs. */
static bool
lists_any_of_ours(
    const struct generation *generation, const struct vrrp_advert *advert)
{
	struct addr addr;

	for (size_t i = 0; i < advert->count; i++) {
		vrrp_advert_address(advert, i, &addr);
		if (generation_is_virtual(generation, &addr))
			return true;
	}
	return false;
}

enum vrrp_drop
strangers_judge(
    struct instance *instance, const struct vrrp_advert *advert, uint64_t now)
{
	struct vrrpd *vrrpd = instance->vrrpd;

	if (peer_at(instance->conf, &advert->source) != NULL)
		return VRRP_OK;
	if (instance->conf->strangers == STRANGERS_REFUSE)
		return VRRP_DROP_REFUSED;
	if (vrrp_shares_address(advert, instance->conf) ||
	    (!all_known(instance) &&
		lists_any_of_ours(instance->generation, advert))) {
		remember(vrrpd, advert, now);
		return VRRP_OK;
	}
	return !all_known(instance) && was_heard(vrrpd, advert) ?
	    VRRP_OK :
	    VRRP_DROP_STRANGER;
}
