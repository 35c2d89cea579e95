/* SPDX-License-Identifier: ISC */
/* Who is master beside this router, see rival.h. */
#include "rival.h"

#include <stdio.h>

#include "clock.h"
#include "generation.h"
#include "iface.h"
#include "strangers.h"
#include "vrrpd.h"

#define LOG_BURST     3
#define LOG_INTERVAL  (60 * NS_PER_SEC)
/* A flood of adverts that list many addresses costs no more than this. */
#define LOOKED_AT_MAX 16

/* How long he may be silent; some packets are dropped before their interval is
 * known. */
static uint64_t
patience(const struct instance *instance, const struct vrrp_advert *advert)
{
	uint64_t interval = advert->interval != 0 ?
	    advert->interval :
	    (uint64_t)instance->conf->interval * NS_PER_MS;

	return 3 * interval + NS_PER_SEC;
}

void
rival_left(struct instance *instance, const struct addr *source)
{
	if (addr_equal(&instance->rival.source, source))
		instance->rival.until = 0;
}

void
rival_heard(struct instance *instance, const struct vrrp_advert *advert,
    const char *text)
{
	struct rival *rival = &instance->rival;
	uint64_t now = clock_monotonic();

	if (advert->priority == VRRP_PRIORITY_LEAVE) {
		rival_left(instance, &advert->source);
		return;
	}
	snprintf(rival->text, sizeof(rival->text), "%s", text);
	rival->source = advert->source;
	rival->at = now;
	rival->until = now + patience(instance, advert);
}

/* The first of the listed addresses that an instance here has. */
static struct instance *
owner_of(
    struct vrrpd *vrrpd, const struct vrrp_advert *advert, struct addr *listed)
{
	struct instance *instance;

	for (size_t i = 0; i < advert->count && i < LOOKED_AT_MAX; i++) {
		vrrp_advert_address(advert, i, listed);
		instance = generation_speaker(
		    vrrpd->current, listed, advert->ifindex);
		if (instance != NULL)
			return instance;
	}
	return NULL;
}

/* "under VRID 8", "in version 2" or "on eth1": by what the advert missed the
 * instance. False: by nothing. */
static bool
difference(const struct instance *instance, const struct vrrp_advert *advert,
    char *buf, size_t size)
{
	const struct iface *iface = iface_by_index(
	    instance->vrrpd->ifaces, advert->ifindex);

	if (advert->vrid != instance->conf->vrid)
		snprintf(buf, size, "under VRID %u", advert->vrid);
	else if (advert->version != instance->conf->version)
		snprintf(buf, size, "in version %u", advert->version);
	else if (advert->ifindex != instance->ifindex)
		snprintf(buf, size, "on %s", iface != NULL ? iface->name : "-");
	else
		return false;
	return true;
}

static void
log_rival(struct instance *instance, const char *text)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	if (log_limit(&instance->rival.limit, clock_monotonic(), LOG_BURST,
		LOG_INTERVAL, &suppressed))
		log_warnx("vrrp %s: %s%s", instance->conf->name, text,
		    log_more(suppressed, more));
}

void
rival_elsewhere(struct vrrpd *vrrpd, const struct vrrp_advert *advert)
{
	char text[ODD_LEN], who[ADDR_STRLEN], what[ADDR_STRLEN], how[32];
	struct instance *instance;
	const char *node;
	struct addr listed;

	if (vrrpd->current == NULL ||
	    iface_address(vrrpd->ifaces, advert->ifindex, &advert->source) !=
		NULL ||
	    (instance = owner_of(vrrpd, advert, &listed)) == NULL ||
	    !difference(instance, advert, how, sizeof(how)))
		return;
	addr_format(&advert->source, who);
	if (strangers_node(instance, &advert->source, &node))
		snprintf(text, sizeof(text), "%s speaks for this %s: reload it",
		    node != NULL ? node : who, how);
	else
		snprintf(text, sizeof(text),
		    "%s, no node of ours, speaks for %s %s", who,
		    addr_format(&listed, what), how);
	rival_heard(instance, advert, text);
	if (advert->priority != VRRP_PRIORITY_LEAVE)
		log_rival(instance, text);
}

const char *
rival_text(const struct instance *instance, uint64_t now)
{
	return now < instance->rival.until ? instance->rival.text : "";
}
