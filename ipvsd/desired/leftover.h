/* SPDX-License-Identifier: ISC */
/*
 * Virtual addresses that are on this host although ipvsd has not put them
 * there: left by a program that was killed, or added by hand. Pure.
 */
#ifndef IPVSD_DESIRED_LEFTOVER_H
#define IPVSD_DESIRED_LEFTOVER_H

#include "desired/diff.h"

/* What a live address is to a virtual one. */
enum leftover {
	LEFTOVER_NONE, /* another address, ours, or rightly here */
	/* The same address with another prefix or on another interface. It may
	 * be the host's own way to its network, so it is told and not more. */
	LEFTOVER_ALIKE,
	LEFTOVER_SAME /* with the prefix and on the interface configured */
};

/*
 * Judges a live address beside one of an instance's. Rightly here is what
 * `nodes` gives to this host, and on lo the address of a service that this host
 * is a real server of.
 */
enum leftover leftover_judge(const struct conf *, const struct conf_address *,
    const struct live_address *);

/*
 * The next live address from *at on that is a leftover of this virtual one, or
 * NULL. *at is 0 at first; *what tells which it is.
 */
struct live_address *leftover_next(const struct conf *,
    const struct conf_address *, const struct live_addresses *, uint32_t *at,
    enum leftover *what);

#endif
