/* SPDX-License-Identifier: ISC */
/*
 * The file is a header (magic, id, the size of each reader's part), then the
 * parts. DIR/ipvsd is 0700, and a file is complete before it gets its name, so
 * load_parts() checks lengths only. The decoder checks what the parts hold as
 * if a stranger had written it.
 */
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link/wire.h"
#include "log.h"
#include "process/closer.h"
#include "running/generation.h"

#define FILE_MAGIC 0x7472696d47656e31u /* "trimGen1" */
#define HEADER_LEN (8 + 8 + 4 * GENERATION_READERS)
#define SAVE_SLICE (1u << 20)
#define SEALS	   (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

const enum role generation_readers[GENERATION_READERS] = {
    ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD, ROLE_CLIENT};

struct generation_save {
	const struct generation *generation;
	size_t reader; /* whose part is being written */
	off_t offset;  /* in that part */
	int fd;
	char name[PATH_MAX];
	char temporary[PATH_MAX];
};

struct generation *
generation_new(uint64_t id)
{
	struct generation *generation = calloc(1, sizeof(*generation));

	if (generation == NULL)
		return NULL;
	generation->id = id;
	for (size_t i = 0; i < ROLE_MAX; i++)
		generation->fd[i] = -1;
	return generation;
}

bool
generation_release(struct generation *generation)
{
	for (size_t i = 0; i < ROLE_MAX; i++) {
		if (generation->fd[i] == -1)
			continue;
		closer_close(generation->fd[i]);
		generation->fd[i] = -1;
		return true;
	}
	return false;
}

void
generation_free(struct generation *generation)
{
	if (generation == NULL)
		return;
	while (generation_release(generation))
		continue;
	free(generation);
}

bool
generation_whole(const struct generation *generation)
{
	for (size_t i = 0; i < GENERATION_READERS; i++) {
		if (generation->fd[generation_readers[i]] == -1)
			return false;
	}
	return true;
}

static bool
write_header(struct generation_save *save)
{
	const struct generation *generation = save->generation;
	uint8_t header[HEADER_LEN];
	struct writer writer;

	writer_init(&writer, header, sizeof(header));
	put_u64(&writer, FILE_MAGIC);
	put_u64(&writer, generation->id);
	for (size_t i = 0; i < GENERATION_READERS; i++)
		put_u32(&writer, generation->size[generation_readers[i]]);
	return write(save->fd, header, sizeof(header)) ==
	    (ssize_t)sizeof(header);
}

/* Logs errno and keeps it. Removes the part of the file that was written. */
static void
save_failed(const struct generation_save *save, const char *name)
{
	int error = errno;

	log_warn("%s", name);
	(void)unlink(save->temporary);
	errno = error;
}

struct generation_save *
generation_save_new(const struct generation *generation, const char *name)
{
	struct generation_save *save = calloc(1, sizeof(*save));
	int n;

	if (save == NULL)
		return NULL;
	save->generation = generation;
	save->fd = -1;
	snprintf(save->name, sizeof(save->name), "%s", name);
	n = snprintf(save->temporary, sizeof(save->temporary), "%s.new", name);
	if (n > 0 && (size_t)n < sizeof(save->temporary))
		save->fd = open(save->temporary,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (save->fd == -1 || !write_header(save)) {
		save_failed(save, save->temporary);
		generation_save_free(save);
		return NULL;
	}
	return save;
}

int
generation_save_step(struct generation_save *save)
{
	const struct generation *generation = save->generation;
	enum role reader = generation_readers[save->reader];
	size_t left = generation->size[reader] - (size_t)save->offset;
	ssize_t n = 0;

	if (left > 0) {
		n = sendfile(save->fd, generation->fd[reader], &save->offset,
		    left < SAVE_SLICE ? left : SAVE_SLICE);
		if (n <= 0) {
			if (n == 0)
				errno = EIO; /* the memfd is too short */
			save_failed(save, save->temporary);
			return -1;
		}
	}
	if ((size_t)n < left)
		return 1;
	save->offset = 0;
	if (++save->reader < GENERATION_READERS)
		return 1;
	if (rename(save->temporary, save->name) == -1) {
		save_failed(save, save->name);
		return -1;
	}
	return 0;
}

void
generation_save_free(struct generation_save *save)
{
	int error = errno;

	if (save == NULL)
		return;
	if (save->fd != -1)
		close(save->fd);
	free(save);
	errno = error;
}

/* The next part of the file as a sealed memfd, -1 on failure. */
static int
load_part(int file, uint32_t size)
{
	size_t left = size;
	ssize_t n;
	int fd;

	fd = memfd_create("configuration", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	while (left > 0) {
		n = sendfile(fd, file, NULL, left);
		if (n <= 0) {
			close(fd);
			return -1;
		}
		left -= (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct generation *
load_parts(int file)
{
	uint8_t header[HEADER_LEN];
	struct generation *generation;
	struct reader reader;
	enum role role;
	uint64_t id;

	if (read(file, header, sizeof(header)) != (ssize_t)sizeof(header))
		return NULL;
	reader_init(&reader, header, sizeof(header));
	if (get_u64(&reader) != FILE_MAGIC || (id = get_u64(&reader)) == 0 ||
	    (generation = generation_new(id)) == NULL)
		return NULL;
	for (size_t i = 0; i < GENERATION_READERS; i++) {
		role = generation_readers[i];
		generation->size[role] = get_u32(&reader);
		if (generation->size[role] <= CONF_SIZE_MAX)
			generation->fd[role] = load_part(
			    file, generation->size[role]);
	}
	if (generation_whole(generation))
		return generation;
	generation_free(generation);
	return NULL;
}

struct generation *
generation_load(const char *name)
{
	struct generation *generation;
	int file;

	file = open(name, O_RDONLY | O_CLOEXEC);
	if (file == -1) {
		if (errno != ENOENT)
			log_warn("%s", name);
		return NULL;
	}
	generation = load_parts(file);
	close(file);
	if (generation == NULL)
		log_warnx("%s: not a whole generation", name);
	return generation;
}
