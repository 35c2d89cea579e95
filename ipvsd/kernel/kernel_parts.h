/* SPDX-License-Identifier: ISC */
/* What each of the parts does for the others; included by kernel_int.h. */
#ifndef IPVSD_KERNEL_KERNEL_PARTS_H
#define IPVSD_KERNEL_KERNEL_PARTS_H

#include "kernel/kernel_types.h"

/* kernel/table.c. A step gives true when it did something. */
void table_need(struct kernel *);
void table_touch(struct kernel *, uint32_t index, enum dirt);
void table_touch_instance(struct kernel *, uint32_t instance, enum dirt);
void table_touch_all(struct kernel *);
void table_touch_failed(struct kernel *);
void table_remove(struct kernel *, const struct ipvs_key *);
bool table_step(struct kernel *, bool urgent_only);
bool table_removal_step(struct kernel *);

/* kernel/dump.c */
void dump_want(struct kernel *);
bool dump_step(struct kernel *);
void dump_mark_ours(struct kernel *);

/* kernel/index.c */
void index_take(struct kernel *, struct kernel_index *);
void index_free(struct kernel *);
void queue_push(struct queue *, uint32_t);
bool queue_pop(struct queue *, uint32_t *);

/* kernel/address.c */
void address_events(struct kernel *);
bool address_dump_step(struct kernel *);
bool address_step(struct kernel *);
bool address_renew_step(struct kernel *);
bool address_present(const struct kernel *, const struct conf_address *);

/* kernel/phase.c */
bool phase_step(struct kernel *);
void phase_pass_begins(struct kernel *);
void phase_pass_done(struct kernel *);
void phase_ifaces_changed(struct kernel *);
void phase_set(struct kernel *, uint32_t, enum phase);

#endif
