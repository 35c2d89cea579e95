/* SPDX-License-Identifier: ISC */
/* This host, as far as a configuration has to do with it. */
#ifndef COMMON_LOAD_HOST_H
#define COMMON_LOAD_HOST_H

#include "load/source.h"

/* Its name, interfaces and addresses, what it forwards, and whether its kernel
 * has ip_vs, into s->host. */
void conf_host_read(struct conf_source *);
/*
 * Sets root.c.self to `node`, else (NULL) to the node with the host's name or
 * one of its addresses; and s->host.here. Without such a node it is an error.
 */
void conf_self(struct conf_source *, const char *node);

#endif
