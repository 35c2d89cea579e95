/* SPDX-License-Identifier: ISC */
/* The inside of kernel*.c; see kernel.h for what it does. */
#ifndef IPVSD_KERNEL_INT_H
#define IPVSD_KERNEL_INT_H

#include "addr_nl.h"
#include "clock.h"
#include "grow.h"
#include "ipvs_nl.h"
#include "kernel.h"
#include "log.h"
#include "sysctl.h"

/* What one turn on the loop may take before it asks for another. */
#define KERNEL_SLICE	  (2 * NS_PER_MS)
#define KERNEL_RENEW	  (3 * NS_PER_SEC)	/* lifetimes */
#define KERNEL_LINGER	  (3 * NS_PER_SEC)	/* a master sync daemon's */
#define KERNEL_ADDR_BATCH 50

enum phase {
	PHASE_IDLE,
	PHASE_GAIN_SERVICES,
	PHASE_GAIN_ADDRESSES,
	PHASE_HELD,
	PHASE_FAILED,		/* until kernel_release() */
	PHASE_LOSE_ADDRESSES,
	PHASE_LOSE_SERVICES
};

struct instance_state {
	uint8_t phase;		/* enum phase */
	uint8_t reason;		/* enum lease_reason: why a gain fails */
	bool in_pass;		/* the pass over addresses knows the phase */
	bool told;		/* lost() was called */
	uint32_t waiting;	/* its services that are not done */
};

enum dirt {
	CLEAN,
	DIRTY,
	URGENT
};

struct queue {
	uint32_t *list;
	uint32_t count;
	uint32_t size;
	uint32_t next;
};

/* Lists of service indices by a key (an instance, a probe). */
struct lookup {
	uint32_t *start;	/* count + 1 of them */
	uint32_t *list;
	uint32_t count;
};

struct service_key {
	struct ipvs_key key;
	uint32_t index;
};

struct former_setting {
	char interface[IFNAMSIZ];
	enum link_setting setting;
	uint32_t value;
};

struct refresh {
	void (*cb)(void *);
	void *arg;
	bool started;		/* the dump under way is for it */
};

struct kernel {
	struct event_base *base;
	const struct kernel_handlers *handlers;
	void *arg;
	struct event *work;
	struct event *events;
	struct event *resync;
	struct event *renew;
	struct event *linger;
	struct kernel_stats stats;

	/* the generation */
	const struct desired_input *input;
	const struct conf *input_conf;	/* of the input as it was given */
	struct instance_state *instances;	/* by id */
	uint32_t instance_count;
	struct lookup by_instance;
	struct lookup by_probe;
	struct service_key *keys;		/* programmed here, sorted */
	uint32_t key_count;
	uint8_t *dirty;				/* enum dirt, by service */
	bool *failed;				/* by service */
	uint32_t digested;	/* services in configured_sum */
	uint64_t configured_sum;
	uint32_t live_digested;

	/* the table */
	struct ipvs_nl ipvs;
	struct ipvs_table live;
	struct ipvs_table fresh;	/* the dump under way */
	struct ipvs_table gone;		/* deleted during the dump */
	bool dumping;
	bool dump_wanted;
	bool table_known;		/* the first dump is done */
	uint64_t number;		/* of commands on the table */
	uint64_t dump_number;
	struct queue urgent;
	struct queue normal;
	struct ipvs_commands current;	/* what is left of one service */
	uint32_t current_next;
	uint32_t current_index;
	bool current_urgent;
	struct ipvs_table removals;	/* keys to delete, if ours is off */
	struct ipvs_command batch[NETLINK_BATCH];
	uint32_t batch_service[NETLINK_BATCH];
	bool batch_last[NETLINK_BATCH];
	struct log_limit limit;
	struct refresh *refreshes;
	uint32_t refresh_count;
	uint32_t refresh_size;

	/* addresses */
	struct addr_nl addrs;
	struct desired_addresses wanted;
	struct address_commands pass;	/* one pass from here to there */
	uint32_t pass_next;
	uint8_t stage;			/* of the pass; kernel_address.c */
	bool addresses_dirty;
	bool links_dumping;
	bool links_dump_wanted;
	bool links_known;		/* the first dump is done */
	bool renew_due;
	uint32_t renew_next;
	uint8_t *held;			/* enum duty by id, for addresses */
	struct former_setting *formers;
	uint32_t former_count;
	uint32_t former_size;

	/* options, time-outs, daemons */
	struct sysctl_saved sysctls;
	struct ipvs_timeouts former_timeouts;
	bool timeouts_changed;
	bool options_dirty;
	bool daemons_dirty;
	bool daemons_ours;
	uint64_t linger_until;

	bool tell_idle;
	bool leaving;
	uint8_t leave_step;
	void (*left)(void *);
	void *left_arg;
};

/* kernel.c */
void kernel_schedule(struct kernel *);
void kernel_save_changed(struct kernel *);
/* Compares everything again, in a second: something was refused. */
void kernel_retry(struct kernel *);

/* kernel_table.c. A step gives true when it did something. */
void table_need(struct kernel *);
void table_touch(struct kernel *, uint32_t index, enum dirt);
void table_touch_instance(struct kernel *, uint32_t instance, enum dirt);
void table_touch_all(struct kernel *);
void table_touch_failed(struct kernel *);
void table_remove(struct kernel *, const struct ipvs_key *);
bool table_step(struct kernel *, bool urgent_only);
bool table_removal_step(struct kernel *);

/* kernel_dump.c */
void dump_want(struct kernel *);
bool dump_step(struct kernel *);
void dump_mark_ours(struct kernel *);

/* kernel_index.c */
void index_build(struct kernel *);
void index_free(struct kernel *);
void queue_push(struct queue *, uint32_t);
bool queue_pop(struct queue *, uint32_t *);

/* kernel_address.c */
void address_events(struct kernel *);
bool address_dump_step(struct kernel *);
bool address_step(struct kernel *);
bool address_renew_step(struct kernel *);
bool address_present(const struct kernel *, const struct conf_address *);

/* kernel_instance.c */
bool instance_step(struct kernel *);
void instance_pass_begins(struct kernel *);
void instance_pass_done(struct kernel *);
void instance_links_changed(struct kernel *);
void instance_set_phase(struct kernel *, uint32_t, enum phase);

/* kernel_link.c: false: more is to do */
bool link_raise(struct kernel *);
bool link_lower(struct kernel *);
void link_former(struct kernel *, const char *interface, enum link_setting,
    uint32_t value);

/* kernel_daemon.c */
bool daemon_step(struct kernel *);
void daemon_linger_over(struct kernel *);
void daemon_leave(struct kernel *);

#endif
