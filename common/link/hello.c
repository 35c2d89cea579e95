/* SPDX-License-Identifier: ISC */
/* HELLO and LINK, written and read; see hello.h. */
#include "link/hello.h"

#include <stdio.h>

/* A client of this level takes the peer's in LINK. To one of less all speak the
 * first, as they did before there were levels. */
#define LEVEL_IN_LINK 2

size_t
hello_compose(void *buf)
{
	struct writer writer;

	msg_begin(&writer, buf, MSG_HELLO, 0);
	put_u16(&writer, MSG_LEVEL);
	put_u16(&writer, MSG_LEVEL_OLDEST);
	return msg_end(&writer);
}

const char *
hello_take(struct msg *msg, uint16_t *level)
{
	static char text[96];
	uint16_t spoken = get_u16(&msg->body);
	uint16_t oldest = get_u16(&msg->body);

	if (!reader_done(&msg->body) || oldest > spoken)
		return "impossible HELLO";
	*level = spoken;
	if (oldest <= MSG_LEVEL && spoken >= MSG_LEVEL_OLDEST)
		return NULL;
	snprintf(text, sizeof(text),
	    "it speaks protocol levels %u to %u, we %u to %u", oldest, spoken,
	    MSG_LEVEL_OLDEST, MSG_LEVEL);
	return text;
}

size_t
hello_compose_link(void *buf, uint16_t level, const struct link_end *end)
{
	struct writer writer;

	msg_begin(&writer, buf, MSG_LINK, 0);
	put_u8(&writer, (uint8_t)end->peer);
	put_u64(&writer, end->epoch);
	if (level >= LEVEL_IN_LINK)
		put_u16(&writer, end->level);
	return msg_end(&writer);
}

bool
hello_take_link(struct msg *msg, struct link_end *end)
{
	uint8_t peer = get_u8(&msg->body);

	end->peer = peer;
	end->epoch = get_u64(&msg->body);
	end->level = reader_left(&msg->body) > 0 ? get_u16(&msg->body) : 1;
	return reader_done(&msg->body) && end->epoch != 0 && end->level != 0 &&
	    (peer == ROLE_IPVSD || peer == ROLE_VRRPD || peer == ROLE_CHECKD);
}
