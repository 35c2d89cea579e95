/* SPDX-License-Identifier: ISC */
/* See live.h. */
#include "kernel/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "kernel/merge.h"
#include "log_change.h"

/* How old the counters may be that people are shown (live_is_recent()). */
#define AGE_FACTOR 20 /* times what a dump costs of the processor */
#define AGE_MIN	   NS_PER_SEC
#define AGE_MAX	   (15 * NS_PER_SEC)

struct refresh {
	void (*cb)(void *);
	void *arg;
	bool started; /* the dump under way is for it */
};

struct kernel_live {
	struct kernel_turn *turn;
	struct kernel_repairs *repairs;
	const struct live_handlers *handlers;
	void *arg;
	struct ipvs_nl ipvs;
	struct ipvs_table table;
	struct ipvs_table fresh; /* the dump under way */
	struct ipvs_table gone;	 /* deleted during the dump */
	bool dumping;
	bool listing; /* the dump under way is of services alone */
	bool dump_wanted;
	bool list_wanted;
	uint64_t dump_begun; /* the dump under way, monotonic ns */
	uint64_t dump_cost;  /* of the processor, so far */
	uint64_t read_begun; /* the last dump that was read; 0: none */
	uint64_t read_cost;
	bool known;  /* `table` is what the kernel has */
	bool losing; /* the last batch's answers were lost */
	uint64_t losses;
	uint64_t number;      /* of commands on the table */
	uint64_t dump_number; /* when the dump began */
	struct refresh *refreshes;
	uint32_t refresh_count;
	uint32_t refresh_size;
};

struct kernel_live *
live_new(struct kernel_turn *turn, struct kernel_repairs *repairs,
    const struct live_handlers *handlers, void *arg)
{
	struct kernel_live *live = xcalloc(1, sizeof(*live));

	live->turn = turn;
	live->repairs = repairs;
	live->handlers = handlers;
	live->arg = arg;
	return live;
}

void
live_free(struct kernel_live *live)
{
	if (live->ipvs.commands.sock != NULL)
		ipvs_nl_close(&live->ipvs);
	ipvs_table_clear(&live->table);
	ipvs_table_clear(&live->fresh);
	ipvs_table_clear(&live->gone);
	free(live->refreshes);
	free(live);
}

bool
live_need(struct kernel_live *live, bool needed)
{
	enum ipvs_state *state = &live->turn->stats.ip_vs;

	if (!needed && *state == IPVS_NO)
		*state = IPVS_UNNEEDED;
	if (!needed || *state == IPVS_YES)
		return false;
	if (live->ipvs.commands.sock == NULL &&
	    ipvs_nl_open(&live->ipvs) == -1) {
		log_warn("ipvs: generic netlink");
		*state = IPVS_NO;
		return false;
	}
	if (ipvs_nl_resolve(&live->ipvs) == -1) {
		if (*state != IPVS_NO)
			log_warnx(
			    "ipvs: the kernel has no ip_vs (%s): modprobe "
			    "ip_vs",
			    strerror(errno));
		*state = IPVS_NO;
		return false;
	}
	*state = IPVS_YES;
	live_want(live);
	return true;
}

struct ipvs_nl *
live_ipvs(struct kernel_live *live)
{
	return &live->ipvs;
}

bool
live_is_known(const struct kernel_live *live)
{
	return live->known;
}

const struct ipvs_table *
live_table(const struct kernel_live *live)
{
	return &live->table;
}

uint64_t
live_losses(const struct kernel_live *live)
{
	return live->losses;
}

uint64_t
live_number(const struct kernel_live *live)
{
	return live->number;
}

/* --- dumps --- */

void
live_want(struct kernel_live *live)
{
	live->dump_wanted = true;
	turn_schedule(live->turn);
}

void
live_want_list(struct kernel_live *live)
{
	live->list_wanted = true;
	turn_schedule(live->turn);
}

bool
live_is_recent(const struct kernel_live *live)
{
	uint64_t bound = live->read_cost * AGE_FACTOR;

	if (bound < AGE_MIN)
		bound = AGE_MIN;
	if (bound > AGE_MAX)
		bound = AGE_MAX;
	return live->known && live->read_begun != 0 &&
	    clock_monotonic() - live->read_begun < bound;
}

void
live_refresh(struct kernel_live *live, bool join, void (*cb)(void *), void *arg)
{
	struct refresh *refresh;

	live->refreshes = grow(live->refreshes, live->refresh_count,
	    &live->refresh_size, sizeof(*live->refreshes));
	refresh = &live->refreshes[live->refresh_count++];
	refresh->cb = cb;
	refresh->arg = arg;
	refresh->started = join && live->dumping && !live->listing;
	if (!refresh->started)
		live_want(live);
}

static void
refreshes_done(struct kernel_live *live, bool all)
{
	struct refresh refresh;

	for (uint32_t i = 0; i < live->refresh_count;) {
		if (!all && !live->refreshes[i].started) {
			i++;
			continue;
		}
		refresh = live->refreshes[i];
		memmove(&live->refreshes[i], &live->refreshes[i + 1],
		    (--live->refresh_count - i) * sizeof(refresh));
		/* cb may ask again: that is appended, and not started. */
		refresh.cb(refresh.arg);
		if (all && live->refresh_count == 0)
			break;
	}
}

static void
dump_begin(struct kernel_live *live)
{
	live->listing = !live->dump_wanted;
	live->dump_wanted = live->list_wanted = false;
	ipvs_table_clear(&live->fresh);
	ipvs_table_clear(&live->gone);
	live->dump_number = live->number;
	live->dump_begun = clock_monotonic();
	live->dump_cost = 0;
	if (ipvs_nl_dump(&live->ipvs, &live->fresh, live->listing) == -1) {
		log_change_warnx("table", "ipvs: dump: %s", strerror(errno));
		turn_retry(live->turn);
		return;
	}
	live->dumping = true;
	for (uint32_t i = 0; !live->listing && i < live->refresh_count; i++)
		live->refreshes[i].started = true;
}

/* Puts what was read in the copy. */
static void
take_over(struct kernel_live *live)
{
	struct merge merge = {
	    .table = &live->table,
	    .fresh = &live->fresh,
	    .gone = &live->gone,
	    .number = live->dump_number,
	    .begun = live->dump_begun,
	    .known = live->known,
	    .list = live->listing,
	    .repairs = live->repairs,
	};
	uint32_t wrong = merge_tables(&merge);

	ipvs_table_clear(&live->gone);
	if (wrong == 0)
		return;
	if (live->listing)
		live_want(live);
	else
		log_change_warnx("foreign",
		    "ipvs: %u of our services had been taken out by "
		    "somebody else",
		    wrong);
}

static void
dump_done(struct kernel_live *live)
{
	live->dumping = false;
	take_over(live);
	live->turn->stats.last_resync = clock_monotonic();
	if (live->listing) {
		live->handlers->listed(live->arg);
		return;
	}
	live->known = true;
	live->read_begun = live->dump_begun;
	live->read_cost = live->dump_cost;
	live->handlers->read(live->arg);
	refreshes_done(live, false);
}

static int
dump_step(struct kernel_live *live)
{
	uint64_t start = clock_processor();
	int more = ipvs_nl_dump_step(&live->ipvs, &live->ipvs.all, TURN_SLICE);

	live->dump_cost += clock_processor() - start;
	return more;
}

bool
live_step(struct kernel_live *live)
{
	int more;

	if (live->turn->stats.ip_vs != IPVS_YES) {
		live->dump_wanted = live->list_wanted = false;
		if (live->refresh_count == 0)
			return false;
		refreshes_done(live, true);
		return true;
	}
	if (!live->dumping) {
		if (!live->dump_wanted && !live->list_wanted)
			return false;
		dump_begin(live);
		return live->dumping;
	}
	more = dump_step(live);
	if (more == -1) {
		log_change_warnx("table", "ipvs: dump: %s", strerror(errno));
		live->turn->stats.overruns++;
		live->dumping = false;
		turn_retry(live->turn);
	} else if (more == 0) {
		dump_done(live);
	}
	return true;
}

bool
live_take(
    struct kernel_live *live, struct ipvs_service *service, uint64_t number)
{
	service->read = clock_monotonic();
	return merge_one(&live->table, service, number, live->known);
}

struct ipvs_service *
live_find(struct kernel_live *live, const struct ipvs_key *key, bool *altered)
{
	struct ipvs_service *service = ipvs_table_find(&live->table, key);
	bool differs = false;

	if (service != NULL && service->former != NULL) {
		differs = repair_tell(live->repairs, service->former, service);
		service->digest = differs ? 0 : service->former->digest;
		ipvs_service_free(service->former);
		service->former = NULL;
	}
	if (altered != NULL)
		*altered = differs;
	return service;
}

/* --- commands --- */

static void
refused(struct kernel_live *live, const struct ipvs_command *command, int error)
{
	char name[IPVS_KEY_STRLEN], what[ADDR_PORT_STRLEN + 16] = "";

	if (command->op >= IPVS_NEW_DEST)
		(void)addr_port_format(
		    &command->dest.addr, command->dest.port, what);
	else if (command->op != IPVS_DEL_SERVICE)
		/* One that the kernel does not have is ENOENT as well. */
		snprintf(what, sizeof(what), "with scheduler %.32s",
		    command->sched.name);
	turn_refused(live->turn, "ipvs %s: %s%s%s: %s",
	    ipvs_key_format(&command->key, name), ipvs_op_name(command->op),
	    what[0] != '\0' ? " " : "", what, strerror(error));
}

/* Gives the service that it was about, a hint for the next call. */
static struct ipvs_service *
accepted(struct kernel_live *live, const struct ipvs_command *command,
    struct ipvs_service *hint)
{
	struct ipvs_service *service = diff_applied(
	    &live->table, command, hint);

	live->number++;
	if (service != NULL) {
		service->changed = live->number;
		service->digest = 0;
		service->ours = true;
	}
	if (!live->dumping)
		return service;
	if (command->op == IPVS_DEL_SERVICE &&
	    ipvs_table_find(&live->gone, &command->key) == NULL)
		ipvs_table_insert(&live->gone, ipvs_service_new(&command->key));
	else if (command->op == IPVS_NEW_SERVICE)
		ipvs_table_remove(&live->gone, &command->key);
	return service;
}

/*
 * A dump that is under way may be older than what is not known. The first loss
 * has the table dumped at once. If the commands that follow it lose theirs as
 * well the next dump waits, as what is refused does.
 */
static void
answers_lost(struct kernel_live *live)
{
	log_change_warnx("replies", "ipvs: answers lost: %s", strerror(errno));
	live->turn->stats.overruns++;
	live->known = false;
	live->dumping = false;
	if (live->losing)
		turn_retry(live->turn);
	else
		live_want(live);
	live->losing = true;
	live->losses++;
}

/* Whether a destination is refused because its service, the command before it,
 * was: that one's reason is the one to tell. */
static bool
follows_from(const struct ipvs_command *command, int error,
    const struct ipvs_command *service)
{
	return service != NULL && command->op == IPVS_NEW_DEST &&
	    error == ESRCH && ipvs_key_cmp(&command->key, &service->key) == 0;
}

int
live_send(struct kernel_live *live, const struct ipvs_command *commands,
    uint32_t count, int *errors)
{
	const struct ipvs_command *none = NULL; /* a service that is not in */
	struct ipvs_service *service = NULL;
	int result;

	live->turn->stats.commands += count;
	result = ipvs_nl_batch(&live->ipvs, commands, count, errors);
	if (result == -1)
		answers_lost(live);
	else
		live->losing = false;
	for (uint32_t i = 0; i < count; i++) {
		if (errors[i] == 0)
			service = accepted(live, &commands[i], service);
		else if (errors[i] != NETLINK_UNANSWERED &&
		    !follows_from(&commands[i], errors[i], none))
			refused(live, &commands[i], errors[i]);
		if (commands[i].op == IPVS_NEW_SERVICE)
			none = errors[i] > 0 ? &commands[i] : NULL;
	}
	return result;
}
