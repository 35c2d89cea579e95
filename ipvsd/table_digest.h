/* SPDX-License-Identifier: ISC */
/*
 * Digests of IPVS tables, by common/digest.h: they tell equal from unequal
 * among directors that trust each other and are not cryptographic. 0 is
 * never a digest.
 */
#ifndef IPVSD_TABLE_DIGEST_H
#define IPVSD_TABLE_DIGEST_H

#include "conf.h"
#include "ipvs_table.h"

/* What the table is by the file alone, with every server at its configured
 * weight (0 when drained): equal on all hosts with that file. */
uint64_t digest_configured(const struct conf *);
/* What the kernel has of our services. */
uint64_t digest_live(const struct conf *, const struct ipvs_table *);

#endif
