/* SPDX-License-Identifier: ISC */
/*
 * Judges a resolved configuration: what no single value shows. Pure: facts
 * of this host come with the source. Objects that had an error already are
 * passed over.
 */

#include "load/finding.h"
#include "load/lint.h"
#include "load/lint_checks.h"
#include "load/lint_host.h"
#include "load/lint_services.h"
#include "load/lint_vrrp.h"
#include "load/ynode.h"

/* The limits of ip_vs_ctl.c's proc_do_sync_threshold() and of IP_VS sync. */
static void
lint_sync(struct conf_source *s)
{
	const struct conf_sync *sync = &s->root.ipvs.c.sync;
	const struct ynode *at = ynode_value(s->root.ipvs.head.at, "sync");
	char buf[ADDR_STRLEN];

	if (!sync->enabled)
		return;
	if (sync->period != 0 && sync->threshold >= sync->period)
		conf_find(s, LINT_SYNC, ynode_place(at, "threshold"),
		    "the threshold, %u, must be less than the period, %u",
		    sync->threshold, sync->period);
	if (sync->refresh % 1000 != 0)
		conf_find(s, LINT_SYNC, ynode_place(at, "refresh"),
		    "the kernel counts refresh in whole seconds");
	if (sync->group.family != AF_UNSPEC && !addr_is_multicast(&sync->group))
		conf_find(s, LINT_SYNC, ynode_place(at, "group"),
		    "%s is not a multicast address, such as 224.0.0.81",
		    addr_format(&sync->group, buf));
}

/* A node's address tells it from the others, and they reach it there. */
static void
lint_node(struct conf_source *s, const struct src_node *node)
{
	const struct conf_addrs *addresses = &node->c.addresses;
	const struct addr *addr;
	const char *what;
	char buf[ADDR_STRLEN], misfit[MISFIT_STRLEN];
	uint32_t i;

	for (i = 0; i < addresses->count; i++) {
		addr = &addresses->list[i];
		what = networks_misfit(&s->networks, addr, misfit);
		if (address_is_loopback(addr) && s->root.nodes.count > 1)
			what = "a loopback address, which every node has";
		if (what != NULL)
			conf_find(s, LINT_NODE_ADDRESS, node->head.at,
			    "%s cannot be node %s's address: it is %s",
			    addr_format(addr, buf), node->c.name, what);
	}
}

static void
lint_nodes(struct conf_source *s)
{
	const struct src_node *node;
	uint32_t i;

	for (i = 0; i < s->root.nodes.count; i++) {
		node = VEC_AT(&s->root.nodes, struct src_node, i);
		if (!node->head.bad)
			lint_node(s, node);
	}
}

void
conf_lint(struct conf_source *s)
{
	lint_nodes(s);
	lint_sync(s);
	conf_lint_vrrp(s);
	conf_lint_checks(s);
	conf_lint_services(s);
	conf_lint_host(s);
}
