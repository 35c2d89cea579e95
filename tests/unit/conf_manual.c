/* SPDX-License-Identifier: ISC */
/*
 * The manual names every key of the schema that is built and none that is
 * not, and every finding below its severity.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/schema.h"
#include "load/finding.h"

static char manual[131072];

static int
read_manual(void **state)
{
	FILE *file = fopen(CONF_MANUAL, "r");
	size_t len;

	(void)state;
	if (file == NULL)
		return -1;
	len = fread(manual, 1, sizeof(manual) - 1, file);
	fclose(file);
	return len > 0 ? 0 : -1;
}

/* As the head of an entry, or as what a section is about. */
static bool
is_named(const char *key)
{
	char entry[64], section[64];

	snprintf(entry, sizeof(entry), "Ic %s :", key);
	snprintf(section, sizeof(section), "The section\n.Ic %s\n", key);
	return strstr(manual, entry) != NULL || strstr(manual, section) != NULL;
}

static void
look(const struct conf_schema *schema)
{
	const struct conf_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (row->key == NULL || (row->flags & ROW_SCALAR) ||
		    row->type == T_NOT_BUILT)
			continue;
		if (!is_named(row->key))
			fail_msg("%s of %s is not in the manual", row->key,
			    schema->name);
		if (row->sub != NULL &&
		    (row->type == T_GROUP || row->type == T_SECTION))
			look(row->sub);
		else if (row->type == T_LIST && row->sub != &conf_schema_check)
			look(row->sub);
	}
}

static void
built_keys_are_named(void **state)
{
	(void)state;
	look(&conf_schema_root);
}

static void
other_keys_are_not(void **state)
{
	static const char *const keys[] = {"tls", "track", "routes", "rules",
	    "authentication", "sync_groups", "fwmark", "quorum", "sorry_server",
	    "tunnel", "on_lost", "body_regex"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_false(is_named(keys[i]));
}

/* Whether the list of a heading has an entry of the name: ".It Sy a , b". */
static bool
is_listed(const char *heading, const char *name)
{
	const char *line = strstr(manual, heading), *end, *at;
	size_t len = strlen(name);

	assert_non_null(line);
	end = strstr(line, "\n.El\n");
	assert_non_null(end);
	while ((line = strstr(line, "\n.It Sy ")) != NULL && line < end) {
		line += strlen("\n.It Sy");
		for (at = line; *at != '\n'; at++)
			if (*at == ' ' && strncmp(at + 1, name, len) == 0 &&
			    (at[1 + len] == ' ' || at[1 + len] == '\n'))
				return true;
	}
	return false;
}

static void
findings_are_listed(void **state)
{
	static const char *const headings[] = {[SEVERITY_ERROR] = "\nErrors:\n",
	    [SEVERITY_WARNING] = "\nWarnings:\n",
	    [SEVERITY_NOTE] = "\nNotes:\n"};
	static const struct {
		const char *name;
		enum conf_severity severity;
	} all[] = {
#define X(id, name, severity) {name, SEVERITY_##severity},
	    LINT_TABLE(X)
#undef X
		{"reload-interval", SEVERITY_ERROR},
	    {"reload-vrid", SEVERITY_WARNING},
	    {"reload-version", SEVERITY_WARNING},
	    {"reload-moves", SEVERITY_WARNING},
	    {"reload-node", SEVERITY_WARNING},
	    {"reload-renamed", SEVERITY_WARNING},
	    {"reload-self", SEVERITY_WARNING},
	    {"reload-interface", SEVERITY_NOTE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!is_listed(headings[all[i].severity], all[i].name))
			fail_msg("%s is not in its list", all[i].name);
	assert_false(is_listed(headings[SEVERITY_NOTE], "reload-vrid"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(built_keys_are_named),
	    cmocka_unit_test(other_keys_are_not),
	    cmocka_unit_test(findings_are_listed),
	};

	return cmocka_run_group_tests(tests, read_manual, NULL);
}
