/* SPDX-License-Identifier: ISC */
/*
 * Overrides: `vipctl drain` and `vipctl enable` go before `state` in the
 * configuration. An override holds on this host alone, across reloads and
 * restarts, until the operator takes it back. It names service and server by
 * protocol, addresses and ports. One that was given by a node's name follows
 * the node when its address changes. One whose server is not in the
 * configuration is absent: it waits there, is shown and can be ended.
 */
#ifndef IPVSD_RUNNING_OVERRIDE_H
#define IPVSD_RUNNING_OVERRIDE_H

#include <stdio.h>

#include "desired/desired.h"

struct override_table;

struct override_table *override_new(void); /* fatal without memory */
void override_free(struct override_table *);

struct override_row {
	enum conf_protocol protocol;
	struct addr service;
	uint16_t service_port;
	struct addr server; /* a node's last one */
	uint16_t server_port;
	char node[CONF_NAME_MAX + 1]; /* "": it was given by address */
	enum override override;
	bool absent; /* the generation in force has no such server */
	/* override.c's own */
	bool seen; /* the next one has one, at this address */
	struct addr seen_at;
};

struct override_target;

/*
 * The overrides of a next configuration are looked up between
 * override_begin() and override_settle(), which is due when it comes into
 * force. override_settle() returns whether an override has followed its node.
 */
void override_begin(struct override_table *);
enum override override_get(struct override_table *, const struct conf *,
    const struct conf_service *, const struct conf_server *);
bool override_settle(struct override_table *);
/* Sets or replaces it, for what the target says; OVERRIDE_NONE removes it.
 * False: there are too many. */
bool override_set(struct override_table *, const struct conf *,
    const struct conf_service *, const struct conf_server *,
    const struct override_target *, enum override);
/* The next override from *at on that is absent, of this target if that is not
 * NULL; NULL: there is no other. Valid until the next change. */
const struct override_row *override_absent(const struct override_table *,
    uint64_t *at, const struct override_target *);
/* Ends those; returns how many there were. */
uint32_t override_end(struct override_table *, const struct override_target *);
uint32_t override_count(const struct override_table *);

/* A file of text lines. A line that is no override is skipped (logged). */
void override_load(struct override_table *, FILE *);
void override_save(FILE *, void *table);

/*
 * The TARGET of drain, enable and services: SERVICE/SERVER or SERVER. A server
 * is a node's name, an address or address:port.
 */
struct override_target {
	char service[CONF_NAME_MAX + 1]; /* "": any service */
	char node[CONF_NAME_MAX + 1];	 /* "": addr and port count */
	const struct conf *conf;	 /* that service and node are of */
	const struct conf_node *known;	 /* the node of that name, or NULL */
	struct addr addr;
	uint16_t port; /* 0: any port */
};
/* False: the text is no TARGET. The configuration must live as long as it. */
bool override_target_parse(
    struct override_target *, const char *, const struct conf *);
/* Whether the target may mean servers of the service, which costs less to know
 * than whether it means one of its servers. */
bool override_target_has(
    const struct override_target *, const struct conf_service *);
/* Whether the server of that service is one that the target means. */
bool override_target_is(const struct override_target *,
    const struct conf_service *, const struct conf_server *);
/* The node of a name, NULL: there is none; and whether a server is it, also one
 * that is written by its address. */
const struct conf_node *override_node(const struct conf *, const char *name);
bool override_is_node(const struct conf_node *, const struct conf_server *);

#endif
