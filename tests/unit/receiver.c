/* SPDX-License-Identifier: ISC */
/*
 * The receiver of generations by itself, on a real link: what ipvsd may say, in
 * every order, and what comes of it. Time stands still but for a slice that is
 * used up.
 */
#include "unit.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf/codec.h"
#include "conf/conf.h"
#include "conf/wire_form.h"
#include "generation/receiver.h"
#include "link/link.h"
#include "link/seqpacket.h"
#include "receiver_conf.h"

uint64_t __wrap_clock_monotonic(void);

static uint64_t now = NS_PER_SEC;

static struct world {
	struct event_base *base;
	struct link *link;
	int ipvsd; /* its end */
	struct receiver *receiver;
	struct conf *next, *running;
	bool no_memory;	     /* the next begin() fails */
	bool slow;	     /* the next judge() takes longer than there is */
	const char *refusal; /* of the next judge(): object and reason */
	bool full;	     /* the link; its other end is not read */
	uint64_t unknown;
	char story[256]; /* what came of it */
	char why[1100];	 /* of the last REJECT: object and reason */
} world;

uint64_t
__wrap_clock_monotonic(void)
{
	return now;
}

/* --- what happens --- */

static void
tell(const char *what, uint64_t generation)
{
	size_t len = strlen(world.story);
	char letter = 'A';

	while (letter < 'C' && generation_of(letter) != generation)
		letter++;
	assert_true(letter < 'C');
	snprintf(world.story + len, sizeof(world.story) - len, "%s%s %c",
	    len == 0 ? "" : ", ", what, letter);
}

static void
heard(const struct msg *msg)
{
	struct reader body = msg->body;
	char object[512], reason[512];

	if (msg->type == MSG_READY)
		tell("ready", msg->generation);
	if (msg->type != MSG_REJECT)
		return;
	get_string(&body, object, sizeof(object));
	get_string(&body, reason, sizeof(reason));
	assert_true(reader_done(&body));
	snprintf(world.why, sizeof(world.why), "%s: %s", object, reason);
	tell("reject", msg->generation);
}

/* Reads ipvsd's end until it is empty. */
static void
hear(void)
{
	uint8_t packet[MSG_MAX];
	struct msg msg;
	ssize_t len;

	while (!world.full &&
	    (len = recv(world.ipvsd, packet, sizeof(packet), MSG_DONTWAIT)) >
		0) {
		assert_int_equal(msg_admit(&msg, packet, (size_t)len, 0,
				     ROLE_CHECKD, ROLE_IPVSD),
		    ADMIT_OK);
		heard(&msg);
	}
}

/* --- the daemon --- */

static bool
on_begin(void *arg, struct conf *conf)
{
	assert_ptr_equal(arg, &world);
	assert_null(world.next);
	if (world.no_memory) {
		world.no_memory = false;
		return false;
	}
	world.next = conf;
	return true;
}

static int
on_judge(void *arg, uint64_t deadline)
{
	(void)arg;
	assert_non_null(world.next);
	if (world.slow) {
		world.slow = false;
		now = deadline;
		return 1;
	}
	return world.refusal == NULL ?
	    0 :
	    receiver_refuse(world.receiver, world.refusal, world.refusal);
}

static void
on_commit(void *arg, enum receiver_commit how)
{
	static const char *const names[] = {
	    [COMMIT_NEXT] = "next",
	    [COMMIT_EARLY] = "early",
	    [COMMIT_SAME] = "same",
	};

	(void)arg;
	hear();
	if (how != COMMIT_SAME) {
		assert_non_null(world.next);
		conf_free(world.running);
		world.running = world.next;
		world.next = NULL;
	}
	tell(names[how], world.running->generation);
}

static void
on_drop(void *arg)
{
	(void)arg;
	hear();
	assert_non_null(world.next);
	tell("drop", world.next->generation);
	world.refusal = NULL;
	conf_free(world.next);
	world.next = NULL;
}

static const struct receiver_handlers handlers = {
    on_begin, on_judge, on_commit, on_drop};

static void
on_up(struct link *link, void *arg)
{
	(void)link;
	(void)arg;
}

static int
on_message(struct link *link, struct msg *msg, const char **why, void *arg)
{
	uint64_t generation = msg->generation;

	(void)link;
	(void)arg;
	if (receiver_message(world.receiver, msg, why) == 0)
		return 0;
	tell("lie", generation);
	return -1;
}

static void
on_down(struct link *link, void *arg)
{
	(void)link;
	(void)arg;
	receiver_abort(world.receiver);
}

static void
on_refill(struct link *link, void *arg)
{
	(void)link;
	(void)arg;
	receiver_refill(world.receiver);
}

static const struct link_handlers link_handlers = {
    on_up, on_message, on_down, on_refill};

/* --- ipvsd --- */

static void
loop(void)
{
	uint64_t unknown;

	event_base_loop(world.base, EVLOOP_NONBLOCK);
	hear();
	unknown = link_stats(world.link)->dropped_unknown;
	if (unknown != world.unknown)
		snprintf(world.story + strlen(world.story),
		    sizeof(world.story) - strlen(world.story), ", unknown");
	world.unknown = unknown;
}

static void
say(enum msg_type type, char letter, uint32_t size, int fd)
{
	uint8_t buf[MSG_MAX];
	struct writer writer;

	msg_begin(&writer, buf, type, generation_of(letter));
	if (type == MSG_PREPARE)
		put_u32(&writer, size);
	assert_int_equal(seqpacket_send(world.ipvsd, buf, msg_end(&writer), fd),
	    SEQPACKET_OK);
	loop();
}

/* A file whose header is the letter's, and whose rows are none. */
static int
spoilt(char letter, unsigned seals)
{
	int from = file_of(letter),
	    fd = memfd_create("test", MFD_ALLOW_SEALING);
	uint8_t buf[65536];
	ssize_t len = pread(from, buf, sizeof(buf), 0);

	close(from);
	assert_true(len > CONF_WIRE_HEADER && (size_t)len < sizeof(buf));
	memset(buf + CONF_WIRE_HEADER, 0xff, (size_t)len - CONF_WIRE_HEADER);
	assert_int_equal(write(fd, buf, (size_t)len), len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
prepare(char how, char letter)
{
	int fd;

	if (how == 'o')
		fd = file_of(letter == 'A' ? 'B' : 'A');
	else if (how == 'p' || how == 'h')
		fd = file_of(letter);
	else
		fd = spoilt(letter, how == 'j' ? CONF_WIRE_SEALS : 0);
	say(MSG_PREPARE, letter, how == 'h' ? CONF_SIZE_MAX + 1 : 100, fd);
	close(fd);
}

static void
fill(void)
{
	do
		link_compose_generation(world.link, MSG_RESYNC, 1);
	while (link_send(world.link, 0, -1));
	world.full = true;
}

static void
step(uint64_t time, bool more)
{
	assert_int_equal(receiver_step(world.receiver, now + time), more);
	hear();
}

/* One word of a script. */
static void
play(const char *word)
{
	switch (word[0]) {
	case 'p': /* PREPARE */
	case 'o': /* ... with a file of another generation */
	case 'j': /* ... with a file that cannot be decoded */
	case 'f': /* ... with a file that can change */
	case 'h': /* ... of an impossible size */
		prepare(word[0], word[1]);
		break;
	case 'c':
		say(MSG_COMMIT, word[1], 0, -1);
		break;
	case 'a':
		say(MSG_ABORT, word[1], 0, -1);
		break;
	case 's': /* steps as long as there are; "s0", "s+": not to the end */
		step(word[1] == '0' ? 0 : 1, word[1] != '\0');
		break;
	case 'n':
		world.no_memory = true;
		break;
	case 't':
		world.slow = true;
		break;
	case 'b':
		world.refusal = "no";
		break;
	case 'x': /* ipvsd has gone */
		receiver_abort(world.receiver);
		break;
	case 'q': /* the link finds no room any more */
		fill();
		break;
	case 'u': /* ipvsd reads again */
		world.full = false;
		for (int i = 0; i < 100; i++)
			loop();
		assert_int_equal(link_stats(world.link)->queued, 0);
		break;
	default:
		fail_msg("%s", word);
	}
}

static void
begin(void)
{
	struct link_end end = {
	    .peer = ROLE_IPVSD, .epoch = 1, .level = MSG_LEVEL};
	int pair[2];

	memset(&world, 0, sizeof(world));
	world.base = event_base_new();
	world.link = link_new(
	    world.base, ROLE_CHECKD, ROLE_IPVSD, &link_handlers, NULL);
	world.receiver = receiver_new(
	    world.link, ROLE_CHECKD, &handlers, &world);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	world.ipvsd = pair[0];
	end.fd = pair[1];
	assert_int_equal(link_attach(world.link, &end), 0);
}

static void
end(void)
{
	receiver_free(world.receiver);
	assert_null(world.next);
	conf_free(world.running);
	link_free(world.link);
	close(world.ipvsd);
	event_base_free(world.base);
}

static void
run(const char *script)
{
	char words[128], *word, *rest = words;

	snprintf(words, sizeof(words), "%s", script);
	while ((word = strsep(&rest, " ")) != NULL)
		play(word);
}

/* --- cases --- */

static const struct order {
	const char *script;
	const char *story;
} orders[] = {
    {"pA s cA", "ready A, next A"},
    {"pA s cA pB s cB", "ready A, next A, ready B, next B"},
    /* COMMIT before READY */
    {"pA cA s0 s", "ready A, early A"},
    {"pA t s+ cA s", "ready A, early A"},
    {"pA cA cA s", "ready A, early A"},
    {"pA cA pA s", "ready A"},
    {"pA cA pB s", "ready B"},
    {"pA cA aA s cA", "lie A"},
    {"pA cA x s", ""},
    {"jA cA s", "reject A"},
    /* another PREPARE */
    {"pA pA s cA", "ready A, next A"},
    {"pA s pA s cA", "ready A, drop A, ready A, next A"},
    {"pA t s+ pA s cA", "drop A, ready A, next A"},
    {"pA s pB s cB", "ready A, drop A, ready B, next B"},
    {"pA s pB cA", "ready A, drop A, lie A"},
    {"pA s pB s cA", "ready A, drop A, ready B, lie A, drop B"},
    {"pA hA", "lie A"},
    {"pA s hB", "ready A, lie B, drop A"},
    /* ABORT */
    {"pA s aA cA", "ready A, drop A, lie A"},
    {"pA t s+ aA s", "drop A"},
    {"pA s aB cA", "ready A, next A"},
    {"pA cA aB s", "ready A, early A"},
    {"aA", ""},
    {"pA s cA aA cA", "ready A, next A"},
    /* COMMIT of what is not prepared */
    {"cA", "lie A"},
    {"pA cB", "lie B"},
    {"pA s cB", "ready A, lie B, drop A"},
    {"pA s x cA", "ready A, drop A, lie A"},
    /* what is in force already */
    {"pA s cA cA", "ready A, next A"},
    {"pA s cA pA cA", "ready A, next A, ready A, same A"},
    {"pA s cA fA cA cA", "ready A, next A, ready A, same A"},
    {"pA s cA pA aA cA", "ready A, next A, ready A"},
    {"pA s cA pA pB s cB", "ready A, next A, ready A, ready B, next B"},
    {"pA s cA pB s cA cB", "ready A, next A, ready B, next B"},
    {"pA s cA x pA cA", "ready A, next A, ready A, same A"},
    /* refused */
    {"fA cA cA", "reject A, unknown, unknown"},
    {"jA s cA", "reject A, unknown"},
    {"oA s cA", "reject A, unknown"},
    {"n pA s cA", "reject A, unknown"},
    {"b pA s cA", "drop A, reject A, unknown"},
    {"b pA cA s cA", "drop A, reject A, unknown"},
    {"fA aB cA", "reject A, unknown"},
    {"fA aA cA", "reject A, lie A"},
    {"fA cB", "reject A, lie B"},
    {"fA x cA", "reject A, lie A"},
    {"fA fB cA", "reject A, reject B, lie A"},
    {"fA pA s cA", "reject A, ready A, next A"},
    {"pA s fA cA", "ready A, drop A, reject A, unknown"},
    {"pA s cA fB cA cB", "ready A, next A, reject B, unknown"},
    /* an answer that the link has lost, or has not */
    {"q u", ""},
    {"q pA u s", "ready A"},
    {"q pA s u cA", "ready A, next A"},
    {"q pA t s+ u s", "ready A"},
    {"pA s q u cA", "ready A, next A"},
    {"q fA u cA", "reject A, unknown"},
    {"fA q u", "reject A"},
    {"q b pA s u", "drop A, reject A"},
    {"q pA s aA u", "drop A"},
    {"q pA s x u", "drop A"},
    {"q fA x u", ""},
    {"q pA s pB u s", "drop A, ready B"},
    {"q fA pA s u", "ready A"},
    {"q pA cA s u", "early A"},
    {"q pA s cA u", "next A"},
    {"pA s cA q pA u cA", "ready A, next A, ready A, same A"},
};

static void
test_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		begin();
		run(orders[i].script);
		if (strcmp(world.story, orders[i].story) != 0)
			fail_msg("%s: \"%s\" and not \"%s\"", orders[i].script,
			    world.story, orders[i].story);
		end();
	}
}

static void
test_reasons(void **state)
{
	static const struct order reasons[] = {
	    {"fA", "configuration: not a sealed memory file"},
	    {"oA s", "configuration: its generation is not the one announced"},
	    {"n pA s", "configuration: out of memory"},
	    {"b pA s", "no: no"},
	};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		run(reasons[i].script);
		assert_string_equal(world.why, reasons[i].story);
		assert_int_equal(receiver_rejects(world.receiver), i + 1);
	}
	end();
}

/* Of a decoder or a handler; the packet has room for so much. */
static void
test_long_reason(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	begin();
	world.refusal = text;
	run("pA s");
	assert_string_equal(world.story, "drop A, reject A");
	assert_in_range(strlen(world.why), 256, 512);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_orders),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_long_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
