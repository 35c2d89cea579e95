/* SPDX-License-Identifier: ISC */
/*
 * Fields written and read one by one, in network byte order, within bounds
 * and with a sticky error: after the first overrun nothing more is written
 * or read (getters give 0) and the error stays until the end, where it is
 * asked for once. No struct is ever dumped on the wire.
 */
#ifndef COMMON_LINK_WIRE_H
#define COMMON_LINK_WIRE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "addr.h"

struct writer {
	uint8_t *buf;
	size_t size;
	size_t len;
	bool error;
};

void writer_init(struct writer *, void *buf, size_t size);

/* The low len bytes of a number; inline, as configurations are made of it. */
static inline void
put_number(struct writer *writer, uint64_t value, size_t len)
{
	uint64_t network = htobe64(value << (64 - 8 * len));

	if (writer->error || len > writer->size - writer->len) {
		writer->error = true;
		return;
	}
	memcpy(writer->buf + writer->len, &network, len);
	writer->len += len;
}

static inline void
put_u8(struct writer *writer, uint8_t value)
{
	put_number(writer, value, sizeof(value));
}

static inline void
put_u16(struct writer *writer, uint16_t value)
{
	put_number(writer, value, sizeof(value));
}

static inline void
put_u32(struct writer *writer, uint32_t value)
{
	put_number(writer, value, sizeof(value));
}

static inline void
put_u64(struct writer *writer, uint64_t value)
{
	put_number(writer, value, sizeof(value));
}

static inline void
put_bool(struct writer *writer, bool value)
{
	put_u8(writer, value ? 1 : 0);
}

void put_bytes(struct writer *, const void *, size_t);
/* A u16 length and the bytes, without NUL; NULL is written as "". */
void put_string(struct writer *, const char *);
/* The family (0, 4, 6) and its bytes. */
void put_addr(struct writer *, const struct addr *);

struct reader {
	const uint8_t *buf;
	size_t size;
	size_t pos;
	bool error;
};

void reader_init(struct reader *, const void *buf, size_t size);

static inline uint64_t
get_number(struct reader *reader, size_t len)
{
	uint64_t network = 0;

	if (reader->error || len > reader->size - reader->pos) {
		reader->error = true;
		return 0;
	}
	memcpy(&network, reader->buf + reader->pos, len);
	reader->pos += len;
	return be64toh(network) >> (64 - 8 * len);
}

static inline uint8_t
get_u8(struct reader *reader)
{
	return (uint8_t)get_number(reader, sizeof(uint8_t));
}

static inline uint16_t
get_u16(struct reader *reader)
{
	return (uint16_t)get_number(reader, sizeof(uint16_t));
}

static inline uint32_t
get_u32(struct reader *reader)
{
	return (uint32_t)get_number(reader, sizeof(uint32_t));
}

static inline uint64_t
get_u64(struct reader *reader)
{
	return get_number(reader, sizeof(uint64_t));
}

bool get_bool(struct reader *); /* anything but 0 and 1 is an error */
/* An error when it does not fit dst with its NUL or holds a NUL itself. */
void get_string(struct reader *, char *dst, size_t size);
/* As get_string, but a view into the buffer, not NUL-terminated. */
const char *get_string_view(struct reader *, size_t *len);
void get_addr(struct reader *, struct addr *);
size_t reader_left(const struct reader *);
/* True when all was read, nothing is left over and nothing overran. */
bool reader_done(const struct reader *);

#endif
