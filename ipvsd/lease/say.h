/* SPDX-License-Identifier: ISC */
/*
 * The messages to vrrpd about an instance. These functions only send; they
 * change no state but what waits to be said. To a vrrpd that is not in our
 * generation nothing is sent, because a snapshot follows when it is; for
 * say_held() and say_may_preempt() the caller looks first.
 */
#ifndef IPVSD_LEASE_SAY_H
#define IPVSD_LEASE_SAY_H

#include "lease/instance.h"

/* Whether vrrpd is there and in our generation. */
bool say_is_heard(const struct ipvsd *);

/* HELD: the term is open. The caller knows that vrrpd is in our generation. */
void say_held(const struct instance *);
/* FAILED: an ACQUIRE opened no term. With LEASE_LEAVING for an open term: vrrpd
 * is to hand it over, then to say RELEASE. */
void say_failed(const struct instance *, enum lease_reason);
/* The open term has a new end: noted, for say_renewals(). */
void say_renewed(const struct instance *);
/* RENEWED or RENEWED_MANY: of what was noted, once the file has it. */
void say_renewals(struct ipvsd *);
/* ENDED: that term is over. */
void say_ended(const struct instance *, uint64_t term, enum lease_reason);
/* STATE, what vrrpd has said of it. The caller knows the same. */
void say_state(const struct instance *);
/* LISTEN: whose are its addresses that are here? False: vrrpd is not told. */
bool say_listen(const struct instance *);
/* MAY_PREEMPT. The caller knows that vrrpd is in our generation. */
void say_may_preempt(const struct instance *);

#endif
