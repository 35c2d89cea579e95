/* SPDX-License-Identifier: ISC */
/* The committed generation's file: it comes back as it was, or not at all. */
#include "unit.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipvsd/running/generation.h"

#define BIG (3u << 20) /* several slices of the saver */

static char name[] = "/tmp/generation.XXXXXX";

static int
set_up(void **state)
{
	int fd = mkstemp(name);

	(void)state;
	return fd == -1 || close(fd) == -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(name);
}

/* A part whose bytes tell whose it is. */
static int
part(uint8_t byte, uint32_t size)
{
	int fd = memfd_create("part", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint8_t *map;

	assert_true(fd != -1);
	assert_int_equal(ftruncate(fd, size), 0);
	if (size == 0)
		return fd;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	memset(map, byte, size);
	munmap(map, size);
	return fd;
}

static struct generation *
make(uint64_t id)
{
	static const uint32_t sizes[GENERATION_READERS] = {BIG + 5, 1, 0, 300};
	struct generation *generation = generation_new(id);
	enum role reader;

	assert_non_null(generation);
	assert_false(generation_whole(generation));
	for (size_t i = 0; i < GENERATION_READERS; i++) {
		reader = generation_readers[i];
		generation->fd[reader] = part((uint8_t)('a' + i), sizes[i]);
		generation->size[reader] = sizes[i];
	}
	assert_true(generation_whole(generation));
	return generation;
}

static void
save(struct generation *generation)
{
	struct generation_save *saver = generation_save_new(generation, name);
	int steps = 0, more;

	assert_non_null(saver);
	while ((more = generation_save_step(saver)) == 1)
		steps++;
	assert_int_equal(more, 0);
	assert_true(steps > 3);
	generation_save_free(saver);
}

static void
test_round_trip(void **state)
{
	struct generation *saved = make(0x1234), *loaded;
	uint8_t *map;

	(void)state;
	save(saved);
	loaded = generation_load(name);
	assert_non_null(loaded);
	assert_true(loaded->id == 0x1234);
	for (size_t i = 0; i < GENERATION_READERS; i++) {
		enum role reader = generation_readers[i];
		struct stat st;

		assert_int_equal(loaded->size[reader], saved->size[reader]);
		assert_int_equal(fstat(loaded->fd[reader], &st), 0);
		assert_int_equal(st.st_size, saved->size[reader]);
		/* Nobody who is given it can change it any more. */
		assert_int_equal(fcntl(loaded->fd[reader], F_GET_SEALS) &
			(F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW),
		    F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
		if (st.st_size == 0)
			continue;
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED,
		    loaded->fd[reader], 0);
		assert_true(map != MAP_FAILED);
		assert_int_equal(map[0], 'a' + i);
		assert_int_equal(map[st.st_size - 1], 'a' + i);
		munmap(map, (size_t)st.st_size);
	}
	generation_free(loaded);
	generation_free(saved);
}

/* Whatever is cut off the end, what is left is not a generation. */
static void
test_cut(void **state)
{
	struct generation *saved = make(1);
	struct stat st;
	off_t size;

	(void)state;
	save(saved);
	assert_int_equal(stat(name, &st), 0);
	size = st.st_size;
	for (off_t cut = 1; cut <= size; cut += cut < 320 ? 1 : size / 16) {
		assert_int_equal(truncate(name, size - cut), 0);
		assert_null(generation_load(name));
	}
	generation_free(saved);
}

static void
test_not_ours(void **state)
{
	static const uint8_t zeros[64];
	int fd = open(name, O_WRONLY | O_TRUNC);

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
	close(fd);
	assert_null(generation_load(name));
	assert_null(generation_load("/nonexistent/generation"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_not_ours),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
