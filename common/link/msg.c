/* SPDX-License-Identifier: ISC */
/* Messages by the table: names, admission, composing. */
#include <string.h>

#include "link/msg.h"
#include "name.h"

static const struct msg_row {
	const char *name;
	uint8_t from;
	uint8_t to;
	uint16_t min;
	uint16_t max;
	uint8_t fds;
	enum msg_generation generation;
	enum msg_pace pace;
	uint16_t since;
} rows[MSG_TYPE_MAX] = {
#define X(name, from, to, min, max, fds, gen, pace, since) \
	[MSG_##name] = {#name, from, to, min, max, fds, gen, pace, since},
    MSG_TABLE(X)
#undef X
};

const char *
msg_name(enum msg_type type)
{
	if (type <= MSG_NONE || type >= MSG_TYPE_MAX)
		return "unknown";
	return rows[type].name;
}

NAME_FUNCTION(msg_admit_name, msg_admit, ADMIT_TABLE, "unknown")

bool
msg_wants_link_generation(enum msg_type type)
{
	return type > MSG_NONE && type < MSG_TYPE_MAX &&
	    rows[type].generation == GEN_LINK;
}

uint16_t
msg_since(enum msg_type type)
{
	return type > MSG_NONE && type < MSG_TYPE_MAX ? rows[type].since : 0;
}

enum msg_pace
msg_pace(enum msg_type type)
{
	return type > MSG_NONE && type < MSG_TYPE_MAX ? rows[type].pace :
							PACE_MANY;
}

bool
msg_fd_due(enum role from, enum role to)
{
	for (size_t i = 0; i < MSG_TYPE_MAX; i++) {
		if (rows[i].fds > 0 && (rows[i].from & 1u << from) != 0 &&
		    (rows[i].to & 1u << to) != 0)
			return true;
	}
	return false;
}

static bool
generation_fits(const struct msg_row *row, uint64_t generation)
{
	return (row->generation == GEN_ZERO) == (generation == 0);
}

enum msg_admit
msg_admit(struct msg *msg, const void *packet, size_t len, size_t nfds,
    enum role from, enum role to)
{
	const struct msg_row *row;
	struct reader reader;
	uint8_t version, type;
	uint16_t length;
	uint64_t generation;

	memset(msg, 0, sizeof(*msg));
	msg->fd = -1;
	if (len < MSG_HEADER_LEN || len > MSG_MAX)
		return ADMIT_LENGTH;
	reader_init(&reader, packet, len);
	version = get_u8(&reader);
	type = get_u8(&reader);
	length = get_u16(&reader);
	generation = get_u64(&reader);
	if (version != MSG_VERSION)
		return ADMIT_VERSION;
	if (length != len)
		return ADMIT_LENGTH;
	if (type == MSG_NONE)
		return ADMIT_NO_TYPE;
	if (type >= MSG_TYPE_MAX)
		return ADMIT_TYPE;
	row = &rows[type];
	msg->type = type;
	if ((row->from & 1u << from) == 0 || (row->to & 1u << to) == 0)
		return ADMIT_SENDER;
	if (reader_left(&reader) < row->min || reader_left(&reader) > row->max)
		return ADMIT_SIZE;
	if (nfds != row->fds)
		return ADMIT_FDS;
	if (!generation_fits(row, generation))
		return ADMIT_GENERATION;
	msg->generation = generation;
	reader_init(&msg->body, reader.buf + reader.pos, reader_left(&reader));
	return ADMIT_OK;
}

void
msg_begin(
    struct writer *writer, void *buf, enum msg_type type, uint64_t generation)
{
	writer_init(writer, buf, MSG_MAX);
	put_u8(writer, MSG_VERSION);
	put_u8(writer, (uint8_t)type);
	put_u16(writer, 0);
	put_u64(writer, generation);
}

size_t
msg_end(struct writer *writer)
{
	if (writer->error)
		return 0;
	writer->buf[2] = (uint8_t)(writer->len >> 8);
	writer->buf[3] = (uint8_t)writer->len;
	return writer->len;
}
