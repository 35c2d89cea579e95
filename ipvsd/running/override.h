/* SPDX-License-Identifier: ISC */
/*
 * Overrides: `vipctl drain` and `vipctl enable` go before `state` in the
 * configuration. An override holds on this host alone, across reloads and
 * restarts, until the operator takes it back. It names service and server by
 * protocol, addresses and ports.
 */
#ifndef IPVSD_RUNNING_OVERRIDE_H
#define IPVSD_RUNNING_OVERRIDE_H

#include <stdio.h>

#include "desired/desired.h"

struct override_table;

struct override_table *override_new(void); /* fatal without memory */
void override_free(struct override_table *);

enum override override_get(const struct override_table *,
    const struct conf_service *, const struct conf_server *);
/* Sets or replaces it; OVERRIDE_NONE removes it. False: there are too many. */
bool override_set(struct override_table *, const struct conf_service *,
    const struct conf_server *, enum override);
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
	struct addr addr;
	uint16_t port; /* 0: any port */
};
/* False: the text is no TARGET. */
bool override_target_parse(struct override_target *, const char *);
/* Whether the server of that service is one that the target means. */
bool override_target_is(const struct override_target *,
    const struct conf_service *, const struct conf_server *);

#endif
