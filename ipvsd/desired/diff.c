/* SPDX-License-Identifier: ISC */
/* The difference between two services; see diff.h. Pure. */
#include "desired/diff.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

#define X(id, text) [IPVS_##id] = text,
static const char *const op_names[] = {IPVS_OP_TABLE(X)};
#undef X

const char *
ipvs_op_name(enum ipvs_op op)
{
	return (unsigned)op < IPVS_OP_MAX ? op_names[op] : "invalid";
}

static struct ipvs_command *
commands_add(
    struct ipvs_commands *out, enum ipvs_op op, const struct ipvs_key *key)
{
	struct ipvs_command *command;

	out->list = grow(out->list, out->count, &out->size, sizeof(*out->list));
	command = &out->list[out->count++];
	memset(command, 0, sizeof(*command));
	command->op = op;
	command->key = *key;
	return command;
}

void
ipvs_commands_clear(struct ipvs_commands *out)
{
	free(out->list);
	memset(out, 0, sizeof(*out));
}

static void
diff_dests(const struct ipvs_service *wanted, const struct ipvs_service *live,
    struct ipvs_commands *out)
{
	const struct ipvs_dest *dest, *other;

	for (uint32_t i = 0; i < wanted->count; i++) {
		dest = &wanted->dests[i];
		if (live == NULL ||
		    ipvs_service_find(live, &dest->addr, dest->port) == NULL)
			commands_add(out, IPVS_NEW_DEST, &wanted->key)
			    ->dest = *dest;
	}
	if (live == NULL)
		return;
	for (uint32_t i = 0; i < wanted->count; i++) {
		dest = &wanted->dests[i];
		other = ipvs_service_find(live, &dest->addr, dest->port);
		if (other != NULL &&
		    !ipvs_dest_conf_equal(&dest->conf, &other->conf))
			commands_add(out, IPVS_SET_DEST, &wanted->key)
			    ->dest = *dest;
	}
	for (uint32_t i = 0; i < live->count; i++) {
		dest = &live->dests[i];
		if (ipvs_service_find(wanted, &dest->addr, dest->port) == NULL)
			commands_add(out, IPVS_DEL_DEST, &wanted->key)
			    ->dest = *dest;
	}
}

void
diff_service(const struct ipvs_service *wanted, const struct ipvs_service *live,
    struct ipvs_commands *out)
{
	if (wanted == NULL) {
		if (live != NULL)
			(void)commands_add(out, IPVS_DEL_SERVICE, &live->key);
		return;
	}
	if (live == NULL)
		commands_add(out, IPVS_NEW_SERVICE, &wanted->key)
		    ->sched = wanted->sched;
	else if (!ipvs_sched_equal(&wanted->sched, &live->sched))
		commands_add(out, IPVS_SET_SERVICE, &wanted->key)
		    ->sched = wanted->sched;
	diff_dests(wanted, live, out);
}

static void
applied_dest(struct ipvs_service *service, const struct ipvs_command *command)
{
	struct ipvs_dest *dest = NULL;

	/* A destination that sorts after the last one is not there yet. So a
	 * new service, which comes in order, needs no look-ups. */
	if (service->count > 0 &&
	    ipvs_dest_cmp(
		&command->dest, &service->dests[service->count - 1]) <= 0)
		dest = ipvs_service_find(
		    service, &command->dest.addr, command->dest.port);
	if (command->op == IPVS_DEL_DEST) {
		if (dest != NULL)
			ipvs_service_remove(service, dest);
		return;
	}
	if (dest == NULL) {
		dest = ipvs_service_add(service);
		*dest = command->dest;
		if (service->count > 1 && ipvs_dest_cmp(dest - 1, dest) > 0)
			ipvs_service_sort(service);
		return;
	}
	dest->conf = command->dest.conf;
}

struct ipvs_service *
diff_applied(struct ipvs_table *table, const struct ipvs_command *command,
    struct ipvs_service *hint)
{
	struct ipvs_service *service = hint;

	if (hint == NULL || ipvs_key_cmp(&hint->key, &command->key) != 0)
		service = ipvs_table_find(table, &command->key);
	switch (command->op) {
	case IPVS_NEW_SERVICE:
	case IPVS_SET_SERVICE:
		if (service == NULL) {
			service = ipvs_service_new(&command->key);
			ipvs_table_insert(table, service);
		}
		service->sched = command->sched;
		break;
	case IPVS_DEL_SERVICE:
		ipvs_table_remove(table, &command->key);
		return NULL;
	case IPVS_NEW_DEST:
	case IPVS_SET_DEST:
	case IPVS_DEL_DEST:
		if (service != NULL)
			applied_dest(service, command);
		break;
	case IPVS_OP_MAX:
		break;
	}
	return service;
}
