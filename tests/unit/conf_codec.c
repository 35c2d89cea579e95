/* SPDX-License-Identifier: ISC */
/* The binary form: nothing in it is believed. */

#include "conf_fixture.h"
#include "link/wire.h"

static void
slices(void **state)
{
	struct conf_source *source = load(FILE_NAME, "d1");
	struct conf_decoder *decoder;
	struct conf *conf;
	const char *why;
	unsigned steps = 1;
	int fd, more;

	(void)state;
	fd = encode_whole(source, ROLE_IPVSD);
	decoder = conf_decoder_new(fd, ROLE_IPVSD, &why);
	assert_non_null(decoder);
	assert_null(conf_decoder_take(decoder));
	while ((more = conf_decoder_step(decoder, 1, &why)) == 1)
		steps++;
	assert_int_equal(more, 0);
	/* Nodes, instances, probes and services, one each. */
	assert_true(steps > 4 + 3 + 8 + 4);
	conf = conf_decoder_take(decoder);
	assert_int_equal(conf->service_count, 4);
	conf_decoder_free(decoder);
	conf_free(conf);
	close(fd);
	conf_source_free(source);
}

static int
memfd_with(const uint8_t *bytes, size_t len, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd != -1);
	assert_true(write(fd, bytes, len) == (ssize_t)len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static bool
decodes(const uint8_t *bytes, size_t len, enum role role)
{
	int fd = memfd_with(bytes, len, CONF_WIRE_SEALS);
	const char *why = NULL;
	struct conf *conf = decode_whole(fd, role, &why);

	if (conf == NULL)
		assert_non_null(why);
	close(fd);
	conf_free(conf);
	return conf != NULL;
}

/* Anyone's bytes of the file as d1, to be spoilt. */
static uint8_t *
bytes_of(const char *file, enum role role, size_t *len)
{
	struct conf_source *source = load(file, "d1");
	int fd = encode_whole(source, role);
	struct stat st;
	uint8_t *bytes;

	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	bytes = malloc(*len);
	assert_int_equal(pread(fd, bytes, *len, 0), *len);
	close(fd);
	conf_source_free(source);
	return bytes;
}

static void
set_size(uint8_t *bytes, uint64_t size)
{
	struct writer w;

	writer_init(&w, bytes + 20, 8);
	put_u64(&w, size);
}

static void
truncated(void **state)
{
	static const enum role roles[] = {ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
	uint8_t *bytes;
	size_t len, cut;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		bytes = bytes_of(FILE_NAME, roles[i], &len);
		assert_true(decodes(bytes, len, roles[i]));
		for (cut = 0; cut < len; cut++) {
			assert_false(decodes(bytes, cut, roles[i]));
			if (cut >= CONF_WIRE_HEADER)
				set_size(bytes, cut);
			assert_false(decodes(bytes, cut, roles[i]));
			set_size(bytes, len);
		}
		free(bytes);
	}
}

static void
without_generation(void **state)
{
	static const enum role roles[] = {ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
	uint8_t *bytes;
	size_t len;

	(void)state;
	for (int i = 0; i < 3; i++) {
		bytes = bytes_of(FILE_NAME, roles[i], &len);
		memset(bytes + 12, 0, 8);
		assert_false(decodes(bytes, len, roles[i]));
		free(bytes);
	}
}

static void
one_byte_more(void **state)
{
	uint8_t *bytes;
	size_t len;

	(void)state;
	bytes = bytes_of(FILE_NAME, ROLE_IPVSD, &len);
	bytes = realloc(bytes, len + 1);
	bytes[len] = 0;
	set_size(bytes, len + 1);
	assert_false(decodes(bytes, len + 1, ROLE_IPVSD));
	free(bytes);
}

/* Whatever comes of it, it must not crash; the sanitizers look on. */
static void
flipped(void **state)
{
	static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x40};
	static const enum role roles[] = {ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
	uint8_t *bytes;
	size_t len, at, m;
	unsigned refused = 0;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		bytes = bytes_of(FILE_NAME, roles[i], &len);
		for (at = 0; at < len; at++) {
			for (m = 0; m < sizeof(masks); m++) {
				bytes[at] ^= masks[m];
				if (!decodes(bytes, len, roles[i]))
					refused++;
				bytes[at] ^= masks[m];
			}
		}
		free(bytes);
	}
	assert_true(refused > 1000);
}

static void
header(void **state)
{
	struct conf_decoder *decoder;
	const char *why;
	uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	bytes = bytes_of(FILE_NAME, ROLE_VRRPD, &len);
	assert_false(decodes(bytes, len, ROLE_IPVSD));
	assert_true(decodes(bytes, len, ROLE_VRRPD));
	fd = memfd_with(bytes, len, F_SEAL_SHRINK | F_SEAL_GROW);
	decoder = conf_decoder_new(fd, ROLE_VRRPD, &why);
	assert_null(decoder);
	assert_string_equal(why, "not a sealed memory file");
	close(fd);
	memset(bytes + 12, 0, 8); /* the generation */
	assert_false(decodes(bytes, len, ROLE_VRRPD));
	free(bytes);
	fd = open("/dev/null", O_RDONLY);
	assert_null(conf_decoder_new(fd, ROLE_VRRPD, &why));
	close(fd);
}

/* What a parser that lies could say, one at a time. */
static void
lie_instance(struct conf *conf)
{
	conf->services[1].instance = 99;
}

static void
lie_probe(struct conf *conf)
{
	conf->services[2].servers[0].probes[0] = 4711;
}

static void
lie_server_order(struct conf *conf)
{
	conf->services[1].servers[0].id = 0;
}

static void
lie_instance_order(struct conf *conf)
{
	conf->instances[2].id = conf->instances[1].id;
}

static void
lie_sync(struct conf *conf)
{
	conf->ipvs.sync.instance = 3;
}

static void
lie_scheduler(struct conf *conf)
{
	conf->services[0].scheduler = "best";
}

static void
lie_flags(struct conf *conf)
{
	conf->services[0].flags = 0x8000;
}

static void
lie_family(struct conf *conf)
{
	conf->services[0].servers[1].addr.family = AF_UNSPEC;
}

static void
lie_prefix(struct conf *conf)
{
	conf->instances[0].addresses[0].prefix = 33;
}

static void
lie_director(struct conf *conf)
{
	conf->services[0].director = false;
}

static void
lie_interface(struct conf *conf)
{
	conf->instances[0].interface = "../../etc";
}

static void
lie_name(struct conf *conf)
{
	conf->instances[0].name = "a b";
}

static void
lie_vrid(struct conf *conf)
{
	conf->instances[0].vrid = 0;
}

static void
lie_interval(struct conf *conf)
{
	conf->probes[0].interval = 0;
}

static void
lies(void **state)
{
	static void (*const all[])(struct conf *) = {lie_instance, lie_probe,
	    lie_server_order, lie_instance_order, lie_sync, lie_scheduler,
	    lie_flags, lie_family, lie_prefix, lie_director, lie_interface,
	    lie_name, lie_vrid, lie_interval};
	struct conf_source *source;
	struct conf *conf;
	const char *why;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		source = load(FILE_NAME, "d1");
		all[i](&source->root.c);
		fd = encode_whole(source, ROLE_IPVSD);
		assert_true(fd != -1);
		why = NULL;
		conf = decode_whole(fd, ROLE_IPVSD, &why);
		if (conf != NULL)
			fail_msg("lie %zu was believed", i);
		assert_non_null(why);
		close(fd);
		conf_source_free(source);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slices),
	    cmocka_unit_test(truncated),
	    cmocka_unit_test(one_byte_more),
	    cmocka_unit_test(without_generation),
	    cmocka_unit_test(flipped),
	    cmocka_unit_test(header),
	    cmocka_unit_test(lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
