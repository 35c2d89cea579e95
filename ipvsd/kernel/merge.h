/* SPDX-License-Identifier: ISC */
/*
 * What was read of the kernel's IPVS table is put into our copy of it. Commands
 * went on meanwhile, so a service of the copy may be newer.
 */
#ifndef IPVSD_KERNEL_MERGE_H
#define IPVSD_KERNEL_MERGE_H

#include "desired/ipvs_table.h"
#include "kernel/repair.h"

struct merge {
	struct ipvs_table *table;      /* the copy */
	struct ipvs_table *fresh;      /* what was read; empty afterwards */
	const struct ipvs_table *gone; /* deleted since the reading began */
	uint64_t number;	       /* of the last command before that */
	uint64_t begun;		       /* when that was, monotonic ns */
	bool known; /* the copy was what the kernel had: what differs is
		       others' work */
	bool list;  /* the services alone were read, without destinations */
	struct kernel_repairs *repairs; /* told of services that are missing */
};

/*
 * Returns how many of our services were not read: they leave the copy, and that
 * is told. A service that was read keeps what was known of it as `former`.
 * A list takes services of others out of the copy, no more; it returns how many
 * of ours are missing and how many are new, so that all is to be read.
 */
uint32_t merge_tables(const struct merge *);
/* The same of one service, which is taken over. False: the copy has it not, or
 * a newer one. */
bool merge_one(
    struct ipvs_table *, struct ipvs_service *, uint64_t number, bool known);

#endif
