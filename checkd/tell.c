/* SPDX-License-Identifier: ISC */
/*
 * What ipvsd and vrrpd hear: each of their probes' verdicts, at once when it
 * changes and all of them in a snapshot. Verdicts that change in one turn of
 * the loop share packets. While a peer does not read, checkd queues no more for
 * it: it remembers the probes whose verdicts changed and tells the latest
 * later.
 */
#include <stdlib.h>

#include "clock.h"
#include "link/link.h"
#include "tell.h"

#define QUEUED_MAX 32 /* packets in a link's queue, then checkd waits */
#define AGAIN	   (50 * NS_PER_MS)
#define DIGEST	   (LINK_DIGEST_SEC * NS_PER_SEC)

/* vrrpd hears of the probes alone that an instance follows. */
static bool
wants(const struct peer *peer, const struct probe *probe)
{
	return peer->id != PEER_VRRPD || probe->conf->tracked;
}

/* Up to VERDICTS_MAX of what is untold from *next on, as one packet. */
static bool
send_some(struct peer *peer, uint32_t *next)
{
	struct writer *writer = link_compose(peer->link, MSG_VERDICTS);
	struct probe **probes = peer->untold;
	uint32_t n = peer->untold_count - *next;

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

/* False: the peer has no room for what is left. */
static bool
tell_peer(struct peer *peer)
{
	uint32_t next = 0;

	if (!listens(peer)) {
		forget_untold(peer); /* it will hear a snapshot */
		return true;
	}
	if (link_stats(peer->link)->queued > QUEUED_MAX)
		return peer->untold_count == 0;
	while (next < peer->untold_count) {
		if (!send_some(peer, &next))
			break; /* the link calls on_down() or on_refill() */
	}
	forget_untold(peer);
	return true;
}

static void
on_tell(void *arg)
{
	struct checkd *checkd = arg;
	bool more = false;

	for (int i = 0; i < PEER_MAX; i++) {
		if (!tell_peer(&checkd->peers[i]))
			more = true;
	}
	if (more)
		timer_after(&checkd->tell, AGAIN);
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
	for (uint32_t i = 0; i < peer->checkd->probe_count; i++)
		tell_to(peer, peer->checkd->probes[i]);
}

/* When the queue overflows here, on_refill() comes once it is empty. */
void
tell_all(struct peer *peer)
{
	struct checkd *checkd = peer->checkd;
	uint32_t next = 0;

	if (checkd->conf == NULL || link_state(peer->link) != LINK_UP)
		return;
	if (link_generation_out(peer->link) != checkd->conf->generation)
		link_set_generation(peer->link, checkd->conf->generation);
	forget_untold(peer);
	if (!link_send_snapshot(peer->link, true))
		return;
	tell_each(peer);
	while (next < peer->untold_count) {
		if (!send_some(peer, &next))
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
	for (uint32_t i = 0; i < checkd->probe_count; i++)
		checkd->probes[i]->untold = 0;
}

static void
tell_digest(struct peer *peer)
{
	struct writer *writer;
	const struct probe *probe;
	uint64_t digest = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < peer->checkd->probe_count; i++) {
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
		if (!tell_peer(peer)) {
			timer_after(&checkd->tell, AGAIN);
			continue; /* the digest would not match yet */
		}
		tell_digest(peer);
	}
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
