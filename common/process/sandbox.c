/* SPDX-License-Identifier: ISC */
/* Puts on the filters that sandbox_compile.c has made. */
#include "process/sandbox.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#ifdef __SANITIZE_ADDRESS__

void
sandbox_enter(enum role self)
{
	(void)self;
}

#else

#include "sandbox_filters.h"

#define STEPS_MAX 512

struct filter {
	const struct sock_filter *steps;
	size_t count;
	size_t pid_at; /* the step that compares with this process's id */
};

#define FILTER(name)                                                  \
	{                                                             \
		name##_filter,                                        \
		    sizeof(name##_filter) / sizeof(name##_filter[0]), \
		    name##_PID_AT                                     \
	}

static const struct filter filters[ROLE_MAX] = {
    [ROLE_IPVSD] = FILTER(ipvsd),
    [ROLE_PARSER] = FILTER(parser),
    [ROLE_VRRPD] = FILTER(vrrpd),
    [ROLE_CHECKD] = FILTER(checkd),
};

#ifdef TRIUMVIR_FILTER_KILLS

/* Logs the number of the call, by what a signal handler may call, and ends the
 * daemon with the status of a shell for SIGSYS. */
static void
say_which(int number, siginfo_t *info, void *context)
{
	char text[] = "seccomp: system call 0000 is not on the list\n";
	int call = info->si_syscall;

	(void)context;
	for (size_t i = 25; i > 21; i--) {
		text[i - 1] = (char)('0' + call % 10);
		call /= 10;
	}
	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		_exit(128 + number);
	_exit(128 + number);
}

static void
prepare(void)
{
	struct sigaction action = {
	    .sa_sigaction = say_which, .sa_flags = SA_SIGINFO};

	if (sigaction(SIGSYS, &action, NULL) == -1)
		fatal("SIGSYS");
}

#else

static void
prepare(void)
{
}

#endif

void
sandbox_enter(enum role self)
{
	const struct filter *filter = &filters[self];
	struct sock_filter steps[STEPS_MAX];
	struct sock_fprog program = {(unsigned short)filter->count, steps};

	if (filter->count == 0 || filter->count > STEPS_MAX)
		fatalx("seccomp: no filter");
	memcpy(steps, filter->steps, filter->count * sizeof(*steps));
	steps[filter->pid_at].k = (uint32_t)getpid();
	prepare();
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
		fatal("seccomp");
}

#endif
