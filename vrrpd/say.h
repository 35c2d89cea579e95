/* SPDX-License-Identifier: ISC */
/*
 * What vrrpd says to ipvsd and checkd. These only send: they change no state
 * and ask nobody. What a link cannot carry now is dropped. Renewals are said
 * together, within a millisecond and before what else is said.
 */
#ifndef VRRPD_SAY_H
#define VRRPD_SAY_H

#include <stdbool.h>
#include <stdint.h>

struct instance;
struct link;
struct vrrpd;

/* Once, before all others. */
void say_init(struct vrrpd *);

/* COMMITTED and an empty SNAPSHOT: which generation is in force. To one peer,
 * unless it knows already, or to each of them. */
void say_generation(struct vrrpd *, struct link *);
void say_committed(struct vrrpd *);
/* The same once more, to a peer that may not have got it. Not before a
 * generation was said. */
void say_generation_again(struct link *);
/* An empty SNAPSHOT: terms are ipvsd's own, so there is nothing in it. Not
 * before a generation was said. */
void say_snapshot(struct link *);
/* RESYNC: ipvsd is to tell all terms again. */
void say_resync(struct vrrpd *);

/*
 * About an instance, to ipvsd. They are dropped while ipvsd would not know the
 * instance: it is not of the current generation, or the link is not up.
 */
void say_acquire(struct instance *);
/* time: CLOCK_MONOTONIC in ns just before the advert was sent. */
void say_renew(struct instance *, uint64_t term, uint64_t time);
/* term 0: the one that is being opened. */
void say_release(struct instance *, uint64_t term);
/* STATE: in which state it is, and since when. */
void say_state(struct instance *);
/* BESIDE: whether another program of this host sends its adverts. */
void say_beside(struct instance *, bool beside);
/* RETURNED: the interface is back, MAY_PREEMPT is to be said anew. */
void say_returned(struct instance *);

#endif
