/* SPDX-License-Identifier: ISC */
/* ipvsd.ctl, the control socket. */
#ifndef IPVSD_CONTROL_H
#define IPVSD_CONTROL_H

#include "running/ipvsd.h"

/* Opens it. Fatal on failure. */
void control_init(struct ipvsd *);

/* The commands of other files; the rows are listed in HACKING.md. */
enum ctl_next control_services(struct ctl_conn *, void *ipvsd);
enum ctl_next control_drain(struct ctl_conn *, void *ipvsd);
enum ctl_next control_enable(struct ctl_conn *, void *ipvsd);

#endif
