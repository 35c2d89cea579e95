/* SPDX-License-Identifier: ISC */
/* Whether the configuration's file is still what the daemons run; see
 * on_disk.h. A child looks, because a file system may not answer. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_findings.h"
#include "clock.h"
#include "load/load.h"
#include "load/print.h"
#include "on_disk.h"

#define LOOK_MS 3000

static const struct {
	const char *name;
	const char *text;
} words[] = {
    [DISK_SAME] = {"same", ""},
    [DISK_DIFFERS] = {"differs",
	"; on disk it differs now, `vipctl reload` loads that"},
    [DISK_BAD] = {"bad", "; on disk it has errors now, see `vipctl check`"},
    [DISK_GONE] = {"gone", "; it is gone from the disk"},
    [DISK_UNREADABLE] = {"unreadable", "; it was changed on disk since"},
    [DISK_SILENT] = {"silent", "; its file system does not answer"},
};

const char *
on_disk_name(enum on_disk found)
{
	return words[found].name;
}

const char *
on_disk_text(const char *name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, name) == 0)
			return words[i].text;
	}
	return "";
}

/* The last change of a file or a directory, ms; 0: there is none. */
static uint64_t
changed_ms(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return 0;
	return (uint64_t)st.st_ctim.tv_sec * 1000 +
	    (uint64_t)st.st_ctim.tv_nsec / NS_PER_MS;
}

static enum on_disk
look(const char *file, const char *node, uint64_t loaded_ms,
    const char *generation)
{
	char beside[PATH_MAX], digest[20];
	const char *slash = strrchr(file, '/');
	struct conf_source *source;
	unsigned errors = 0, warnings = 0;

	snprintf(beside, sizeof(beside), "%.*sconf.d",
	    slash == NULL ? 0 : (int)(slash + 1 - file), file);
	if (changed_ms(file) == 0)
		return DISK_GONE;
	/* A file of conf.d may change in place, the directory does not then. */
	if (changed_ms(file) <= loaded_ms && changed_ms(beside) == 0)
		return DISK_SAME;
	if (access(file, R_OK) == -1)
		return changed_ms(file) > loaded_ms ? DISK_UNREADABLE :
						      DISK_SAME;
	source = conf_load(
	    file, node, check_findings_ignore, NULL, &errors, &warnings);
	if (errors != 0)
		return DISK_BAD;
	snprintf(
	    digest, sizeof(digest), "%016" PRIx64, conf_generation(source));
	return strcmp(digest, generation) == 0 ? DISK_SAME : DISK_DIFFERS;
}

enum on_disk
on_disk_look(const char *file, const char *node, uint64_t loaded_ms,
    const char *generation)
{
	struct pollfd answer = {.events = POLLIN};
	unsigned char found = DISK_SILENT;
	int ends[2];
	pid_t pid;

	if (pipe(ends) == -1)
		return DISK_SILENT;
	pid = fork();
	if (pid == 0) {
		found = (unsigned char)look(file, node, loaded_ms, generation);
		_exit(write(ends[1], &found, 1) != 1);
	}
	close(ends[1]);
	answer.fd = ends[0];
	if (pid == -1 || poll(&answer, 1, LOOK_MS) != 1 ||
	    read(ends[0], &found, 1) != 1)
		found = DISK_SILENT;
	close(ends[0]);
	if (pid != -1) {
		/* One that waits for a disk ends when that answers. */
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
	}
	return (enum on_disk)found;
}
