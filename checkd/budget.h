/* SPDX-License-Identifier: ISC */
/*
 * How much of what servers send all open checks together may hold. Each check
 * has BUDGET_OWN bytes for itself, and all share the rest. A check that needs
 * more when the rest is used up stops reading until others have ended. No input
 * and output here.
 */
#ifndef CHECKD_BUDGET_H
#define CHECKD_BUDGET_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#define BUDGET_MAX  ((size_t)64 * 1024 * 1024)
#define BUDGET_OWN  8192 /* of each, whatever the others hold */
#define BUDGET_READ 4096 /* what one reads before it is asked again */

/* One check's part of the budget. At first all is 0 but go_on. */
struct budget_share {
	TAILQ_ENTRY(budget_share) wait;
	size_t held;
	size_t promised; /* room for its first read after it has waited */
	bool waiting;
	void (*go_on)(struct budget_share *);
};

/* The check holds so many bytes more. False: it must not read until its go_on()
 * is called. */
bool budget_take(struct budget_share *, size_t);
/* The check holds so many bytes less. Calls go_on() of checks that wait. */
void budget_give(struct budget_share *, size_t);
/* The check holds nothing and waits no more. Calls go_on() of others. */
void budget_end(struct budget_share *);

#endif
