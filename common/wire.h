/* SPDX-License-Identifier: ISC */
/*
 * Fields written and read one by one, in network byte order, within bounds
 * and with a sticky error: after the first overrun nothing more is written
 * or read (getters give 0) and the error stays until the end, where it is
 * asked for once. No struct is ever dumped on the wire.
 */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

struct writer {
	uint8_t *buf;
	size_t size;
	size_t len;
	bool error;
};

void writer_init(struct writer *, void *buf, size_t size);
void put_u8(struct writer *, uint8_t);
void put_u16(struct writer *, uint16_t);
void put_u32(struct writer *, uint32_t);
void put_u64(struct writer *, uint64_t);
void put_bool(struct writer *, bool);
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
uint8_t get_u8(struct reader *);
uint16_t get_u16(struct reader *);
uint32_t get_u32(struct reader *);
uint64_t get_u64(struct reader *);
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
