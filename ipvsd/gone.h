/* SPDX-License-Identifier: ISC */
/*
 * When somebody has removed the run-time directory no daemon that starts finds
 * ipvsd, and ipvsd, which has no right to, cannot bind its sockets anew. It
 * says so, and goes on as long as all links are up or a term is open. Then it
 * ends with 1, so that its supervisor starts it with a directory.
 */
#ifndef IPVSD_GONE_H
#define IPVSD_GONE_H

#include "running/ipvsd.h"

/* Looks every two seconds. broker_new() must have bound its sockets. */
void gone_init(struct ipvsd *);

#endif
