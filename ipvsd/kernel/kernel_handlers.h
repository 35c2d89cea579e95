/* SPDX-License-Identifier: ISC */
/* What the kernel half tells its owner; see kernel.h. */
#ifndef IPVSD_KERNEL_KERNEL_HANDLERS_H
#define IPVSD_KERNEL_KERNEL_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "link/lease_reason.h"

struct kernel_handlers {
	/* kernel_hold() is done: LEASE_NONE, all is in, send HELD and
	 * advertise; or LEASE_INTERFACE, LEASE_KERNEL: call
	 * kernel_release() then. Never called from within kernel_hold(). */
	void (*held)(uint32_t instance, enum lease_reason, void *arg);
	/* kernel_release() is done: addresses gone, services as a backup's.
	 * Never called from within kernel_release(). */
	void (*released)(uint32_t instance, void *arg);
	/* An instance that was held lost an interface or an address that
	 * could not be put back at once: end its term and release it. */
	void (*lost)(uint32_t instance, enum lease_reason, void *arg);
	/* Asked before each renewal of a lifetime: does the term still run?
	 * Read links and clocks first. */
	bool (*renewable)(uint32_t instance, uint64_t now, void *arg);
	/* Whether an address of the instance that is here, and not by us, is to
	 * be ours: kept under its term, or removed. May be NULL: never. */
	bool (*claimable)(uint32_t instance, void *arg);
	/* What addresses this host has may have changed, and all that was
	 * wanted of them is done. May be NULL. */
	void (*addresses)(void *arg);
	/* A service's turn has come: the input is read after this. Index
	 * into conf->services; touch nothing. May be NULL. */
	void (*turn)(uint32_t service, void *arg);
	/* All that was touched is in the kernel, or was refused by it
	 * (counted, logged, tried again). Also after the first dump. */
	void (*idle)(void *arg);
	/* Others had changed what is ours, and it is put right: name says what
	 * (protocol and addresses), "": several things, to says how many. */
	void (*repaired)(
	    const char *name, const char *from, const char *to, void *arg);
	/* kernel_save() would now write something else. */
	void (*save)(void *arg);
};

#endif
