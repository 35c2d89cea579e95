/* SPDX-License-Identifier: ISC */
/* Whether a decoded object is of one piece. */
#ifndef COMMON_CONF_HOLDS_H
#define COMMON_CONF_HOLDS_H

#include "conf/conf.h"
#include "conf/schema.h"
#include "role.h"

/*
 * Whether an element of the root's lists, decoded after all
 * that it may refer to, is of one piece.
 */
bool conf_holds(const struct conf *, const struct conf_schema *,
    const void *element, enum role);
bool conf_sync_holds(const struct conf *);

#endif
