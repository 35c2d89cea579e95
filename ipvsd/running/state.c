/* SPDX-License-Identifier: ISC */
/* The files that survive a restart; see state.h. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "log_change.h"
#include "process/priv.h"
#include "running/state.h"

/* How often state_init() tries to make the directory, if somebody else makes
 * one of that name each time. */
#define TRIES 64

static char state_dir[PATH_MAX];

/* log_change bounds the lines: on a full disk each change fails. */
static void
complain(const char *path)
{
	int error = errno;

	log_change_warnx("state", "%s: %s", path, strerror(error));
	errno = error;
}

static void
name_directory(const char *dir)
{
	int n = snprintf(state_dir, sizeof(state_dir), "%s/ipvsd", dir);

	if (n < 0 || (size_t)n >= sizeof(state_dir))
		fatalx("%s: too long", dir);
}

/*
 * Sets mode and owner of the directory through a descriptor, because its name
 * may lead elsewhere a moment later. False: it is no directory, or belongs to
 * another user.
 */
static bool
take_directory(uid_t owner)
{
	int fd = open(
	    state_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool ours;

	if (fd == -1) {
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			fatal("%s", state_dir);
		return false;
	}
	if (fstat(fd, &st) == -1)
		fatal("%s", state_dir);
	ours = st.st_uid == 0 || st.st_uid == owner;
	if (ours &&
	    (fchmod(fd, 0700) == -1 ||
		(geteuid() == 0 && fchown(fd, owner, 0) == -1)))
		fatal("%s", state_dir);
	close(fd);
	return ours;
}

/*
 * Any member of the group may have made the directory first, to plant files or
 * to keep ipvsd from its state. Root moves that one aside. False: try again.
 */
static bool
make_directory(uid_t owner)
{
	struct stat st;

	if (mkdir(state_dir, 0700) == -1 && errno != EEXIST)
		fatal("%s", state_dir);
	if (take_directory(owner))
		return true;
	if (lstat(state_dir, &st) == -1) {
		if (errno == ENOENT)
			return false;
		fatal("%s", state_dir);
	}
	if (geteuid() != 0)
		fatalx("%s: made by uid %u, not a directory of " USER_IPVSD
		       "'s; remove it",
		    state_dir, (unsigned)st.st_uid);
	priv_move_aside(state_dir, st.st_uid);
	return false;
}

void
state_init(const char *dir)
{
	uid_t owner = priv_uid(USER_IPVSD);

	name_directory(dir);
	for (int i = 0; !make_directory(owner); i++) {
		if (i == TRIES)
			fatalx("%s: somebody else is always faster", state_dir);
	}
}

void
state_path(const char *name, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/%s", state_dir, name);

	if (n < 0 || (size_t)n >= size)
		fatalx("%s: too long", state_dir);
}

bool
state_has(const char *name)
{
	char path[PATH_MAX];

	state_path(name, path, sizeof(path));
	return access(path, F_OK) == 0;
}

uint64_t
state_written(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	state_path(name, path, sizeof(path));
	if (stat(path, &st) == -1)
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * (NS_PER_SEC / NS_PER_MS) +
	    (uint64_t)st.st_mtim.tv_nsec / NS_PER_MS;
}

bool
state_save(const char *name, void (*write)(FILE *, void *), void *arg)
{
	char path[PATH_MAX], temporary[PATH_MAX + 8];
	FILE *file;
	bool ok;
	int error;

	state_path(name, path, sizeof(path));
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "we");
	if (file == NULL) {
		complain(temporary);
		return false;
	}
	write(file, arg);
	ok = ferror(file) == 0;
	if (fclose(file) == EOF || !ok || rename(temporary, path) == -1) {
		complain(path);
		error = errno;
		(void)unlink(temporary);
		errno = error;
		return false;
	}
	return true;
}

FILE *
state_open(const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	state_path(name, path, sizeof(path));
	file = fopen(path, "re");
	if (file == NULL && errno != ENOENT)
		complain(path);
	return file;
}

int
state_edit(const char *name)
{
	char path[PATH_MAX];
	int fd;

	state_path(name, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		complain(path);
	return fd;
}

void
state_remove(const char *name)
{
	char path[PATH_MAX];

	state_path(name, path, sizeof(path));
	if (unlink(path) == -1 && errno != ENOENT)
		complain(path);
}
