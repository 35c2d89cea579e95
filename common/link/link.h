/* SPDX-License-Identifier: ISC */
/*
 * A link: one end of a SOCK_SEQPACKET pair to one sibling, on libevent, with
 * a bounded queue. Every packet passes admission (msg.h) before the handler
 * sees it. A peer that is gone is a state, not an exit. The link of a peer that
 * lies is shut; after LINK_LIES_MAX lies in LINK_LIES_WINDOW it stays shut
 * until another pid says HELLO.
 */
#ifndef COMMON_LINK_LINK_H
#define COMMON_LINK_LINK_H

#include <sys/types.h>

#include <event2/event.h>

#include "link/msg.h"
#include "log.h"

#define LINK_QUEUE_MAX	 4096 /* packets waiting to be sent */
#define LINK_LIES_MAX	 3    /* in LINK_LIES_WINDOW: REFUSED */
#define LINK_LIES_WINDOW (60 * NS_PER_SEC)
#define LINK_DIGEST_SEC	 15 /* count and digest this often, each way */

#define LINK_STATE_TABLE(X)                                    \
	X(DOWN, "down") /* no socket: the peer is not there */ \
	X(UP, "up")                                            \
	X(REFUSED, "refused") /* lied too often */

enum link_state {
#define X(id, text) LINK_##id,
	LINK_STATE_TABLE(X)
#undef X
	    LINK_STATE_MAX
};
const char *link_state_name(enum link_state);

struct link;

/* An end of a pair, and what is known of who has the other one. */
struct link_end {
	int fd;
	enum role peer;
	uint64_t epoch; /* the pair's */
	pid_t pid;	/* the peer's, 0 if not known */
	uint16_t level; /* that the peer speaks (MSG_LEVEL) */
};

struct link_handlers {
	/* A socket was attached: send your snapshot. */
	void (*up)(struct link *, void *arg);
	/*
	 * An admitted message. Return 0, or -1 when the content is a lie (an
	 * impossible value, something left over): the link is shut.
	 * *why, when set to a constant string, goes into the log.
	 */
	int (*message)(
	    struct link *, struct msg *, const char **why, void *arg);
	/* The peer is gone or was shut; state tells which. */
	void (*down)(struct link *, void *arg);
	/*
	 * The queue was full and is empty now. What link_send() had no room
	 * for is lost: tell your state anew. The peer was there all the time.
	 */
	void (*refill)(struct link *, void *arg);
};

/* All counters that `vipctl show links` shows. */
struct link_stats {
	uint64_t rx;
	uint64_t tx;
	uint64_t dropped_generation; /* old generation: dropped */
	uint64_t dropped_unknown;    /* see link_count_unknown() */
	uint64_t dropped_newer;	     /* messages that a newer peer alone has */
	uint64_t dropped_full;	     /* the queue was full; up() comes again */
	uint64_t lies;
	uint32_t queued;
	uint64_t since;	  /* state entered, monotonic ns */
	uint64_t last_rx; /* monotonic ns, 0: never */
	uint64_t epoch;
};

struct link *link_new(struct event_base *, enum role self, enum role peer,
    const struct link_handlers *, void *arg);
void link_free(struct link *);

/*
 * Takes the end's fd over. A newer epoch replaces an older link; an older one,
 * and what is no Unix SOCK_SEQPACKET socket, is refused (fd closed, -1).
 */
int link_attach(struct link *, const struct link_end *);

enum link_state link_state(const struct link *);
/*
 * Whether the rendezvous has to be asked for a new end of a link that is down:
 * after a lie, and when ipvsd has gone. Any other sibling says HELLO itself
 * when it is back. A link whose end was replaced by a newer one does not ask:
 * that would replace ends for ever.
 */
bool link_asks(const struct link *);
enum role link_peer(const struct link *);
/* "link PEER", the object of lines about the link (log_change.h). */
const char *link_key(const struct link *);
pid_t link_peer_pid(const struct link *);
/* The protocol level that the peer speaks, or spoke; 0: none was here yet. */
uint16_t link_level(const struct link *);
/* Whether the peer's level has this message. */
bool link_knows(const struct link *, enum msg_type);
const struct link_stats *link_stats(const struct link *);
/*
 * How many objects of ours the peer speaks about, and how often a second they
 * may change, all in all: what it says more often is a lie (pace.h).
 */
void link_expect(struct link *, uint32_t objects, uint64_t per_second);
/* Counts a message about an object that the handler does not know. */
void link_count_unknown(struct link *);

/* Sets the generation under which this side speaks, and sends COMMITTED. */
void link_set_generation(struct link *, uint64_t out);
uint64_t link_generation_out(const struct link *);

/*
 * Starts a packet of this type with the link's own outgoing generation;
 * fill it with put_* and hand it to link_send. The writer's buffer belongs
 * to the link, one packet at a time.
 */
struct writer *link_compose(struct link *, enum msg_type);
/* The same with a generation of the caller's (GEN_ANY messages). */
struct writer *link_compose_generation(
    struct link *, enum msg_type, uint64_t generation);
/*
 * Queues what was composed. fd (or -1) is duplicated. key != 0: replaces a
 * packet of the same type and key that still waits (renewals, verdicts).
 * False when the link is not up or the queue is full, and of a message that the
 * peer does not know: nothing comes after that, and nothing is counted.
 */
bool link_send(struct link *, uint64_t key, int fd);
/* SNAPSHOT: the sender's whole state begins, or has ended. As link_send(). */
bool link_send_snapshot(struct link *, bool begins);

/* Reads what waits in the socket now, without a turn of the loop. */
void link_drain(struct link *);

#endif
