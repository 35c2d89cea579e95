/* SPDX-License-Identifier: ISC */
/* Encodes a source without errors, for one daemon (conf/wire_form.h). */
#ifndef COMMON_LOAD_ENCODE_H
#define COMMON_LOAD_ENCODE_H

#include <stdint.h>

#include "role.h"

struct conf_source;

/*
 * A sealed memfd of *size bytes with the rows of role (IPVSD, VRRPD or CHECKD),
 * which is the caller's; -1 on failure.
 */
int conf_encode(struct conf_source *, enum role, uint32_t *size);

#endif
