/* SPDX-License-Identifier: ISC */
/* The loader's steps after binding, in their order; private to it. */
#ifndef COMMON_LOAD_RESOLVE_H
#define COMMON_LOAD_RESOLVE_H

#include "load/finding.h"
#include "load/source.h"

/* load/host.c: this host, as far as a configuration has to do with it. */
void conf_host_read(struct conf_source *);
/* Sets root.c.self from the option, the host's name or its addresses. */
void conf_self(struct conf_source *, const char *node);

/* load/spread.c: an instance an address, with the nodes' order turned. */
void conf_spread(struct conf_source *);
/* load/resolve.c: nodes and their priorities, interfaces, sync. */
void conf_resolve(struct conf_source *);
/* load/services.c: endpoints' instances, servers' addresses, checks. */
void conf_services(struct conf_source *);
/* load/probes.c: gives equal checks one definition. */
void conf_define_check(struct conf_source *, struct src_check *);
/* The check that an element of a list means; NULL: unknown, reported. */
const struct src_check *conf_check_of(
    struct conf_source *, const struct src_check *);
/* Fills the probes of every server of root.c.services. */
void conf_probes(struct conf_source *);
/* load/lint*.c: judges what is resolved, and nothing else. */
void conf_lint(struct conf_source *);
void conf_lint_vrrp(struct conf_source *);
void conf_lint_services(struct conf_source *);
void conf_lint_inline_checks(struct conf_source *, const struct vec *checks);
/* load/build.c: root.c for this host, when there were no errors. */
void conf_build(struct conf_source *);

const struct src_instance *conf_src_instance(
    const struct conf_source *, uint32_t);
/* "unknown KIND NAME, did you mean ...?" */
void conf_unknown(struct conf_source *, const struct ynode *at,
    const char *kind, const char *name, const struct table *known);
/* The entry for a node, or the one for all; NULL: none. */
const struct by_node_entry *by_node_get(
    const struct by_node *, const char *node);
/* The member that is this node, or NULL. */
const struct src_priority *conf_member(
    const struct src_instance *, const char *node);

#endif
