/* SPDX-License-Identifier: ISC */
/* See vrrpd_reload_conf.h. */
#include "vrrpd_reload_conf.h"

#include <stdio.h>

#include "conf_fixture.h"
#include "load/print.h"

int
encode_instances(
    char letter, unsigned count, unsigned priority, uint64_t *generation)
{
	char name[] = "/tmp/vrrpd-reload-XXXXXX";
	FILE *file = fdopen(mkstemp(name), "w");
	struct conf_source *source;
	int fd;

	assert_non_null(file);
	fprintf(file, "nodes: {a: 192.0.2.1}\nvrrp:\n");
	for (unsigned i = 1; i <= count; i++)
		fprintf(file,
		    "  %c%u: {interface: eth0, vrid: %u, "
		    "nodes: {a: %u}, addresses: [10.0.0.%u/32]}\n",
		    letter, i, i, priority, i);
	fclose(file);
	source = load(name, "a");
	unlink(name);
	*generation = conf_generation(source);
	fd = encode_whole(source, ROLE_VRRPD);
	conf_source_free(source);
	return fd;
}
