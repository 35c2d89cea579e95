/* SPDX-License-Identifier: ISC */
/* Small parts of struct kernel; included by kernel_int.h. */
#ifndef IPVSD_KERNEL_KERNEL_TYPES_H
#define IPVSD_KERNEL_KERNEL_TYPES_H

#include "kernel/addr_nl.h"

enum phase {
	PHASE_IDLE,
	PHASE_GAIN_SERVICES,
	PHASE_GAIN_ADDRESSES,
	PHASE_HELD,
	PHASE_FAILED, /* until kernel_release() */
	PHASE_LOSE_ADDRESSES,
	PHASE_LOSE_SERVICES
};

struct instance_phase {
	uint8_t phase;	  /* enum phase */
	uint8_t reason;	  /* enum lease_reason: why a gain fails */
	bool in_pass;	  /* the pass over addresses knows the phase */
	bool told;	  /* lost() was called */
	uint32_t waiting; /* its services that are not done */
};

enum dirt { CLEAN, DIRTY, URGENT };

struct queue {
	uint32_t *list;
	uint32_t count;
	uint32_t size;
	uint32_t next;
};

/* Lists of service indices by a key (an instance, a probe). */
struct lookup {
	uint32_t *start; /* count + 1 of them */
	uint32_t *list;
	uint32_t count;
};

struct service_key {
	struct ipvs_key key;
	uint32_t index;
};

enum index_pass {
	INDEX_SIZE, /* the keys, and how many probes there are */
	INDEX_COUNT,
	INDEX_PLACE,
	INDEX_SORT,
	INDEX_DONE
};

/* What a generation's services are found by, while it is made. */
struct kernel_index {
	const struct conf *conf;
	enum index_pass pass;
	uint32_t next; /* service of the pass */
	uint32_t probes;
	struct lookup by_instance;
	struct lookup by_probe;
	struct service_key *keys;
	uint32_t key_count;
	uint8_t *dirty;
	bool *failed;
};

struct refresh {
	void (*cb)(void *);
	void *arg;
	bool started; /* the dump under way is for it */
};

#endif
