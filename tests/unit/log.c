/* SPDX-License-Identifier: ISC */
/* The gate for messages that strangers provoke, and the journal's lines. */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "unit.h"

static void
bursts_and_counts(void **state)
{
	struct log_limit limit = {0};
	uint32_t suppressed;
	uint64_t now = NS_PER_SEC;

	(void)state;
	assert_true(log_limit(&limit, now, 2, NS_PER_SEC, &suppressed));
	assert_true(log_limit(&limit, now, 2, NS_PER_SEC, &suppressed));
	for (int i = 0; i < 5; i++)
		assert_false(
		    log_limit(&limit, now + 1, 2, NS_PER_SEC, &suppressed));
	assert_false(log_limit(
	    &limit, now + NS_PER_SEC - 1, 2, NS_PER_SEC, &suppressed));
	assert_true(
	    log_limit(&limit, now + NS_PER_SEC, 2, NS_PER_SEC, &suppressed));
	assert_int_equal(suppressed, 6);
	assert_true(
	    log_limit(&limit, now + NS_PER_SEC, 2, NS_PER_SEC, &suppressed));
	assert_int_equal(suppressed, 0);
}

/* What a warning looks like on a stderr that is this pipe. */
static const char *
warned(const int pipe_fds[2])
{
	static char text[128];
	int own = dup(STDERR_FILENO);
	ssize_t len;

	dup2(pipe_fds[1], STDERR_FILENO);
	log_init("test", true, 0);
	log_warnx("eth0: odd");
	dup2(own, STDERR_FILENO);
	close(own);
	log_init("test", true, 0);
	len = read(pipe_fds[0], text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	return text;
}

static void
journal_gets_priorities(void **state)
{
	char stream[64];
	struct stat st;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fstat(fds[1], &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_string_equal(warned(fds), "<4>eth0: odd\n");
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_non_null(strstr(warned(fds), " test: eth0: odd\n"));
	assert_null(strchr(warned(fds), '<'));
	unsetenv("JOURNAL_STREAM");
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bursts_and_counts),
	    cmocka_unit_test(journal_gets_priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
