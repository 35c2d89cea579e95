/* SPDX-License-Identifier: ISC */
/*
 * Which addresses are ours, by their place: for kernels without IFA_PROTO,
 * and over a restart of ipvsd.
 */
#ifndef IPVSD_KERNEL_CLAIM_H
#define IPVSD_KERNEL_CLAIM_H

#include <net/if.h>

#include <stdbool.h>
#include <stdio.h>

#include "addr.h"

struct addr_claim {
	char interface[IFNAMSIZ];
	struct addr addr;
	uint8_t prefix;
	bool taken; /* somebody else has removed it */
};

/* Empty when zeroed. */
struct claims {
	struct addr_claim *list;
	uint32_t count;
	uint32_t size;
};

void claim_free(struct claims *);
/* Adding what is there, or removing what is not, changes nothing. */
void claim_add(struct claims *, const char *interface, const struct addr *,
    uint8_t prefix);
void claim_remove(struct claims *, const char *interface, const struct addr *,
    uint8_t prefix);
bool claim_has(const struct claims *, const char *interface,
    const struct addr *, uint8_t prefix);
/* Somebody else has removed it; the second tells that, and forgets it. */
void claim_taken(struct claims *, const char *interface, const struct addr *,
    uint8_t prefix);
bool claim_was_taken(struct claims *, const char *interface,
    const struct addr *, uint8_t prefix);

/* "address INTERFACE ADDRESS PREFIX" lines. */
void claim_save(const struct claims *, FILE *);
/* False: the line is another's. */
bool claim_load(struct claims *, const char *line);

#endif
