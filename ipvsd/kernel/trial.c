/* SPDX-License-Identifier: ISC */
/* See trial.h. */
#include "kernel/trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A packet mark that nobody else is likely to use: "TV" and more. */
#define TRIAL_MARK 0x54565fffu
/* More than two families by all schedulers (conf/words.c). */
#define KINDS_MAX  64

/* Services are of one kind when they have the same family and scheduler. */
struct kinds {
	const struct conf_service *list[KINDS_MAX]; /* one of each kind */
	uint32_t count;
};

static bool
same_kind(const struct conf_service *a, const struct conf_service *b)
{
	return a->addr.family == b->addr.family &&
	    strcmp(a->scheduler, b->scheduler) == 0;
}

static bool
has(const struct kinds *kinds, const struct conf_service *service)
{
	for (uint32_t i = 0; i < kinds->count; i++)
		if (same_kind(kinds->list[i], service))
			return true;
	return false;
}

/* Adds the kinds of a configuration that are not there yet. */
static void
collect(struct kinds *kinds, const struct conf *conf)
{
	const struct conf_service *service;

	for (uint32_t i = 0; conf != NULL && i < conf->service_count; i++) {
		service = &conf->services[i];
		if (service->director && kinds->count < KINDS_MAX &&
		    !has(kinds, service))
			kinds->list[kinds->count++] = service;
	}
}

/* 0, or the errno with which the kernel refuses the service. One of somebody
 * else's that has the mark already is left alone. */
static int
try_one(struct ipvs_nl *nl, const struct conf_service *service)
{
	struct ipvs_command command;
	int error, removed;

	memset(&command, 0, sizeof(command));
	command.op = IPVS_NEW_SERVICE;
	command.key.addr.family = service->addr.family;
	command.key.fwmark = TRIAL_MARK;
	desired_sched(service, &command.sched);
	(void)ipvs_nl_batch(nl, &command, 1, &error);
	if (error != 0 && error != NETLINK_UNANSWERED)
		return error == EEXIST ? 0 : error;
	command.op = IPVS_DEL_SERVICE;
	(void)ipvs_nl_batch(nl, &command, 1, &removed);
	return 0;
}

bool
trial_is_due(const struct conf *next)
{
	for (uint32_t i = 0; i < next->service_count; i++)
		if (next->services[i].director)
			return true;
	return false;
}

bool
trial_run(struct ipvs_nl *nl, const struct conf *old, const struct conf *next,
    char *why, size_t size)
{
	const struct conf_service *service;
	struct kinds kinds = {.count = 0};
	uint32_t known;
	int error;

	collect(&kinds, old);
	known = kinds.count;
	collect(&kinds, next);
	for (uint32_t i = known; i < kinds.count; i++) {
		service = kinds.list[i];
		if ((error = try_one(nl, service)) == 0)
			continue;
		if (error == ENOENT)
			snprintf(why, size,
			    "service %s: this kernel has no scheduler %s",
			    service->name, service->scheduler);
		else
			snprintf(why, size,
			    "service %s: the kernel refuses scheduler %s: %s",
			    service->name, service->scheduler, strerror(error));
		return false;
	}
	return true;
}
