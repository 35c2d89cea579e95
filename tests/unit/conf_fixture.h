/* SPDX-License-Identifier: ISC */
/* The configuration that tests of the binary form encode and decode. */
#ifndef TESTS_CONF_FIXTURE_H
#define TESTS_CONF_FIXTURE_H

#include <sys/mman.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/wire_form.h"
#include "load/load.h"
#include "load/source.h"
#include "tests/conf/whole_conf.h"

#define FILE_NAME CONF_TESTS "/good/everything-built.yaml"

static inline void
no_errors(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)lint;
	(void)arg;
	if (severity == SEVERITY_ERROR)
		fail_msg("%s", text);
}

static inline struct conf_source *
load(const char *file, const char *node)
{
	unsigned errors, warnings;
	struct conf_source *source;

	source = conf_load(file, node, no_errors, NULL, &errors, &warnings);
	assert_int_equal(errors, 0);
	return source;
}

/* What a daemon gets of the file as this node. */
static inline struct conf *
conf_of(const char *file, const char *node, enum role role)
{
	struct conf_source *source = load(file, node);
	const char *why = "";
	struct conf *conf;
	int fd;

	fd = encode_whole(source, role);
	assert_true(fd != -1);
	conf = decode_whole(fd, role, &why);
	if (conf == NULL)
		fail_msg("%s", why);
	assert_true(conf->generation == conf_generation(source));
	close(fd);
	conf_source_free(source);
	return conf;
}

#endif
