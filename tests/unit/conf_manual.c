/* SPDX-License-Identifier: ISC */
/*
 * The manual names every key of the schema that is built and none that is
 * not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/schema.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(built_keys_are_named),
	    cmocka_unit_test(other_keys_are_not),
	};

	return cmocka_run_group_tests(tests, read_manual, NULL);
}
