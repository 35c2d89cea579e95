/* SPDX-License-Identifier: ISC */
/* See receiver_conf.h. */
#include "receiver_conf.h"

#include <stdio.h>

#include "conf_fixture.h"
#include "load/print.h"

static struct conf_source *
source_of(char letter)
{
	char name[] = "/tmp/receiver-XXXXXX";
	FILE *file = fdopen(mkstemp(name), "w");
	struct conf_source *source;

	assert_non_null(file);
	fprintf(file,
	    "nodes: {a: 192.0.2.1}\nvrrp:\n  web: {interface: eth0, "
	    "vrid: 1, nodes: {a: %d}, addresses: [10.0.0.1/32]}\n",
	    letter);
	fclose(file);
	source = load(name, "a");
	unlink(name);
	return source;
}

uint64_t
generation_of(char letter)
{
	static uint64_t known[2];
	uint64_t *generation = &known[letter == 'A' ? 0 : 1];
	struct conf_source *source;

	if (*generation == 0) {
		source = source_of(letter);
		*generation = conf_generation(source);
		conf_source_free(source);
	}
	return *generation;
}

int
file_of(char letter)
{
	struct conf_source *source = source_of(letter);
	int fd = encode_whole(source, ROLE_CHECKD);

	assert_true(fd != -1);
	conf_source_free(source);
	return fd;
}
