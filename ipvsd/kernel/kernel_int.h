/* SPDX-License-Identifier: ISC */
/* The inside of the parts; see kernel.h for what it does. */
#ifndef IPVSD_KERNEL_KERNEL_INT_H
#define IPVSD_KERNEL_KERNEL_INT_H

#include "clock.h"
#include "grow.h"
#include "kernel/addr_batch.h"
#include "kernel/addr_nl.h"
#include "kernel/ipvs_nl.h"
#include "kernel/kernel.h"
#include "kernel/kernel_types.h"
#include "kernel/setting.h"
#include "kernel/sync.h"
#include "kernel/turn.h"
#include "log.h"
#include "log_change.h"

#define KERNEL_RENEW	  (3 * NS_PER_SEC) /* lifetimes */
#define KERNEL_ADDR_BATCH 50

struct kernel {
	struct kernel_turn turn;
	struct kernel_settings *settings;
	struct kernel_sync *sync;
	struct event *events;
	struct event *renew;

	/* the generation */
	const struct conf *input_conf;	  /* of the input as it was given */
	struct instance_phase *instances; /* by id */
	uint32_t instance_count;
	struct lookup by_instance;
	struct lookup by_probe;
	struct service_key *keys; /* programmed here, sorted */
	uint32_t key_count;
	uint8_t *dirty;	   /* enum dirt, by service */
	bool *failed;	   /* by service */
	uint32_t digested; /* services in configured_sum */
	uint64_t configured_sum;
	uint32_t live_digested;

	/* the table */
	struct ipvs_nl ipvs;
	struct ipvs_table live;
	struct ipvs_table fresh; /* the dump under way */
	struct ipvs_table gone;	 /* deleted during the dump */
	bool dumping;
	bool dump_wanted;
	bool table_known; /* the first dump is done */
	uint64_t number;  /* of commands on the table */
	uint64_t dump_number;
	struct queue urgent;
	struct queue normal;
	struct ipvs_commands current; /* what is left of one service */
	uint32_t current_next;
	uint32_t current_index;
	bool current_urgent;
	struct ipvs_table removals; /* keys to delete, if ours is off */
	struct ipvs_command batch[NETLINK_BATCH];
	uint32_t batch_service[NETLINK_BATCH];
	bool batch_last[NETLINK_BATCH];
	struct refresh *refreshes;
	uint32_t refresh_count;
	uint32_t refresh_size;

	/* addresses */
	struct addr_nl addrs;
	struct desired_addresses wanted;
	struct address_commands pass; /* one pass from here to there */
	uint32_t pass_next;
	uint8_t stage; /* of the pass; kernel/address.c */
	bool addresses_dirty;
	bool ifaces_dumping;
	bool ifaces_dump_wanted;
	bool ifaces_known; /* the first dump is done */
	bool renew_due;
	uint32_t renew_next;
	uint8_t *held; /* enum duty by id, for addresses */

	bool tell_idle;
	bool leaving;
	uint8_t leave_step;
	void (*left)(void *);
	void *left_arg;
};

#include "kernel/kernel_parts.h"

#endif
