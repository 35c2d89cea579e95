/* SPDX-License-Identifier: ISC */
/*
 * conf-check [-lv] [-N node] FILE: loads a configuration and encodes all
 * daemons' copies, as ipvsd's parser does. Findings go to stderr, with -v the
 * canonical form to stdout. Without -l the copies are decoded again. 1 after
 * an error.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load/load.h"
#include "load/print.h"
#include "log.h"
#include "whole_conf.h"

static void
report(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s", text);
	if (severity != SEVERITY_ERROR)
		fprintf(
		    stderr, " [%s, %s]\n", lint, conf_severity_name(severity));
	else if (lint != NULL)
		fprintf(stderr, " [%s]\n", lint);
	else
		fprintf(stderr, "\n");
}

static bool
round_trip(struct conf_source *source, enum role role, bool load_only)
{
	struct conf *conf;
	const char *why;
	int fd;

	if ((fd = encode_whole(source, role)) == -1) {
		fprintf(stderr, "encoding for %s: failed\n", role_name(role));
		return false;
	}
	if (load_only) {
		close(fd);
		return true;
	}
	if ((conf = decode_whole(fd, role, &why)) == NULL)
		fprintf(stderr, "decoding for %s: %s\n", role_name(role), why);
	close(fd);
	conf_free(conf);
	return conf != NULL;
}

int
main(int argc, char *argv[])
{
	struct conf_source *source;
	const char *node = NULL;
	unsigned errors, warnings;
	bool verbose = false, load_only = false, ok;
	int option;

	while ((option = getopt(argc, argv, "lN:v")) != -1) {
		if (option == 'N')
			node = optarg;
		else if (option == 'l')
			load_only = true;
		else if (option == 'v')
			verbose = true;
		else
			return 2;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: conf-check [-lv] [-N node] file\n");
		return 2;
	}
	log_init("conf-check", true, 0);
	source = conf_load(
	    argv[optind], node, report, NULL, &errors, &warnings);
	ok = errors == 0;
	if (ok && verbose)
		conf_print(source, stdout);
	ok = ok && round_trip(source, ROLE_IPVSD, load_only) &&
	    round_trip(source, ROLE_VRRPD, load_only) &&
	    round_trip(source, ROLE_CHECKD, load_only);
	conf_source_free(source);
	return ok ? 0 : 1;
}
