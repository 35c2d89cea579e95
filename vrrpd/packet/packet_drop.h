/* SPDX-License-Identifier: ISC */
/*
 * Why a received VRRP packet is dropped, and what is odd about an accepted
 * one: names of counters and words for the log. All strings are constant.
 */
#ifndef VRRPD_PACKET_PACKET_DROP_H
#define VRRPD_PACKET_PACKET_DROP_H

/*
 * X(id, counter, text): why a packet is dropped. The counters are columns of
 * `vipctl show vrrp`. vrrp_decode() gives those up to VRID_ZERO, the caller
 * VRID and WRONG_INTERFACE (it looks for the instance), vrrp_accept() the
 * others and VERSION.
 */
#define VRRP_DROP_TABLE(X)                                               \
	X(TTL, "ttl", "TTL or hop limit is not 255")                     \
	X(DESTINATION, "destination", "not sent to the VRRP group")      \
	X(SOURCE, "source", "source is no unicast address")              \
	X(LENGTH, "length", "truncated")                                 \
	X(VERSION, "version", "another or unknown version")              \
	X(TYPE, "type", "not an advertisement")                          \
	X(ADDRESS_COUNT, "address_count_zero", "lists no address")       \
	X(TRAILING, "trailing", "bytes after the message")               \
	X(CHECKSUM, "checksum", "bad checksum")                          \
	X(AUTH_TYPE, "auth_type", "has an authentication type")          \
	X(INTERVAL_ZERO, "interval_zero", "advertisement interval is 0") \
	X(VRID_ZERO, "vrid_zero", "VRID is 0")                           \
	X(VRID, "vrid", "VRID is not configured")                        \
	X(WRONG_INTERFACE, "wrong_interface",                            \
	    "VRID is configured on another interface")                   \
	X(SOURCE_OWN, "source_own", "own advert, or own address in use") \
	X(CHECKSUM_DIALECT, "checksum_dialect",                          \
	    "checksum in the other dialect, and strict is set")          \
	X(FIRST_ADDRESS, "first_address",                                \
	    "first address is not link-local, and strict is set")        \
	X(INTERVAL_MISMATCH, "interval_mismatch",                        \
	    "version 2 advert with another interval")                    \
	X(OWNER, "owner", "heard by the owner, who ignores adverts")

enum vrrp_drop {
	VRRP_OK,
#define X(id, counter, text) VRRP_DROP_##id,
	VRRP_DROP_TABLE(X)
#undef X
	    VRRP_DROP_MAX
};

const char *vrrp_drop_name(enum vrrp_drop); /* the counter; "ok" */
const char *vrrp_drop_text(enum vrrp_drop); /* for the log */

/*
 * X(id, bit, counter, text): oddities of an accepted advert. They are counted
 * and logged, and never a reason to drop it (RFC 9568 7.1: SHOULD log, MUST
 * NOT discard).
 */
#define VRRP_NOTE_TABLE(X)                                      \
	X(INTERVAL, 1, "interval_differs",                      \
	    "advertises another interval than configured here") \
	X(ADDRESSES, 2, "addresses_differ",                     \
	    "lists other addresses than configured here")       \
	X(FIRST, 4, "first_address_tolerated",                  \
	    "sends a first address that is not link-local")     \
	X(OWNERS, 8, "two_owners", "has priority 255 as well")  \
	X(EQUAL, 16, "equal_priority", "has the same priority") \
	X(MASTER, 32, "two_masters", "is master as well")

enum vrrp_note {
#define X(id, bit, counter, text) VRRP_NOTE_##id = bit,
	VRRP_NOTE_TABLE(X)
#undef X
};

#define VRRP_NOTES_MAX 6

/* Of the bit 1 << i; i < VRRP_NOTES_MAX. */
const char *vrrp_note_name(unsigned i); /* the counter */
const char *vrrp_note_text(unsigned i); /* for the log, after the sender */

#endif
