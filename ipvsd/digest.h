/* SPDX-License-Identifier: ISC */
/*
 * Digests of IPVS tables: FNV-1a, 64 bits. They tell equal from unequal
 * among directors that trust each other; they are not cryptographic. 0 is
 * never a digest.
 */
#ifndef IPVSD_DIGEST_H
#define IPVSD_DIGEST_H

#include "conf.h"
#include "ipvs_table.h"

struct digest {
	uint64_t value;
};
void digest_init(struct digest *);
void digest_bytes(struct digest *, const void *, size_t);
void digest_number(struct digest *, uint64_t);
uint64_t digest_final(const struct digest *);

/* What the table is by the file alone, with every server at its configured
 * weight (0 when drained): equal on all hosts with that file. */
uint64_t digest_configured(const struct conf *);
/* What the kernel has of our services: key by key of the configuration. */
uint64_t digest_live(const struct conf *, const struct ipvs_table *);

#endif
