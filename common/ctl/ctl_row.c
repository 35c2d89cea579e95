/* SPDX-License-Identifier: ISC */
/* The table of rows as data, and rows written by it; see ctl_row.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl_row.h"

#define ALWAYS true
#define MAYBE  false

#define KEY(key, sort, unit, needed, help) \
	{#key, sizeof(#key) - 1, CTL_SORT_##sort, unit, needed, help},
#define COUNT(id, key, help) \
	{#key, sizeof(#key) - 1, CTL_SORT_COUNTER, "", ALWAYS, help},
#define X(kind, ...)                                  \
	static const struct ctl_key kind##_keys[] = { \
	    CTL_KEYS_##kind(KEY, COUNT)};
CTL_KIND_TABLE(X)
#undef X

#define KEYS(kind) (sizeof(kind##_keys) / sizeof(struct ctl_key))
#define X(kind, ...)                                     \
	_Static_assert(KEYS(kind) <= CTL_VALUES_MAX &&   \
		sizeof(struct ctl_row_##kind) ==         \
		    KEYS(kind) * sizeof(struct ctl_any), \
	    #kind);
CTL_KIND_TABLE(X)
#undef X

const struct ctl_kind ctl_kinds[CTL_KIND_MAX] = {
#define X(kind, ...) {#kind, __VA_ARGS__, kind##_keys, KEYS(kind)},
    CTL_KIND_TABLE(X)
#undef X
};

enum ctl_type
ctl_sort_type(enum ctl_sort sort)
{
	static const enum ctl_type types[] = {
#define X(id, text, wire, type) wire,
	    CTL_SORT_TABLE(X)
#undef X
	};

	return types[sort];
}

const struct ctl_kind *
ctl_kind_named(const char *name)
{
	for (size_t i = 0; i < CTL_KIND_MAX; i++) {
		if (strcmp(ctl_kinds[i].name, name) == 0)
			return &ctl_kinds[i];
	}
	return NULL;
}

const struct ctl_key *
ctl_key_named(const struct ctl_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->count; i++) {
		if (strcmp(kind->keys[i].name, name) == 0)
			return &kind->keys[i];
	}
	return NULL;
}

/* The values of a row by its keys: a struct of a kind has nothing else. */
static const struct ctl_any *
values_of(const void *row)
{
	return row;
}

const struct ctl_key *
ctl_row_lacks(const struct ctl_kind *kind, const void *row)
{
	const struct ctl_any *values = values_of(row);

	for (size_t i = 0; i < kind->count; i++) {
		if (kind->keys[i].always && !values[i].set)
			return &kind->keys[i];
	}
	return NULL;
}

static void
put_value(struct writer *writer, const struct ctl_key *key,
    const struct ctl_any *value)
{
	char digest[17], addr[ADDR_STRLEN];

	put_u16(writer, key->name_len);
	put_bytes(writer, key->name, key->name_len);
	put_u8(writer, (uint8_t)ctl_sort_type(key->sort));
	switch (key->sort) {
	case CTL_SORT_TEXT:
	case CTL_SORT_WORD:
		put_string(writer, value->text);
		break;
	case CTL_SORT_ADDRESS:
		put_string(writer, addr_format(value->addr, addr));
		break;
	case CTL_SORT_DIGEST:
		snprintf(digest, sizeof(digest), "%016" PRIx64, value->number);
		put_string(writer, digest);
		break;
	default:
		put_u64(writer, value->number);
	}
}

size_t
ctl_row_write(
    const struct ctl_kind *kind, const void *row, uint8_t buf[MSG_MAX])
{
	const struct ctl_any *values = values_of(row);
	struct writer writer;
	size_t count_at;
	uint8_t count = 0;

	msg_begin(&writer, buf, MSG_CTL_ROW, 0);
	put_string(&writer, kind->name);
	count_at = writer.len;
	put_u8(&writer, 0);
	for (size_t i = 0; i < kind->count; i++) {
		if (!values[i].set)
			continue;
		put_value(&writer, &kind->keys[i], &values[i]);
		count++;
	}
	buf[count_at] = count;
	return msg_end(&writer);
}
