/* SPDX-License-Identifier: ISC */
/*
 * What vrrpd hears of an instance. These only send: they change no state and
 * ask nobody. A message for a vrrpd that is not in our generation is not sent;
 * its snapshot will tell it.
 */
#ifndef IPVSD_LEASE_SAY_H
#define IPVSD_LEASE_SAY_H

#include "lease/instance.h"

/* Whether vrrpd is there and in our generation. */
bool say_is_heard(const struct ipvsd *);

/* HELD: a term is open; snapshot.c has asked whether it is heard. */
void say_held(const struct instance *);
/* FAILED: no term came of an ACQUIRE; of a term that is open, with
 * LEASE_LEAVING: hand it over, then RELEASE. */
void say_failed(const struct instance *, enum lease_reason);
/* RENEWED: the open term's end is another. */
void say_renewed(const struct instance *);
/* ENDED: that term is over. */
void say_ended(const struct instance *, uint64_t term, enum lease_reason);
/* MAY_PREEMPT. */
void say_may_preempt(const struct instance *);

#endif
