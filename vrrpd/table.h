/* SPDX-License-Identifier: ISC */
/*
 * Generations: each has its configuration and the instances by their ids in
 * it. PREPARE decodes the next one in slices and matches its instances to the
 * running ones by name; COMMIT switches. The previous one stays until ipvsd
 * has said COMMITTED, because until then its messages mean its ids.
 */
#ifndef VRRPD_TABLE_H
#define VRRPD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/codec.h"

struct instance;
struct vrrpd;

struct table {
	unsigned refs;
	uint64_t generation;
	struct conf *conf;
	struct instance **by_id; /* NULL: not one of this host's */
	uint32_t ids;
	const struct addr **virtual; /* hash of those that are not the
					host's own: no source for adverts */
	uint32_t buckets;	     /* a power of two */
};

struct tables {
	struct table *current; /* NULL: no configuration yet */
	struct table *previous;
	struct table *next; /* being prepared, or prepared */
	struct conf_decoder *decoder;
	uint64_t preparing; /* its generation, 0: none */
	uint64_t rejected;  /* what the last PREPARE was of, 0: not so */
	uint32_t match_at;  /* the next instance of next's to match */
	bool prepared;	    /* READY was said */
	bool commit;	    /* COMMIT came before that */
	uint32_t apply_at;  /* current's next instance to be told */
	bool resync;	    /* one that waits for that missed a message */
	/* The next one to look at: it leaves when current does not have it. */
	struct instance *going;
};

/* fd stays the caller's. Answers READY or REJECT, now or later. */
void table_prepare(struct vrrpd *, uint64_t generation, int fd);
void table_abort(struct vrrpd *);
/* False: ipvsd cannot honestly say so now. */
bool table_commit(struct vrrpd *, uint64_t generation);
/* Goes on until the deadline; whether more is to do. */
bool table_step(struct vrrpd *, uint64_t deadline);
/* Whether every instance of the current generation takes part. */
bool table_applied(const struct vrrpd *);
/* ipvsd speaks the current generation, or is gone. */
void table_forget_previous(struct vrrpd *);
/* The instance of an id of a generation, NULL if there is none. */
struct instance *table_instance(
    struct vrrpd *, uint64_t generation, uint32_t id);
bool table_knows(const struct vrrpd *, uint64_t generation);
struct instance *table_by_name(struct vrrpd *, const char *);

struct table *table_ref(struct table *);
void table_unref(struct table *);
bool table_is_virtual(const struct table *, const struct addr *);

#endif
