/* SPDX-License-Identifier: ISC */
/* The encoder on a resolved configuration, for conf_load.h and for tests. */
#ifndef COMMON_CONF_ENCODE_H
#define COMMON_CONF_ENCODE_H

#include "conf.h"
#include "conf_schema.h"

/* probe_here: by id, whether checkd's copy has it. A sealed memfd, or -1. */
int conf_encode_resolved(
    const struct conf *, enum role, const bool *probe_here);

/* One object's rows of a role into buf, which must be large; the length. */
size_t conf_encode_object(const struct conf_schema *, const void *, enum role,
    void *buf, size_t size);

#endif
