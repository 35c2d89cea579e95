/* SPDX-License-Identifier: ISC */
/*
 * The difference between what is wanted and what the kernel has, as an
 * ordered list of commands. Pure. No difference, no command.
 */
#ifndef IPVSD_DESIRED_DIFF_H
#define IPVSD_DESIRED_DIFF_H

#include "desired/desired.h"
#include "desired/ipvs_table.h"

#define IPVS_OP_TABLE(X)                 \
	X(NEW_SERVICE, "add service")    \
	X(SET_SERVICE, "edit service")   \
	X(DEL_SERVICE, "delete service") \
	X(NEW_DEST, "add destination")   \
	X(SET_DEST, "edit destination")  \
	X(DEL_DEST, "delete destination")

enum ipvs_op {
#define X(id, text) IPVS_##id,
	IPVS_OP_TABLE(X)
#undef X
	    IPVS_OP_MAX
};
const char *ipvs_op_name(enum ipvs_op);

struct ipvs_command {
	enum ipvs_op op;
	struct ipvs_key key;
	union {
		struct ipvs_sched sched; /* NEW_, SET_SERVICE */
		struct ipvs_dest dest;	 /* *_DEST */
	};
};

struct ipvs_commands {
	struct ipvs_command *list;
	uint32_t count;
	uint32_t size;
};
void ipvs_commands_clear(struct ipvs_commands *);

/*
 * Appends what turns live into wanted (either may be NULL: absent). New
 * destinations come first, in canonical order, then edits, then removals: a
 * service is never emptier than it was or will be.
 */
void diff_service(const struct ipvs_service *wanted,
    const struct ipvs_service *live, struct ipvs_commands *out);
/*
 * Applies to a copy of the kernel's table what the kernel has accepted; gives
 * the service that it was about, NULL when that has gone. hint: what the last
 * call gave, or NULL; saves the look-up when it is the same service.
 */
struct ipvs_service *diff_applied(struct ipvs_table *,
    const struct ipvs_command *, struct ipvs_service *hint);

/* An address that the kernel has. */
struct live_address {
	struct addr addr;
	uint8_t prefix;
	uint8_t scope;
	bool ours; /* we made it, in this run or an earlier one */
	uint32_t ifindex;
	char interface[IFNAMSIZ];
	char label[IFNAMSIZ];
	uint64_t renewed; /* when we last did, monotonic ns; 0: never */
};

/* Sorted by address, interface and prefix (live_address_cmp). */
struct live_addresses {
	struct live_address *list;
	uint32_t count;
	uint32_t size;
};

int live_address_cmp(const struct live_address *, const struct live_address *);
/* The place of the first that is not before this one. */
uint32_t live_address_place(
    const struct live_addresses *, const struct live_address *);
/*
 * The live address that is the wanted one, or NULL: same interface and
 * address, and the same prefix when it is ours. One that is not ours is
 * adopted whatever its prefix, and stays as it is for ever.
 */
struct live_address *live_address_find(
    const struct live_addresses *, const struct desired_address *);

enum address_op { ADDRESS_ADD, ADDRESS_DEL };

struct address_command {
	enum address_op op;
	struct desired_address address;
};

struct address_commands {
	struct address_command *list;
	uint32_t count;
	uint32_t size;
};
void address_commands_clear(struct address_commands *);

/* Adds first, then the removals of ours that nobody wants. */
void diff_addresses(const struct desired_addresses *wanted,
    const struct live_addresses *live, struct address_commands *out);

#endif
