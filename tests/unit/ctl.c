/* SPDX-License-Identifier: ISC */
/*
 * A control server and its client, in two processes: commands, slices,
 * refusals, subscribers, clients that lie or do not read, or ask without pause.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ctl/ctl_client.h"
#include "ctl/ctl_server.h"
#include "log.h"
#include "process/timer.h"
#include "unit.h"

#define MANY  10000

/* Who is not root, when the test is. The server is run by the same one, so
 * that it lets that in. */
#define OTHER 65534

static char dir[] = "/tmp/unit_ctl.XXXXXX";
static pid_t server_pid;
static struct ctl_server *server;
static struct timer turn;
static uint64_t slices; /* of run_many(), in this turn of the loop */
static uint64_t most_slices;

/* Kinds of rows that only this test has. */
struct thing {
	struct ctl_text name;
	struct ctl_number number;
	struct ctl_flag good;
};
static const struct ctl_key thing_keys[] = {
    {"name", 4, CTL_SORT_TEXT, "", true, ""},
    {"number", 6, CTL_SORT_ID, "", true, ""},
    {"good", 4, CTL_SORT_FLAG, "", true, ""},
};
static const struct ctl_kind thing_kind = {
    "thing", MK, "one", "", thing_keys, 3};
static const struct ctl_key item_keys[] = {
    {"index", 5, CTL_SORT_ID, "", true, ""},
};
static const struct ctl_kind item_kind = {"item", MK, "many", "", item_keys, 1};

static enum ctl_next
run_one(struct ctl_conn *conn, void *arg)
{
	struct thing thing = {
	    .name = ctl_text(ctl_argv(conn, 1)),
	    .number = ctl_number(42),
	    .good = ctl_flag(true),
	};

	(void)arg;
	ctl_send_row(conn, &thing_kind, &thing);
	return CTL_DONE;
}

static enum ctl_next
run_many(struct ctl_conn *conn, void *arg)
{
	uint64_t *cursor = ctl_cursor(conn);
	struct ctl_number index;

	(void)arg;
	if (++slices > most_slices)
		most_slices = slices;
	for (int i = 0; i < CTL_SLICE; i++) {
		if (*cursor == MANY)
			return CTL_DONE;
		index = ctl_number((*cursor)++);
		ctl_send_row(conn, &item_kind, &index);
	}
	return CTL_MORE;
}

static enum ctl_next
run_fail(struct ctl_conn *conn, void *arg)
{
	(void)arg;
	ctl_fail(conn, "no %s here", ctl_argv(conn, 1));
	return CTL_DONE;
}

static void
on_turn(void *arg)
{
	(void)arg;
	slices = 0;
	timer_soon(&turn);
}

/* From now on, how many slices are sent in one turn of the loop. */
static enum ctl_next
run_watch(struct ctl_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
	most_slices = 0;
	timer_soon(&turn);
	return CTL_DONE;
}

static enum ctl_next
run_watched(struct ctl_conn *conn, void *arg)
{
	struct ctl_number index = ctl_number(most_slices);

	(void)arg;
	timer_stop(&turn);
	ctl_send_row(conn, &item_kind, &index);
	return CTL_DONE;
}

static enum ctl_next
run_stay(struct ctl_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
	return CTL_STAY;
}

static enum ctl_next
run_flood(struct ctl_conn *conn, void *arg)
{
	struct ctl_number index;

	(void)conn;
	(void)arg;
	for (int i = 0; i < 2 * CTL_QUEUE_MAX; i++) {
		index = ctl_number((uint64_t)i);
		ctl_broadcast_row(server, &item_kind, &index);
	}
	return CTL_DONE;
}

static const struct ctl_command commands[] = {
    {"one", false, run_one},
    {"many", false, run_many},
    {"fail", true, run_fail},
    {"watch", false, run_watch},
    {"watched", false, run_watched},
    {"stay", false, run_stay},
    {"flood", false, run_flood},
    {NULL, false, NULL},
};

/* Root may connect, and so may OTHER. */
static void
let_other_in(void)
{
	char path[128];

	if (geteuid() != 0)
		return;
	snprintf(path, sizeof(path), "%s/checkd.ctl", dir);
	if (chmod(dir, 0711) == -1 || chmod(path, 0666) == -1 ||
	    setresuid(OTHER, OTHER, OTHER) == -1)
		fatal("%s", path);
}

static int
group_setup(void **state)
{
	struct event_base *base;
	int ready[2];
	char byte;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(pipe(ready), 0);
	server_pid = fork();
	if (server_pid == 0) {
		log_init("unit_ctl", true, 0);
		base = event_base_new();
		timer_init(&turn, base, on_turn, NULL);
		server = ctl_server_new(base, dir, ROLE_CHECKD, commands, NULL);
		let_other_in();
		(void)!write(ready[1], "", 1);
		event_base_dispatch(base);
		_exit(0);
	}
	close(ready[1]);
	return read(ready[0], &byte, 1) == 1 ? 0 : -1;
}

static int
group_teardown(void **state)
{
	char path[128];
	int status;

	(void)state;
	/* It must still be there: no client ends a daemon. */
	assert_int_equal(waitpid(server_pid, &status, WNOHANG), 0);
	kill(server_pid, SIGTERM);
	waitpid(server_pid, &status, 0);
	snprintf(path, sizeof(path), "%s/checkd.ctl", dir);
	unlink(path);
	rmdir(dir);
	return 0;
}

static int
client(void)
{
	int fd = ctl_connect(dir, ROLE_CHECKD);

	assert_int_not_equal(fd, -1);
	return fd;
}

/* Of one who is not root. */
static int
client_of_other(void)
{
	uid_t own = geteuid();
	int fd;

	assert_int_equal(own == 0 ? seteuid(OTHER) : 0, 0);
	fd = client();
	assert_int_equal(seteuid(own), 0);
	return fd;
}

static void
ask(int fd, const char *command, const char *arg)
{
	const char *argv[] = {command, arg};

	assert_int_equal(ctl_request(fd, arg == NULL ? 1 : 2, argv), 0);
}

static const struct ctl_value *
value_of(const struct ctl_answer *answer, const char *key)
{
	for (int i = 0; i < answer->count; i++) {
		if (strcmp(answer->values[i].key, key) == 0)
			return &answer->values[i];
	}
	return NULL;
}

static void
a_row_arrives_whole(void **state)
{
	struct ctl_answer answer;
	char reason[256];
	bool ok = false;
	int fd = client();

	(void)state;
	ask(fd, "one", "web");
	assert_int_equal(ctl_next(fd, &answer, &ok, reason, sizeof(reason)), 1);
	assert_string_equal(answer.kind, "thing");
	assert_int_equal(answer.count, 3);
	assert_string_equal(value_of(&answer, "name")->string, "web");
	assert_int_equal(value_of(&answer, "number")->number, 42);
	assert_int_equal(value_of(&answer, "good")->number, 1);
	assert_null(value_of(&answer, "bad"));
	assert_int_equal(ctl_next(fd, &answer, &ok, reason, sizeof(reason)), 0);
	assert_true(ok);
	close(fd);
}

static void
read_many(int fd)
{
	struct ctl_answer answer;
	char reason[256];
	bool ok = false;

	for (int round = 0; round < 2; round++) {
		ask(fd, "many", NULL);
		for (uint64_t i = 0; i < MANY; i++) {
			assert_int_equal(
			    ctl_next(fd, &answer, &ok, reason, sizeof(reason)),
			    1);
			assert_int_equal(value_of(&answer, "index")->number, i);
		}
		assert_int_equal(
		    ctl_next(fd, &answer, &ok, reason, sizeof(reason)), 0);
		assert_true(ok);
	}
	close(fd);
}

static void
many_rows_in_order_and_again(void **state)
{
	(void)state;
	read_many(client());
	read_many(client_of_other());
}

static void
reasons_come_back(void **state)
{
	struct ctl_answer answer;
	char reason[256];
	bool ok = true;
	int fd = client();

	(void)state;
	ask(fd, "nonsense", NULL);
	assert_int_equal(ctl_next(fd, &answer, &ok, reason, sizeof(reason)), 0);
	assert_false(ok);
	assert_string_equal(reason, "nonsense: unknown command");
	ask(fd, "fail", "luck");
	assert_int_equal(ctl_next(fd, &answer, &ok, reason, sizeof(reason)), 0);
	assert_false(ok);
	if (geteuid() == 0)
		assert_string_equal(reason, "no luck here");
	else
		assert_string_equal(reason, "fail: only root may");
	close(fd);
}

static void
liars_are_closed(void **state)
{
	static const struct {
		size_t len;
		uint8_t bytes[20];
	} lies[] = {
	    {1, {1}},
	    {12, {MSG_VERSION, MSG_CTL_REQUEST, 0, 12}},
	    {15,
		{MSG_VERSION, MSG_CTL_REQUEST, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		    0, 0}},
	    {15,
		{MSG_VERSION, MSG_CTL_REQUEST, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		    0, 9}},
	    {16,
		{MSG_VERSION, MSG_CTL_REQUEST, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		    0, 1, 0}},
	    {15,
		{MSG_VERSION, MSG_CTL_REQUEST, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0,
		    17, 0, 0}},
	    {16,
		{MSG_VERSION, MSG_ACQUIRE, 0, 16, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0,
		    0, 0}},
	};
	char byte;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		int fd = client();

		assert_true(send(fd, lies[i].bytes, lies[i].len, 0) > 0);
		assert_true(recv(fd, &byte, 1, 0) <= 0);
		close(fd);
	}
}

static void
a_deaf_subscriber_is_closed(void **state)
{
	struct ctl_answer answer;
	char reason[256];
	bool ok = false;
	int deaf = client(), other = client(), rows = 0, result;

	(void)state;
	ask(deaf, "stay", NULL);
	/* The server runs requests in the order in which they came. */
	for (int i = 0; i < 3; i++) {
		ask(other, "flood", NULL);
		assert_int_equal(
		    ctl_next(other, &answer, &ok, reason, sizeof(reason)), 0);
	}
	while ((result = ctl_next(
		    deaf, &answer, &ok, reason, sizeof(reason))) == 1)
		rows++;
	assert_int_equal(result, -1);
	assert_true(rows < 3 * 2 * CTL_QUEUE_MAX);
	close(deaf);
	close(other);
}

static void
too_many_clients_are_refused(void **state)
{
	int fds[CTL_CLIENTS_PER_UID + 1];
	char byte;

	(void)state;
	for (int i = 0; i <= CTL_CLIENTS_PER_UID; i++)
		fds[i] = client();
	assert_true(recv(fds[CTL_CLIENTS_PER_UID], &byte, 1, 0) <= 0);
	for (int i = 0; i <= CTL_CLIENTS_PER_UID; i++)
		close(fds[i]);
}

/* However many ask for much, the loop is away for one slice. */
static void
one_client_a_turn(void **state)
{
	struct ctl_answer answer;
	char reason[256];
	bool ok = false;
	int fds[16], watcher = client(), result;

	(void)state;
	ask(watcher, "watch", NULL);
	assert_int_equal(
	    ctl_next(watcher, &answer, &ok, reason, sizeof(reason)), 0);
	for (size_t i = 0; i < 16; i++)
		fds[i] = client();
	/* All of them have asked when it looks. */
	assert_int_equal(kill(server_pid, SIGSTOP), 0);
	for (size_t i = 0; i < 16; i++)
		ask(fds[i], "many", NULL);
	assert_int_equal(kill(server_pid, SIGCONT), 0);
	for (size_t i = 0; i < 16; i++) {
		while ((result = ctl_next(
			    fds[i], &answer, &ok, reason, sizeof(reason))) == 1)
			continue;
		assert_int_equal(result, 0);
		assert_true(ok);
		close(fds[i]);
	}
	ask(watcher, "watched", NULL);
	assert_int_equal(
	    ctl_next(watcher, &answer, &ok, reason, sizeof(reason)), 1);
	/* The turn that counts may begin before or after the one of ours. */
	assert_in_range(value_of(&answer, "index")->number, 1, 2);
	close(watcher);
}

#define FLOODERS (CTL_CLIENTS_PER_UID - 2)

/* One small request after the other at each connection, without end. */
static void
flood(void)
{
	struct pollfd polls[FLOODERS];
	struct ctl_answer answer;
	char reason[256];
	bool ok;

	alarm(30);
	for (int i = 0; i < FLOODERS; i++) {
		polls[i].fd = client_of_other();
		polls[i].events = POLLIN;
		ask(polls[i].fd, "one", "web");
	}
	while (poll(polls, FLOODERS, -1) > 0) {
		for (int i = 0; i < FLOODERS; i++) {
			if (polls[i].revents != 0 &&
			    ctl_next(polls[i].fd, &answer, &ok, reason,
				sizeof(reason)) == 0)
				ask(polls[i].fd, "one", "web");
		}
	}
}

/* Of a processor, by the server so far, in ns. */
static uint64_t
server_used(void)
{
	unsigned long long used = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)server_pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%llu", &used), 1);
	fclose(file);
	return used;
}

/* How long an answer takes, in ns. */
static uint64_t
answer_time(int fd)
{
	uint64_t began = clock_monotonic();
	struct ctl_answer answer;
	char reason[256];
	bool ok;

	ask(fd, "one", "web");
	while (ctl_next(fd, &answer, &ok, reason, sizeof(reason)) == 1)
		continue;
	return clock_monotonic() - began;
}

static int
compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Who is not root has a tenth of a processor, and does not keep root waiting.
 */
static void
a_flood_has_a_bound(void **state)
{
	uint64_t times[100], began, used;
	int root = client();
	pid_t flooder = fork();

	(void)state;
	if (flooder == 0) {
		flood();
		_exit(1);
	}
	usleep(300000);
	began = clock_monotonic();
	used = server_used();
	for (size_t i = 0; i < 100; i++) {
		times[i] = answer_time(root);
		usleep(10000);
	}
	used = server_used() - used;
	began = clock_monotonic() - began;
	kill(flooder, SIGKILL);
	waitpid(flooder, NULL, 0);
	close(root);
	print_message("the server: %u %% of a processor\n",
	    (unsigned)(100 * used / began));
	assert_true(used < began / 5);
	qsort(times, 100, sizeof(times[0]), compare);
	print_message("root's answer: %u us, the median\n",
	    (unsigned)(times[50] / NS_PER_US));
	if (geteuid() == 0)
		assert_true(times[50] < 5 * NS_PER_MS);
}

static void
not_running_reads_so(void **state)
{
	(void)state;
	assert_int_equal(ctl_connect(dir, ROLE_VRRPD), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_arrives_whole),
	    cmocka_unit_test(many_rows_in_order_and_again),
	    cmocka_unit_test(one_client_a_turn),
	    cmocka_unit_test(reasons_come_back),
	    cmocka_unit_test(liars_are_closed),
	    cmocka_unit_test(a_deaf_subscriber_is_closed),
	    cmocka_unit_test(a_flood_has_a_bound),
	    cmocka_unit_test(too_many_clients_are_refused),
	    cmocka_unit_test(not_running_reads_so),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
