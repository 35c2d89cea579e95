/* SPDX-License-Identifier: ISC */
/* What services refer to. */
#ifndef COMMON_LOAD_SERVICES_H
#define COMMON_LOAD_SERVICES_H

#include "load/source.h"

/* Endpoints' instances, servers' addresses, checks, and what is by default. */
void conf_services(struct conf_source *);

#endif
