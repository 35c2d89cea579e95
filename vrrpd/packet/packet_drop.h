/* SPDX-License-Identifier: ISC */
/*
 * Why a received VRRP packet is dropped, and what is odd about an accepted one.
 * The texts are constants, for the log. common/ctl/ctl_table.h has a counter
 * for each id.
 */
#ifndef VRRPD_PACKET_PACKET_DROP_H
#define VRRPD_PACKET_PACKET_DROP_H

/*
 * X(id, text): why a packet is dropped. vrrp_decode() gives those up to
 * VRID_ZERO, the caller VRID and WRONG_INTERFACE (it looks for the instance),
 * vrrp_accept() the others and VERSION.
 */
#define VRRP_DROP_TABLE(X)                                                     \
	X(TTL, "TTL or hop limit is too low: it came from afar")               \
	X(DESTINATION, "sent to the group and not to us, or the reverse")      \
	X(SOURCE, "source is no unicast address")                              \
	X(LENGTH, "truncated")                                                 \
	X(VERSION, "another or unknown version")                               \
	X(TYPE, "not an advertisement")                                        \
	X(ADDRESS_COUNT, "lists no address")                                   \
	X(TRAILING, "bytes after the message")                                 \
	X(CHECKSUM, "bad checksum")                                            \
	X(AUTH_TYPE, "has an authentication type: remove auth_pass there")     \
	X(INTERVAL_ZERO, "advertisement interval is 0")                        \
	X(VRID_ZERO, "VRID is 0")                                              \
	X(VRID, "VRID is not configured")                                      \
	X(WRONG_INTERFACE, "VRID is configured on another interface")          \
	X(SOURCE_OWN, "own advert, or own address in use")                     \
	X(STRANGER, "another virtual router has this VRID")                    \
	X(REFUSED, "source is no node's, and strangers are refused")           \
	X(CHECKSUM_DIALECT,                                                    \
	    "checksum in the other dialect, and strict is set")                \
	X(FIRST_ADDRESS, "first address is not link-local, and strict is set") \
	X(INTERVAL_MISMATCH, "version 2 advert with another interval")         \
	X(OWNER, "heard by the owner, who ignores adverts")

enum vrrp_drop {
	VRRP_OK,
#define X(id, text) VRRP_DROP_##id,
	VRRP_DROP_TABLE(X)
#undef X
	    VRRP_DROP_MAX
};

const char *vrrp_drop_text(enum vrrp_drop); /* for the log */

/*
 * X(id, text): oddities of an accepted advert. They are counted and logged, and
 * never a reason to drop it (RFC 9568 7.1: SHOULD log, MUST NOT discard).
 */
#define VRRP_NOTE_TABLE(X)                                              \
	X(INTERVAL, "advertises another interval than configured here") \
	X(ADDRESSES, "lists other addresses than configured here")      \
	X(FIRST, "sends a first address that is not link-local")        \
	X(OWNERS, "has priority 255 as well")                           \
	X(EQUAL, "has the same priority")                               \
	X(MASTER, "is master as well")

/* Where vrrpd counts an oddity. */
enum vrrp_note_place {
#define X(id, text) VRRP_NOTE_PLACE_##id,
	VRRP_NOTE_TABLE(X)
#undef X
	    VRRP_NOTES_MAX
};

/* Oddities, as a set. */
enum vrrp_note {
#define X(id, text) VRRP_NOTE_##id = 1 << VRRP_NOTE_PLACE_##id,
	VRRP_NOTE_TABLE(X)
#undef X
};

/* For the log, after the sender. */
const char *vrrp_note_text(enum vrrp_note_place);

#endif
