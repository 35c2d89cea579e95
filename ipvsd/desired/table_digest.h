/* SPDX-License-Identifier: ISC */
/*
 * Digests of IPVS tables. Directors that trust each other compare tables by
 * them; they are not cryptographic (common/digest.h). No digest is 0.
 */
#ifndef IPVSD_DESIRED_TABLE_DIGEST_H
#define IPVSD_DESIRED_TABLE_DIGEST_H

#include "conf/conf.h"
#include "desired/ipvs_table.h"

/* The digest of a service with its destinations. */
uint64_t digest_service(const struct ipvs_service *);
/* The digest of a table: sum is the sum of its services' digests. */
uint64_t digest_of_sum(uint64_t sum);

/*
 * The digest that a service has by the configuration alone, with every server
 * at its configured weight (0 when drained). It is equal on all hosts with that
 * configuration.
 */
uint64_t digest_configured_service(const struct conf_service *);

#endif
