/* SPDX-License-Identifier: ISC */
/*
 * What operators said about servers, over `state` in the file: this host's
 * own, kept until they say otherwise, across reloads and restarts. An
 * override names service and server by protocol, addresses and ports.
 */
#ifndef IPVSD_RUNNING_OVERRIDE_H
#define IPVSD_RUNNING_OVERRIDE_H

#include <stdio.h>

#include "desired/desired.h"

struct override_table;

struct override_table *override_new(void);
void override_free(struct override_table *);

enum override override_get(const struct override_table *,
    const struct conf_service *, const struct conf_server *);
/* OVERRIDE_NONE takes it away. False: no memory. */
bool override_set(struct override_table *, const struct conf_service *,
    const struct conf_server *, enum override);
uint32_t override_count(const struct override_table *);

/* Text lines; what is not one is skipped (logged). */
void override_load(struct override_table *, FILE *);
void override_save(FILE *, void *table);

/* TARGET of drain and enable: SERVICE/SERVER or SERVER; a server is a
 * node's name, an address or address:port. */
struct override_target {
	char service[CONF_NAME_MAX + 1]; /* "": of every service */
	char node[CONF_NAME_MAX + 1];	 /* "": by address */
	struct addr addr;
	uint16_t port; /* 0: whatever port */
};
bool override_target_parse(struct override_target *, const char *);
bool override_target_is(const struct override_target *,
    const struct conf_service *, const struct conf_server *);

#endif
