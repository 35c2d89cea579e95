/* SPDX-License-Identifier: ISC */
/* Fields, one by one, within bounds and with a sticky error. */
#include <sys/socket.h>

#include <string.h>

#include "link/wire.h"

void
writer_init(struct writer *writer, void *buf, size_t size)
{
	writer->buf = buf;
	writer->size = size;
	writer->len = 0;
	writer->error = false;
}

void
put_bytes(struct writer *writer, const void *bytes, size_t len)
{
	if (writer->error || len > writer->size - writer->len) {
		writer->error = true;
		return;
	}
	if (len != 0)
		memcpy(writer->buf + writer->len, bytes, len);
	writer->len += len;
}

void
put_string(struct writer *writer, const char *string)
{
	size_t len = string == NULL ? 0 : strlen(string);

	if (len > UINT16_MAX) {
		writer->error = true;
		return;
	}
	put_u16(writer, (uint16_t)len);
	put_bytes(writer, string, len);
}

void
put_addr(struct writer *writer, const struct addr *addr)
{
	switch (addr->family) {
	case AF_INET:
		put_u8(writer, 4);
		break;
	case AF_INET6:
		put_u8(writer, 6);
		break;
	default:
		put_u8(writer, 0);
		break;
	}
	put_bytes(writer, addr->bytes, addr_len(addr->family));
}

void
reader_init(struct reader *reader, const void *buf, size_t size)
{
	reader->buf = buf;
	reader->size = size;
	reader->pos = 0;
	reader->error = false;
}

/* The next len bytes, or NULL (and the error) when there are fewer. */
static const uint8_t *
take(struct reader *reader, size_t len)
{
	const uint8_t *bytes;

	if (reader->error || len > reader->size - reader->pos) {
		reader->error = true;
		return NULL;
	}
	bytes = reader->buf + reader->pos;
	reader->pos += len;
	return bytes;
}

bool
get_bool(struct reader *reader)
{
	uint8_t value = get_u8(reader);

	if (value > 1) {
		reader->error = true;
		return false;
	}
	return value == 1;
}

static void
get_bytes(struct reader *reader, void *dst, size_t len)
{
	const uint8_t *bytes = take(reader, len);

	if (len == 0)
		return;
	if (bytes == NULL)
		memset(dst, 0, len);
	else
		memcpy(dst, bytes, len);
}

const char *
get_string_view(struct reader *reader, size_t *len)
{
	const uint8_t *bytes;

	*len = get_u16(reader);
	bytes = take(reader, *len);
	if (bytes == NULL) {
		*len = 0;
		return "";
	}
	return (const char *)bytes;
}

void
get_string(struct reader *reader, char *dst, size_t size)
{
	size_t len;
	const char *bytes = get_string_view(reader, &len);

	if (len >= size || memchr(bytes, '\0', len) != NULL) {
		reader->error = true;
		len = 0;
	}
	if (size == 0)
		return;
	memcpy(dst, bytes, len);
	dst[len] = '\0';
}

void
get_addr(struct reader *reader, struct addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	switch (get_u8(reader)) {
	case 0:
		break;
	case 4:
		addr->family = AF_INET;
		break;
	case 6:
		addr->family = AF_INET6;
		break;
	default:
		reader->error = true;
		break;
	}
	get_bytes(reader, addr->bytes, addr_len(addr->family));
}

size_t
reader_left(const struct reader *reader)
{
	return reader->error ? 0 : reader->size - reader->pos;
}

bool
reader_done(const struct reader *reader)
{
	return !reader->error && reader->pos == reader->size;
}
