/* SPDX-License-Identifier: ISC */
/* See signals.h. */
#include "process/signals.h"

#include <signal.h>
#include <string.h>

#include "log.h"
#include "log_change.h"

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	const char *hint = arg;

	(void)what;
	/* Whoever sends it may do so each second. */
	log_change(
	    "signal", "SIG%s is ignored: %s", sigabbrev_np((int)number), hint);
}

void
signals_hint(struct event_base *base, int number, const char *hint)
{
	static struct event *events[NSIG]; /* they live as long as the base */

	if (number <= 0 || number >= NSIG)
		fatalx("signal %d", number);
	events[number] = evsignal_new(
	    base, number, on_signal, (void *)(uintptr_t)hint);
	if (events[number] == NULL || evsignal_add(events[number], NULL) == -1)
		fatalx("signal %d", number);
}

void
signals_ignore(struct event_base *base)
{
	static const int silent[] = {
	    SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT};

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		signal(silent[i], SIG_IGN);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		signal(number, SIG_IGN);
	signals_hint(base, SIGUSR1,
	    "to see the state, run \"vipctl status\" or \"vipctl show\"");
}
