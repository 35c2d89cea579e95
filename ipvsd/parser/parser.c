/* SPDX-License-Identifier: ISC */
/*
 * For each PARSE the parser forks a worker, which reads the files, answers and
 * exits. So its memory goes back, and a file that crashes a worker or keeps it
 * in a loop is just a configuration that is refused.
 */
#include "parser/parser.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "link/msg.h"
#include "load/load.h"
#include "parser/answer.h"
#include "parser/given.h"

#define PARSER_SECONDS 30 /* for one configuration */
#define PARSER_MEMORY  ((rlim_t)2 << 30)
#define WORKER_NICE    10
#define FILE_LEN       4096
#define NODE_LEN       256

/* ---- the worker ---- */

static void
report(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	char named[2 * FILE_LEN];

	(void)arg;
	snprintf(
	    named, sizeof(named), lint == NULL ? "%s" : "%s [%s]", text, lint);
	answer_report(severity, named);
}

static void
worker_limits(pid_t parser)
{
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory exceeds any limit */
	struct rlimit memory = {PARSER_MEMORY, PARSER_MEMORY};

	setrlimit(RLIMIT_AS, &memory);
#endif
	signal(SIGALRM, SIG_DFL);
	alarm(PARSER_SECONDS);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parser)
		_exit(1); /* the parser ended before prctl(2) */
}

/* Frees nothing, because it exits. */
static void __attribute__((noreturn))
worker(const char *file, const char *node, bool urgent, pid_t parser)
{
	unsigned errors = 0, warnings = 0;
	struct conf_source *source;

	worker_limits(parser);
	/* Unless it is urgent, the daemons' loops come first. */
	if (!urgent)
		(void)setpriority(PRIO_PROCESS, 0, WORKER_NICE);
	source = conf_load(file, *node == '\0' ? NULL : node, report, NULL,
	    &errors, &warnings);
	if (errors > 0) {
		answer_parsed(false, errors, warnings, 0);
		_exit(0);
	}
	if (!answer_generation(source, warnings)) {
		answer_report(SEVERITY_ERROR,
		    "the configuration cannot be encoded or printed");
		answer_parsed(false, 1, warnings, 0);
	}
	_exit(0);
}

/* ---- the parser ---- */

static void
worker_failed(int status)
{
	char text[128];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(text, sizeof(text),
		    "the configuration was not read within %d seconds",
		    PARSER_SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text),
		    "the parser crashed on this configuration: signal %d",
		    WTERMSIG(status));
	else
		snprintf(text, sizeof(text),
		    "the parser gave up on this configuration");
	answer_report(SEVERITY_ERROR, text);
	answer_parsed(false, 1, 0, 0);
}

/* SIGCHLD only has to interrupt ppoll(2). */
static void
on_child(int number)
{
	(void)number;
}

/* Blocks SIGCHLD everywhere but in await(). */
static void
hear_children(void)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signal(SIGCHLD, on_child);
	sigprocmask(SIG_BLOCK, &child, NULL);
}

/* Waits for a worker and returns its status. If ipvsd goes first the parser
 * exits, and the worker is killed with it. */
static int
await(pid_t pid)
{
	struct pollfd ipvsd = {.fd = PARSER_FD};
	sigset_t none;
	pid_t ended;
	int status;

	sigemptyset(&none);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		if (ppoll(&ipvsd, 1, NULL, &none) > 0)
			_exit(0);
	}
	return ended == pid ? status : 1 << 8;
}

static void
parse(const char *file, const char *node, bool urgent)
{
	pid_t self = getpid(), pid = fork();
	int status;

	if (pid == 0)
		worker(file, node, urgent, self);
	status = pid == -1 ? 1 << 8 : await(pid);
	if (status != 0)
		worker_failed(status);
}

static void
take_parse(struct msg *msg)
{
	char file[FILE_LEN], node[NODE_LEN];
	bool urgent;

	urgent = get_bool(&msg->body);
	get_string(&msg->body, file, sizeof(file));
	get_string(&msg->body, node, sizeof(node));
	if (!reader_done(&msg->body)) {
		answer_report(SEVERITY_ERROR, "the file's name is too long");
		answer_parsed(false, 1, 0, 0);
		return;
	}
	parse(file, node, urgent);
}

void
parser_serve(void)
{
	uint8_t packet[MSG_MAX];
	struct msg msg;
	ssize_t len;

	hear_children();
	for (;;) {
		len = recv(PARSER_FD, packet, sizeof(packet), 0);
		if (len == -1 && errno == EINTR)
			continue;
		if (len <= 0)
			_exit(0);
		if (msg_admit(&msg, packet, (size_t)len, 0, ROLE_IPVSD,
			ROLE_PARSER) == ADMIT_OK &&
		    msg.type == MSG_PARSE)
			take_parse(&msg);
	}
}
