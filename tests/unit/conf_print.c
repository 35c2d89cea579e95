/* SPDX-License-Identifier: ISC */
/*
 * What is printed loads again and prints the same: every row of the schema,
 * at the ends of its range and at each of its words, in a configuration that
 * has what it needs beside it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/text.h"
#include "conf/words.h"
#include "load/load.h"
#include "load/print.h"
#include "load/source.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define DEPTH	    8

/* What objects need, by the name of their schema. */
static const struct {
	const char *schema;
	const char *key;
	const char *value;
} needs[] = {
    {"configuration", "nodes", "{d1: 10.0.0.11, d2: 10.0.0.12}"},
    {"configuration", "vrrp",
	"{web: {interface: eth0, vrid: 7, nodes: [d1, d2], "
	"addresses: [10.0.0.100/24]}}"},
    {"configuration", "checks", "{c: {type: http}}"},
    {"configuration", "services",
	"{a: {address: 10.0.0.100:80, check: c, servers: [10.0.0.21]}}"},
    {"node", "address", "10.0.0.11"},
    {"sync", "interface", "eth0"},
    {"sync", "threshold", "0"},
    {"vrrp", "interface", "eth0"},
    {"vrrp", "vrid", "7"},
    {"vrrp", "nodes", "[d1, d2]"},
    {"vrrp", "checksum", "rfc9568"},
    {"vrrp", "addresses", "[10.0.0.100/24]"},
    {"address", "address", "10.0.0.100/24"},
    {"check", "type", "http"},
    {"service", "address", "10.0.0.100:80"},
    {"service", "check", "c"},
    {"service", "servers", "[10.0.0.21]"},
    {"server", "address", "10.0.0.21"},
    {"server", "max_connections", "4294967295"},
    {"persistence", "timeout", "5m"},
};

/* What stands instead of another key, which must not be there. */
static const char *const instead[][2] = {
    {"spread", "addresses"},
    {"addresses", "address"},
    {"checks", "check"},
    {"node", "address"},
};

static const char *const by_name[][2] = {{"nodes", "d2: 10.0.0.12, d1"},
    {"vrrp", "web"}, {"checks", "c"}, {"services", "a"}};

/* From the root to the row that is tried. */
static struct {
	const struct conf_schema *schema;
	const struct conf_row *row;
} path[DEPTH];
static size_t depth;
static unsigned tried, loaded, of_row;
static char last[1024]; /* why the last one did not load */

static bool
is_instead(const char *row, const char *key)
{
	for (size_t i = 0; i < COUNT(instead); i++)
		if (strcmp(instead[i][0], row) == 0 &&
		    strcmp(instead[i][1], key) == 0)
			return true;
	return strcmp(row, key) == 0;
}

/* The object at this depth of the path, with the value at its end. */
static void
put_object(FILE *file, size_t at, const char *value)
{
	const struct conf_row *row = path[at].row;
	const char *open = "", *close = "";

	fprintf(file, "{");
	for (size_t i = 0; i < COUNT(needs); i++)
		if (strcmp(needs[i].schema, path[at].schema->name) == 0 &&
		    !is_instead(row->key, needs[i].key))
			fprintf(file, "%s: %s, ", needs[i].key, needs[i].value);
	fprintf(file, "%s: ", row->key);
	if (at + 1 == depth) {
		fprintf(file, "%s}", value);
		return;
	}
	for (size_t i = 0; row->type == T_SECTION && i < COUNT(by_name); i++)
		if (strcmp(by_name[i][0], row->key) == 0) {
			fprintf(file, "{%s: ", by_name[i][1]);
			close = "}";
		}
	if (row->type == T_LIST) {
		open = "[";
		close = "]";
	}
	fprintf(file, "%s", open);
	put_object(file, at + 1, value);
	fprintf(file, "%s}", close);
}

static void
ignore(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)lint;
	if (severity == SEVERITY_ERROR)
		snprintf(arg, 1024, "%s", text);
}

/* The canonical form; NULL: it does not load, and why says why. */
static char *
print(const char *text, char why[1024])
{
	char name[] = "/tmp/triumvir-print-XXXXXX", *out = NULL;
	int fd = mkstemp(name);
	struct conf_source *source;
	unsigned errors, warnings;
	size_t len = strlen(text);
	FILE *file;

	assert_true(fd != -1);
	assert_true(write(fd, text, len) == (ssize_t)len);
	close(fd);
	source = conf_load(name, "d1", ignore, why, &errors, &warnings);
	unlink(name);
	if (errors == 0) {
		file = open_memstream(&out, &len);
		assert_non_null(file);
		conf_print(source, file);
		fclose(file);
	}
	conf_source_free(source);
	return out;
}

static void
try(const char *value)
{
	char why[1024] = "", *text, *once, *twice;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	put_object(file, 0, value);
	fprintf(file, "\n");
	fclose(file);
	tried++;
	if ((once = print(text, why)) != NULL) {
		twice = print(once, why);
		if (twice == NULL || strcmp(once, twice) != 0)
			fail_msg("%s\nprints\n%s\nwhich loads to\n%s", text,
			    once, twice == NULL ? why : twice);
		loaded++;
		of_row++;
		free(twice);
	}
	snprintf(last, sizeof(last), "%s", why);
	free(once);
	free(text);
}

static void
try_number(uint32_t number, const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "%u%s", number, unit);
	try(text);
}

static void
try_numbers(const struct conf_row *row, const char *unit)
{
	try_number(row->min, unit);
	try_number(row->max, unit);
	try_number(row->max - 1, unit);
	try_number(row->min + 1, unit);
	try_number(row->min + (row->max - row->min) / 2, unit);
	try_number(32, unit);
	try_number(1000, unit);
	if (row->def != NULL)
		try(row->def);
}

/* Characters that YAML reads as something else, or not at all, unless they
 * are escaped. */
static const char *const texts[] = {"a", "\"\"", "\"/\"", "\"/?a=b&c\"",
    "\"/a\\Nb\"", "\"/a\\Lb\\Pc\"", "\"a\\u0080\"", "\"a\\uFEFFb\"",
    "\"a\\uFFFEb\"", "\"\\U0010FFFF\"", "\"\\uD7FF\\uE000\"", "\"\\u00a0\"",
    "\"\\x01\\x1f\\x7f\"", "\"\\n\\r\\t \"", "\" a \"", "\"\\\"\\\\\"", "'#'",
    "'a: b'", "'a #b'", "'- a'", "'~'", "'null'", "'true'", "'0x10'", "'{'",
    "'*a'", "'&a'", "'!a'", "'%a'", "'@a'", "'`a'", "'|'", "'>'",
    "\"\xc3\xa9\"", "\"\xf0\x9d\x84\x9e\"", "eth0", "'eth0:1'", "'eth0:\"\\'",
    "'e\"\\\\,{}[]#'"};

static void
try_text(const struct conf_row *row)
{
	char *longest;

	for (size_t i = 0; i < COUNT(texts); i++)
		try(texts[i]);
	if (row->max == 0) /* not said in the row */
		return;
	longest = malloc(row->max + 1);
	assert_non_null(longest);
	memset(longest, 'a', row->max);
	longest[row->max] = '\0';
	longest[0] = strcmp(row->key, "path") == 0 ? '/' : 'a';
	try(longest);
	free(longest);
}

static void
try_values(const struct conf_row *row)
{
	static const struct {
		enum conf_type type;
		const char *value;
	} values[] = {
	    {T_ADDR, "224.0.0.81"},
	    {T_ADDR, "\"ff02::81\""},
	    {T_ADDR, "10.0.0.21"},
	    {T_ADDR, "\"2001:db8::1\""},
	    {T_ADDRS, "[10.0.0.11, \"::ffff:0:1\", \"fe80::1\", 10.0.0.14]"},
	    {T_ADDRS, "[\"2001:db8::1\", 10.0.0.11]"},
	    {T_ONE_ADDR, "\"fe80::1\""},
	    {T_INTERFACE_BY_NODE, "{d1: eth0, d2: 'e\"\\,{}[]#'}"},
	    {T_ADDR_BY_NODE, "{d1: 10.0.0.1, d2: 10.0.0.2}"},
	    {T_ADDR_BY_NODE, "10.0.0.1"},
	    {T_ADDRS_BY_NODE, "{d1: [], d2: [10.0.0.14, 10.0.0.15]}"},
	    {T_PRIORITIES, "{d1: 254, d2: 1}"},
	    {T_PRIORITIES, "[d2]"},
	    {T_PREEMPT, "true"},
	    {T_PREEMPT, "false"},
	    {T_PREEMPT, "0s"},
	    {T_PREEMPT, "1ms"},
	    {T_PREEMPT, "24h"},
	    {T_PREEMPT, "1d"},
	    {T_PREFIXED, "10.0.0.100"},
	    {T_PREFIXED, "10.0.0.100/0"},
	    {T_FLAGS, "[]"},
	    {T_HEADERS, "{}"},
	    {T_HEADERS, "{X-Y: \"a\\u00e9\", \"!#\": \"\"}"},
	    {T_STATUSES, "100-599"},
	    {T_STATUSES, "[100, 599, 200-200]"},
	    {T_ONLY, "true"},
	    {T_ONLY, "false"},
	    {T_BOOL, "true"},
	    {T_BOOL, "false"},
	    {T_LIST, "[]"},
	    {T_LIST, "[10.0.0.100/24, 10.0.0.101/32]"},
	    {T_LIST, "[10.0.0.100:80, 10.0.0.100:65535]"},
	    {T_LIST, "[c, {type: tcp}, {type: http, port: 1}]"},
	    {T_LIST, "[d1, 10.0.0.12, 10.0.0.13:80]"},
	    {T_LIST, "[{node: d2, check: {type: tcp, interval: 24h}}]"},
	    {T_ONE, "{type: tcp, interval: 10ms}"},
	    {T_ONE, "c"},
	    {T_ONE, "10.0.0.100:65535"},
	};

	for (size_t i = 0; i < COUNT(values); i++)
		if (values[i].type == row->type)
			try(values[i].value);
	if (row->type == T_NUMBER || row->type == T_OPTION)
		try_numbers(row, "");
	else if (row->type == T_DURATION)
		try_numbers(row, "ms");
	else if (row->type == T_SECONDS)
		try_numbers(row, "s");
	else if (row->type == T_TEXT || row->type == T_NAME ||
	    row->type == T_INTERFACE)
		try_text(row);
	if (row->type == T_OPTION)
		try("true");
	if (row->type == T_NAME) {
		try("web");
		try("d1");
	}
	for (const struct conf_word *word = row->words;
	     word != NULL && word->text != NULL; word++)
		try(word->text);
}

static void
walk(const struct conf_schema *schema)
{
	const struct conf_row *row;

	assert_true(depth < DEPTH);
	path[depth++].schema = schema;
	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (row->key == NULL || row->type == T_NOT_BUILT ||
		    (row->flags & ROW_SCALAR))
			continue;
		path[depth - 1].row = row;
		of_row = 0;
		try_values(row);
		if (row->sub == NULL && of_row == 0)
			fail_msg("no value of %s loads: %s", row->key, last);
		/* The rows of an address are tried below `addresses`. */
		if (strcmp(row->key, "more_addresses") != 0 &&
		    strcmp(row->key, "spread") != 0 && row->sub != NULL &&
		    row->sub->row_count > 1)
			walk(row->sub);
	}
	depth--;
}

static void
every_row(void **state)
{
	(void)state;
	walk(&conf_schema_root);
	print_message("%u values, %u load\n", tried, loaded);
	assert_true(loaded > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
