/* SPDX-License-Identifier: ISC */
/* The description that stands before an encoded configuration. */
#ifndef COMMON_LOAD_DESCRIBE_H
#define COMMON_LOAD_DESCRIBE_H

#include "role.h"
#include "link/wire.h"

/* What this program's schemas have for a role (conf/wire_form.h), some KiB. */
void describe(struct writer *, enum role);

#endif
