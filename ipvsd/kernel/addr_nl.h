/* SPDX-License-Identifier: ISC */
/*
 * Links and addresses over rtnetlink: a copy of what the kernel has, kept by
 * notifications, and the commands that change it.
 */
#ifndef IPVSD_KERNEL_ADDR_NL_H
#define IPVSD_KERNEL_ADDR_NL_H

#include "desired/diff.h"
#include "kernel/netlink.h"

/* What marks an address as ours where the kernel knows IFA_PROTO (5.18). */
#define ADDR_PROTO    84
/* Seconds that a held address lives on without us. */
#define ADDR_LIFETIME 10

/* Settings of an interface; only raised, put back when not needed. */
#define LINK_SETTING_TABLE(X)                                                  \
	X(ARP_IGNORE, "arp_ignore", IPV4_DEVCONF_ARP_IGNORE, 1)                \
	X(ARP_ANNOUNCE, "arp_announce", IPV4_DEVCONF_ARP_ANNOUNCE, 2)          \
	X(PROMOTE, "promote_secondaries", IPV4_DEVCONF_PROMOTE_SECONDARIES, 1) \
	X(ACCEPT_LOCAL, "accept_local", IPV4_DEVCONF_ACCEPT_LOCAL, 1)

enum link_setting {
#define X(id, name, devconf, value) LINK_SETTING_##id,
	LINK_SETTING_TABLE(X)
#undef X
	    LINK_SETTING_MAX
};
const char *link_setting_name(enum link_setting);
uint32_t link_setting_value(enum link_setting);

struct live_link {
	uint32_t index;
	uint32_t flags; /* IFF_* */
	char name[IFNAMSIZ];
	uint32_t settings[LINK_SETTING_MAX];
	bool known; /* settings have been read */
};

struct live_links {
	struct live_link *list;
	uint32_t count;
	uint32_t size;
};

/* An address of ours by its place, for kernels without IFA_PROTO. */
struct addr_claim {
	char interface[IFNAMSIZ];
	struct addr addr;
	uint8_t prefix;
};

struct addr_nl {
	struct netlink commands;
	struct netlink dumps;
	struct netlink events;
	struct live_links links;
	struct live_addresses addresses;
	struct live_links new_links; /* of the dump under way */
	struct live_addresses new_addresses;
	struct addr_claim *claims;
	uint32_t claim_count;
	uint32_t claim_size;
	bool links_done;
	bool links_changed; /* for the owner to see and clear */
	bool addresses_changed;
};

int addr_nl_open(struct addr_nl *);
void addr_nl_close(struct addr_nl *);

/* Reads everything anew, in slices of about so many ns. */
int addr_nl_dump(struct addr_nl *);
int addr_nl_dump_step(struct addr_nl *, uint64_t slice);
/* Takes the notifications that wait, for about so long. 1: more may wait,
 * 0: none, -1: some were lost (dump) or the socket fails. */
int addr_nl_events(struct addr_nl *, uint64_t slice);

/* Sends at most NETLINK_BATCH; errors[i] as in ipvs_nl_batch(). What the
 * kernel accepts is applied to the copy. */
int addr_nl_batch(struct addr_nl *, const struct address_command *,
    uint32_t count, int *errors, uint64_t now);
/* Renews the lifetime of addresses that are there. errors[i]: as above. */
int addr_nl_renew(struct addr_nl *, const struct desired_address *,
    uint32_t count, int *errors, uint64_t now);
/* Sets a setting of a link, by netlink or else by /proc. An errno. */
int addr_nl_set_link(
    struct addr_nl *, struct live_link *, enum link_setting, uint32_t value);

struct live_link *addr_nl_link(const struct addr_nl *, const char *name);
struct live_address *addr_nl_find(
    const struct addr_nl *, const struct desired_address *);
/* Addresses of ours, over a crash. */
void addr_nl_claim(struct addr_nl *, const char *interface, const struct addr *,
    uint8_t prefix);
bool addr_nl_claimed(const struct addr_nl *, const struct live_address *);

/* addr_nl_msg.c */
struct nlmsghdr *addr_nl_compose(
    const struct desired_address *, uint32_t ifindex, int type, int flags);
struct nlmsghdr *addr_nl_compose_link(
    uint32_t ifindex, enum link_setting, uint32_t value);
bool addr_nl_read_link(const struct nlmsghdr *, struct live_link *);
bool addr_nl_read_address(const struct nlmsghdr *, struct live_address *,
    uint32_t *proto, uint32_t *valid);

/* The copy follows what the kernel has accepted. */
void addr_nl_accepted(struct addr_nl *, const struct desired_address *,
    uint32_t ifindex, uint64_t now);
void addr_nl_removed(
    struct addr_nl *, const struct desired_address *, uint32_t ifindex);
void addr_nl_unclaim(struct addr_nl *, const char *interface,
    const struct addr *, uint8_t prefix);

#endif
