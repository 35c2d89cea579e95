/* SPDX-License-Identifier: ISC */
/*
 * Reasons that siblings of different versions tell each other. They are for
 * people alone, so one that this version has no word for is no lie of a newer
 * peer: it becomes OTHER. To an older peer that does not know a reason OTHER is
 * said, and to one that does not even know that, the nearest old one.
 */
#ifndef COMMON_LINK_OTHER_H
#define COMMON_LINK_OTHER_H

#include <stdbool.h>
#include <stdint.h>

#define OTHER_NUMBER 255 /* on the wire, whatever else is added */
#define OTHER_TEXT   "another reason"
#define OTHER_SINCE  2 /* the level of the first version that knows it */

/* An enum of such reasons. */
struct other {
	const uint16_t *since; /* by number: the level that knows it */
	uint8_t count;
	uint8_t oldest; /* stands for OTHER to who does not know that */
};

/* From a row X(id, text, since) of a table to since. */
#define OTHER_ROW(id, text, since) since,

/*
 * Takes a reason from a peer of that level. False: neither it nor we know it,
 * so it is a lie.
 */
bool other_hear(const struct other *, uint16_t level, uint8_t *reason);
/* The reason as a peer of that level is told it. */
uint8_t other_say(const struct other *, uint16_t level, uint8_t reason);

#endif
