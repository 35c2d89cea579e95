/* SPDX-License-Identifier: ISC */
/*
 * What ipvsd and vrrpd hear: each probe's verdict, at once when it changes
 * and all of them in a snapshot. Verdicts that change in one turn of the loop
 * share packets. While a peer does not read, checkd queues no more for it: it
 * remembers the probes whose verdicts changed and tells the latest later.
 */
#include <stdlib.h>

#include "clock.h"
#include "link/link.h"
#include "tell.h"

#define QUEUED_MAX 32 /* packets in a link's queue, then checkd waits */
#define AGAIN	   (50 * NS_PER_MS)
#define DIGEST	   (LINK_DIGEST_SEC * NS_PER_SEC)

/* Up to VERDICTS_MAX of the probes from *next on, as one packet. */
static bool
send_some(
    struct peer *peer, struct probe **probes, uint32_t count, uint32_t *next)
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
		if (!send_some(peer, peer->untold, peer->untold_count, &next))
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

	if ((probe->untold & bit) != 0 || !listens(peer))
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
	while (next < checkd->probe_count) {
		if (!send_some(
			peer, checkd->probes, checkd->probe_count, &next))
			return;
	}
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

static uint64_t
digest_verdicts(const struct checkd *checkd)
{
	uint64_t digest = 0;

	for (uint32_t i = 0; i < checkd->probe_count; i++)
		digest ^= health_digest(checkd->probes[i]->conf->id,
		    checkd->probes[i]->verdict.health);
	return digest;
}

/*
 * Tells each peer all verdicts, and a digest of them. A latency that changes
 * alone is told only here.
 */
static void
on_digest(void *arg)
{
	struct checkd *checkd = arg;
	uint64_t digest = digest_verdicts(checkd);

	timer_after(&checkd->digest, DIGEST);
	for (int i = 0; i < PEER_MAX; i++) {
		struct peer *peer = &checkd->peers[i];
		struct writer *writer;

		if (!listens(peer))
			continue;
		for (uint32_t n = 0; n < checkd->probe_count; n++)
			tell_to(peer, checkd->probes[n]);
		if (!tell_peer(peer)) {
			timer_after(&checkd->tell, AGAIN);
			continue; /* the digest would not match yet */
		}
		writer = link_compose(peer->link, MSG_DIGEST);
		put_u32(writer, checkd->probe_count);
		put_u64(writer, digest);
		link_send(peer->link, 0, -1);
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
