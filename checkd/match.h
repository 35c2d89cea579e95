/* SPDX-License-Identifier: ISC */
/*
 * Which probe of a new configuration is which of the old one, so that what
 * did not change keeps its state. Pure.
 */
#ifndef CHECKD_MATCH_H
#define CHECKD_MATCH_H

#include "conf/conf.h"

/*
 * Over what is probed (address, port) and how (type, what is sent and
 * expected). Neither the check's name nor its times count. Well mixed.
 */
uint64_t match_hash(const struct conf_probe *);
/* Whether two are probed as often and judged alike. */
bool match_times(const struct conf_probe *, const struct conf_probe *);

#define MATCH_NONE UINT32_MAX

/*
 * Fills to[i] with the position in old of new[i], each at most once, or with
 * MATCH_NONE. One with the same times comes before one with others.
 */
void match_probes(const struct conf *old, const struct conf *new, uint32_t *to);

#endif
