/* SPDX-License-Identifier: ISC */
/* A conversation with a parser that says what it likes: taken in turn and
 * whole, or its link is shut and the reload told so. */
#include "unit.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipvsd/reload/parse.h"
#include "link/msg.h"
#include "link/seqpacket.h"

#define ID   UINT64_C(0x1234)
#define SIZE 64u

struct world {
	struct event_base *base;
	struct parse *parse;
	int parser; /* the other end */
	int ours;
	int dones;
	int reports;
	struct generation *generation;
};

static void
on_report(enum conf_severity severity, const char *text, void *arg)
{
	struct world *world = arg;

	(void)severity;
	(void)text;
	world->reports++;
}

static void
on_ours(struct generation *generation, void *arg)
{
	struct world *world = arg;

	world->ours++;
	assert_int_not_equal(generation->fd[ROLE_IPVSD], -1);
}

static void
on_done(struct generation *generation, uint32_t errors, uint32_t warnings,
    void *arg)
{
	struct world *world = arg;

	(void)warnings;
	world->dones++;
	world->generation = generation;
	assert_true((generation == NULL) == (errors > 0));
}

static int
set_up(void **state)
{
	static const struct parse_handlers handlers = {
	    on_report, on_ours, on_done};
	struct world *world = calloc(1, sizeof(*world));
	struct parser parser = {.path = "ipvsd-parser"};
	int pair[2];

	world->base = event_base_new();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == -1)
		return -1;
	world->parser = pair[1];
	parser.fd = pair[0];
	world->parse = parse_new(world->base, &parser, &handlers, world);
	parse_await(world->parse);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	parse_free(world->parse);
	generation_free(world->generation);
	event_base_free(world->base);
	close(world->parser);
	free(world);
	return 0;
}

static void
begin(struct writer *writer, enum msg_type type, uint64_t id)
{
	static uint8_t packet[MSG_MAX];

	msg_begin(writer, packet, type, id);
}

/* Sends it, with a memfd of `bytes` bytes unless that is 0. */
static void
say(struct world *world, struct writer *writer, size_t bytes)
{
	size_t len = msg_end(writer);
	int fd = -1;

	if (bytes > 0) {
		fd = memfd_create("part", MFD_CLOEXEC);
		assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	}
	assert_int_equal(
	    seqpacket_send(world->parser, writer->buf, len, fd), SEQPACKET_OK);
	if (fd != -1)
		close(fd);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

static void
say_draft(struct world *world, size_t bytes)
{
	struct writer writer;

	begin(&writer, MSG_DRAFT, 0);
	put_u32(&writer, SIZE);
	say(world, &writer, bytes);
}

static void
say_parsed(struct world *world, bool ok)
{
	struct writer writer;

	begin(&writer, MSG_PARSED, 0);
	put_bool(&writer, ok);
	put_u32(&writer, ok ? 0 : 1);
	put_u32(&writer, 0);
	put_u64(&writer, ok ? ID : 0);
	say(world, &writer, 0);
}

static void
say_conf(struct world *world, enum role reader, uint64_t id)
{
	struct writer writer;

	begin(&writer, MSG_CONF, id);
	put_u8(&writer, (uint8_t)reader);
	put_u32(&writer, SIZE);
	say(world, &writer, SIZE);
}

/* The link is shut, and the reload was told once. */
static void
assert_shut(struct world *world)
{
	assert_int_not_equal(link_state(parse_link(world->parse)), LINK_UP);
	assert_int_equal(world->dones, 1);
	assert_null(world->generation);
	assert_true(world->reports > 0);
}

static void
in_turn(void **state)
{
	struct world *world = *state;

	say_draft(world, SIZE);
	assert_int_equal(world->ours, 1);
	say_parsed(world, true);
	say_conf(world, ROLE_VRRPD, ID);
	say_conf(world, ROLE_CHECKD, ID);
	assert_int_equal(world->dones, 0);
	say_conf(world, ROLE_CLIENT, ID);
	assert_int_equal(world->dones, 1);
	assert_non_null(world->generation);
	assert_true(world->generation->id == ID);
	assert_true(generation_whole(world->generation));
	assert_int_equal(world->generation->size[ROLE_IPVSD], SIZE);
}

/* A worker can die after its draft. */
static void
taken_back(void **state)
{
	struct world *world = *state;

	say_draft(world, SIZE);
	say_parsed(world, false);
	assert_int_equal(world->dones, 1);
	assert_null(world->generation);
	assert_int_equal(link_state(parse_link(world->parse)), LINK_UP);
}

static void
two_drafts(void **state)
{
	say_draft(*state, SIZE);
	say_draft(*state, SIZE);
	assert_shut(*state);
}

static void
draft_of_another_size(void **state)
{
	say_draft(*state, SIZE + 1);
	assert_shut(*state);
	assert_int_equal(((struct world *)*state)->ours, 0);
}

static void
no_draft(void **state)
{
	say_parsed(*state, true);
	assert_shut(*state);
}

static void
conf_before_parsed(void **state)
{
	say_draft(*state, SIZE);
	say_conf(*state, ROLE_VRRPD, ID);
	assert_shut(*state);
}

static void
conf_for_ipvsd(void **state)
{
	say_draft(*state, SIZE);
	say_parsed(*state, true);
	say_conf(*state, ROLE_IPVSD, ID);
	assert_shut(*state);
}

static void
conf_twice(void **state)
{
	say_draft(*state, SIZE);
	say_parsed(*state, true);
	say_conf(*state, ROLE_VRRPD, ID);
	say_conf(*state, ROLE_VRRPD, ID);
	assert_shut(*state);
}

static void
conf_of_another_generation(void **state)
{
	say_draft(*state, SIZE);
	say_parsed(*state, true);
	say_conf(*state, ROLE_VRRPD, ID + 1);
	assert_shut(*state);
}

static void
draft_after_parsed(void **state)
{
	say_draft(*state, SIZE);
	say_parsed(*state, true);
	say_draft(*state, SIZE);
	assert_shut(*state);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(in_turn),
	    CASE(taken_back),
	    CASE(two_drafts),
	    CASE(draft_of_another_size),
	    CASE(no_draft),
	    CASE(conf_before_parsed),
	    CASE(conf_for_ipvsd),
	    CASE(conf_twice),
	    CASE(conf_of_another_generation),
	    CASE(draft_after_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
