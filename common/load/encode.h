/* SPDX-License-Identifier: ISC */
/* Encodes a source without errors, for one daemon (conf/wire_form.h). */
#ifndef COMMON_LOAD_ENCODE_H
#define COMMON_LOAD_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "role.h"

struct conf_source;

/*
 * In two steps: a memfd with the rows of role (IPVSD, VRRPD or CHECKD), or -1;
 * then its header and its seals, which set *size. generation 0, for ipvsd
 * alone: not known yet.
 */
int conf_encode_body(const struct conf_source *, enum role);
bool conf_encode_seal(int fd, enum role, uint64_t generation, uint32_t *size);

#endif
