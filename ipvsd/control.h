/* SPDX-License-Identifier: ISC */
/* ipvsd.ctl, the control socket, and its commands. */
#ifndef IPVSD_CONTROL_H
#define IPVSD_CONTROL_H

#include "running/ipvsd.h"

/* Opens the socket. Fatal on failure. */
void control_init(struct ipvsd *);

/* Commands of control_services.c and control_change.c; arg is ipvsd. HACKING.md
 * lists their rows. */
enum ctl_next control_services(struct ctl_conn *, void *ipvsd);
enum ctl_next control_drain(struct ctl_conn *, void *ipvsd);
enum ctl_next control_enable(struct ctl_conn *, void *ipvsd);

#endif
