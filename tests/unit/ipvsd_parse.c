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

#include "conf/wire_form.h"
#include "ipvsd/reload/parse.h"
#include "link/msg.h"
#include "link/seqpacket.h"

#define ID   UINT64_C(0x1234)
#define SIZE 64u

static bool sealed = true;

struct world {
	struct event_base *base;
	struct parse *parse;
	int parser; /* the other end */
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
	static const struct parse_handlers handlers = {on_report, on_done};
	struct world *world = calloc(1, sizeof(*world));
	struct parser parser = {.path = "ipvsd-parser"};
	int pair[2];

	world->base = event_base_new();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == -1)
		return -1;
	world->parser = pair[1];
	parser.fd = pair[0];
	world->parse = parse_new(world->base, &parser, &handlers, world);
	assert_null(parse_start(world->parse, "/x", NULL, true));
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
		fd = memfd_create("part", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
		if (sealed)
			assert_int_equal(
			    fcntl(fd, F_ADD_SEALS, CONF_WIRE_SEALS), 0);
	}
	assert_int_equal(
	    seqpacket_send(world->parser, writer->buf, len, fd), SEQPACKET_OK);
	if (fd != -1)
		close(fd);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
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
say_part(struct world *world, enum role reader, uint64_t id, size_t bytes)
{
	struct writer writer;

	begin(&writer, MSG_CONF, id);
	put_u8(&writer, (uint8_t)reader);
	put_u32(&writer, SIZE);
	say(world, &writer, bytes);
}

static void
say_conf(struct world *world, enum role reader, uint64_t id)
{
	say_part(world, reader, id, SIZE);
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

	say_parsed(world, true);
	say_conf(world, ROLE_IPVSD, ID);
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

/* A worker can die between its CONFs. */
static void
taken_back(void **state)
{
	struct world *world = *state;

	say_parsed(world, true);
	say_conf(world, ROLE_IPVSD, ID);
	say_parsed(world, false);
	assert_int_equal(world->dones, 1);
	assert_null(world->generation);
	assert_int_equal(link_state(parse_link(world->parse)), LINK_UP);
}

static void
parsed_twice(void **state)
{
	say_parsed(*state, true);
	say_parsed(*state, true);
	assert_shut(*state);
}

static void
conf_of_another_size(void **state)
{
	say_parsed(*state, true);
	say_part(*state, ROLE_IPVSD, ID, SIZE + 1);
	assert_shut(*state);
}

static void
conf_unsealed(void **state)
{
	sealed = false;
	say_parsed(*state, true);
	say_conf(*state, ROLE_CLIENT, ID);
	sealed = true;
	assert_shut(*state);
}

static void
conf_before_parsed(void **state)
{
	say_conf(*state, ROLE_VRRPD, ID);
	assert_shut(*state);
}

static void
conf_for_nobody(void **state)
{
	say_parsed(*state, true);
	say_conf(*state, ROLE_PARSER, ID);
	assert_shut(*state);
}

static void
conf_twice(void **state)
{
	say_parsed(*state, true);
	say_conf(*state, ROLE_VRRPD, ID);
	say_conf(*state, ROLE_VRRPD, ID);
	assert_shut(*state);
}

static void
conf_of_another_generation(void **state)
{
	say_parsed(*state, true);
	say_conf(*state, ROLE_VRRPD, ID + 1);
	assert_shut(*state);
}

static void
after_the_end(void **state)
{
	struct world *world = *state;

	say_parsed(world, false);
	say_parsed(world, false);
	assert_int_not_equal(link_state(parse_link(world->parse)), LINK_UP);
	assert_int_equal(world->dones, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(in_turn),
	    CASE(taken_back),
	    CASE(parsed_twice),
	    CASE(conf_of_another_size),
	    CASE(conf_unsealed),
	    CASE(conf_before_parsed),
	    CASE(conf_for_nobody),
	    CASE(conf_twice),
	    CASE(conf_of_another_generation),
	    CASE(after_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
