/* SPDX-License-Identifier: ISC */
/* What a lease_reason is called. */
#include "link/lease_reason.h"
#include "name.h"

NAME_FUNCTION(lease_reason_name, lease_reason, LEASE_REASON_TABLE, OTHER_TEXT)

static const uint16_t since[] = {LEASE_REASON_TABLE(OTHER_ROW)};

static const struct other others = {since, LEASE_REASON_MAX, LEASE_NONE};

bool
lease_reason_hear(uint16_t level, uint8_t *reason)
{
	return other_hear(&others, level, reason);
}

uint8_t
lease_reason_say(uint16_t level, enum lease_reason reason)
{
	return other_say(&others, level, (uint8_t)reason);
}
