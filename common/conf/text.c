/* SPDX-License-Identifier: ISC */
/* Values as texts: pure. */

#include <stdio.h>
#include <string.h>

#include "conf/text.h"

static const struct {
	const char *text;
	uint32_t ms;
} units[] = {
    {"h", 3600000},
    {"m", 60000},
    {"s", 1000},
    {"ms", 1},
    {"d", 86400000},
};

#define UNITS	(sizeof(units) / sizeof(units[0]))
#define PRINTED 4u /* days are read, hours are printed */

#define LONGEST 64u /* text whose distance is measured */

/* The digits at the start; gives how many, 0 when there are none or too
 * many to be counted. */
static size_t
digits(const char *text, uint32_t *value)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
		n = n * 10 + (uint64_t)(text[i] - '0');
		if (n > UINT32_MAX)
			return 0;
	}
	*value = (uint32_t)n;
	return i;
}

bool
text_number(const char *text, uint32_t *value)
{
	size_t len = digits(text, value);

	return len > 0 && text[len] == '\0';
}

bool
text_duration(const char *text, uint64_t *ms)
{
	uint32_t number;
	size_t len = digits(text, &number), i;

	if (len == 0)
		return false;
	for (i = 0; i < UNITS; i++) {
		if (strcmp(text + len, units[i].text) == 0) {
			*ms = (uint64_t)number * units[i].ms;
			return true;
		}
	}
	return false;
}

const char *
text_duration_format(uint64_t ms, char buf[DURATION_STRLEN])
{
	size_t i = 0;

	if (ms == 0)
		return strcpy(buf, "0s");
	while (i < PRINTED - 1 && ms % units[i].ms != 0)
		i++;
	snprintf(buf, DURATION_STRLEN, "%llu%s",
	    (unsigned long long)(ms / units[i].ms), units[i].text);
	return buf;
}

bool
text_prefixed(const char *text, struct addr *addr, uint8_t *prefix)
{
	char buf[ADDR_STRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	uint32_t number;

	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (!addr_parse(addr, buf))
		return false;
	*prefix = addr_max_prefix(addr->family);
	if (slash == NULL)
		return true;
	if (!text_number(slash + 1, &number) || number > *prefix)
		return false;
	*prefix = (uint8_t)number;
	return true;
}

bool
text_endpoint(const char *text, struct addr *addr, uint16_t *port)
{
	char buf[ADDR_STRLEN];
	const char *colon = strrchr(text, ':');
	uint8_t family = AF_INET;
	uint32_t number;
	size_t len;

	if (colon == NULL || !text_number(colon + 1, &number) || number == 0 ||
	    number > UINT16_MAX)
		return false;
	len = (size_t)(colon - text);
	if (text[0] == '[') {
		if (len < 2 || text[len - 1] != ']')
			return false;
		family = AF_INET6;
		text++;
		len -= 2;
	}
	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	*port = (uint16_t)number;
	return addr_parse(addr, buf) && addr->family == family;
}

bool
text_status(const char *text, uint16_t *low, uint16_t *high)
{
	uint32_t from = 0, to;
	size_t len = digits(text, &from);

	to = from;
	if (len == 0 ||
	    (text[len] != '\0' &&
		(text[len] != '-' || !text_number(text + len + 1, &to))))
		return false;
	if (from < 100 || from > to || to > 599)
		return false;
	*low = (uint16_t)from;
	*high = (uint16_t)to;
	return true;
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* The optimal string alignment distance, a row at a time: like Levenshtein's,
 * but a swap of two neighbours is one edit. */
unsigned
text_distance(const char *a, const char *b, unsigned most)
{
	unsigned rows[3][LONGEST + 1], *now = rows[0], *above = rows[1];
	unsigned *two_above = rows[2], *oldest, i, j;
	size_t la = strlen(a), lb = strlen(b);

	if (la > LONGEST || lb > LONGEST ||
	    (la > lb ? la - lb : lb - la) > most)
		return most + 1;
	for (j = 0; j <= lb; j++)
		now[j] = j;
	for (i = 1; i <= la; i++) {
		oldest = two_above;
		two_above = above;
		above = now;
		now = oldest;
		now[0] = i;
		for (j = 1; j <= lb; j++) {
			now[j] = least(above[j] + 1, now[j - 1] + 1,
			    above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    two_above[j - 2] + 1 < now[j])
				now[j] = two_above[j - 2] + 1;
		}
	}
	return now[lb];
}
