/* SPDX-License-Identifier: ISC */
/*
 * Digests of IPVS tables, by common/digest.h: they tell equal from unequal
 * among directors that trust each other and are not cryptographic. 0 is
 * never a digest.
 */
#ifndef IPVSD_DESIRED_TABLE_DIGEST_H
#define IPVSD_DESIRED_TABLE_DIGEST_H

#include "conf/conf.h"
#include "desired/ipvs_table.h"

/* One service with its destinations. */
uint64_t digest_service(const struct ipvs_service *);
/* A table: of the sum of its services' digests, in whatever order. */
uint64_t digest_of_sum(uint64_t sum);

/* What a service is by the file alone, with every server at its configured
 * weight (0 when drained): equal on all hosts with that file. */
uint64_t digest_configured_service(const struct conf_service *);
/* All of them at once; kernel_stats() has it without a long computation. */
uint64_t digest_configured(const struct conf *);

#endif
