/* SPDX-License-Identifier: ISC */
/*
 * A configuration that another version has written: what it has more, what it
 * lacks, and descriptions that are none. checkd's, with one check.
 */
#include "conf_fixture.h"

#include <fcntl.h>

#include "conf/form.h"
#include "link/wire.h"

#define ROWS_MAX 16
#define SIZE	 4096

struct field {
	uint8_t bytes[16];
	uint32_t size;
};

/* A row as the other version has it: its default, and the check's value. */
struct row {
	const char *name;
	enum wire_type type;
	struct field def;
	struct field value;
};

/* What no program can do without, in other widths than ours. */
static const struct row id = {"id", WIRE_U8, {{0}, 1}, {{0}, 1}};
static const struct row key = {
    "key", WIRE_U64, {{0}, 8}, {{0, 0, 0, 0, 0, 0, 0, 9}, 8}};
static const struct row addr = {
    "addr", WIRE_ADDR, {{0}, 1}, {{4, 10, 0, 0, 1}, 5}};
static const struct row port = {"port", WIRE_U32, {{0}, 4}, {{0, 0, 0, 80}, 4}};

static const struct row type = {"type", WIRE_WORD, {{0}, 1}, {{0}, 1}};

struct other {
	const struct row *rows[ROWS_MAX];
	uint16_t count;
	const char *words[4]; /* of its WORD rows */
};

static void
put_row(struct writer *w, const struct other *other, const struct row *row)
{
	uint8_t words = 0;

	put_string(w, row->name);
	put_u8(w, (uint8_t)row->type);
	if (row->type == WIRE_WORD) {
		while (other->words[words] != NULL)
			words++;
		put_u8(w, words);
		for (uint8_t i = 0; i < words; i++)
			put_string(w, other->words[i]);
	}
	if (row->type == WIRE_GROUP || row->type == WIRE_ARRAY) {
		put_u16(w, 0);
		return;
	}
	put_u32(w, row->def.size);
	put_bytes(w, row->def.bytes, row->def.size);
}

static void
put_text_row(struct writer *w, const char *name)
{
	put_string(w, name);
	put_u8(w, WIRE_TEXT);
	put_u32(w, 4);
	put_u32(w, 0);
}

/* A schema that this version does not have, of a number whose default is 7. */
static void
put_new_schema(struct writer *w)
{
	put_string(w, "new");
	put_u16(w, 1);
	put_string(w, "number");
	put_u8(w, WIRE_U8);
	put_u32(w, 1);
	put_u8(w, 7);
}

static void
put_text(struct writer *w, const char *text)
{
	put_u32(w, (uint32_t)strlen(text));
	put_bytes(w, text, strlen(text));
}

static size_t
write_other(uint8_t *buf, const struct other *other)
{
	struct writer w;

	writer_init(&w, buf, SIZE);
	put_u64(&w, CONF_WIRE_MAGIC);
	put_u16(&w, CONF_WIRE_VERSION);
	put_u16(&w, ROLE_CHECKD);
	put_u64(&w, 1);
	put_u64(&w, 0);
	put_u16(&w, 3);
	put_new_schema(&w);
	put_string(&w, "check");
	put_u16(&w, other->count);
	for (uint16_t i = 0; i < other->count; i++)
		put_row(&w, other, other->rows[i]);
	put_string(&w, "configuration");
	put_u16(&w, 3);
	put_text_row(&w, "cluster");
	put_text_row(&w, "self");
	put_string(&w, "probes");
	put_u8(&w, WIRE_ARRAY);
	put_u16(&w, 1);
	put_text(&w, "");
	put_text(&w, "d1");
	put_u32(&w, 1);
	for (uint16_t i = 0; i < other->count; i++)
		put_bytes(&w, other->rows[i]->value.bytes,
		    other->rows[i]->value.size);
	assert_false(w.error);
	buf[26] = (uint8_t)(w.len >> 8);
	buf[27] = (uint8_t)w.len;
	return w.len;
}

static struct conf *
decode(const uint8_t *bytes, size_t len, const char **why)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct conf *conf;

	assert_true(write(fd, bytes, len) == (ssize_t)len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, CONF_WIRE_SEALS), 0);
	conf = decode_whole(fd, ROLE_CHECKD, why);
	close(fd);
	return conf;
}

static struct conf *
read_other(const struct other *other, const char **why)
{
	uint8_t buf[SIZE];

	*why = "";
	return decode(buf, write_other(buf, other), why);
}

/* With the rows that are needed, and more. */
static struct other
other_with(const struct row *more)
{
	struct other other = {.rows = {&id, &key, &addr, &port, &type, more},
	    .count = more == NULL ? 5 : 6,
	    .words = {"tcp", "quic", "http"}};

	return other;
}

static void
accepted(const struct row *more)
{
	struct other other = other_with(more);
	const char *why;
	struct conf *conf = read_other(&other, &why);

	if (conf == NULL)
		fail_msg("%s", why);
	conf_free(conf);
}

static void
refused(const struct row *more, const char *wanted)
{
	struct other other = other_with(more);
	const char *why;

	assert_null(read_other(&other, &why));
	assert_string_equal(why, wanted);
}

/* What an older version did not have gets its default. */
static void
test_lacking(void **state)
{
	struct other other = other_with(NULL);
	const char *why;
	struct conf *conf = read_other(&other, &why);
	const struct conf_probe *probe;

	(void)state;
	assert_non_null(conf);
	assert_string_equal(conf->self, "d1");
	probe = &conf->probes[0];
	assert_true(probe->key == 9);
	assert_int_equal(probe->port, 80);
	assert_int_equal(probe->interval, 5000);
	assert_int_equal(probe->timeout, 2000);
	assert_int_equal(probe->fall, 3);
	assert_string_equal(probe->http.path, "/");
	assert_string_equal(probe->http.method, "GET");
	assert_null(probe->http.body);
	assert_int_equal(probe->http.status_count, 0);
	conf_free(conf);
}

/* What the loader resolves cannot be made up. */
static void
test_needed(void **state)
{
	struct other other = other_with(NULL);
	const char *why;

	(void)state;
	other.rows[1] = other.rows[3];
	other.count = 3;
	assert_null(read_other(&other, &why));
	assert_string_equal(
	    why, "an older version wrote it, without: check.key");
}

/* A newer version's row is nothing as long as it has its default. */
static void
test_newer(void **state)
{
	static const struct row unused[] = {
	    {"tls", WIRE_BOOL, {{0}, 1}, {{0}, 1}},
	    {"tries", WIRE_U32, {{0, 0, 0, 5}, 4}, {{0, 0, 0, 5}, 4}},
	    {"sni", WIRE_TEXT, {{0, 0, 0, 1, 'x'}, 5}, {{0, 0, 0, 1, 'x'}, 5}},
	    {"via", WIRE_ADDR, {{0}, 1}, {{0}, 1}},
	    {"mode", WIRE_WORD, {{1}, 1}, {{1}, 1}},
	    {"opt", WIRE_OPTION, {{0}, 5}, {{0}, 5}},
	    {"ids", WIRE_IDS, {{0}, 4}, {{0}, 4}},
	    {"steps", WIRE_ARRAY, {{0}, 0}, {{0}, 4}},
	    {"group", WIRE_GROUP, {{0}, 0}, {{7}, 1}},
	};
	static const struct row used[] = {
	    {"tls", WIRE_BOOL, {{0}, 1}, {{1}, 1}},
	    {"tries", WIRE_U32, {{0, 0, 0, 5}, 4}, {{0, 0, 0, 6}, 4}},
	    {"sni", WIRE_TEXT, {{0, 0, 0, 1, 'x'}, 5}, {{0, 0, 0, 1, 'y'}, 5}},
	    {"via", WIRE_ADDR, {{0}, 1}, {{4, 10, 0, 0, 1}, 5}},
	    {"mode", WIRE_WORD, {{1}, 1}, {{2}, 1}},
	    {"opt", WIRE_OPTION, {{0}, 5}, {{1, 0, 0, 0, 1}, 5}},
	    {"ids", WIRE_IDS, {{0}, 4}, {{0, 0, 0, 1, 0, 0, 0, 2}, 8}},
	    {"steps", WIRE_ARRAY, {{0}, 0}, {{0, 0, 0, 1, 7}, 5}},
	};
	static const struct row in_group = {
	    "group", WIRE_GROUP, {{0}, 0}, {{8}, 1}};
	char wanted[80];

	(void)state;
	for (size_t i = 0; i < sizeof(unused) / sizeof(unused[0]); i++)
		accepted(&unused[i]);
	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		snprintf(wanted, sizeof(wanted),
		    "this version does not know: check.%s", used[i].name);
		refused(&used[i], wanted);
	}
	refused(&in_group, "this version does not know: new.number");
}

/* Words are matched by their text, whatever their numbers are. */
static void
test_words(void **state)
{
	static const struct row known = {"type", WIRE_WORD, {{0}, 1}, {{2}, 1}};
	static const struct row newer = {"type", WIRE_WORD, {{0}, 1}, {{1}, 1}};
	static const struct row wrong = {"type", WIRE_WORD, {{0}, 1}, {{3}, 1}};
	struct other other = other_with(NULL);
	const char *why;
	struct conf *conf;

	(void)state;
	other.rows[4] = &known;
	conf = read_other(&other, &why);
	assert_non_null(conf);
	assert_int_equal(conf->probes[0].type, CHECK_HTTP);
	conf_free(conf);
	other.rows[4] = &newer;
	assert_null(read_other(&other, &why));
	assert_string_equal(why, "this version does not know: check.type quic");
	other.rows[4] = &wrong;
	assert_null(read_other(&other, &why));
	assert_string_equal(why, "an unknown word");
}

/* Numbers of another width are read, and have our limits. */
static void
test_widths(void **state)
{
	static const struct row wide = {
	    "rise", WIRE_U32, {{0}, 4}, {{0, 0, 0, 9}, 4}};
	static const struct row over = {
	    "rise", WIRE_U32, {{0}, 4}, {{0, 1, 0, 9}, 4}};

	(void)state;
	accepted(&wide);
	refused(&over, "a number is out of range");
}

static void
test_wrong(void **state)
{
	static const struct row kind = {
	    "interval", WIRE_TEXT, {{0}, 4}, {{0}, 4}};
	static const struct row twice = {"id", WIRE_U8, {{0}, 1}, {{0}, 1}};
	static const struct row cut = {"x", WIRE_U32, {{0}, 3}, {{0}, 4}};
	static const struct row longer = {"x", WIRE_BOOL, {{0}, 2}, {{0}, 1}};
	static const struct row none = {"x", WIRE_NONE, {{0}, 1}, {{0}, 1}};
	static const struct row beyond = {
	    "x", WIRE_TYPE_MAX, {{0}, 1}, {{0}, 1}};
	static const struct row text = {
	    "x", WIRE_TEXT, {{255, 255, 255, 255}, 4}, {{0}, 4}};

	(void)state;
	refused(&kind, "a row of another kind: check.interval");
	refused(&twice, "a row of another kind: check.id");
	refused(&cut, "a damaged description");
	refused(&longer, "a damaged description");
	refused(&none, "a damaged description");
	refused(&beyond, "a damaged description");
	refused(&text, "a damaged description");
}

/* What a taken-over parser says is held against what the loader lets through.
 */
static void
test_values(void **state)
{
	static const struct row http = {"type", WIRE_WORD, {{0}, 1}, {{2}, 1}};
	static const struct row path = {"path", WIRE_TEXT, {{0}, 4},
	    {{0, 0, 0, 5, '/', '\r', '\n', 'Q', 'U'}, 9}};
	static const struct row host = {
	    "host", WIRE_TEXT, {{0}, 4}, {{0, 0, 0, 3, 'a', '\n', 'b'}, 7}};
	static const struct row longest = {
	    "check", WIRE_TEXT, {{0}, 4}, {{0, 0, 0, 65, 'a'}, 9}};
	static const struct row no_key = {"key", WIRE_U64, {{0}, 8}, {{0}, 8}};
	struct other other;
	const char *why;

	(void)state;
	for (int i = 0; i < 2; i++) {
		other = other_with(i == 0 ? &path : &host);
		other.rows[4] = &http;
		assert_null(read_other(&other, &why));
		assert_string_equal(why, "an object contradicts itself");
	}
	other = other_with(NULL);
	other.rows[1] = &no_key;
	assert_null(read_other(&other, &why));
	assert_string_equal(why, "an object contradicts itself");
	refused(&longest, "a text is cut");
}

/* Every list and every text has an end, so that no object takes long. */
static void
limits_of(const struct conf_schema *schema, int depth)
{
	const struct conf_row *row = schema->rows;

	assert_true(depth < 8);
	for (uint16_t i = 0; i < schema->row_count; i++, row++) {
		if (row->roles == 0)
			continue;
		if (row->type == T_ARRAY || row->type == T_IDS ||
		    row->type == T_ADDRS || row->type == T_TEXT)
			if (row->max == 0)
				fail_msg("%s.%s has no limit", schema->name,
				    form_row_name(row));
		if (row->sub != NULL)
			limits_of(row->sub, depth + 1);
	}
}

static void
test_limits(void **state)
{
	(void)state;
	limits_of(&conf_schema_root, 0);
}

/* A schema of groups of groups of groups claims no more than it has. */
static void
test_nested(void **state)
{
	uint8_t buf[SIZE];
	struct writer w;
	const char *why = "";

	(void)state;
	writer_init(&w, buf, sizeof(buf));
	put_u64(&w, CONF_WIRE_MAGIC);
	put_u16(&w, CONF_WIRE_VERSION);
	put_u16(&w, ROLE_CHECKD);
	put_u64(&w, 1);
	put_u64(&w, 0);
	put_u16(&w, 40);
	put_new_schema(&w);
	for (uint16_t i = 1; i < 40; i++) {
		put_string(&w, "s");
		put_u16(&w, 4);
		for (int j = 0; j < 4; j++) {
			put_string(&w, "g");
			put_u8(&w, WIRE_GROUP);
			put_u16(&w, i - 1);
		}
	}
	assert_false(w.error);
	buf[26] = (uint8_t)(w.len >> 8);
	buf[27] = (uint8_t)w.len;
	assert_null(decode(buf, w.len, &why));
	assert_string_equal(why, "a damaged description");
}

/* A schema may not refer to itself, or to one that comes later. */
static void
test_circle(void **state)
{
	static const struct row group = {"g", WIRE_GROUP, {{0}, 0}, {{7}, 1}};
	struct other other = other_with(&group);
	uint8_t buf[SIZE];
	const char *why = "";
	size_t len = write_other(buf, &other), at;

	(void)state;
	for (at = CONF_WIRE_HEADER; memcmp(buf + at, "\0\1g\12", 4) != 0;)
		at++;
	for (uint8_t sub = 1; sub < 4; sub++) {
		buf[at + 5] = sub;
		assert_null(decode(buf, len, &why));
		assert_string_equal(why, "a damaged description");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lacking),
	    cmocka_unit_test(test_needed),
	    cmocka_unit_test(test_newer),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_widths),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_nested),
	    cmocka_unit_test(test_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
