/* SPDX-License-Identifier: ISC */
/*
 * encode-conf FILE NODE ROLE: what the parser would send to that daemon, on
 * standard output; for tests that play ipvsd.
 */
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../conf/whole_conf.h"
#include "load/load.h"
#include "log.h"

static void
report(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)severity;
	(void)lint;
	(void)arg;
	fprintf(stderr, "%s\n", text);
}

int
main(int argc, char *argv[])
{
	struct conf_source *source;
	unsigned errors, warnings;
	struct stat st;
	off_t at = 0;
	int fd;

	if (argc != 4 || role_from_name(argv[3]) == ROLE_MAX)
		fatalx("usage: encode-conf file node role");
	source = conf_load(argv[1], argv[2], report, NULL, &errors, &warnings);
	if (errors > 0)
		return 1;
	fd = encode_whole(source, role_from_name(argv[3]));
	if (fd == -1 || fstat(fd, &st) == -1)
		fatal("encode");
	while (at < st.st_size) {
		if (sendfile(
			STDOUT_FILENO, fd, &at, (size_t)(st.st_size - at)) <= 0)
			fatal("write");
	}
	conf_source_free(source);
	return 0;
}
