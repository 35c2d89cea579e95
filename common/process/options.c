/* SPDX-License-Identifier: ISC */
/* The options that the daemons share. */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/options.h"

#define FD_FIRST 3 /* behind the standard ones */
#define FD_LAST	 (1 << 20)

const struct option options_long[] = {
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

void
options_init(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->dir = OPTIONS_DIR;
	for (int i = 0; i < ROLE_MAX; i++)
		options->fds[i] = -1;
}

/* A descriptor of another kind would be a link that nobody answers. */
static bool
is_link_end(int fd)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

/* "vrrpd=5": the end of a link that somebody else made. */
static bool
take_end(struct options *options, enum role self, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[16], *end;
	enum role role;
	long fd;

	if (equals == NULL || (size_t)(equals - text) >= sizeof(name))
		return false;
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	role = role_from_name(name);
	errno = 0;
	fd = strtol(equals + 1, &end, 10);
	if (role == self || (1u << role & MD) == 0 || errno != 0 ||
	    end == equals + 1 || *end != '\0' || fd < FD_FIRST || fd > FD_LAST)
		return false;
	if (!is_link_end((int)fd))
		errx(1, "-F %s: %ld is no SOCK_SEQPACKET socket", text, fd);
	options->fds[role] = (int)fd;
	options->given = true;
	return true;
}

bool
options_take(
    struct options *options, enum role self, int option, const char *text)
{
	switch (option) {
	case 'd':
		options->foreground = true;
		return true;
	case 'v':
		options->verbose++;
		return true;
	case 'r':
		options->dir = text;
		return true;
	case 'V':
		printf("%s " TRIUMVIR_VERSION "\n", role_name(self));
		exit(fflush(stdout) == EOF);
	case 'F':
		return take_end(options, self, text);
	default:
		return false;
	}
}

void
options_help(enum role self, const char *help)
{
	printf("%s%s(8) says more\n", help, role_name(self));
	exit(fflush(stdout) == EOF);
}

bool
options_word_help(int argc, char *argv[])
{
	return optind == argc - 1 && strcmp(argv[optind], "help") == 0;
}

void
options_parse(struct options *options, enum role self, int argc, char *argv[])
{
	char usage[80];
	int option;

	snprintf(usage, sizeof(usage),
	    "usage: %s [-dhvV] [-r DIR] [-F role=fd]\n", role_name(self));
	options_init(options);
	while ((option = getopt_long(
		    argc, argv, OPTIONS_LETTERS, options_long, NULL)) != -1) {
		if (option == 'h' ||
		    !options_take(options, self, option, optarg))
			break;
	}
	if (option == 'h' || (option == -1 && options_word_help(argc, argv))) {
		fputs(usage, stdout);
		options_help(self, OPTIONS_HELP);
	}
	if (option == -1 && optind == argc)
		return;
	fputs(usage, stderr);
	exit(2);
}
