/* SPDX-License-Identifier: ISC */
/*
 * Who is a node of an instance and who is another virtual router's, that has
 * the same VRID by mistake. A node is known by its `source` in the
 * configuration, else by its addresses in `nodes`. If one has none of either
 * on the instance's interface, then also who was heard there to list an
 * address of ours is a node.
 */
#ifndef VRRPD_STRANGERS_H
#define VRRPD_STRANGERS_H

#include "packet/packet.h"

struct instance;
struct strangers;

/* Nobody was heard yet. Fatal without memory. */
struct strangers *strangers_new(void);
/*
 * What the sender of an advert for the instance is: VRRP_OK, when it is a node
 * or lists an address of the instance; VRRP_DROP_STRANGER; or, with
 * `strangers: refuse`, VRRP_DROP_REFUSED for all but nodes. Remembers who
 * lists an address of ours.
 */
enum vrrp_drop strangers_judge(
    struct instance *, const struct vrrp_advert *, uint64_t now);

/*
 * Whether the source may be a node of the instance: it is one's by the
 * configuration, or not each node's sources are known. *name gets the node's
 * name, NULL when that is not known.
 */
bool strangers_node(
    const struct instance *, const struct addr *source, const char **name);

#endif
