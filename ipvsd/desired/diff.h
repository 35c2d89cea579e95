/* SPDX-License-Identifier: ISC */
/*
 * The difference between what is wanted and what the kernel has, as an ordered
 * list of commands, which is empty when there is none. Pure.
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
 * Appends the commands that turn live into wanted; NULL: there is no such
 * service. New destinations come first, in canonical order, then edits, then
 * removals, so that the service is never emptier than before or after.
 */
void diff_service(const struct ipvs_service *wanted,
    const struct ipvs_service *live, struct ipvs_commands *out);
/*
 * Applies a command that the kernel has accepted to a copy of its table.
 * Returns the service that the command is about, NULL when it is not there any
 * more. hint is what the last call returned, or NULL; it saves the look-up when
 * the service is the same.
 */
struct ipvs_service *diff_applied(struct ipvs_table *,
    const struct ipvs_command *, struct ipvs_service *hint);

/* An address that the kernel has. */
struct live_address {
	struct addr addr;
	uint8_t prefix;
	uint8_t scope;
	bool ours; /* ipvsd made it, in this run or an earlier one */
	uint32_t ifindex;
	char interface[IFNAMSIZ];
	char label[IFNAMSIZ];
	uint64_t renewed; /* when we last set its lifetime, monotonic ns; 0:
			     not in this run */
};

/* Sorted by live_address_cmp(): address, interface, prefix. */
struct live_addresses {
	struct live_address *list;
	uint32_t count;
	uint32_t size;
};

int live_address_cmp(const struct live_address *, const struct live_address *);
/* The index of the first address that does not sort before this one. */
uint32_t live_address_place(
    const struct live_addresses *, const struct live_address *);
/*
 * The live address with the interface and the address that are wanted, NULL:
 * there is none. An address of ours must have the wanted prefix too. One that
 * is not ours will do with any prefix, and is never changed.
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

/*
 * Appends additions, then removals of addresses of ours that are not wanted. An
 * IPv6 address whose prefix changes is removed before it is added.
 */
void diff_addresses(const struct desired_addresses *wanted,
    const struct live_addresses *live, struct address_commands *out);

#endif
