/* SPDX-License-Identifier: ISC */
/* Strings that are safe to show, and durations that are easy to read. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

#define MS_PER_SEC  UINT64_C(1000)
#define MS_PER_MIN  (60 * MS_PER_SEC)
#define MS_PER_HOUR (60 * MS_PER_MIN)
#define MS_PER_DAY  (24 * MS_PER_HOUR)

/* The character at s and its length, 0 when it is not UTF-8 (RFC 3629). */
static size_t
utf8_decode(const char *s, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = (uint8_t)s[0];
	uint32_t value;
	size_t len;

	if (first < 0x80) {
		*character = first;
		return 1;
	}
	if (first >= 0xc0 && first < 0xe0) {
		len = 2;
		value = first & 0x1fu;
	} else if (first >= 0xe0 && first < 0xf0) {
		len = 3;
		value = first & 0x0fu;
	} else if (first >= 0xf0 && first < 0xf8) {
		len = 4;
		value = first & 0x07u;
	} else
		return 0;
	for (size_t i = 1; i < len; i++) {
		/* The string's NUL is no continuation byte, so this never reads
		 * past it. */
		if (((uint8_t)s[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | ((uint8_t)s[i] & 0x3fu);
	}
	if (value < least[len] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*character = value;
	return len;
}

static bool
is_kept(uint32_t character, enum text_keep keep)
{
	if (keep == KEEP_VALID)
		return true;
	if (character == '\n' || character == '\t')
		return keep == KEEP_LINES;
	if (character < 0x20 || (character >= 0x7f && character < 0xa0))
		return false;
	/* These turn the direction of the text that follows. */
	return !(character >= 0x202a && character <= 0x202e) &&
	    !(character >= 0x2066 && character <= 0x2069);
}

void
text_clean(char *s, enum text_keep keep)
{
	uint32_t character;
	size_t len;

	if (keep == KEEP_RAW)
		return;
	while (*s != '\0') {
		len = utf8_decode(s, &character);
		if (len != 0 && is_kept(character, keep)) {
			s += len;
			continue;
		}
		if (len == 0)
			len = 1;
		memset(s, '?', len);
		s += len;
	}
}

size_t
text_width(const char *s)
{
	size_t width = 0;

	for (; *s != '\0'; s++) {
		if (((uint8_t)*s & 0xc0) != 0x80)
			width++;
	}
	return width;
}

size_t
text_fit(const char *cell, size_t width)
{
	size_t columns = 0, bytes = 0, space = 0;

	while (cell[bytes] != '\0' && columns < width) {
		if (cell[bytes] == ' ')
			space = bytes;
		do {
			bytes++;
		} while (((unsigned char)cell[bytes] & 0xc0) == 0x80);
		columns++;
	}
	return cell[bytes] == '\0' || cell[bytes] == ' ' || space == 0 ? bytes :
									 space;
}

const char *
duration_format(uint64_t ms, char buf[DURATION_SIZE])
{
	uint64_t big, small;
	const char *units;

	if (ms < MS_PER_SEC) {
		snprintf(buf, DURATION_SIZE, "%" PRIu64 " ms", ms);
		return buf;
	}
	if (ms < 10 * MS_PER_SEC) {
		snprintf(buf, DURATION_SIZE, "%" PRIu64 ".%" PRIu64 " s",
		    ms / 1000, ms % 1000 / 100);
		return buf;
	}
	if (ms < MS_PER_MIN) {
		snprintf(buf, DURATION_SIZE, "%" PRIu64 " s", ms / 1000);
		return buf;
	}
	if (ms < MS_PER_HOUR) {
		units = "ms";
		big = ms / MS_PER_MIN;
		small = ms % MS_PER_MIN / MS_PER_SEC;
	} else if (ms < MS_PER_DAY) {
		units = "hm";
		big = ms / MS_PER_HOUR;
		small = ms % MS_PER_HOUR / MS_PER_MIN;
	} else {
		units = "dh";
		big = ms / MS_PER_DAY;
		small = ms % MS_PER_DAY / MS_PER_HOUR;
	}
	snprintf(buf, DURATION_SIZE, "%" PRIu64 " %c %" PRIu64 " %c", big,
	    units[0], small, units[1]);
	return buf;
}

const char *
wall_format(uint64_t ms, char buf[WALL_SIZE])
{
	time_t moment = (time_t)(ms / MS_PER_SEC), now = time(NULL);
	struct tm tm, today;
	bool same;

	snprintf(buf, WALL_SIZE, "?");
	if (ms == 0 || localtime_r(&moment, &tm) == NULL ||
	    localtime_r(&now, &today) == NULL)
		return buf;
	same = tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday;
	strftime(buf, WALL_SIZE, same ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
	return buf;
}

const char *
since_format(uint64_t ms, char buf[SINCE_SIZE])
{
	uint64_t now = (uint64_t)time(NULL) * MS_PER_SEC;
	char duration[DURATION_SIZE], wall[WALL_SIZE];

	snprintf(buf, SINCE_SIZE, "%s (%s)", duration_format(ms, duration),
	    wall_format(ms < now ? now - ms : 0, wall));
	return buf;
}

bool
duration_parse(const char *s, uint64_t *ms)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {
	    {"ms", 1},
	    {"s", MS_PER_SEC},
	    {"m", MS_PER_MIN},
	    {"h", MS_PER_HOUR},
	    {"d", MS_PER_DAY},
	};
	char *end;
	unsigned long number;

	if (!isdigit((unsigned char)s[0]) || strlen(s) > 12)
		return false;
	number = strtoul(s, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) == 0)
			return !__builtin_mul_overflow(
			    (uint64_t)number, units[i].ms, ms);
	}
	return false;
}
