/* SPDX-License-Identifier: ISC */
/* Reasons across versions; see other.h. */
#include "link/other.h"

#include "link/msg.h"

bool
other_hear(const struct other *other, uint16_t level, uint8_t *reason)
{
	if (*reason < other->count || *reason == OTHER_NUMBER)
		return true;
	*reason = OTHER_NUMBER;
	return level > MSG_LEVEL;
}

uint8_t
other_say(const struct other *other, uint16_t level, uint8_t reason)
{
	if (reason < other->count && other->since[reason] <= level)
		return reason;
	return level >= OTHER_SINCE ? OTHER_NUMBER : other->oldest;
}
