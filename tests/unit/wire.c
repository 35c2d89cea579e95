/* SPDX-License-Identifier: ISC */
/* Fields: bounds, the sticky error, and that nothing may be left over. */
#include <sys/socket.h>

#include <string.h>

#include "link/wire.h"
#include "unit.h"

static void
all_fields_round_trip(void **state)
{
	uint8_t buf[128];
	struct writer writer;
	struct reader reader;
	struct addr addr, back;
	char text[8];

	(void)state;
	assert_true(addr_parse(&addr, "2001:db8::1"));
	writer_init(&writer, buf, sizeof(buf));
	put_u8(&writer, 0xfe);
	put_u16(&writer, 0xfedc);
	put_u32(&writer, 0xfedcba98);
	put_u64(&writer, UINT64_C(0xfedcba9876543210));
	put_bool(&writer, true);
	put_string(&writer, "seven77");
	put_addr(&writer, &addr);
	assert_false(writer.error);
	assert_int_equal(buf[1], 0xfe); /* network order */

	reader_init(&reader, buf, writer.len);
	assert_int_equal(get_u8(&reader), 0xfe);
	assert_int_equal(get_u16(&reader), 0xfedc);
	assert_int_equal(get_u32(&reader), 0xfedcba98);
	assert_true(get_u64(&reader) == UINT64_C(0xfedcba9876543210));
	assert_true(get_bool(&reader));
	get_string(&reader, text, sizeof(text));
	assert_string_equal(text, "seven77");
	assert_false(reader_done(&reader));
	get_addr(&reader, &back);
	assert_true(addr_equal(&addr, &back));
	assert_true(reader_done(&reader));
}

static void
every_truncation_is_an_error(void **state)
{
	uint8_t buf[64];
	struct writer writer;
	struct addr addr;
	char text[16];

	(void)state;
	assert_true(addr_parse(&addr, "10.0.0.1"));
	writer_init(&writer, buf, sizeof(buf));
	put_u32(&writer, 1);
	put_string(&writer, "name");
	put_addr(&writer, &addr);
	for (size_t len = 0; len < writer.len; len++) {
		struct reader reader;

		reader_init(&reader, buf, len);
		get_u32(&reader);
		get_string(&reader, text, sizeof(text));
		get_addr(&reader, &addr);
		assert_true(reader.error);
		assert_false(reader_done(&reader));
		assert_int_equal(reader_left(&reader), 0);
	}
}

static void
the_error_sticks(void **state)
{
	uint8_t buf[4] = {1, 2, 3, 4};
	struct reader reader;

	(void)state;
	reader_init(&reader, buf, sizeof(buf));
	assert_int_equal(get_u64(&reader), 0);
	assert_int_equal(get_u8(&reader), 0);
	assert_true(reader.error);
}

static void
strings_are_bounded(void **state)
{
	static const uint8_t with_nul[] = {0, 3, 'a', 0, 'b'};
	static const uint8_t longer[] = {0, 4, 'a', 'b', 'c', 'd'};
	struct reader reader;
	char text[4] = "xyz";

	(void)state;
	reader_init(&reader, with_nul, sizeof(with_nul));
	get_string(&reader, text, sizeof(text));
	assert_true(reader.error);
	assert_string_equal(text, "");
	reader_init(&reader, longer, sizeof(longer));
	get_string(&reader, text, sizeof(text));
	assert_true(reader.error);
	assert_string_equal(text, "");
}

static void
bad_values_are_errors(void **state)
{
	static const uint8_t two[] = {2}, family[] = {5, 1, 2, 3, 4};
	struct reader reader;
	struct addr addr;

	(void)state;
	reader_init(&reader, two, sizeof(two));
	assert_false(get_bool(&reader));
	assert_true(reader.error);
	reader_init(&reader, family, sizeof(family));
	get_addr(&reader, &addr);
	assert_true(reader.error);
	assert_int_equal(addr.family, AF_UNSPEC);
}

static void
the_writer_never_overruns(void **state)
{
	uint8_t buf[8] = {0};
	struct writer writer;

	(void)state;
	writer_init(&writer, buf, 6);
	put_u32(&writer, 0xffffffff);
	put_u32(&writer, 0xffffffff);
	assert_true(writer.error);
	put_u8(&writer, 0xff);
	assert_int_equal(writer.len, 4);
	assert_int_equal(buf[4], 0);
	assert_int_equal(buf[6], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_fields_round_trip),
	    cmocka_unit_test(every_truncation_is_an_error),
	    cmocka_unit_test(the_error_sticks),
	    cmocka_unit_test(strings_are_bounded),
	    cmocka_unit_test(bad_values_are_errors),
	    cmocka_unit_test(the_writer_never_overruns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
