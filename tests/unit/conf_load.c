/* SPDX-License-Identifier: ISC */
/*
 * Loading: who this host is, what hangs on facts of a host, the generation,
 * and what a reload may change.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/lint_reload.h"
#include "load/finding.h"
#include "load/lint.h"
#include "load/load.h"
#include "load/source.h"
#include "tests/conf/whole_conf.h"

struct said {
	char lints[512];
	char text[512];
};

static void
note(enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct said *said = arg;

	(void)severity;
	snprintf(said->lints + strlen(said->lints),
	    sizeof(said->lints) - strlen(said->lints), "%s ",
	    lint != NULL ? lint : "error");
	snprintf(said->text, sizeof(said->text), "%s", text);
}

/* Loads a text by way of a file. */
static struct conf_source *
load(const char *text, const char *node, struct said *said)
{
	char name[] = "/tmp/triumvir-conf-XXXXXX";
	unsigned errors, warnings;
	struct conf_source *source;
	int fd = mkstemp(name);

	assert_true(fd != -1);
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	memset(said, 0, sizeof(*said));
	source = conf_load(name, node, note, said, &errors, &warnings);
	unlink(name);
	return source;
}

static void
self_by_option(void **state)
{
	struct conf_source *source;
	struct said said;

	(void)state;
	source = load(
	    "nodes: {here: 127.0.0.1, there: 192.0.2.1}", "there", &said);
	assert_string_equal(source->root.c.self, "there");
	conf_source_free(source);
}

static void
self_by_name(void **state)
{
	char text[512], name[256];
	struct conf_source *source;
	struct said said;

	(void)state;
	assert_int_equal(gethostname(name, sizeof(name)), 0);
	snprintf(text, sizeof(text), "nodes: {here: 127.0.0.1, %s: 192.0.2.1}",
	    name);
	source = load(text, NULL, &said);
	assert_string_equal(source->root.c.self, name);
	conf_source_free(source);
}

static void
self_by_address(void **state)
{
	struct conf_source *source;
	struct said said;

	(void)state;
	source = load("nodes: {a: 192.0.2.1, b: {addresses: [192.0.2.2, "
		      "127.0.0.1]}}",
	    NULL, &said);
	assert_string_equal(source->root.c.self, "b");
	conf_source_free(source);
}

static void
self_unknown(void **state)
{
	struct conf_source *source;
	struct said said;

	(void)state;
	source = load(
	    "nodes: {a: 203.0.113.251, b: 203.0.113.252}", NULL, &said);
	assert_string_equal(said.lints, "self ");
	assert_non_null(strstr(said.text, "-N: a, b"));
	conf_source_free(source);
}

#define NAT_FILE                                                       \
	"nodes: {d1: 10.0.0.1, s1: 10.0.0.21}\n"                       \
	"vrrp:\n"                                                      \
	"  web: {interface: eth0, vrid: 1, nodes: [d1],"               \
	" addresses: [10.0.0.100/24]}\n"                               \
	"services:\n"                                                  \
	"  a: {address: 10.0.0.100:80, forward: nat, servers: [s1]}\n" \
	"  b: {address: 10.0.0.100:81, forward: nat, servers: [s1]}\n"

/* Judged again with other facts: the lint itself is pure. */
static void
nat_forwarding(void **state)
{
	struct conf_source *source;
	struct said said;
	unsigned errors, warnings;

	(void)state;
	source = load(NAT_FILE, "s1", &said);
	assert_string_equal(said.lints, "");
	source->root.c.self = "d1";
	source->host.here = true;
	source->host.ip_vs = true;
	names_free(&source->host.interfaces);
	source->host.forward4 = true;
	conf_lint(source);
	conf_report(source, note, &said, &errors, &warnings);
	assert_string_equal(said.lints, "");
	source->host.forward4 = false;
	conf_lint(source);
	conf_report(source, note, &said, &errors, &warnings);
	assert_string_equal(said.lints, "nat-forwarding ");
	assert_int_equal(warnings, 1);
	conf_source_free(source);
}

static void
judge(struct conf_source *source, struct said *said)
{
	unsigned errors, warnings;

	memset(said, 0, sizeof(*said));
	conf_lint(source);
	conf_report(source, note, said, &errors, &warnings);
	assert_int_equal(errors, 0);
}

#define HOST_FILE                                              \
	"nodes: {d1: 10.0.0.1, d2: 10.0.0.2, s1: 10.0.0.21}\n" \
	"ipvs: {sync: {interface: {d1: sync1, d2: sync2}}}\n"  \
	"vrrp:\n"                                              \
	"  web: {interface: {d1: eth0, d2: eth9}, vrid: 1,"    \
	" nodes: [d1, d2], addresses: [10.0.0.100/24]}\n"      \
	"  two: {interface: {d1: eth0, d2: eth9}, vrid: 2,"    \
	" nodes: [d1, d2], addresses: [10.0.0.101/24,"         \
	" {address: 10.0.0.102/24, interface: bond7}]}\n"      \
	"  other: {interface: eth8, vrid: 1, nodes: [d2],"     \
	" addresses: [10.0.0.103/24]}\n"                       \
	"services:\n"                                          \
	"  a: {address: 10.0.0.100:80, servers: [s1]}\n"

/* Interfaces of this host's instances alone, each once; if it is the host. */
static void
interface_missing(void **state)
{
	struct conf_source *source;
	struct names *known;
	struct said said;

	(void)state;
	source = load(HOST_FILE, "d1", &said);
	known = &source->host.interfaces;
	names_free(known);
	names_put_text(known, "eth1", 0);
	source->host.ip_vs = true;
	source->host.here = false;
	judge(source, &said);
	assert_string_equal(said.lints, "");
	source->host.here = true;
	judge(source, &said);
	assert_string_equal(said.lints,
	    "interface-missing interface-missing interface-missing ");
	assert_non_null(
	    strstr(said.text, "no interface \"bond7\", it has eth1"));
	names_put_text(known, "eth0", 0);
	names_put_text(known, "bond71", 0);
	judge(source, &said);
	assert_string_equal(said.lints, "interface-missing interface-missing ");
	assert_non_null(strstr(said.text, "did you mean \"bond71\"?"));
	names_put_text(known, "bond7", 0);
	names_put_text(known, "sync1", 0);
	judge(source, &said);
	assert_string_equal(said.lints, "");
	names_free(known); /* not known */
	judge(source, &said);
	assert_string_equal(said.lints, "");
	conf_source_free(source);
}

static void
module_missing(void **state)
{
	struct conf_source *source;
	struct said said;

	(void)state;
	source = load(HOST_FILE, "d1", &said);
	names_free(&source->host.interfaces);
	source->host.here = true;
	source->host.ip_vs = false;
	judge(source, &said);
	assert_string_equal(said.lints, "module-missing ");
	assert_non_null(strstr(said.text, "modprobe ip_vs"));
	source->root.c.self = "s1"; /* no director */
	judge(source, &said);
	assert_string_equal(said.lints, "");
	conf_source_free(source);
}

/* By the host's own loopback interface: with a name that it has not. */
static void
links_are_seen(void **state)
{
	struct conf_source *source;
	struct said said;

	(void)state;
	source = load("nodes: {d1: 127.0.0.1}\n"
		      "vrrp: {web: {interface: no-such-if, vrid: 1,"
		      " nodes: [d1], addresses: [10.0.0.100/24,"
		      " {address: 10.0.0.101/24, interface: lo}]}}\n",
	    NULL, &said);
	assert_true(source->host.here);
	assert_int_not_equal(
	    names_get_text(&source->host.interfaces, "lo"), NAMES_NONE);
	assert_string_equal(said.lints, "interface-missing ");
	conf_source_free(source);
}

#define PAIR                                                 \
	"nodes: {d1: 10.0.0.1, d2: 10.0.0.2}\n"              \
	"vrrp:\n"                                            \
	"  web: {interface: eth0, vrid: 1, nodes: [d1, d2]," \
	" addresses: [10.0.0.100/24], version: %s, interval: %s}\n"

static struct conf *
pair(const char *version, const char *interval, const char *node,
    uint64_t *generation)
{
	char text[512];
	struct conf_source *source;
	struct said said;
	struct conf *conf;
	const char *why;
	int fd;

	snprintf(text, sizeof(text), PAIR, version, interval);
	source = load(text, node, &said);
	assert_string_equal(said.lints, "");
	*generation = conf_generation(source);
	fd = encode_whole(source, ROLE_IPVSD);
	conf = decode_whole(fd, ROLE_IPVSD, &why);
	assert_non_null(conf);
	assert_true(conf->generation == *generation);
	close(fd);
	conf_source_free(source);
	return conf;
}

/* Equal on every host, whatever the spelling; not for another meaning. */
static void
generations(void **state)
{
	uint64_t a, b, c, d;

	(void)state;
	conf_free(pair("3", "1s", "d1", &a));
	conf_free(pair("3", "1s", "d2", &b));
	conf_free(pair("\"3\"", "1000ms", "d1", &c));
	conf_free(pair("3", "2s", "d1", &d));
	assert_true(a != 0 && a == b && a == c && a != d);
}

static void
reload_interval(void **state)
{
	static const struct {
		const char *version;
		const char *from;
		const char *to;
		unsigned errors;
	} cases[] = {
	    {"2", "1s", "2s", 1},
	    {"2", "1s", "1s", 0},
	    {"3", "1s", "2s", 0},
	};
	struct conf *old, *new;
	struct said said;
	uint64_t generation;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&said, 0, sizeof(said));
		old = pair(cases[i].version, cases[i].from, "d1", &generation);
		new = pair(cases[i].version, cases[i].to, "d1", &generation);
		assert_int_equal(
		    conf_lint_reload(old, new, note, &said), cases[i].errors);
		assert_string_equal(
		    said.lints, cases[i].errors ? "reload-interval " : "");
		conf_free(old);
		conf_free(new);
	}
}

/* More notes than are kept must not push an error out. */
static void
errors_come_first(void **state)
{
	static char text[65536];
	struct conf_source *source;
	struct said said;
	size_t len;
	int i;

	(void)state;
	len = (size_t)sprintf(text, "nodes: {d1: 10.0.0.1}\nchecks:\n");
	for (i = 0; i < 1500; i++)
		len += (size_t)sprintf(text + len, "  c%d: {type: tcp}\n", i);
	sprintf(text + len, "nonsense: 1\n");
	source = load(text, "d1", &said);
	assert_non_null(strstr(said.text, "nonsense"));
	conf_source_free(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(self_by_option),
	    cmocka_unit_test(self_by_name),
	    cmocka_unit_test(self_by_address),
	    cmocka_unit_test(self_unknown),
	    cmocka_unit_test(nat_forwarding),
	    cmocka_unit_test(interface_missing),
	    cmocka_unit_test(module_missing),
	    cmocka_unit_test(links_are_seen),
	    cmocka_unit_test(generations),
	    cmocka_unit_test(reload_interval),
	    cmocka_unit_test(errors_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
