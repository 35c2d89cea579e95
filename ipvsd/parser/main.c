/* SPDX-License-Identifier: ISC */
/*
 * ipvsd-parser: options, and the order of start. ipvsd starts it as the user
 * that ipvsd itself was started as, mostly root. Before it reads a byte the
 * parser becomes _ipvsd without any capability, and is confined.
 */
#include <sys/prctl.h>
#include <sys/socket.h>

#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/codec.h"
#include "log.h"
#include "parser/given.h"
#include "parser/parser.h"
#include "process/background.h"
#include "process/priv.h"
#include "process/sandbox.h"

#define FILES_MAX 64

struct given {
	const char *file;
	const char *node;
	const char *dirs[PARSER_DIRS_MAX];
	size_t dir_count;
	int verbose;
	bool background;
	bool check;
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, PARSER_PROGRAM " is started by ipvsd(8)\n");
	exit(2);
}

static void
take_option(struct given *given, int option, const char *text)
{
	switch (option) {
	case 'b':
		given->background = true;
		break;
	case 'f':
		given->file = text;
		break;
	case 'n':
		given->check = true;
		break;
	case 'N':
		given->node = text;
		break;
	case 'R':
		if (given->dir_count == PARSER_DIRS_MAX)
			usage();
		given->dirs[given->dir_count++] = text;
		break;
	case 'v':
		given->verbose++;
		break;
	default:
		usage();
	}
}

static void
take_options(struct given *given, int argc, char *argv[])
{
	int option;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts(PARSER_PROGRAM " " TRIUMVIR_VERSION);
		exit(fflush(stdout) == EOF);
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts(PARSER_PROGRAM " is started by ipvsd(8)");
		exit(fflush(stdout) == EOF);
	}
	while ((option = getopt(argc, argv, "bf:nN:R:v")) != -1)
		take_option(given, option, optarg);
	if (optind != argc || given->file == NULL)
		usage();
}

static bool
is_started_by_ipvsd(void)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(PARSER_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

/* Signals to the process group are for ipvsd. The parser exits when ipvsd has
 * closed its end of the pair. */
static void
ignore_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1,
	    SIGUSR2, SIGPIPE,
	    /* A part that is too large must fail, not kill. */
	    SIGXFSZ};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/*
 * Has the kernel kill this process when ipvsd ends. If Landlock confines
 * ipvsd's signals, which newer kernels can do, the signal is not sent. Then
 * only the end of the pair tells.
 */
static void
end_with(pid_t ipvsd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != ipvsd)
		_exit(1); /* ipvsd ended before prctl(2) */
}

/*
 * What it may read: the directory of the configuration, by its name and by
 * where a symbolic link leads; the settings that the lint asks about;
 * certificates; and what -R names.
 */
static void
read_only(const struct given *given)
{
	char real[PATH_MAX];
	char *name = strdup(given->file);
	struct sandbox_place places[5 + PARSER_DIRS_MAX] = {
	    {"/proc/sys", SANDBOX_READ},
	    {"/etc/ssl", SANDBOX_READ},
	    {"/usr/share/ca-certificates", SANDBOX_READ},
	};
	size_t count = 3;

	if (name == NULL)
		fatal("parser");
	if (realpath(given->file, real) == NULL)
		snprintf(real, sizeof(real), "%s", given->file);
	places[count++] = (struct sandbox_place){dirname(name), SANDBOX_READ};
	places[count++] = (struct sandbox_place){dirname(real), SANDBOX_READ};
	for (size_t i = 0; i < given->dir_count; i++)
		places[count++] = (struct sandbox_place){
		    given->dirs[i], SANDBOX_READ};
	sandbox_files(places, count);
	free(name);
}

static void
start(const struct given *given)
{
	static const struct priv_need need = {
	    .files = FILES_MAX, .file_size = CONF_SIZE_MAX};
	pid_t ipvsd = getppid();

	ignore_signals();
	priv_ordinary("parser");
	priv_drop(USER_IPVSD, PRIV_NONE);
	end_with(ipvsd); /* priv_drop() would undo it */
	if (given->background)
		background_stdio(PARSER_PROGRAM);
	priv_limit(&need);
	read_only(given);
	sandbox_enter(ROLE_PARSER);
}

int
main(int argc, char *argv[])
{
	static struct given given = {.node = ""};

	take_options(&given, argc, argv);
	if (given.check)
		return parser_check(given.file, given.node, given.verbose > 0);
	if (!is_started_by_ipvsd())
		usage();
	log_init(PARSER_PROGRAM, true, given.verbose);
	start(&given);
	parser_serve();
}
