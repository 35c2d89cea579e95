/* SPDX-License-Identifier: ISC */
/* Values as texts: pure. Each reader gives false for what it is not. */
#ifndef COMMON_CONF_TEXT_H
#define COMMON_CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define DURATION_STRLEN 24

/* Decimal digits alone. */
bool text_number(const char *, uint32_t *);
/* A whole number and its unit: ms, s, m, h or d. */
bool text_duration(const char *, uint64_t *ms);
/* In the largest unit that it is a whole number of, at most hours. */
const char *text_duration_format(uint64_t ms, char buf[DURATION_STRLEN]);
/* "10.0.0.1/24"; without a prefix it is the longest. */
bool text_prefixed(const char *, struct addr *, uint8_t *prefix);
/* "10.0.0.1:80", "[2001:db8::1]:80"; a port of 1 to 65535. */
bool text_endpoint(const char *, struct addr *, uint16_t *port);
/* "200" or "200-299", of 100 to 599. */
bool text_status(const char *, uint16_t *low, uint16_t *high);
/* The number of edits between two short texts; more than most: most + 1. */
unsigned text_distance(const char *, const char *, unsigned most);

#endif
