/* SPDX-License-Identifier: ISC */
/* Hints for keepalived's words name keys that there are, or that are planned.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "conf/schema.h"
#include "conf/words.h"
#include "load/keepalived.h"

static bool
is_key(const struct conf_row *row, const char *key, size_t len)
{
	return row->key != NULL && strlen(row->key) == len &&
	    strncmp(row->key, key, len) == 0;
}

static const struct conf_row *
row_of(const struct conf_schema *schema, const char *key, size_t len)
{
	for (uint16_t i = 0; i < schema->row_count; i++)
		if (is_key(&schema->rows[i], key, len))
			return &schema->rows[i];
	return NULL;
}

static const struct conf_schema *
named(const struct conf_schema *schema, const char *name)
{
	const struct conf_schema *found = NULL;

	if (strcmp(schema->name, name) == 0)
		return schema;
	for (uint16_t i = 0; i < schema->row_count && found == NULL; i++)
		if (schema->rows[i].key != NULL && schema->rows[i].sub != NULL)
			found = named(schema->rows[i].sub, name);
	return found;
}

/* "garp: {count: 5}": garp is a key of the schema, count one of garp's. */
static void
keys_are_there(const struct keepalived_word *k)
{
	const struct conf_schema *schema = named(&conf_schema_root, k->in);
	const char *at = k->use;
	const struct conf_row *row;
	size_t len;

	for (;;) {
		if (schema == NULL)
			fail_msg("%s: no schema %s", k->word, k->in);
		len = strcspn(at, ":");
		if ((row = row_of(schema, at, len)) == NULL)
			fail_msg("%s: no key %.*s in %s", k->word, (int)len, at,
			    k->in);
		if (row->type == T_NOT_BUILT)
			fail_msg("%s: not built: %s", k->word, k->use);
		if (strncmp(at + len, ": {", 3) != 0 || row->type != T_GROUP)
			return;
		at += len + 3;
		schema = row->sub;
	}
}

/* Whether the row is KEY, or has KEY: WORD, and this version has it not. */
static bool
is_missing(const struct conf_row *row, const char *text, size_t key)
{
	const struct conf_word *word = row->words;

	if (!is_key(row, text, key))
		return false;
	if (row->type == T_NOT_BUILT || row->type == T_ONLY)
		return true;
	for (; word != NULL && word->text != NULL; word++)
		if (word->not_built &&
		    strncmp(text + key + 2, word->text, strlen(word->text)) ==
			0)
			return true;
	return false;
}

static bool
any_missing(const struct conf_schema *schema, const char *text, size_t key)
{
	for (uint16_t i = 0; i < schema->row_count; i++)
		if (is_missing(&schema->rows[i], text, key) ||
		    (schema->rows[i].key != NULL &&
			schema->rows[i].sub != NULL &&
			any_missing(schema->rows[i].sub, text, key)))
			return true;
	return false;
}

static void
hints(void **state)
{
	static const char missing[] = "this version does not have ";
	const struct keepalived_word *k, *other;
	char buf[KEEPALIVED_HINT];
	const char *text;

	(void)state;
	for (k = keepalived_words; k->word != NULL; k++) {
		for (other = keepalived_words; other < k; other++)
			if (strcasecmp(k->word, other->word) == 0)
				fail_msg("%s twice", k->word);
		assert_string_equal(keepalived_hint(k->word, buf), buf);
		assert_non_null(strstr(buf, k->use));
		if (k->in != NULL) {
			keys_are_there(k);
			continue;
		}
		if (strncmp(k->use, missing, strlen(missing)) != 0)
			continue;
		text = k->use + strlen(missing);
		/* What stands without ` is no key. */
		if (*text++ == '`' && strstr(text, "` of") == NULL &&
		    !any_missing(&conf_schema_root, text, strcspn(text, ":`")))
			fail_msg("%s: this version has %s", k->word, text);
	}
	assert_null(keepalived_hint("nonsense", buf));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
