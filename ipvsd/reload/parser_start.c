/* SPDX-License-Identifier: ISC */
/*
 * The parser's program is found by the path of ipvsd's own, never by the
 * environment: in the same directory, as in a build, or where it is installed
 * below the same prefix. So a build or a prefix never takes the parser of
 * another one.
 */
#include "reload/parser_start.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define SELF	 "/proc/self/exe"
/* The program, the options, FILE, -N NODE, -R DIR..., the end. */
#define ARGS_MAX (3 + 2 + 2 * PARSER_DIRS_MAX + 1)

static char program[PATH_MAX];

/* ---- the program ---- */

/* Shortens a path to the directory that it is in. False: it is the root. */
static bool
cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* Sets `program` to a place relative to ipvsd's directory. False, with errno:
 * there is no such file. */
static bool
is_at(const char *directory, const char *place)
{
	char base[PATH_MAX];
	int n;

	snprintf(base, sizeof(base), "%s", directory);
	while (strncmp(place, "../", 3) == 0 && cut(base))
		place += 3;
	n = snprintf(program, sizeof(program), "%s/%s",
	    base[1] == '\0' ? "" : base, place);
	return n > 0 && (size_t)n < sizeof(program) &&
	    access(program, F_OK) == 0;
}

/* Whether only root and the owner of ipvsd's program can put a file there. */
static bool
is_trusted(const char *directory, uid_t owner)
{
	struct stat st;

	return stat(directory, &st) == 0 &&
	    (st.st_uid == 0 || st.st_uid == owner) &&
	    (st.st_mode & S_IWOTH) == 0 &&
	    (st.st_mode & (S_ISVTX | S_IWGRP)) != (S_ISVTX | S_IWGRP);
}

/*
 * Judges the directories of the program, up to the first one that ipvsd's own
 * program is below: from there on the parser is as safe as ipvsd. NULL, or why
 * the program is not trusted.
 */
static const char *
judge(const char *self)
{
	char directory[PATH_MAX];
	struct stat st;
	size_t len;

	if (stat(SELF, &st) == -1)
		return strerror(errno);
	strcpy(directory, program);
	while (cut(directory)) {
		if (!is_trusted(directory, st.st_uid))
			return "others may write to a directory of it";
		len = strlen(directory);
		if (strncmp(directory, self, len) == 0 &&
		    (self[len] == '/' || len == 1))
			break;
	}
	return NULL;
}

/* Sets `program`. NULL, or why it cannot be started. */
static const char *
find(void)
{
	char self[PATH_MAX], directory[PATH_MAX];
	ssize_t len = readlink(SELF, self, sizeof(self) - 1);

	strcpy(program, PARSER_PROGRAM);
	if (len == -1)
		return SELF " cannot be read";
	self[len] = '\0';
	strcpy(directory, self);
	(void)cut(directory);
	if (!is_at(directory, PARSER_PROGRAM) &&
	    !is_at(directory, PARSER_INSTALLED))
		return strerror(errno);
	return judge(self);
}

/* ---- what it is given ---- */

static void
fill_args(char *args[ARGS_MAX], char *options, const struct parser_job *job)
{
	static char node[] = "-N", dir[] = "-R";
	size_t count = 0;

	args[count++] = program;
	args[count++] = options;
	args[count++] = job->file;
	if (job->node != NULL) {
		args[count++] = node;
		args[count++] = job->node;
	}
	for (size_t i = 0; i < job->dir_count; i++) {
		args[count++] = dir;
		args[count++] = job->dirs[i];
	}
	args[count] = NULL;
}

/* The parser gets no environment but the variable by which log.c sees that
 * stderr is the journal. */
static void
fill_environment(char *environment[2])
{
	const char *stream = getenv("JOURNAL_STREAM");

	environment[0] = environment[1] = NULL;
	if (stream != NULL &&
	    asprintf(&environment[0], "JOURNAL_STREAM=%s", stream) == -1)
		fatal("parser");
}

/* NULL, or why the path is no directory that -R can name. */
static const char *
judge_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return strerror(errno);
	return S_ISDIR(st.st_mode) ? NULL : "not a directory";
}

/* ---- its start ---- */

static const char *
spawn(struct parser *parser, const struct parser_job *job)
{
	char options[8], *args[ARGS_MAX], *environment[2];
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	snprintf(options, sizeof(options), "-%s%sf", job->background ? "b" : "",
	    job->verbose ? "v" : "");
	fill_args(args, options, job);
	fill_environment(environment);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1 ||
	    posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, ends[1], PARSER_FD) !=
		0 ||
	    posix_spawn_file_actions_addclosefrom_np(&actions, PARSER_FD + 1) !=
		0)
		fatal("parser");
	error = posix_spawn(
	    &parser->pid, program, &actions, NULL, args, environment);
	posix_spawn_file_actions_destroy(&actions);
	free(environment[0]);
	close(ends[1]);
	if (error == 0) {
		parser->fd = ends[0];
		return NULL;
	}
	close(ends[0]);
	return strerror(error);
}

void
parser_start(struct parser *parser, const struct parser_job *job)
{
	void (*say)(const char *, ...) = job->needed ? fatalx : log_warnx;
	const char *why;

	for (size_t i = 0; i < job->dir_count; i++) {
		why = judge_directory(job->dirs[i]);
		if (why != NULL)
			say("-R %s: %s", job->dirs[i], why);
	}
	*parser = (struct parser){.path = program, .fd = -1};
	why = find();
	if (why == NULL)
		why = spawn(parser, job);
	if (why != NULL)
		say("parser: %s: %s", program, why);
}

void
parser_check(const struct parser_job *job)
{
	char options[8], *args[ARGS_MAX], *environment[1] = {NULL};
	const char *why;

	for (size_t i = 0; i < job->dir_count; i++) {
		why = judge_directory(job->dirs[i]);
		if (why != NULL)
			errx(1, "-R %s: %s", job->dirs[i], why);
	}
	why = find();
	if (why != NULL)
		errx(1, "%s: %s", program, why);
	snprintf(options, sizeof(options), "-n%sf", job->verbose ? "v" : "");
	fill_args(args, options, job);
	execve(program, args, environment);
	err(1, "%s", program);
}
