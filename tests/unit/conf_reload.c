/* SPDX-License-Identifier: ISC */
/* What is said of a reload: what one host after the other cannot do. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/lint_reload.h"
#include "load/load.h"
#include "load/source.h"
#include "tests/conf/whole_conf.h"

struct said {
	char lints[512];
	char text[4096];
};

static void
note(enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct said *said = arg;
	size_t len = strlen(said->lints), at = strlen(said->text);

	snprintf(said->lints + len, sizeof(said->lints) - len, "%s %s;",
	    conf_severity_name(severity), lint);
	snprintf(said->text + at, sizeof(said->text) - at, "%s\n", text);
}

static void
ignore(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)lint;
	(void)arg;
	if (severity == SEVERITY_ERROR)
		fail_msg("%s", text);
}

static struct conf *
load(const char *text, const char *node)
{
	char name[] = "/tmp/triumvir-reload-XXXXXX";
	unsigned errors, warnings;
	struct conf_source *source;
	struct conf *conf;
	const char *why;
	int fd = mkstemp(name);

	assert_true(fd != -1);
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	source = conf_load(name, node, ignore, NULL, &errors, &warnings);
	unlink(name);
	fd = encode_whole(source, ROLE_IPVSD);
	conf = decode_whole(fd, ROLE_IPVSD, &why);
	assert_non_null(conf);
	close(fd);
	conf_source_free(source);
	return conf;
}

#define NODES	  "nodes: {d1: 10.0.0.11, d2: 10.0.0.12, s1: 10.0.0.21}\n"
#define WEB(what) NODES "vrrp:\n  web: {nodes: [d1, d2], " what "}\n"
#define PLAIN	  "interface: eth0, vrid: 7, addresses: [10.0.0.100/24]"
#define SPREAD(list)                                                     \
	NODES "vrrp:\n  p: {interface: eth0, vrid: 1, nodes: [d1, d2], " \
	      "spread: [" list "]}\n"
#define TWO(a, b)                                                        \
	NODES "vrrp:\n  a: {interface: eth0, vrid: 1, nodes: [d1, d2], " \
	      "addresses: [" a "]}\n  b: {interface: eth0, vrid: 2, "    \
	      "nodes: [d1, d2], addresses: [" b "]}\n"

static const struct {
	const char *old;
	const char *new;
	const char *lints;
	const char *words; /* of one of the texts */
	unsigned errors;
} cases[] = {
    {WEB(PLAIN), WEB(PLAIN), "", "", 0},
    {WEB(PLAIN),
	WEB("interface: eth0, vrid: 7, interval: 2s, "
	    "addresses: [10.0.0.100/24, 10.0.0.101/24]"),
	"", "", 0},
    {WEB(PLAIN), WEB("interface: eth0, vrid: 8, addresses: [10.0.0.100/24]"),
	"warning reload-vrid;", "from 7 to 8: reload all hosts at once", 0},
    {WEB(PLAIN),
	WEB("interface: eth0, vrid: 7, version: 2, addresses: [10.0.0.100/24]"),
	"warning reload-version;", "two owners", 0},
    {WEB("version: 2, " PLAIN), WEB("version: 2, interval: 2s, " PLAIN),
	"error reload-interval;", "cannot change", 1},
    {WEB(PLAIN), WEB("interface: eth1, vrid: 7, addresses: [10.0.0.100/24]"),
	"note reload-interface;", "from eth0 to eth1", 0},
    {WEB(PLAIN),
	WEB("interface: {d1: eth0, d2: eth1}, vrid: 7, "
	    "addresses: [10.0.0.100/24]"),
	"", "", 0},
    {WEB(PLAIN), NODES "vrrp:\n  front: {nodes: [d1, d2], " PLAIN "}\n",
	"warning reload-renamed;", "web is called front", 0},
    {WEB(PLAIN),
	NODES "vrrp:\n  front: {nodes: [d1, d2], interface: eth0, vrid: 9, "
	      "addresses: [10.0.0.100/24]}\n",
	"warning reload-moves;", "from vrrp web (vrid 7) to front (vrid 9)", 0},
    {SPREAD("10.0.0.101, 10.0.0.102, 10.0.0.103"),
	SPREAD("10.0.0.101, 10.0.0.103"), "warning reload-moves;",
	"10.0.0.103 moves from vrrp p-3 (vrid 3) to p-2 (vrid 2), because "
	"`spread` counts",
	0},
    {SPREAD("10.0.0.101, 10.0.0.102, 10.0.0.103"),
	SPREAD("10.0.0.101, 10.0.0.109, 10.0.0.103"), "", "", 0},
    {SPREAD("10.0.0.101, 10.0.0.102"),
	SPREAD("10.0.0.101, 10.0.0.102, 10.0.0.103"), "", "", 0},
    {TWO("10.0.0.100", "10.0.0.101"), TWO("10.0.0.101", "10.0.0.100"),
	"warning reload-moves;warning reload-moves;",
	"10.0.0.101 moves from vrrp b (vrid 2) to a (vrid 1): reload all", 0},
    {TWO("169.254.0.1", "{address: 169.254.0.2, interface: eth1}"),
	TWO("169.254.0.3", "{address: 169.254.0.1, interface: eth1}"),
	"warning reload-moves;", "169.254.0.1 moves from vrrp a", 0},
    {TWO("\"fe80::1\"", "{address: \"fe80::1\", interface: eth1}"),
	TWO("{address: \"fe80::1\", interface: eth2}", "\"fe80::1\""),
	"warning reload-moves;", "fe80::1 moves from vrrp a", 0},
    {NODES, "nodes: {d1: 10.0.0.11, d2: 10.0.0.21, s1: 10.0.0.12}\n",
	"warning reload-node;warning reload-node;",
	"10.0.0.21 was node s1's address and is d2's from now on", 0},
};

static void
reloads(void **state)
{
	struct conf *old, *new;
	struct said said;
	unsigned errors;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&said, 0, sizeof(said));
		old = load(cases[i].old, "d1");
		new = load(cases[i].new, "d1");
		errors = conf_lint_reload(old, new, note, &said);
		assert_string_equal(said.lints, cases[i].lints);
		assert_int_equal(errors, cases[i].errors);
		if (strstr(said.text, cases[i].words) == NULL)
			fail_msg("%s is not in %s", cases[i].words, said.text);
		conf_free(old);
		conf_free(new);
	}
}

/* A host that has no part in it is not told. */
static void
not_ours(void **state)
{
	struct conf *old = load(TWO("10.0.0.100", "10.0.0.101"), "s1"),
		    *new = load(TWO("10.0.0.101", "10.0.0.100"), "s1");
	struct said said = {"", ""};

	(void)state;
	conf_lint_reload(old, new, note, &said);
	assert_string_equal(said.lints, "");
	conf_free(old);
	conf_free(new);
}

/* Who finds itself by its address becomes another node. */
static void
another_self(void **state)
{
	struct conf *old = load(NODES, "d1"), *new = load(NODES, "d2");
	struct said said = {"", ""};

	(void)state;
	conf_lint_reload(old, new, note, &said);
	assert_string_equal(said.lints, "warning reload-self;");
	conf_free(old);
	conf_free(new);
}

/* As many as a `spread` has: a few by name, then how many. */
static void
many_moves(void **state)
{
	static char rest[8192];
	static char text[2][16384];
	struct said said = {"", ""};
	struct conf *old, *new;
	size_t len = 0;

	(void)state;
	for (int i = 2; i < 200; i++)
		len += (size_t)snprintf(rest + len, sizeof(rest) - len,
		    "%s10.0.1.%d", i > 2 ? ", " : "", i);
	snprintf(text[0], sizeof(text[0]), SPREAD("10.0.0.1, %s"), rest);
	snprintf(text[1], sizeof(text[1]), SPREAD("%s"), rest);
	old = load(text[0], "d1");
	new = load(text[1], "d1");
	conf_lint_reload(old, new, note, &said);
	assert_non_null(strstr(said.text, "188 more addresses move"));
	conf_free(old);
	conf_free(new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reloads),
	    cmocka_unit_test(not_ours),
	    cmocka_unit_test(another_self),
	    cmocka_unit_test(many_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
