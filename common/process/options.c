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
	case 'F':
		return take_end(options, self, text);
	default:
		return false;
	}
}

void
options_parse(struct options *options, enum role self, int argc, char *argv[])
{
	int option;

	options_init(options);
	while ((option = getopt(argc, argv, "dvr:F:")) != -1) {
		if (!options_take(options, self, option, optarg))
			break;
	}
	if (option == -1 && optind == argc)
		return;
	fprintf(
	    stderr, "usage: %s [-dv] [-r DIR] [-F role=fd]\n", role_name(self));
	exit(2);
}
