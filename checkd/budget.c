/* SPDX-License-Identifier: ISC */
/* See budget.h. The check that has waited for longest goes on first. */
#include "budget.h"

static TAILQ_HEAD(, budget_share) waiting = TAILQ_HEAD_INITIALIZER(waiting);
static size_t total; /* held and promised */

static void
go_on(void)
{
	struct budget_share *share;

	while ((share = TAILQ_FIRST(&waiting)) != NULL &&
	    total + BUDGET_READ <= BUDGET_MAX) {
		TAILQ_REMOVE(&waiting, share, wait);
		share->waiting = false;
		/* Without the promise all waiting checks would go on when there
		 * is room for one. */
		share->promised = BUDGET_READ;
		total += BUDGET_READ;
		share->go_on(share);
	}
}

static void
redeem(struct budget_share *share)
{
	total -= share->promised;
	share->promised = 0;
}

bool
budget_take(struct budget_share *share, size_t size)
{
	redeem(share);
	share->held += size;
	total += size;
	if (share->held <= BUDGET_OWN || total <= BUDGET_MAX)
		return !share->waiting;
	if (!share->waiting)
		TAILQ_INSERT_TAIL(&waiting, share, wait);
	share->waiting = true;
	return false;
}

void
budget_give(struct budget_share *share, size_t size)
{
	if (size > share->held)
		size = share->held;
	share->held -= size;
	total -= size;
	go_on();
}

void
budget_end(struct budget_share *share)
{
	if (share->waiting)
		TAILQ_REMOVE(&waiting, share, wait);
	share->waiting = false;
	redeem(share);
	budget_give(share, share->held);
}
