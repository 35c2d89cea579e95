/* SPDX-License-Identifier: ISC */
/* See live.h. */
#include "kernel/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "log_change.h"

struct refresh {
	void (*cb)(void *);
	void *arg;
	bool started; /* the dump under way is for it */
};

struct kernel_live {
	struct kernel_turn *turn;
	void (*read)(void *);
	void *arg;
	struct ipvs_nl ipvs;
	struct ipvs_table table;
	struct ipvs_table fresh; /* the dump under way */
	struct ipvs_table gone;	 /* deleted during the dump */
	bool dumping;
	bool dump_wanted;
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
live_new(struct kernel_turn *turn, void (*read)(void *), void *arg)
{
	struct kernel_live *live = xcalloc(1, sizeof(*live));

	live->turn = turn;
	live->read = read;
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

/* --- dumps --- */

void
live_want(struct kernel_live *live)
{
	live->dump_wanted = true;
	turn_schedule(live->turn);
}

void
live_refresh(struct kernel_live *live, void (*cb)(void *), void *arg)
{
	struct refresh *refresh;

	live->refreshes = grow(live->refreshes, live->refresh_count,
	    &live->refresh_size, sizeof(*live->refreshes));
	refresh = &live->refreshes[live->refresh_count++];
	refresh->cb = cb;
	refresh->arg = arg;
	refresh->started = false;
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
	live->dump_wanted = false;
	ipvs_table_clear(&live->fresh);
	ipvs_table_clear(&live->gone);
	live->dump_number = live->number;
	if (ipvs_nl_dump(&live->ipvs, &live->fresh) == -1) {
		log_change_warnx("table", "ipvs: dump: %s", strerror(errno));
		turn_retry(live->turn);
		return;
	}
	live->dumping = true;
	for (uint32_t i = 0; i < live->refresh_count; i++)
		live->refreshes[i].started = true;
}

/* Whether our copy of a service is newer than the dump. */
static bool
is_newer(const struct kernel_live *live, const struct ipvs_service *service)
{
	return service->changed > live->dump_number;
}

/*
 * Both tables are sorted: one walk over the two. What is taken from one of
 * them leaves NULL there.
 */
static void
merge(struct kernel_live *live)
{
	struct ipvs_table *table = &live->table, *fresh = &live->fresh, out;
	struct ipvs_service *old, *new;
	uint32_t i = 0, j = 0, taken = 0;
	int order;

	ipvs_table_init(&out);
	while (i < table->count || j < fresh->count) {
		old = i < table->count ? table->services[i] : NULL;
		new = j < fresh->count ? fresh->services[j] : NULL;
		order = old == NULL ? 1 :
		    new == NULL	    ? -1 :
				      ipvs_key_cmp(&old->key, &new->key);
		if (order <= 0)
			i++;
		if (order >= 0)
			j++;
		if (order == 0)
			new->ours = old->ours;
		else if (order < 0 && old->ours && !is_newer(live, old))
			taken++;
		if (order <= 0 && is_newer(live, old)) {
			ipvs_table_append(&out, old);
			table->services[i - 1] = NULL;
		} else if (order >= 0 &&
		    ipvs_table_find(&live->gone, &new->key) == NULL) {
			ipvs_table_append(&out, new);
			fresh->services[j - 1] = NULL;
		}
	}
	ipvs_table_clear(table);
	ipvs_table_clear(fresh);
	*table = out;
	if (taken > 0)
		log_change_warnx("foreign",
		    "ipvs: %u of our services had been taken out by "
		    "somebody else",
		    taken);
}

static void
dump_done(struct kernel_live *live)
{
	live->dumping = false;
	live->known = true;
	live->turn->stats.last_resync = clock_monotonic();
	merge(live);
	ipvs_table_clear(&live->gone);
	live->read(live->arg);
	refreshes_done(live, false);
}

bool
live_step(struct kernel_live *live)
{
	int more;

	if (live->turn->stats.ip_vs != IPVS_YES) {
		live->dump_wanted = false;
		if (live->refresh_count == 0)
			return false;
		refreshes_done(live, true);
		return true;
	}
	if (!live->dumping) {
		if (!live->dump_wanted)
			return false;
		dump_begin(live);
		return live->dumping;
	}
	more = ipvs_nl_dump_step(&live->ipvs, TURN_SLICE);
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
