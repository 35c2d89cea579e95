/* SPDX-License-Identifier: ISC */
/*
 * The parser child. For each PARSE it forks a worker that reads the files,
 * answers and exits: so the memory goes back, and whatever a file does to
 * the worker (a crash, an endless loop) is just a configuration that is
 * refused.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/codec.h"
#include "link/msg.h"
#include "load/load.h"
#include "load/print.h"
#include "log.h"
#include "parser.h"
#include "parser_answer.h"
#include "process/background.h"
#include "process/priv.h"
#include "process/sandbox.h"

#define PARSER_TITLE   "ipvsd: parser"
#define PARSER_SECONDS 60 /* for one configuration */
#define PARSER_MEMORY  ((rlim_t)2 << 30)
#define PARSER_FILES   64
#define WORKER_NICE    10
#define FILE_LEN       4096
#define NODE_LEN       256

/* ---- the worker ---- */

static void
report(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)lint;
	(void)arg;
	answer_report(severity, text);
}

static void
worker_limits(pid_t parser)
{
#ifndef __SANITIZE_ADDRESS__ /* whose shadow is larger than any limit */
	struct rlimit memory = {PARSER_MEMORY, PARSER_MEMORY};

	setrlimit(RLIMIT_AS, &memory);
#endif
	signal(SIGALRM, SIG_DFL);
	alarm(PARSER_SECONDS);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parser)
		_exit(1); /* it had ended before that */
}

/* The worker's end is the end of its memory: nothing is freed. */
static void __attribute__((noreturn))
worker(const char *file, const char *node, bool urgent, pid_t parser)
{
	unsigned errors = 0, warnings = 0;
	struct conf_source *source;

	worker_limits(parser);
	/* Where something runs already, the daemons' loops come first. */
	if (!urgent)
		(void)setpriority(PRIO_PROCESS, 0, WORKER_NICE);
	source = conf_read(file, *node == '\0' ? NULL : node);
	if (!conf_has_errors(source))
		answer_print(source);
	conf_judge(source, report, NULL, &errors, &warnings);
	if (errors > 0) {
		answer_parsed(false, errors, warnings, 0);
		answer_unprinted();
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

static void
parse(const char *file, const char *node, bool urgent)
{
	pid_t self = getpid(), pid = fork();
	int status;

	if (pid == 0)
		worker(file, node, urgent, self);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		status = 1 << 8;
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

/* Ends when ipvsd does. */
static void __attribute__((noreturn)) serve(void)
{
	uint8_t packet[MSG_MAX];
	struct msg msg;
	ssize_t len;

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

/* Over the arguments and the environment, which end here. */
static void
set_title(int argc, char *argv[])
{
	char *begin = argv[0];
	char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;

	for (char **env = environ; *env != NULL && *env == end; env++)
		end = *env + strlen(*env) + 1;
	clearenv();
	memset(begin, 0, (size_t)(end - begin));
	snprintf(begin, (size_t)(end - begin), "%s", PARSER_TITLE);
	prctl(PR_SET_NAME, PARSER_TITLE);
}

/*
 * Below the configuration's directory, by its name and by where a link leads,
 * and the settings that the lint asks about.
 */
static void
read_only(const char *file)
{
	char real[PATH_MAX];
	char *name = strdup(file);
	struct sandbox_place places[] = {
	    {"/proc/sys", SANDBOX_READ},
	    {NULL, SANDBOX_READ},
	    {NULL, SANDBOX_READ},
	};

	if (name == NULL)
		fatal("parser");
	if (realpath(file, real) == NULL)
		snprintf(real, sizeof(real), "%s", file);
	places[1].path = dirname(name);
	places[2].path = dirname(real);
	sandbox_files(places, sizeof(places) / sizeof(places[0]));
	free(name);
}

static void __attribute__((noreturn)) child(int argc, char *argv[], int fd,
    const char *file, const struct parser_first *first)
{
	/* ipvsd's end tells when to end; signals to the group are for it. */
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1,
	    SIGUSR2, SIGPIPE,
	    /* A part that is too large is told, and is not our end. */
	    SIGXFSZ};
	static const struct priv_need need = {
	    .files = PARSER_FILES, .file_size = CONF_SIZE_MAX};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	if (dup2(fd, PARSER_FD) == -1)
		fatal("parser");
	closefrom(PARSER_FD + 1);
	set_title(argc, argv);
	priv_ordinary("parser");
	priv_drop(USER_IPVSD, PRIV_NONE);
	background_child();
	priv_limit(&need);
	read_only(file);
	sandbox_enter(ROLE_PARSER);
	if (first != NULL)
		parse(
		    first->file, first->node == NULL ? "" : first->node, true);
	serve();
}

int
parser_fork(int argc, char *argv[], const char *file,
    const struct parser_first *first, pid_t *pid)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		fatal("parser: socketpair");
	*pid = fork();
	if (*pid == -1)
		fatal("parser: fork");
	if (*pid == 0)
		child(argc, argv, ends[1], file, first);
	close(ends[1]);
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1)
		fatal("parser");
	return ends[0];
}

/* ---- ipvsd -n ---- */

static void
report_to_stderr(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	static const char *const words[] = {[SEVERITY_NOTE] = "note: ",
	    [SEVERITY_WARNING] = "warning: ",
	    [SEVERITY_ERROR] = ""};

	(void)arg;
	if (lint != NULL)
		fprintf(stderr, "%s%s [%s]\n", words[severity], text, lint);
	else
		fprintf(stderr, "%s%s\n", words[severity], text);
}

int
parser_check(const char *file, const char *node, bool print)
{
	unsigned errors = 0, warnings = 0;
	struct conf_source *source;

	source = conf_load(
	    file, node, report_to_stderr, NULL, &errors, &warnings);
	if (errors == 0 && print)
		conf_print(source, stdout);
	conf_source_free(source);
	return errors > 0;
}
