/* SPDX-License-Identifier: ISC */
/* Admission: every row of the table, from every role, of every wrong size. */
#include <string.h>

#include "link/health.h"
#include "link/lease_reason.h"
#include "link/msg.h"
#include "unit.h"

static const struct row {
	enum msg_type type;
	unsigned from;
	unsigned to;
	size_t min;
	size_t max;
	size_t fds;
	enum msg_generation generation;
	uint16_t since;
} rows[] = {
#define X(name, from, to, min, max, fds, gen, pace, since) \
	{MSG_##name, from, to, min, max, fds, gen, since},
    MSG_TABLE(X)
#undef X
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static uint8_t packet[MSG_MAX + 64];

static enum role
first(unsigned mask)
{
	enum role role = 0;

	while ((mask & 1u << role) == 0)
		role++;
	return role;
}

/* A packet of this type with a body of `body` zero bytes. */
static size_t
make(enum msg_type type, size_t body, uint64_t generation)
{
	struct writer writer;

	memset(packet, 0, sizeof(packet));
	msg_begin(&writer, packet, type, generation);
	writer.size = sizeof(packet);
	writer.len += body;
	return msg_end(&writer);
}

static enum msg_admit
admit(const struct row *row, size_t body)
{
	struct msg msg;
	size_t len = make(row->type, body, row->generation == GEN_ZERO ? 0 : 7);

	return msg_admit(
	    &msg, packet, len, row->fds, first(row->from), first(row->to));
}

static void
sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		assert_true(rows[i].max + MSG_HEADER_LEN <= MSG_MAX);
		assert_int_equal(admit(&rows[i], rows[i].min), ADMIT_OK);
		assert_int_equal(admit(&rows[i], rows[i].max), ADMIT_OK);
		if (rows[i].min > 0)
			assert_int_equal(
			    admit(&rows[i], rows[i].min - 1), ADMIT_SIZE);
		assert_int_equal(admit(&rows[i], rows[i].max + 1),
		    rows[i].max + 1 + MSG_HEADER_LEN > MSG_MAX ? ADMIT_LENGTH :
								 ADMIT_SIZE);
	}
}

static void
senders_and_receivers(void **state)
{
	struct msg msg;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		size_t len = make(rows[i].type, rows[i].min,
		    rows[i].generation == GEN_ZERO ? 0 : 7);

		for (enum role from = 0; from < ROLE_MAX; from++) {
			for (enum role to = 0; to < ROLE_MAX; to++) {
				bool may = (rows[i].from & 1u << from) != 0 &&
				    (rows[i].to & 1u << to) != 0;

				assert_int_equal(msg_admit(&msg, packet, len,
						     rows[i].fds, from, to),
				    may ? ADMIT_OK : ADMIT_SENDER);
			}
		}
	}
}

static void
file_descriptors(void **state)
{
	static const size_t counts[] = {0, 1, 2, 253};
	struct msg msg;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		size_t len = make(rows[i].type, rows[i].min,
		    rows[i].generation == GEN_ZERO ? 0 : 7);

		for (size_t n = 0; n < 4; n++)
			assert_int_equal(
			    msg_admit(&msg, packet, len, counts[n],
				first(rows[i].from), first(rows[i].to)),
			    counts[n] == rows[i].fds ? ADMIT_OK : ADMIT_FDS);
	}
}

static void
generations(void **state)
{
	struct msg msg;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		bool zero = rows[i].generation == GEN_ZERO;
		size_t len = make(rows[i].type, rows[i].min, zero ? 7 : 0);

		assert_int_equal(msg_admit(&msg, packet, len, rows[i].fds,
				     first(rows[i].from), first(rows[i].to)),
		    ADMIT_GENERATION);
	}
}

static void
headers(void **state)
{
	struct msg msg;
	size_t len = make(MSG_HELLO, 4, 0);

	(void)state;
	for (size_t n = 0; n < MSG_HEADER_LEN; n++)
		assert_int_equal(
		    msg_admit(&msg, packet, n, 0, ROLE_VRRPD, ROLE_IPVSD),
		    ADMIT_LENGTH);
	assert_int_equal(
	    msg_admit(&msg, packet, len + 1, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_LENGTH);
	packet[0] = MSG_VERSION + 1;
	assert_int_equal(
	    msg_admit(&msg, packet, len, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_VERSION);
	make(MSG_HELLO, 4, 0);
	packet[1] = 0;
	assert_int_equal(
	    msg_admit(&msg, packet, len, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_NO_TYPE);
	packet[1] = MSG_TYPE_MAX;
	assert_int_equal(
	    msg_admit(&msg, packet, len, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_TYPE);
	packet[1] = 0xff;
	assert_int_equal(
	    msg_admit(&msg, packet, len, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_TYPE);
}

/* None that was there before may move or change; a new one comes last. */
static void
levels(void **state)
{
	uint16_t level = MSG_LEVEL_OLDEST;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(msg_since(rows[i].type), rows[i].since);
		assert_in_range(rows[i].since, level, MSG_LEVEL);
		level = rows[i].since;
	}
	assert_int_equal(MSG_CTL_END, 28);
}

/* What only people read may be unknown; it is never sent to who knows less. */
static void
reasons(void **state)
{
	uint8_t reason;

	(void)state;
	for (unsigned number = 0; number < 256; number++) {
		bool known = number < REASON_MAX || number == REASON_OTHER;

		for (uint16_t level = 1; level <= MSG_LEVEL + 2; level++) {
			reason = (uint8_t)number;
			assert_int_equal(reason_hear(level, &reason),
			    known || level > MSG_LEVEL);
			assert_int_equal(reason, known ? number : REASON_OTHER);
			reason = (uint8_t)number;
			assert_int_equal(lease_reason_hear(level, &reason),
			    number < LEASE_REASON_MAX ||
				number == LEASE_OTHER || level > MSG_LEVEL);
		}
	}
	for (enum reason r = 0; r < REASON_MAX; r++)
		assert_int_equal(reason_say(MSG_LEVEL, r), r);
	for (enum lease_reason r = 0; r < LEASE_REASON_MAX; r++)
		assert_int_equal(lease_reason_say(MSG_LEVEL, r), r);
	assert_int_equal(reason_say(2, REASON_OTHER), 255);
	assert_int_equal(reason_say(1, REASON_OTHER), REASON_ERROR);
	assert_int_equal(lease_reason_say(2, LEASE_OTHER), 255);
	assert_int_equal(lease_reason_say(1, LEASE_OTHER), LEASE_NONE);
	assert_string_equal(reason_name(REASON_OTHER), "another reason");
	assert_string_equal(lease_reason_name(LEASE_OTHER), "another reason");
}

/* A reason that came with level 3, to peers of each. */
static void
a_newer_reason(void **state)
{
	static const uint16_t since[] = {1, 1, 3};
	const struct other other = {since, 3, 1};

	(void)state;
	assert_int_equal(other_say(&other, 1, 2), 1);
	assert_int_equal(other_say(&other, 2, 2), OTHER_NUMBER);
	assert_int_equal(other_say(&other, 3, 2), 2);
	assert_int_equal(other_say(&other, 4, 2), 2);
	assert_int_equal(other_say(&other, 1, 0), 0);
}

static void
names(void **state)
{
	(void)state;
	assert_string_equal(msg_name(MSG_ACQUIRE), "ACQUIRE");
	assert_string_equal(msg_name(MSG_TYPE_MAX), "unknown");
	assert_string_equal(role_name(ROLE_MAX), "nobody");
	assert_int_equal(role_from_name("checkd"), ROLE_CHECKD);
	assert_int_equal(role_from_name("rootd"), ROLE_MAX);
	for (enum msg_admit a = 0; a < ADMIT_MAX; a++)
		assert_non_null(msg_admit_name(a));
	for (enum lease_reason r = 0; r < LEASE_REASON_MAX; r++)
		assert_non_null(lease_reason_name(r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(senders_and_receivers),
	    cmocka_unit_test(file_descriptors),
	    cmocka_unit_test(generations),
	    cmocka_unit_test(headers),
	    cmocka_unit_test(levels),
	    cmocka_unit_test(reasons),
	    cmocka_unit_test(a_newer_reason),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
