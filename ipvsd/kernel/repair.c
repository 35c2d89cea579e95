/* SPDX-License-Identifier: ISC */
/* See repair.h. */
#include "kernel/repair.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "desired/diff.h"

#define BURST_MAX  20 /* things that are told one by one ... */
#define BURST_TIME (10 * NS_PER_SEC)
#define ABSENT	   "absent"
#define PRESENT	   "present"
#define STATE_SIZE 96

static void
on_burst_end(void *arg)
{
	struct kernel_repairs *repairs = arg;
	struct kernel_turn *turn = repairs->turn;
	char count[32];

	if (repairs->untold > 0) {
		snprintf(
		    count, sizeof(count), "%" PRIu32 " more", repairs->untold);
		turn->handlers->repaired("", "", count, turn->arg);
	}
	repairs->told = repairs->untold = 0;
}

void
repair_init(struct kernel_repairs *repairs, struct kernel_turn *turn,
    struct event_base *base)
{
	memset(repairs, 0, sizeof(*repairs));
	repairs->turn = turn;
	timer_init(&repairs->timer, base, on_burst_end, repairs);
}

void
repair_clear(struct kernel_repairs *repairs)
{
	timer_stop(&repairs->timer);
}

static void
tell(struct kernel_repairs *repairs, const char *name, const char *from,
    const char *to)
{
	struct kernel_stats *stats = &repairs->turn->stats;

	stats->repaired++;
	stats->last_repair_at = clock_monotonic();
	snprintf(stats->last_repair, sizeof(stats->last_repair), "%s: %s -> %s",
	    name, from, to);
	if (repairs->told == 0)
		timer_after(&repairs->timer, BURST_TIME);
	if (repairs->told == BURST_MAX) {
		repairs->untold++;
		return;
	}
	repairs->told++;
	repairs->turn->handlers->repaired(name, from, to, repairs->turn->arg);
}

static void
sched_text(char text[STATE_SIZE], const struct ipvs_sched *sched)
{
	int n = snprintf(text, STATE_SIZE, "scheduler %s, flags %#" PRIx32,
	    sched->name, sched->flags & ~(uint32_t)IP_VS_SVC_F_PERSISTENT);

	if (sched->flags & IP_VS_SVC_F_PERSISTENT)
		snprintf(text + n, STATE_SIZE - (size_t)n,
		    ", persistent %" PRIu32 "s /%u", sched->timeout,
		    sched->prefix);
}

static void
dest_text(char text[STATE_SIZE], const struct ipvs_dest *dest)
{
	static const char *const forwards[] = {
	    [IP_VS_CONN_F_MASQ] = "nat",
	    [IP_VS_CONN_F_LOCALNODE] = "local",
	    [IP_VS_CONN_F_TUNNEL] = "tunnel",
	    [IP_VS_CONN_F_DROUTE] = "direct",
	};
	uint32_t forward = dest->conf.forward;

	snprintf(text, STATE_SIZE,
	    "%s weight %" PRIu32 " connections %" PRIu32 "-%" PRIu32,
	    forward < sizeof(forwards) / sizeof(forwards[0]) ?
		forwards[forward] :
		"other",
	    dest->conf.weight, dest->conf.lower, dest->conf.upper);
}

static void
tell_service(struct kernel_repairs *repairs, const struct ipvs_service *old,
    const struct ipvs_service *now)
{
	char name[IPVS_KEY_STRLEN], from[STATE_SIZE], to[STATE_SIZE];

	sched_text(from, &now->sched);
	sched_text(to, &old->sched);
	tell(repairs, ipvs_key_format(&old->key, name), from, to);
}

/* was, is: the destination before and now; NULL: there was, there is none. */
static void
tell_dest(struct kernel_repairs *repairs, const struct ipvs_key *key,
    const struct ipvs_dest *was, const struct ipvs_dest *is)
{
	const struct ipvs_dest *any = was != NULL ? was : is;
	char service[IPVS_KEY_STRLEN], server[ADDR_PORT_STRLEN];
	char from[STATE_SIZE] = ABSENT, to[STATE_SIZE] = ABSENT;
	char name[IPVS_KEY_STRLEN + ADDR_PORT_STRLEN + 8];

	snprintf(name, sizeof(name), "%s -> %s", ipvs_key_format(key, service),
	    addr_port_format(&any->addr, any->port, server));
	if (is != NULL)
		dest_text(from, is);
	if (was != NULL)
		dest_text(to, was);
	tell(repairs, name, from, to);
}

bool
repair_tell(struct kernel_repairs *repairs, const struct ipvs_service *old,
    const struct ipvs_service *now)
{
	struct ipvs_commands commands = {.count = 0};
	const struct ipvs_command *command;
	const struct ipvs_dest *dest;
	char name[IPVS_KEY_STRLEN];
	bool differ;

	if (now == NULL) {
		tell(
		    repairs, ipvs_key_format(&old->key, name), ABSENT, PRESENT);
		return true;
	}
	/* What would put it back is what has changed. */
	diff_service(old, now, &commands);
	for (uint32_t i = 0; i < commands.count; i++) {
		command = &commands.list[i];
		if (command->op < IPVS_NEW_DEST) {
			tell_service(repairs, old, now);
			continue;
		}
		dest = &command->dest;
		tell_dest(repairs, &old->key,
		    ipvs_service_find(old, &dest->addr, dest->port),
		    ipvs_service_find(now, &dest->addr, dest->port));
	}
	differ = commands.count > 0;
	ipvs_commands_clear(&commands);
	return differ;
}
