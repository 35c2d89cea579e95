/* SPDX-License-Identifier: ISC */
/* Lines of what flaps: which are written, which wait, and what is last. */
#include <event2/event.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "log_change.h"
#include "process/log_loop.h"
#include "unit.h"

#define DEADLINE (30 * NS_PER_SEC)

static struct event_base *base;
static int output; /* where stderr goes, non-blocking */
static char text[65536];

/* What has been logged since, without times. */
static const char *
logged(void)
{
	ssize_t len = read(output, text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static unsigned
lines(const char *logged_text)
{
	unsigned count = 0;

	for (; *logged_text != '\0'; logged_text++)
		count += *logged_text == '\n';
	return count;
}

/* The loop until it has logged something; that. */
static const char *
turn_until_logged(void)
{
	uint64_t end = clock_monotonic() + DEADLINE;
	const char *found;

	while (*(found = logged()) == '\0') {
		assert_true(clock_monotonic() < end);
		event_base_loop(base, EVLOOP_ONCE);
	}
	return found;
}

static void
burst_then_the_newest(void **state)
{
	const char *found;

	(void)state;
	for (unsigned i = 0; i < LOG_CHANGE_BURST + 7; i++)
		log_change("vrrp web", "vrrp web: change %u", i);
	assert_int_equal(lines(logged()), LOG_CHANGE_BURST);
	/* Another object's first line is not hidden, nor put off. */
	log_change_warnx("vrrp other", "vrrp other: first");
	assert_non_null(strstr(logged(), ": vrrp other: first\n"));
	found = turn_until_logged();
	assert_non_null(strstr(found, ": vrrp web: change 46 ("));
	assert_non_null(strstr(found, " s ago, 6 more not logged)\n"));
	/* It has not calmed down: no new burst, a line waits. */
	log_change("vrrp web", "vrrp web: again");
	assert_string_equal(logged(), "");
	log_change_flush();
	assert_non_null(strstr(logged(), ": vrrp web: again\n"));
}

/* However many flap: none waits for longer than LOG_CHANGE_WITHIN. */
static void
many_objects(void **state)
{
	const unsigned count = 300, ticks = LOG_CHANGE_WITHIN / LOG_CHANGE_TICK;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "eth0: %u", i);
		for (unsigned j = 0; j <= LOG_CHANGE_BURST; j++) {
			log_change(name, "%s", name);
			(void)logged();
		}
	}
	assert_int_equal(lines(turn_until_logged()), count / ticks);
	log_change_flush();
	assert_int_equal(lines(logged()), count - count / ticks);
}

/* The first are named, the others counted, and the next alone named again. */
static void
crowd(void **state)
{
	static struct log_crowd checks = {.what = "checks"};
	const unsigned count = 100000;
	char name[32];
	unsigned named = 0;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "check %u", i);
		log_crowd(&checks, i % 4 == 0, name, "%s", name);
		named += lines(logged());
	}
	assert_in_range(named, LOG_CROWD_BURST, LOG_CROWD_BURST + 10);
	log_change_flush();
	assert_int_equal(lines(logged()), 1);
	assert_non_null(strstr(text, ": checks: "));
	assert_non_null(strstr(text, " up, too many to be named here\n"));
	while (named != 1) {
		log_crowd(&checks, true, "check 7", "check 7: back");
		named = strstr(logged(), ": check 7: back\n") != NULL;
	}
	(void)logged();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(burst_then_the_newest),
	    cmocka_unit_test(many_objects),
	    cmocka_unit_test(crowd),
	};
	int fds[2], own, failed;

	own = dup(STDERR_FILENO);
	if (pipe(fds) == -1)
		return 1;
	output = fds[0];
	(void)fcntl(output, F_SETFL, O_NONBLOCK);
	(void)dup2(fds[1], STDERR_FILENO);
	log_init("test", true, 0);
	base = event_base_new();
	log_loop_start(base);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	dup2(own, STDERR_FILENO);
	event_base_free(base);
	return failed;
}
