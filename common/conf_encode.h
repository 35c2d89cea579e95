/* SPDX-License-Identifier: ISC */
/* The encoder on a resolved configuration, for conf_load.h and for tests. */
#ifndef COMMON_CONF_ENCODE_H
#define COMMON_CONF_ENCODE_H

#include "conf.h"

/* probe_here: by id, whether checkd's copy has it. A sealed memfd, or -1. */
int conf_encode_resolved(const struct conf *, enum role,
    const bool *probe_here);

#endif
