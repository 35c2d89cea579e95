/* SPDX-License-Identifier: ISC */
/* Renewals together in a message, and one by one to whom that would not help.
 */
#include "unit.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link/renewals.h"

#define GENERATION 5u

static struct event_base *base;
static struct link *link_;
static struct renewals renewals;
static int peer;
static uint64_t epoch;
static uint8_t packet[MSG_MAX + 1];
static struct msg msg;

static void
on_link(struct link *link, void *arg)
{
	(void)link;
	(void)arg;
}

static int
on_message(struct link *link, struct msg *message, const char **why, void *arg)
{
	(void)link;
	(void)message;
	(void)why;
	(void)arg;
	return 0;
}

static const struct link_handlers handlers = {
    on_link, on_message, on_link, on_link};

/* The next packet to the peer; MSG_NONE: there is none. */
static enum msg_type
hear(void)
{
	ssize_t len = recv(peer, packet, sizeof(packet), MSG_DONTWAIT);

	if (len == -1)
		return MSG_NONE;
	assert_int_equal(
	    msg_admit(&msg, packet, (size_t)len, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_OK);
	return msg.type;
}

/* A link to a peer that speaks this level. */
static void
attach(uint16_t level)
{
	struct link_end end = {.peer = ROLE_IPVSD, .pid = 1, .level = level};
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	if (peer != -1)
		close(peer);
	peer = pair[1];
	end.fd = pair[0];
	end.epoch = ++epoch;
	assert_int_equal(link_attach(link_, &end), 0);
	link_set_generation(link_, GENERATION);
	assert_int_equal(hear(), MSG_COMMITTED);
	memset(&renewals, 0, sizeof(renewals));
}

static bool
add(uint32_t instance, uint64_t time)
{
	const struct renewal renewal = {instance, 7, time};

	return renewals_add(&renewals, link_, &renewal);
}

static void
say(void)
{
	renewals_send(&renewals, link_, MSG_RENEWALS);
	assert_int_equal(renewals.count, 0);
}

static bool
on_renewal(const struct msg *of, const struct renewal *renewal, void *arg)
{
	uint32_t *next = arg;

	assert_int_equal(of->generation, GENERATION);
	assert_int_equal(renewal->instance, *next);
	assert_int_equal(renewal->term, 7);
	assert_int_equal(renewal->time, 100 + *next);
	return ++*next != 3;
}

static void
many_are_one_message(void **state)
{
	uint32_t next = 0;

	(void)state;
	attach(MSG_LEVEL);
	assert_false(add(0, 100));
	assert_false(add(1, 101));
	say();
	assert_int_equal(hear(), MSG_RENEWALS);
	assert_int_equal(renewals_read(&msg, on_renewal, &next), 0);
	assert_int_equal(next, 2);
	assert_int_equal(hear(), MSG_NONE);
	say();
	assert_int_equal(hear(), MSG_NONE);
}

static void
one_is_said_by_itself(void **state)
{
	uint32_t next = 0;

	(void)state;
	attach(MSG_LEVEL);
	assert_false(add(0, 100));
	say();
	assert_int_equal(hear(), MSG_RENEW);
	assert_int_equal(renewals_read(&msg, on_renewal, &next), 0);
	assert_int_equal(next, 1);
}

static void
as_many_as_fit(void **state)
{
	(void)state;
	attach(MSG_LEVEL);
	for (uint32_t i = 0; i < RENEWALS_MAX; i++)
		assert_int_equal(add(i, i), i + 1 == RENEWALS_MAX);
	say();
	assert_int_equal(hear(), MSG_RENEWALS);
	assert_int_equal(reader_left(&msg.body), 2 + RENEWALS_MAX * 20);
	/* One more would not. */
	assert_true(MSG_HEADER_LEN + 2 + (RENEWALS_MAX + 1) * 20 > MSG_MAX);
}

static void
an_older_peer_hears_each(void **state)
{
	(void)state;
	attach(MSG_LEVEL - 1);
	(void)add(0, 100);
	(void)add(1, 101);
	say();
	assert_int_equal(hear(), MSG_RENEW);
	assert_int_equal(hear(), MSG_RENEW);
	assert_int_equal(hear(), MSG_NONE);
}

/* What waits in the queue of who does not read stays bounded. */
static void
newer_ones_replace_what_waits(void **state)
{
	uint32_t waits;

	(void)state;
	attach(MSG_LEVEL);
	while (link_stats(link_)->queued == 0) {
		link_compose(link_, MSG_RESYNC);
		assert_true(link_send(link_, 0, -1));
	}
	for (int i = 0; i < 10; i++) {
		(void)add(0, 100);
		(void)add(1, 101);
		say();
		waits = link_stats(link_)->queued;
	}
	assert_int_equal(waits, 3);
}

static void
of_another_generation_are_forgotten(void **state)
{
	(void)state;
	attach(MSG_LEVEL);
	(void)add(0, 100);
	link_set_generation(link_, GENERATION + 1);
	assert_int_equal(hear(), MSG_COMMITTED);
	say();
	assert_int_equal(hear(), MSG_NONE);
	(void)add(0, 100);
	link_set_generation(link_, GENERATION);
	assert_int_equal(hear(), MSG_COMMITTED);
	(void)add(1, 101);
	assert_int_equal(renewals.count, 1);
}

static void
lies(void **state)
{
	static const struct {
		enum msg_type type;
		uint16_t count;
		size_t len;
	} cases[] = {{MSG_RENEWALS, 0, 20}, {MSG_RENEWALS, 2, 20},
	    {MSG_RENEWALS, 1, 40}, {MSG_RENEWALS, 2, 39},
	    {MSG_RENEWED_MANY, UINT16_MAX, 40}};
	uint8_t body[64] = {0};
	uint32_t next = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct msg lie = {.type = cases[i].type, .fd = -1};
		struct writer writer;

		writer_init(&writer, body, 2);
		put_u16(&writer, cases[i].count);
		reader_init(&lie.body, body, 2 + cases[i].len);
		assert_int_equal(renewals_read(&lie, on_renewal, &next), -1);
		assert_int_equal(next, 0);
	}
	/* And what the handler calls one: the third here. */
	attach(MSG_LEVEL);
	for (uint32_t i = 0; i < 4; i++)
		(void)add(i, 100 + i);
	say();
	assert_int_equal(hear(), MSG_RENEWALS);
	assert_int_equal(renewals_read(&msg, on_renewal, &next), -1);
	assert_int_equal(next, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_are_one_message),
	    cmocka_unit_test(one_is_said_by_itself),
	    cmocka_unit_test(as_many_as_fit),
	    cmocka_unit_test(an_older_peer_hears_each),
	    cmocka_unit_test(newer_ones_replace_what_waits),
	    cmocka_unit_test(of_another_generation_are_forgotten),
	    cmocka_unit_test(lies),
	};

	log_init("unit_renewals", true, 0);
	base = event_base_new();
	peer = -1;
	link_ = link_new(base, ROLE_VRRPD, ROLE_IPVSD, &handlers, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
