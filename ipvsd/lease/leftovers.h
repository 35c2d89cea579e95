/* SPDX-License-Identifier: ISC */
/*
 * Addresses of instances that are on this host while no term of ours runs: a
 * predecessor's that was killed, or put there by hand. They are told, and with
 * `leftover: remove' removed once vrrpd has heard that no other program of this
 * host is master of them. While one is, no term is opened.
 */
#ifndef IPVSD_LEASE_LEFTOVERS_H
#define IPVSD_LEASE_LEFTOVERS_H

#include "lease/instance.h"

#define LEFTOVERS_TEXT 256

/* Handlers of the kernel half (kernel_handlers.h); arg is ipvsd. */
void leftovers_look(void *arg);
bool leftovers_claimable(uint32_t id, void *arg);

/* BESIDE: another program sends adverts of the instance, or none does. */
void leftovers_judged(struct instance *, bool beside);
/* vrrpd has forgotten what it was asked, or has another generation. */
void leftovers_ask_again(struct ipvsd *);
/* What an address of the instance is here, for people. False: it is not, or
 * rightly. */
bool leftovers_text(const struct instance *, const struct conf_address *,
    char text[LEFTOVERS_TEXT]);
/* The same of an instance that this host is no node of. Such are told alone. */
bool leftovers_stray(const struct ipvsd *, const struct conf_address *,
    char text[LEFTOVERS_TEXT]);

#endif
