/* SPDX-License-Identifier: ISC */
/* From a received packet to its instance, see receive.h. */
#include "receive.h"

#include <stdio.h>
#include <string.h>

#include "act.h"
#include "binding.h"
#include "clock.h"
#include "generation.h"
#include "iface.h"
#include "packet/neighbour.h"
#include "packet/packet.h"
#include "rival.h"
#include "socket.h"
#include "strangers.h"
#include "vrrpd.h"

#define LOG_BURST    3
#define LOG_INTERVAL (60 * NS_PER_SEC)

/* No instance is meant: counts the packet and logs it now and then. */
static void
drop_unclaimed(
    struct vrrpd *vrrpd, const struct received *received, enum vrrp_drop why)
{
	char source[ADDR_STRLEN];
	char more[LOG_MORE_SIZE];
	const struct iface *iface;
	uint32_t suppressed;

	vrrpd->drops[why]++;
	if (!log_limit(&vrrpd->drop_limit, clock_monotonic(), LOG_BURST,
		LOG_INTERVAL, &suppressed))
		return;
	iface = iface_by_index(vrrpd->ifaces, received->ip.ifindex);
	log_warnx("vrrp: advert from %s on %s dropped: %s%s",
	    addr_format(&received->ip.source, source),
	    iface != NULL ? iface->name : "-", vrrp_drop_text(why),
	    log_more(suppressed, more));
}

static void
log_oddity(struct instance *instance, struct log_limit *limit, const char *text)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	if (log_limit(
		limit, clock_monotonic(), LOG_BURST, LOG_INTERVAL, &suppressed))
		log_warnx("vrrp %s: %s%s", instance->conf->name, text,
		    log_more(suppressed, more));
}

/* Keeps the text for status: the log's limit may have swallowed it. */
static void
remember_oddity(struct instance *instance, const char *text)
{
	snprintf(instance->odd.text, sizeof(instance->odd.text), "%s", text);
	instance->odd.at = clock_monotonic();
}

/* Its own limit: other packets that are dropped must not hide it. */
static void
drop_stranger(struct instance *instance, const struct vrrp_advert *advert)
{
	char source[ADDR_STRLEN], listed[ADDR_STRLEN], text[ODD_LEN];
	struct addr first;

	instance->drops[VRRP_DROP_STRANGER]++;
	vrrp_advert_address(advert, 0, &first);
	snprintf(text, sizeof(text),
	    "another router uses VRID %u: %s, no node of ours, lists %s and "
	    "none of our addresses",
	    advert->vrid, addr_format(&advert->source, source),
	    addr_format(&first, listed));
	log_oddity(instance, &instance->stranger_limit, text);
	remember_oddity(instance, text);
	rival_heard(instance, advert, text);
}

/* Counts an accepted advert's oddities and logs them now and then. */
static void
note(
    struct instance *instance, const struct vrrp_advert *advert, unsigned notes)
{
	char source[ADDR_STRLEN], text[ODD_LEN];

	for (unsigned i = 0; i < VRRP_NOTES_MAX; i++) {
		if ((notes & 1u << i) == 0)
			continue;
		instance->notes[i]++;
		snprintf(text, sizeof(text), "%s %s",
		    addr_format(&advert->source, source), vrrp_note_text(i));
		log_oddity(instance, &instance->note_limits[i], text);
		/* FRR does this in every advert, and it is harmless. */
		if (1u << i != VRRP_NOTE_FIRST)
			remember_oddity(instance, text);
	}
}

/* Whether this router is master since a few intervals. */
static bool
is_settled(const struct instance *instance)
{
	const struct fsm *fsm = &instance->fsm;

	return fsm->state == FSM_STATE_MASTER &&
	    clock_monotonic() - fsm->since >
	    4 * (uint64_t)instance->conf->interval * NS_PER_MS;
}

/*
 * Whether the sender of a packet that is dropped may be a master beside this
 * router: what was dropped for its TTL, its form or its checksum may come from
 * anywhere, and what has our own address is told as that.
 */
static bool
is_master_too(const struct instance *instance, enum vrrp_drop why)
{
	switch (why) {
	case VRRP_DROP_REFUSED:
		return true;
	case VRRP_DROP_DESTINATION:
	case VRRP_DROP_VERSION:
	case VRRP_DROP_AUTH_TYPE:
	case VRRP_DROP_CHECKSUM_DIALECT:
	case VRRP_DROP_FIRST_ADDRESS:
	case VRRP_DROP_INTERVAL_MISMATCH:
	case VRRP_DROP_OWNER:
		return is_settled(instance);
	default:
		return false;
	}
}

static void
drop(struct instance *instance, const struct vrrp_advert *advert,
    enum vrrp_drop why)
{
	char source[ADDR_STRLEN], text[ODD_LEN];

	instance->drops[why]++;
	snprintf(text, sizeof(text), "advert from %s dropped: %s",
	    addr_format(&advert->source, source), vrrp_drop_text(why));
	log_oddity(instance, &instance->drop_limit, text);
	remember_oddity(instance, text);
	if (!is_master_too(instance, why))
		return;
	snprintf(text, sizeof(text),
	    "%s is master of VRID %u as well, and is not heeded: %s", source,
	    advert->vrid, vrrp_drop_text(why));
	rival_heard(instance, advert, text);
}

/*
 * Whether the sender goes on as master beside this router. A master that hands
 * over, or that was cut off, yields within an interval or two.
 */
static bool
two_masters(const struct instance *instance, const struct vrrp_advert *advert)
{
	return advert->priority != VRRP_PRIORITY_LEAVE && is_settled(instance);
}

static void
tell_two_masters(struct instance *instance, const struct vrrp_advert *advert)
{
	char source[ADDR_STRLEN], text[ODD_LEN];

	snprintf(text, sizeof(text), "%s %s",
	    addr_format(&advert->source, source),
	    vrrp_note_text(VRRP_NOTE_PLACE_MASTER));
	rival_heard(instance, advert, text);
}

/* A packet that vrrp_decode() let pass, for this instance. */
static void
deliver(struct instance *instance, const struct vrrp_advert *advert)
{
	struct fsm_event event = {.type = FSM_ADVERT, .advert = advert};
	static const struct addr none;
	enum vrrp_drop why;
	unsigned notes;

	why = vrrp_accept(advert, instance->conf,
	    instance->up ? &instance->source : &none,
	    strangers_judge(instance, advert, clock_monotonic()), &notes);
	if (why == VRRP_DROP_STRANGER) {
		drop_stranger(instance, advert);
		return;
	}
	if (why != VRRP_OK) {
		drop(instance, advert, why);
		return;
	}
	instance->adverts_rx++;
	if (advert->priority == VRRP_PRIORITY_LEAVE) {
		instance->priority_zero_rx++;
		rival_left(instance, &advert->source);
	}
	act_event(instance, &event);
	if (two_masters(instance, advert)) {
		notes |= VRRP_NOTE_MASTER;
		tell_two_masters(instance, advert);
	}
	note(instance, advert, notes);
}

/* Whether the advert speaks for the instance whose VRID it has: by its version
 * and by an address. */
static bool
is_for(const struct instance *instance, const struct vrrp_advert *advert)
{
	return advert->version == instance->conf->version &&
	    vrrp_shares_address(advert, instance->conf);
}

/*
 * The instances that an advert may be for. One to this host alone is for who
 * has the address that it was sent to, and may come by another interface if
 * routers may lie between.
 */
static struct instance *
addressee(struct vrrpd *vrrpd, const struct received *received,
    const struct vrrp_advert *advert)
{
	const struct vrrp_ip *ip = &received->ip;
	const struct iface *iface;
	struct instance *instance = binding_find(
	    vrrpd, ip->ifindex, ip->family, advert->vrid);

	if (!advert->unicast ||
	    iface_address(vrrpd->ifaces, ip->ifindex, &ip->destination) != NULL)
		return instance;
	iface = iface_with(vrrpd->ifaces, &ip->destination);
	if (iface != NULL)
		instance = binding_find(
		    vrrpd, iface->index, ip->family, advert->vrid);
	return instance != NULL && instance->conf->hops > 0 ? instance : NULL;
}

void
receive_packet(const struct received *received, void *arg)
{
	struct vrrpd *vrrpd = arg;
	struct instance *instance, *next;
	struct vrrp_advert advert;
	enum vrrp_drop why;
	bool elsewhere;

	why = vrrp_decode(
	    &advert, received->data, received->len, &received->ip);
	if (why == VRRP_OK && received->truncated)
		why = VRRP_DROP_LENGTH;
	instance = addressee(vrrpd, received, &advert);
	if (instance == NULL) {
		if (why == VRRP_OK)
			why = binding_elsewhere(
				  vrrpd, received->ip.family, advert.vrid) ?
			    VRRP_DROP_WRONG_INTERFACE :
			    VRRP_DROP_VRID;
		if (why == VRRP_DROP_VRID || why == VRRP_DROP_WRONG_INTERFACE)
			rival_elsewhere(vrrpd, &advert);
		drop_unclaimed(vrrpd, received, why);
		return;
	}
	elsewhere = why == VRRP_OK && !is_for(instance, &advert);
	for (; instance != NULL; instance = next) {
		next = binding_find_next(instance);
		if (why != VRRP_OK)
			drop(instance, &advert, why);
		else
			deliver(instance, &advert);
	}
	if (elsewhere)
		rival_elsewhere(vrrpd, &advert);
}

/* Somebody else says that he has an address which is held here. */
static void
note_conflict(struct instance *instance, const struct neighbour *neighbour)
{
	char addr[ADDR_STRLEN], mac[NEIGHBOUR_MAC_STRLEN], text[ODD_LEN];

	instance->conflicts++;
	snprintf(text, sizeof(text), "%s has our address %s as well",
	    neighbour_mac_format(neighbour->mac, mac),
	    addr_format(&neighbour->addr, addr));
	log_oddity(instance, &instance->conflict_limit, text);
	remember_oddity(instance, text);
}

void
receive_neighbour(const struct received *received, void *arg)
{
	struct vrrpd *vrrpd = arg;
	const struct iface *iface = iface_by_index(
	    vrrpd->ifaces, received->ip.ifindex);
	struct instance *instance;
	struct neighbour neighbour;

	if (iface == NULL || vrrpd->current == NULL ||
	    !neighbour_decode(
		&neighbour, received->data, received->len, &received->ip))
		return;
	/* Our own, which a switch or another interface has sent back. */
	if (memcmp(neighbour.mac, iface->mac, sizeof(iface->mac)) == 0)
		return;
	instance = generation_holder(
	    vrrpd->current, &neighbour.addr, iface->name);
	/* Whom this router has just relieved may have spoken before that. */
	if (instance != NULL && is_settled(instance))
		note_conflict(instance, &neighbour);
}
