/* SPDX-License-Identifier: ISC */
/* Rows: self-describing records of named values. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl_row.h"

void
ctl_row_begin(struct ctl_row *row, const char *kind)
{
	msg_begin(&row->writer, row->buf, MSG_CTL_ROW, 0);
	put_string(&row->writer, kind);
	row->count = 0;
	row->count_at = row->writer.len;
	put_u8(&row->writer, 0);
}

static void
field(struct ctl_row *row, const char *key, enum ctl_type type)
{
	if (row->count == CTL_VALUES_MAX) {
		row->writer.error = true;
		return;
	}
	row->count++;
	put_string(&row->writer, key);
	put_u8(&row->writer, (uint8_t)type);
}

void
ctl_row_string(struct ctl_row *row, const char *key, const char *value)
{
	field(row, key, CTL_STRING);
	put_string(&row->writer, value);
}

void
ctl_row_uint(struct ctl_row *row, const char *key, uint64_t value)
{
	field(row, key, CTL_UINT);
	put_u64(&row->writer, value);
}

void
ctl_row_bool(struct ctl_row *row, const char *key, bool value)
{
	field(row, key, CTL_BOOL);
	put_u64(&row->writer, value ? 1 : 0);
}

void
ctl_row_hex(struct ctl_row *row, const char *key, uint64_t value)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, value);
	ctl_row_string(row, key, text);
}

void
ctl_row_addr(struct ctl_row *row, const char *key, const struct addr *addr)
{
	char text[ADDR_STRLEN];

	ctl_row_string(row, key, addr_format(addr, text));
}
