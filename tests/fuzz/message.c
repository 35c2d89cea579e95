/* SPDX-License-Identifier: ISC */
/*
 * A packet of a link: admission, then the reader's functions in an order that
 * the input gives, as the handlers of any daemon might. What is admitted is of
 * the size and from the sender that the table says.
 */
#include <string.h>

#include "fuzz.h"
#include "link/msg.h"

static void
read_field(struct reader *reader, uint8_t kind)
{
	char text[64];
	struct addr addr;

	switch (kind % 7) {
	case 0:
		(void)get_u8(reader);
		break;
	case 1:
		(void)get_u16(reader);
		break;
	case 2:
		(void)get_u32(reader);
		break;
	case 3:
		(void)get_u64(reader);
		break;
	case 4:
		(void)get_bool(reader);
		break;
	case 5:
		get_string(reader, text, sizeof(text));
		MUST(memchr(text, '\0', sizeof(text)) != NULL);
		break;
	case 6:
		get_addr(reader, &addr);
		MUST(addr_len(addr.family) <= sizeof(addr.bytes));
		break;
	}
}

/* The first five bytes: who to whom, how many descriptors, how to read. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msg msg;
	uint32_t order;
	uint8_t *packet;

	if (size < 7)
		return 0;
	memcpy(&order, data + 3, sizeof(order));
	packet = malloc(size - 7);
	MUST(packet != NULL);
	memcpy(packet, data + 7, size - 7);
	if (msg_admit(&msg, packet, size - 7, data[2] % 3,
		(enum role)(data[0] % ROLE_MAX),
		(enum role)(data[1] % ROLE_MAX)) == ADMIT_OK) {
		MUST(size - 7 <= MSG_MAX);
		for (unsigned i = 0; i < 32; i++) {
			read_field(&msg.body, (uint8_t)(order >> (i % 24)));
			if (reader_done(&msg.body))
				break;
		}
	}
	free(packet);
	return 0;
}
