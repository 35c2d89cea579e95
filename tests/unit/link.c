/* SPDX-License-Identifier: ISC */
/*
 * A link over a real socketpair: delivery, lies, generations, file
 * descriptors, the bounded queue and coalescing.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "link/lease_reason.h"
#include "link/link_int.h"
#include "link/seqpacket.h"
#include "newer_linux.h"
#include "unit.h"

struct world {
	struct event_base *base;
	struct link *link;
	int peer; /* the other end */
	int end;  /* the link's */
	int ups;
	int downs;
	int refills;
	int messages;
	enum msg_type last;
	int answer;	/* what the handler returns */
	uint64_t takes; /* how long, ns */
	uint16_t level; /* the peer's */
	bool echoes;	/* for each message the peer says another */
	uint64_t epoch;
};

static void
on_up(struct link *link, void *arg)
{
	struct world *world = arg;

	(void)link;
	world->ups++;
}

static void say(struct world *, enum msg_type, uint64_t, size_t);

static int
on_message(struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct world *world = arg;
	uint64_t end = clock_monotonic() + world->takes;

	(void)link;
	(void)why;
	while (clock_monotonic() < end)
		continue;
	if (world->echoes && world->messages < 1000)
		say(world, MSG_RESYNC, 5, 0);
	world->messages++;
	world->last = msg->type;
	return world->answer;
}

static void
on_down(struct link *link, void *arg)
{
	struct world *world = arg;

	(void)link;
	world->downs++;
}

static void
on_refill(struct link *link, void *arg)
{
	struct world *world = arg;

	(void)link;
	world->refills++;
}

static const struct link_handlers handlers = {
    on_up, on_message, on_down, on_refill};

/* Gives the link a new pair; false when it refuses. */
static bool
attach(struct world *world, pid_t pid)
{
	struct link_end end = {.peer = ROLE_VRRPD, .pid = pid};
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	if (world->peer != -1)
		close(world->peer);
	world->peer = pair[1];
	world->end = pair[0];
	end.fd = pair[0];
	end.epoch = ++world->epoch;
	end.level = world->level;
	return link_attach(world->link, &end) == 0;
}

static int
setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->base = event_base_new();
	world->peer = -1;
	world->level = MSG_LEVEL;
	world->link = link_new(
	    world->base, ROLE_IPVSD, ROLE_VRRPD, &handlers, world);
	log_init("unit_link", true, 0);
	*state = world;
	return attach(world, 100) ? 0 : -1;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	link_free(world->link);
	close(world->peer);
	event_base_free(world->base);
	free(world);
	return 0;
}

/* The peer says this. */
static void
say(struct world *world, enum msg_type type, uint64_t generation, size_t body)
{
	uint8_t buf[MSG_MAX];
	struct writer writer;
	size_t len;

	msg_begin(&writer, buf, type, generation);
	for (size_t i = 0; i < body; i++)
		put_u8(&writer, 0);
	len = msg_end(&writer);
	assert_int_equal(
	    seqpacket_send(world->peer, buf, len, -1), SEQPACKET_OK);
}

static void
loop(struct world *world)
{
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

static int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void
delivers_and_drops_old_generations(void **state)
{
	struct world *world = *state;

	say(world, MSG_ACQUIRE, 5, 4);
	loop(world);
	assert_int_equal(world->messages, 0);
	assert_int_equal(link_stats(world->link)->dropped_generation, 1);
	say(world, MSG_COMMITTED, 5, 0);
	say(world, MSG_ACQUIRE, 5, 4);
	say(world, MSG_ACQUIRE, 6, 4);
	loop(world);
	assert_int_equal(world->messages, 2);
	assert_int_equal(world->last, MSG_ACQUIRE);
	assert_int_equal(link_stats(world->link)->dropped_generation, 2);
	assert_int_equal(link_state(world->link), LINK_UP);
}

static void
a_lie_shuts_and_three_refuse(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < LINK_LIES_MAX; i++) {
		assert_int_equal(link_state(world->link), LINK_UP);
		say(world, MSG_HELD, 5, 20); /* not vrrpd's to say */
		loop(world);
		assert_int_equal(world->downs, i + 1);
		if (i < LINK_LIES_MAX - 1) {
			assert_int_equal(link_state(world->link), LINK_DOWN);
			assert_true(attach(world, 100));
		}
	}
	assert_int_equal(link_state(world->link), LINK_REFUSED);
	assert_false(attach(world, 100));
	assert_true(attach(world, 101));
	assert_int_equal(link_state(world->link), LINK_UP);
	assert_int_equal(world->messages, 0);
}

static void
a_handlers_no_is_a_lie(void **state)
{
	struct world *world = *state;

	world->answer = -1;
	say(world, MSG_COMMITTED, 5, 0);
	loop(world);
	assert_int_equal(world->messages, 1);
	assert_int_equal(link_state(world->link), LINK_DOWN);
	assert_int_equal(link_stats(world->link)->lies, 1);
}

static void
the_peers_end_is_a_state(void **state)
{
	struct world *world = *state;

	shutdown(world->peer, SHUT_RDWR);
	loop(world);
	assert_int_equal(link_state(world->link), LINK_DOWN);
	assert_int_equal(link_stats(world->link)->lies, 0);
	assert_true(attach(world, 100));
	assert_int_equal(world->ups, 2);
}

static void
an_older_epoch_is_refused(void **state)
{
	struct world *world = *state;

	world->epoch--;
	assert_false(attach(world, 100));
	assert_int_equal(link_state(world->link), LINK_UP);
	assert_int_equal(world->downs, 0);
	assert_true(attach(world, 100));
	assert_int_equal(world->downs, 1);
	assert_int_equal(world->ups, 2);
}

/* Sends a packet with n descriptors. */
static void
say_with_fds(struct world *world, enum msg_type type, int n)
{
	static union {
		struct cmsghdr header;
		char buf[CMSG_SPACE(253 * sizeof(int))];
	} control;
	uint8_t buf[MSG_MAX];
	struct iovec iov = {.iov_base = buf};
	struct msghdr header = {
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf};
	struct writer writer;
	const int yes = 1;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	msg_begin(&writer, buf, type, 5);
	iov.iov_len = msg_end(&writer);
	header.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	for (int i = 0; i < n; i++)
		memcpy(CMSG_DATA(&control.header) + (size_t)i * sizeof(int),
		    &fd, sizeof(int));
	/* The link wants none: a newer kernel says so to who sends some. */
	if (sendmsg(world->peer, &header, 0) == -1) {
		assert_int_equal(errno, EPERM);
		assert_int_equal(setsockopt(world->end, SOL_SOCKET,
				     SO_PASSRIGHTS, &yes, sizeof(yes)),
		    0);
		assert_true(sendmsg(world->peer, &header, 0) > 0);
	}
	close(fd);
}

static void
surplus_descriptors_are_closed(void **state)
{
	static const int counts[] = {1, 2, 253};
	struct world *world = *state;
	int before;

	for (size_t i = 0; i < 2; i++) {
		before = open_fds();
		say_with_fds(world, MSG_COMMITTED, counts[i]);
		loop(world);
		assert_int_equal(link_state(world->link), LINK_DOWN);
		assert_int_equal(open_fds(), before - 1);
		assert_true(attach(world, 100));
	}
	before = open_fds();
	say_with_fds(world, MSG_COMMITTED, counts[2]);
	loop(world);
	assert_int_equal(link_state(world->link), LINK_REFUSED);
	assert_int_equal(open_fds(), before - 1);
}

static void
too_long_and_too_short(void **state)
{
	static const size_t sizes[] = {1, MSG_HEADER_LEN - 1, MSG_MAX + 1};
	struct world *world = *state;
	uint8_t buf[MSG_MAX + 1] = {0};

	for (size_t i = 0; i < 3; i++) {
		assert_true(send(world->peer, buf, sizes[i], 0) > 0);
		loop(world);
		assert_int_equal(link_stats(world->link)->lies, i + 1);
		if (i < 2)
			assert_true(attach(world, 100));
	}
}

static void
the_queue_is_bounded_and_coalesces(void **state)
{
	struct world *world = *state;
	struct seqpacket packet;
	uint8_t buf[MSG_MAX + 1];
	int sent = 0, received = 0;

	link_set_generation(world->link, 5);
	for (int i = 0; i < 2 * LINK_QUEUE_MAX; i++) {
		struct writer *writer = link_compose(world->link, MSG_FAILED);
		put_u32(writer, (uint32_t)i);
		put_u8(writer, LEASE_RATE);
		if (!link_send(world->link, 0, -1))
			break;
		sent++;
	}
	assert_true(sent < 2 * LINK_QUEUE_MAX);
	assert_int_equal(link_stats(world->link)->queued, LINK_QUEUE_MAX);
	assert_int_equal(link_stats(world->link)->dropped_full, 1);
	while (received < sent + 1) {
		if (seqpacket_receive(world->peer, buf, MSG_MAX, true,
			&packet) == SEQPACKET_OK)
			received++;
		else
			loop(world);
	}
	/* The loss is made good by a snapshot, which `refill` sends. */
	loop(world);
	assert_int_equal(world->refills, 1);
	assert_int_equal(world->ups, 1);
	assert_int_equal(world->downs, 0);

	sent = 0;
	while (link_stats(world->link)->queued < 3) {
		struct writer *writer = link_compose(world->link, MSG_FAILED);
		put_u32(writer, 9);
		put_u8(writer, LEASE_RATE);
		assert_true(link_send(world->link, (uint64_t)++sent, -1));
	}
	for (int i = 0; i < 10; i++) {
		struct writer *writer = link_compose(world->link, MSG_FAILED);
		put_u32(writer, 10);
		put_u8(writer, LEASE_RATE);
		assert_true(link_send(world->link, (uint64_t)sent, -1));
	}
	assert_int_equal(link_stats(world->link)->queued, 3);
}

/* What a newer peer alone has to say is no lie. */
static void
a_newer_peers_messages_are_counted(void **state)
{
	struct world *world = *state;
	struct seqpacket packet;
	uint8_t buf[MSG_MAX + 1];

	world->level = MSG_LEVEL + 1;
	assert_true(attach(world, 100));
	assert_int_equal(link_level(world->link), MSG_LEVEL + 1);
	say(world, MSG_TYPE_MAX, 5, 0);
	say(world, 255, 0, MSG_MAX - MSG_HEADER_LEN);
	say(world, MSG_RESYNC, 5, 0);
	loop(world);
	assert_int_equal(link_state(world->link), LINK_UP);
	assert_int_equal(link_stats(world->link)->dropped_newer, 2);
	assert_int_equal(link_stats(world->link)->rx, 3);
	assert_int_equal(world->messages, 1);
	assert_int_equal(
	    seqpacket_receive(world->peer, buf, MSG_MAX, true, &packet),
	    SEQPACKET_AGAIN);
	/* What no version has is one. */
	say(world, MSG_NONE, 5, 0);
	loop(world);
	assert_int_equal(link_state(world->link), LINK_DOWN);
	assert_int_equal(link_stats(world->link)->lies, 1);
	for (uint16_t level = 1; level <= MSG_LEVEL; level++) {
		memset(world->link->lies, 0, sizeof(world->link->lies));
		world->level = level;
		assert_true(attach(world, 100));
		say(world, MSG_TYPE_MAX, 5, 0);
		loop(world);
		assert_int_equal(link_state(world->link), LINK_DOWN);
		assert_int_equal(link_stats(world->link)->lies, 1u + level);
	}
	assert_int_equal(link_stats(world->link)->dropped_newer, 2);
}

/* Nor does that let it hand descriptors over where none are due. */
static void
a_newer_message_has_no_descriptor(void **state)
{
	struct world *world = *state;
	int before;

	world->level = MSG_LEVEL + 1;
	assert_true(attach(world, 100));
	before = open_fds();
	say_with_fds(world, MSG_TYPE_MAX, 1);
	loop(world);
	assert_int_equal(link_state(world->link), LINK_DOWN);
	assert_int_equal(link_stats(world->link)->dropped_newer, 0);
	assert_int_equal(open_fds(), before - 1);
}

/* Says a RESYNC, and gives whether the peer has got it. */
static bool
hears(struct world *world)
{
	struct seqpacket packet;
	uint8_t buf[MSG_MAX + 1];

	link_compose_generation(world->link, MSG_RESYNC, 5);
	return link_send(world->link, 0, -1) &&
	    seqpacket_receive(world->peer, buf, MSG_MAX, true, &packet) ==
	    SEQPACKET_OK;
}

static void
an_older_peer_is_not_told_what_it_does_not_know(void **state)
{
	struct world *world = *state;

	assert_true(link_knows(world->link, MSG_RESYNC));
	assert_true(hears(world));
	world->level = MSG_LEVEL_OLDEST - 1;
	assert_true(attach(world, 100));
	assert_false(link_knows(world->link, MSG_RESYNC));
	assert_false(hears(world));
	assert_int_equal(link_stats(world->link)->dropped_full, 0);
	assert_int_equal(link_stats(world->link)->queued, 0);
	assert_int_equal(link_state(world->link), LINK_UP);
}

/* What takes long leaves the loop to others soon. */
static void
a_turn_is_bounded_in_time(void **state)
{
	struct world *world = *state;

	world->takes = 2 * NS_PER_MS;
	for (int i = 0; i < 20; i++)
		say(world, MSG_RESYNC, 5, 0);
	event_base_loop(world->base, EVLOOP_ONCE);
	assert_int_equal(world->messages, 1);
	world->takes = 0;
	for (int i = 0; i < 20; i++)
		loop(world);
	assert_int_equal(world->messages, 20);
}

static void
draining_ends_though_more_comes(void **state)
{
	struct world *world = *state;

	world->echoes = true;
	for (int i = 0; i < 20; i++)
		say(world, MSG_RESYNC, 5, 0);
	link_drain(world->link);
	assert_int_equal(world->messages, 20);
	link_drain(world->link);
	assert_int_equal(world->messages, 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    T(delivers_and_drops_old_generations),
	    T(a_lie_shuts_and_three_refuse),
	    T(a_handlers_no_is_a_lie),
	    T(the_peers_end_is_a_state),
	    T(an_older_epoch_is_refused),
	    T(surplus_descriptors_are_closed),
	    T(too_long_and_too_short),
	    T(the_queue_is_bounded_and_coalesces),
	    T(a_newer_peers_messages_are_counted),
	    T(a_newer_message_has_no_descriptor),
	    T(an_older_peer_is_not_told_what_it_does_not_know),
	    T(a_turn_is_bounded_in_time),
	    T(draining_ends_though_more_comes),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
