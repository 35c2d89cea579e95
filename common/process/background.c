/* SPDX-License-Identifier: ISC */
/* Into the background; see background.h. */
#include "process/background.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"

static int waiter = -1;
static int null = -1; /* opened while files may be opened */
static const char *log_name;

void
background_begin(const char *name)
{
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		fatal("background");
	if (pid != 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(ends[0]);
	log_name = name;
	waiter = ends[1];
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (setsid() == -1)
		fatal("setsid");
}

static void
close_stdio(void)
{
	log_init(log_name, false, log_verbose());
	if (null != -1) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
		null = -1;
	}
}

void
background_stdio(const char *name)
{
	log_name = name;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	close_stdio();
}

void
background_ready(void)
{
	if (waiter == -1)
		return;
	close_stdio();
	if (write(waiter, "", 1) == -1)
		log_warn("background");
	close(waiter);
	waiter = -1;
}
