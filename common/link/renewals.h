/* SPDX-License-Identifier: ISC */
/*
 * Renewals of terms, many in a message: RENEWALS, which vrrpd says, and
 * RENEWED_MANY, which ipvsd answers. One alone is a RENEW or a RENEWED. So are
 * all of them to a sibling that has no other message, and to one that does not
 * read at present: of these a newer one replaces the one that still waits.
 */
#ifndef COMMON_LINK_RENEWALS_H
#define COMMON_LINK_RENEWALS_H

#include <stdbool.h>
#include <stdint.h>

#include "link/link.h"

#define RENEWALS_MAX 408 /* as many as a packet holds */

struct renewal {
	uint32_t instance;
	uint64_t term;
	uint64_t time; /* of the advert, or the term's end; monotonic ns */
};

/* What waits to be said on a link; all zero: nothing. */
struct renewals {
	uint64_t generation; /* by which the instances are numbered */
	uint16_t count;
	struct renewal list[RENEWALS_MAX];
};

/* Adds one. It is of the link's own generation; what waits of another one is
 * forgotten. True: there is no room for more, renewals_send() comes next. */
bool renewals_add(
    struct renewals *, const struct link *, const struct renewal *);

/* Says what waits: MSG_RENEWALS or MSG_RENEWED_MANY. What finds no room in the
 * link's queue is lost, and what is of another generation by now. */
void renewals_send(struct renewals *, struct link *, enum msg_type);

/*
 * Reads one of the four messages, and calls fn for each of its renewals, until
 * it gives false: an impossible one. -1: the message is a lie.
 */
int renewals_read(struct msg *,
    bool (*fn)(const struct msg *, const struct renewal *, void *arg),
    void *arg);

#endif
