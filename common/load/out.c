/* SPDX-License-Identifier: ISC */
/* Writes the canonical form piece by piece. */

#include <ctype.h>
#include <string.h>

#include "digest.h"
#include "load/out.h"

void
out_init(struct out *o, FILE *file)
{
	o->file = file;
	o->digest = FNV1A64_INIT;
	o->key = NULL;
	o->indent = 0;
	o->first = true;
	o->len = 0;
}

void
out_flush(struct out *o)
{
	o->digest = digest_block(o->digest, o->buf, o->len);
	if (o->file != NULL)
		fwrite(o->buf, 1, o->len, o->file);
	o->len = 0;
}

static void
out_split(struct out *o, const char *bytes, size_t len)
{
	size_t part;

	while (len > 0) {
		if (o->len == sizeof(o->buf))
			out_flush(o);
		part = sizeof(o->buf) - o->len;
		if (part > len)
			part = len;
		memcpy(o->buf + o->len, bytes, part);
		o->len += part;
		bytes += part;
		len -= part;
	}
}

static inline void
out_bytes(struct out *o, const char *bytes, size_t len)
{
	if (len > sizeof(o->buf) - o->len) {
		out_split(o, bytes, len);
		return;
	}
	memcpy(o->buf + o->len, bytes, len);
	o->len += len;
}

/* Most are a few bytes, too few to be worth a strlen() and a memcpy(). */
void
out_raw(struct out *o, const char *text)
{
	char *p = o->buf + o->len, *end = o->buf + sizeof(o->buf);

	while (*text != '\0' && p < end)
		*p++ = *text++;
	o->len = (size_t)(p - o->buf);
	if (*text != '\0')
		out_split(o, text, strlen(text));
}

void
out_spaces(struct out *o, int count)
{
	static const char spaces[] = "        ";
	int part;

	for (; count > 0; count -= part) {
		part = count < (int)sizeof(spaces) - 1 ?
		    count :
		    (int)sizeof(spaces) - 1;
		out_bytes(o, spaces, (size_t)part);
	}
}

/* A key's own place: on a line of its own, or after a comma. */
static void
out_key(struct out *o)
{
	if (o->key == NULL)
		return;
	if (o->indent >= 0)
		out_spaces(o, o->indent);
	else if (!o->first)
		out_bytes(o, ", ", 2);
	o->first = false;
	out_raw(o, o->key);
	out_bytes(o, ": ", 2);
	o->key = NULL;
}

void
out_plain(struct out *o, const char *text)
{
	out_key(o);
	out_raw(o, text);
}

static bool
is_plain(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (!isalnum(*p) && *p != '/')
		return false;
	for (p++; *p != '\0'; p++) {
		if (!isalnum(*p) && *p != '/' && *p != '.' && *p != '_' &&
		    *p != '-')
			return false;
	}
	return true;
}

/*
 * The bytes of the character (in UTF-8) when a quoted text cannot have it as it
 * is: YAML refuses control characters, U+FEFF, U+FFFE and U+FFFF, and folds
 * the line breaks U+0085, U+2028 and U+2029. Else 0.
 */
static size_t
must_escape(const char *text, unsigned *character)
{
	const unsigned char *p = (const unsigned char *)text;

	*character = p[0];
	if (p[0] < 0x80)
		return iscntrl(p[0]) ? 1 : 0;
	if (p[0] == 0xc2) {
		*character = p[1];
		return p[1] < 0xa0 ? 2 : 0;
	}
	if ((p[0] & 0xf0) != 0xe0 || p[1] == '\0')
		return 0;
	*character = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 |
	    (p[2] & 0x3fu);
	return *character == 0x2028 || *character == 0x2029 ||
		*character == 0xfeff || *character > 0xfffd ?
	    3 :
	    0;
}

static void
out_quoted(struct out *o, const char *text)
{
	char escape[8];
	unsigned character;
	size_t len;

	out_bytes(o, "\"", 1);
	for (; *text != '\0'; text += len) {
		if ((len = must_escape(text, &character)) > 0) {
			snprintf(escape, sizeof(escape),
			    len > 1 ? "\\u%04x" : "\\x%02x", character);
			out_raw(o, escape);
			continue;
		}
		if (*text == '"' || *text == '\\')
			out_bytes(o, "\\", 1);
		out_bytes(o, text, 1);
		len = 1;
	}
	out_bytes(o, "\"", 1);
}

void
out_value(struct out *o, const char *text)
{
	out_key(o);
	if (is_plain(text))
		out_raw(o, text);
	else
		out_quoted(o, text);
}

void
out_number(struct out *o, uint32_t value)
{
	char buf[12], *p = buf + sizeof(buf);

	*--p = '\0';
	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	out_plain(o, p);
}

void
out_end(struct out *o)
{
	if (o->indent >= 0 && o->key == NULL)
		out_bytes(o, "\n", 1);
	o->key = NULL;
}
