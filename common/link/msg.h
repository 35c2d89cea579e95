/* SPDX-License-Identifier: ISC */
/*
 * Packets: the admission, by the table of messages (msg_table.h), that each
 * passes before a handler sees it, and the composing of one.
 *
 * A packet is a header of 12 bytes (version u8, type u8, length u16 of the
 * whole packet, generation u64), then the body. All is in network order.
 */
#ifndef COMMON_LINK_MSG_H
#define COMMON_LINK_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/msg_table.h"
#include "link/wire.h"
#include "role.h"

#define MSG_VERSION	 1 /* the form of the header; no other is understood */
#define MSG_HEADER_LEN	 12
#define MSG_MAX		 8192 /* the largest packet, header included */

/*
 * The protocol level: how much a process has to say. Each version that adds a
 * message or a reason has one more than the version before. HELLO and LINK tell
 * a sibling's; what stood before there were levels speaks level 1.
 */
#define MSG_LEVEL	 4
#define MSG_LEVEL_OLDEST 1 /* a sibling of less is refused */

/* A received message; body and fd are valid until the handler returns. */
struct msg {
	enum msg_type type;
	uint64_t generation;
	struct reader body;
	int fd; /* -1, or an fd that the handler may take: it then
		   sets -1 here, else it is closed */
};

/* What admission found. */
#define ADMIT_TABLE(X)                             \
	X(OK, "ok")                                \
	X(LENGTH, "wrong length")                  \
	X(VERSION, "unknown protocol version")     \
	X(NO_TYPE, "no message type")              \
	X(TYPE, "unknown message type")            \
	X(SENDER, "not the sender's to say")       \
	X(SIZE, "wrong size for its type")         \
	X(FDS, "wrong number of file descriptors") \
	X(GENERATION, "generation where none belongs, or none")

enum msg_admit {
#define X(id, text) ADMIT_##id,
	ADMIT_TABLE(X)
#undef X
	    ADMIT_MAX
};

const char *msg_name(enum msg_type);
const char *msg_admit_name(enum msg_admit);
bool msg_wants_link_generation(enum msg_type);
/* The level that a process speaks at least if it has this message. */
uint16_t msg_since(enum msg_type);
/* PACE_MANY for what only a newer sibling has. */
enum msg_pace msg_pace(enum msg_type);
/* Whether the table has any message between these with a descriptor. */
bool msg_fd_due(enum role from, enum role to);

/*
 * Checks a packet by the table. On ADMIT_OK fills all of *msg but fd.
 * nfds is how many file descriptors came with it.
 */
enum msg_admit msg_admit(struct msg *, const void *packet, size_t len,
    size_t nfds, enum role from, enum role to);

/*
 * Composes into a writer over a buffer of MSG_MAX: msg_begin, put_*, then
 * msg_end, which fills in the length and gives it, 0 if it did not fit.
 */
void msg_begin(struct writer *, void *buf, enum msg_type, uint64_t generation);
size_t msg_end(struct writer *);

#endif
