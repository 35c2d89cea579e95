/* SPDX-License-Identifier: ISC */
/* The encoder on one object, private to the loader. */
#ifndef COMMON_LOAD_ENCODE_H
#define COMMON_LOAD_ENCODE_H

#include <stddef.h>

#include "conf/schema.h"
#include "role.h"

/* One object's rows of a role into buf, which must be large; the length. */
size_t conf_encode_object(const struct conf_schema *, const void *, enum role,
    void *buf, size_t size);

#endif
