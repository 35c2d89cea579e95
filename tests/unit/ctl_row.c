/* SPDX-License-Identifier: ISC */
/* The table of rows: what it says of each key, and rows written by it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/enum.h"
#include "conf/severity.h"
#include "ctl/ctl_client.h"
#include "ctl/ctl_row.h"
#include "ipvsd/desired/desired.h"
#include "ipvsd/kernel/kernel_stats.h"
#include "link/health.h"
#include "link/link.h"
#include "unit.h"
#include "vrrpd/fsm/types.h"
#include "vrrpd/packet/packet_drop.h"

/* "a, b": the words of a table, of which some come twice. */
#define WORDS_OF(table)	       ((const char *const[]){table(WORD_OF) NULL})
#define WORD_OF(id, text, ...) text,

/* The words of a table, each once, as the table of rows lists them. */
static void
assert_words(const char *kind, const char *key, const char *const words[])
{
	const struct ctl_key *row = ctl_key_named(ctl_kind_named(kind), key);
	char text[256] = "";

	for (int i = 0; words[i] != NULL; i++) {
		if (i > 0 && strcmp(words[i], words[i - 1]) == 0)
			continue;
		if (i > 0)
			strcat(text, ", ");
		strcat(text, words[i]);
	}
	assert_non_null(row);
	assert_int_equal(row->sort, CTL_SORT_WORD);
	assert_string_equal(row->unit, text);
}

static void
words_are_those_of_the_enums(void **state)
{
	(void)state;
	assert_words("link", "state", WORDS_OF(LINK_STATE_TABLE));
	assert_words("instance", "state", WORDS_OF(FSM_STATE_TABLE));
	assert_words("kernel", "ip_vs", WORDS_OF(IPVS_STATE_TABLE));
	assert_words("service", "protocol", WORDS_OF(CONF_PROTOCOL_TABLE));
	assert_words("service", "role", WORDS_OF(DUTY_TABLE));
	assert_words("server", "forward", WORDS_OF(CONF_FORWARD_TABLE));
	assert_words("server", "health", WORDS_OF(HEALTH_TABLE));
	assert_words("server", "override", WORDS_OF(OVERRIDE_TABLE));
	assert_words("probe", "health", WORDS_OF(HEALTH_TABLE));
	assert_words("probe", "type", WORDS_OF(CONF_CHECK_TYPE_TABLE));
	assert_words("report", "severity", WORDS_OF(CONF_SEVERITY_TABLE));
}

static bool
ends(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* A unit is the end of the key's name, and the other way round. */
static void
assert_unit(const struct ctl_key *key)
{
	static const char *const units[][2] = {{"_ms", "ms"}, {"_us", "us"},
	    {"_s", "s"}, {"_bytes", "bytes"}, {"_percent", "%"}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		assert_int_equal(ends(key->name, units[i][0]),
		    strcmp(key->unit, units[i][1]) == 0);
	switch (key->sort) {
	case CTL_SORT_WORD:
		assert_string_not_equal(key->unit, "");
		break;
	case CTL_SORT_AGO:
	case CTL_SORT_LEFT:
	case CTL_SORT_CLOCK:
		assert_string_equal(key->unit, "ms");
		break;
	default:
		break;
	}
}

static void
keys_are_well_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < CTL_KIND_MAX; i++) {
		const struct ctl_kind *kind = &ctl_kinds[i];

		assert_ptr_equal(ctl_kind_named(kind->name), kind);
		assert_int_equal(kind->daemons & ~MD, 0);
		for (size_t k = 0; k < kind->count; k++) {
			const struct ctl_key *key = &kind->keys[k];

			/* The first of the name is this one: there is no
			 * other. */
			assert_ptr_equal(ctl_key_named(kind, key->name), key);
			assert_string_not_equal(key->name, "kind");
			assert_true(strlen(key->name) <
			    sizeof(((struct ctl_value *)NULL)->key));
			assert_string_not_equal(key->help, "");
			assert_unit(key);
		}
	}
	assert_null(ctl_kind_named("nonsense"));
	assert_null(ctl_key_named(&ctl_kinds[0], "nonsense"));
}

#define COUNTED(id, ...)                                     \
	(void)offsetof(struct ctl_row_instance, count_##id); \
	counted++;

/* A packet is dropped, or odd, for no reason that has no counter, and the other
 * way round. */
static void
each_reason_has_a_counter(void **state)
{
	size_t counted = 0;

	(void)state;
	VRRP_DROP_TABLE(COUNTED)
	assert_int_equal(
	    counted * sizeof(struct ctl_any), sizeof(struct ctl_row_receive));
	VRRP_NOTE_TABLE(COUNTED)
	assert_int_equal(counted * sizeof(struct ctl_any),
	    offsetof(struct ctl_row_instance, address_conflicts) -
		offsetof(struct ctl_row_instance, count_TTL));
}

static struct ctl_row_address
address(const struct addr *addr)
{
	return (struct ctl_row_address){
	    .instance = ctl_text("web"),
	    .address = ctl_addr(addr),
	    .prefix = ctl_number(UINT64_MAX),
	    .interface = ctl_text(NULL),
	    .label = ctl_text("eth0:1"),
	    .present = ctl_flag(true),
	};
}

static void
what_is_left_out_is_missed(void **state)
{
	struct addr addr = {.family = AF_UNSPEC};
	struct ctl_row_address row = address(&addr);
	struct ctl_row_kernel kernel = {.ip_vs = ctl_text("yes")};

	(void)state;
	assert_null(ctl_row_lacks(CTL_KIND_OF(&row), &row));
	row.present = (struct ctl_flag){0};
	assert_string_equal(
	    ctl_row_lacks(CTL_KIND_OF(&row), &row)->name, "present");
	row.instance = (struct ctl_text){0};
	assert_string_equal(
	    ctl_row_lacks(CTL_KIND_OF(&row), &row)->name, "instance");
	assert_string_equal(ctl_row_lacks(CTL_KIND_OF(&kernel), &kernel)->name,
	    "configured_digest");
}

/* Writes it, and reads it as a client does. */
static void
carry(const struct ctl_kind *kind, const void *row, struct ctl_answer *answer)
{
	uint8_t buf[MSG_MAX];
	size_t len = ctl_row_write(kind, row, buf);
	char reason[16];
	int pair[2];
	bool ok;

	assert_int_not_equal(len, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(send(pair[0], buf, len, 0), len);
	assert_int_equal(
	    ctl_next(pair[1], answer, &ok, reason, sizeof(reason)), 1);
	close(pair[0]);
	close(pair[1]);
}

static void
a_row_is_what_was_put_in(void **state)
{
	static struct ctl_answer answer;
	struct addr addr = {.family = AF_UNSPEC};
	struct ctl_row_address row = address(&addr);
	struct ctl_row_kernel kernel = {
	    .live_digest = ctl_digest(0xc0ffee),
	    .last_resync_ms = ctl_time(7),
	};

	(void)state;
	carry(CTL_KIND_OF(&row), &row, &answer);
	assert_string_equal(answer.kind, "address");
	assert_int_equal(answer.count, 6);
	assert_string_equal(answer.values[1].key, "address");
	assert_string_equal(answer.values[1].string, "-");
	assert_int_equal(answer.values[2].type, CTL_UINT);
	assert_int_equal(answer.values[2].number, UINT64_MAX);
	assert_string_equal(answer.values[3].string, "");
	assert_int_equal(answer.values[5].type, CTL_BOOL);
	assert_int_equal(answer.values[5].number, 1);
	/* What is absent is not there, and what is there is in order. */
	carry(CTL_KIND_OF(&kernel), &kernel, &answer);
	assert_int_equal(answer.count, 2);
	assert_string_equal(answer.values[0].string, "0000000000c0ffee");
	assert_string_equal(answer.values[1].key, "last_resync_ms");
}

static void
a_row_that_is_too_long_is_none(void **state)
{
	static char text[MSG_MAX];
	struct ctl_row_text row = {.text = ctl_text(text)};
	uint8_t buf[MSG_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(ctl_row_write(CTL_KIND_OF(&row), &row, buf), 0);
	text[CTL_TEXT_PIECE] = '\0';
	assert_int_not_equal(ctl_row_write(CTL_KIND_OF(&row), &row, buf), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_those_of_the_enums),
	    cmocka_unit_test(keys_are_well_made),
	    cmocka_unit_test(each_reason_has_a_counter),
	    cmocka_unit_test(what_is_left_out_is_missed),
	    cmocka_unit_test(a_row_is_what_was_put_in),
	    cmocka_unit_test(a_row_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
