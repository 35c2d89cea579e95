/* SPDX-License-Identifier: ISC */
/*
 * What ipvsd and vrrpd hear: each of their probes' verdicts, at once when it
 * changes and all of them in a snapshot. Verdicts that change in one turn of
 * the loop share packets. While a peer does not read, checkd queues no more for
 * it: it remembers the probes whose verdicts changed and tells the latest
 * later.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "link/link.h"
#include "tell.h"

#define QUEUED_MAX 32 /* packets in a link's queue, then checkd waits */
#define SENT_MAX   16 /* packets a turn of the loop */
#define AGAIN	   (50 * NS_PER_MS)
#define DIGEST	   (LINK_DIGEST_SEC * NS_PER_SEC)

/* vrrpd hears of the probes alone that an instance follows. */
static bool
wants(const struct peer *peer, const struct probe *probe)
{
	return peer->id != PEER_VRRPD || probe->conf->tracked;
}

/* Whether it wants none: to look at each would take long. */
static bool
wants_none(const struct peer *peer)
{
	return peer->id == PEER_VRRPD && peer->checkd->tracked == 0;
}

/* Up to VERDICTS_MAX of these from *next on, as one packet. */
static bool
send_some(struct peer *peer, struct probe *const *probes, uint32_t count,
    uint32_t *next)
{
	struct writer *writer = link_compose(peer->link, MSG_VERDICTS);
	uint32_t n = count - *next;

	if (n > VERDICTS_MAX)
		n = VERDICTS_MAX;
	put_u16(writer, (uint16_t)n);
	for (uint32_t i = *next; i < *next + n; i++)
		verdict_put(writer, link_level(peer->link), probes[i]->conf->id,
		    &probes[i]->verdict);
	if (!link_send(peer->link, 0, -1))
		return false;
	*next += n;
	peer->checkd->counters.verdicts += n;
	return true;
}

static void
forget_untold(struct peer *peer)
{
	for (uint32_t i = 0; i < peer->untold_count; i++)
		peer->untold[i]->untold &= (uint8_t) ~(1u << peer->id);
	peer->untold_count = 0;
}

static bool
listens(const struct peer *peer)
{
	return link_state(peer->link) == LINK_UP &&
	    link_generation_out(peer->link) != 0;
}

static void
tell_digest(struct peer *peer)
{
	struct writer *writer;
	const struct probe *probe;
	uint64_t digest = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < peer->checkd->probe_count; i++) {
		if (wants_none(peer))
			break;
		probe = peer->checkd->probes[i];
		if (!wants(peer, probe))
			continue;
		count++;
		digest ^= health_digest(probe->conf->id, probe->verdict.health);
	}
	writer = link_compose(peer->link, MSG_DIGEST);
	put_u32(writer, count);
	put_u64(writer, digest);
	link_send(peer->link, 0, -1);
	peer->digest_due = false;
}

/* As many packets as may be sent in a turn. When to send more, in ns from now;
 * TIMER_NEVER: all is told, or will be in a snapshot. */
static uint64_t
tell_some(struct peer *peer)
{
	uint32_t told = 0;
	uint64_t wait = TIMER_NEVER;

	for (int i = 0; told < peer->untold_count && wait != 0; i++) {
		if (link_stats(peer->link)->queued > QUEUED_MAX) {
			wait = AGAIN;
			break;
		}
		if (!send_some(peer, peer->untold, peer->untold_count, &told)) {
			forget_untold(peer); /* on_down() or on_refill() */
			return TIMER_NEVER;
		}
		if (i == SENT_MAX)
			wait = 0;
	}
	for (uint32_t i = 0; i < told; i++)
		peer->untold[i]->untold &= (uint8_t) ~(1u << peer->id);
	peer->untold_count -= told;
	memmove(peer->untold, peer->untold + told,
	    peer->untold_count * sizeof(struct probe *));
	return peer->untold_count == 0 ? TIMER_NEVER : wait;
}

/* The digest comes last: it matches when all is told. */
static uint64_t
tell_peer(struct peer *peer)
{
	uint64_t wait;

	if (!listens(peer)) {
		forget_untold(peer); /* it will hear a snapshot */
		return TIMER_NEVER;
	}
	if ((wait = tell_some(peer)) == TIMER_NEVER && peer->digest_due)
		tell_digest(peer);
	return wait;
}

static void
on_tell(void *arg)
{
	struct checkd *checkd = arg;
	uint64_t wait = TIMER_NEVER, next;

	for (int i = 0; i < PEER_MAX; i++) {
		if ((next = tell_peer(&checkd->peers[i])) < wait)
			wait = next;
	}
	if (wait == 0)
		timer_soon(&checkd->tell);
	else if (wait != TIMER_NEVER)
		timer_after(&checkd->tell, wait);
}

static void
tell_to(struct peer *peer, struct probe *probe)
{
	uint8_t bit = (uint8_t)(1u << peer->id);

	if ((probe->untold & bit) != 0 || !listens(peer) || !wants(peer, probe))
		return;
	probe->untold |= bit;
	peer->untold[peer->untold_count++] = probe;
}

void
tell_probe(struct checkd *checkd, struct probe *probe)
{
	for (int i = 0; i < PEER_MAX; i++)
		tell_to(&checkd->peers[i], probe);
	if (!timer_pending(&checkd->tell))
		timer_soon(&checkd->tell);
}

static void
tell_each(struct peer *peer)
{
	if (wants_none(peer))
		return;
	for (uint32_t i = 0; i < peer->checkd->probe_count; i++)
		tell_to(peer, peer->checkd->probes[i]);
}

/* When the queue overflows here, on_refill() comes once it is empty. ipvsd
 * hears of all: to list them first would take as long again. */
void
tell_all(struct peer *peer)
{
	struct checkd *checkd = peer->checkd;
	struct probe *const *probes = checkd->probes;
	uint32_t count = checkd->probe_count, next = 0;

	if (checkd->conf == NULL || link_state(peer->link) != LINK_UP)
		return;
	if (link_generation_out(peer->link) != checkd->conf->generation)
		link_set_generation(peer->link, checkd->conf->generation);
	forget_untold(peer);
	if (!link_send_snapshot(peer->link, true))
		return;
	if (peer->id == PEER_VRRPD) {
		tell_each(peer);
		probes = peer->untold;
		count = peer->untold_count;
	}
	while (next < count) {
		if (!send_some(peer, probes, count, &next))
			return;
	}
	forget_untold(peer);
	link_send_snapshot(peer->link, false);
}

void
tell_commit(struct checkd *checkd)
{
	for (int i = 0; i < PEER_MAX; i++) {
		struct peer *peer = &checkd->peers[i];

		free(peer->untold);
		peer->untold = calloc(
		    checkd->probe_count + 1, sizeof(struct probe *));
		if (peer->untold == NULL)
			fatal("%u probes", checkd->probe_count);
		peer->untold_count = 0;
	}
}

/*
 * Tells each peer all verdicts, and a digest of them. A latency that changes
 * alone is told only here.
 */
static void
on_digest(void *arg)
{
	struct checkd *checkd = arg;

	timer_after(&checkd->digest, DIGEST);
	for (int i = 0; i < PEER_MAX; i++) {
		struct peer *peer = &checkd->peers[i];

		if (!listens(peer))
			continue;
		tell_each(peer);
		peer->digest_due = true;
	}
	timer_soon(&checkd->tell);
}

void
tell_init(struct checkd *checkd)
{
	timer_init(&checkd->tell, checkd->base, on_tell, checkd);
	timer_init(&checkd->digest, checkd->base, on_digest, checkd);
	timer_after(&checkd->digest, DIGEST);
}

void
tell_free(struct checkd *checkd)
{
	for (int i = 0; i < PEER_MAX; i++)
		free(checkd->peers[i].untold);
	timer_stop(&checkd->tell);
	timer_stop(&checkd->digest);
}
