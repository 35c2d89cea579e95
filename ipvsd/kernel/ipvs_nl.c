/* SPDX-License-Identifier: ISC */
/* IPVS over generic netlink: batches, dumps, time-outs, daemons. */
#include "kernel/ipvs_nl.h"

#include <errno.h>
#include <string.h>

#include <linux/genetlink.h>

#include "clock.h"
#include "kernel/ipvs_nl_msg.h"
#include "log.h"

int
ipvs_nl_open(struct ipvs_nl *nl)
{
	struct netlink *all[] = {
	    &nl->commands, &nl->all.netlink, &nl->one.netlink};

	memset(nl, 0, sizeof(*nl));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (netlink_open(all[i], NETLINK_GENERIC) == 0)
			continue;
		while (i-- > 0)
			netlink_close(all[i]);
		return -1;
	}
	return 0;
}

void
ipvs_nl_close(struct ipvs_nl *nl)
{
	netlink_close(&nl->commands);
	netlink_close(&nl->all.netlink);
	netlink_close(&nl->one.netlink);
}

static void
family_found(const struct nlmsghdr *header, void *arg)
{
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];
	int *family = arg;

	if (header->nlmsg_type == GENL_ID_CTRL &&
	    nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, GENL_HDRLEN,
		attrs, CTRL_ATTR_MAX, NULL) >= 0 &&
	    attrs[CTRL_ATTR_FAMILY_ID] != NULL &&
	    nla_len(attrs[CTRL_ATTR_FAMILY_ID]) >= 2)
		*family = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
}

static void
one_answered(uint32_t seq, int error, const char *text, void *arg)
{
	(void)seq;
	(void)text;
	*(int *)arg = error;
}

/* One request that was begun, its reply (if any) and its acknowledgement. An
 * errno. */
static int
ask(struct netlink *netlink, netlink_message_fn fn, void *arg)
{
	int error = 0;

	if (netlink_exchange(netlink, fn, arg, one_answered, &error) == -1)
		return errno;
	return error;
}

int
ipvs_nl_resolve(struct ipvs_nl *nl)
{
	struct genlmsghdr head = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};
	struct nl_msg *msg = netlink_request(
	    &nl->commands, GENL_ID_CTRL, 0, &head, sizeof(head));
	int family = 0, error;

	netlink_put_string(msg, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
	error = ask(&nl->commands, family_found, &family);
	if (error != 0 || family == 0) {
		errno = error != 0 ? error : ENOENT;
		return -1;
	}
	nl->family = family;
	return 0;
}

struct batch {
	uint32_t first;
	uint32_t count;
	const struct ipvs_command *commands;
	int *errors;
};

static void
batch_answered(uint32_t seq, int error, const char *text, void *arg)
{
	struct batch *batch = arg;
	char name[IPVS_KEY_STRLEN];
	uint32_t i = seq - batch->first;

	if (i >= batch->count)
		return;
	batch->errors[i] = error;
	if (error != 0 && text != NULL)
		log_debug("ipvs %s: %s: %s: %s",
		    ipvs_key_format(&batch->commands[i].key, name),
		    ipvs_op_name(batch->commands[i].op), strerror(error), text);
}

int
ipvs_nl_batch(struct ipvs_nl *nl, const struct ipvs_command *commands,
    uint32_t count, int *errors)
{
	struct batch batch = {
	    .commands = commands, .count = count, .errors = errors};

	batch.first = nl->commands.seq + 1;
	for (uint32_t i = 0; i < count; i++) {
		errors[i] = NETLINK_UNANSWERED;
		(void)ipvs_nl_compose(&nl->commands, nl->family, &commands[i]);
	}
	return netlink_send(
	    &nl->commands, batch_answered, &batch, errors, count);
}

static void
service_dumped(const struct nlmsghdr *header, void *arg)
{
	struct ipvs_dump *dump = arg;
	struct ipvs_service *service = ipvs_nl_read_service(header);

	if (service != NULL)
		ipvs_table_append(dump->table, service);
}

static void
dest_dumped(const struct nlmsghdr *header, void *arg)
{
	struct ipvs_dump *dump = arg;
	struct ipvs_dest dest;

	if (ipvs_nl_read_dest(header, dump->service->key.addr.family, &dest))
		*ipvs_service_add(dump->service) = dest;
}

static void
dump_begin(struct ipvs_dump *dump, struct ipvs_table *table, bool services_only)
{
	dump->table = table;
	dump->service = NULL;
	dump->next = 0;
	dump->services_done = false;
	dump->services_only = services_only;
}

int
ipvs_nl_dump(struct ipvs_nl *nl, struct ipvs_table *table, bool services_only)
{
	dump_begin(&nl->all, table, services_only);
	(void)ipvs_nl_request(
	    &nl->all.netlink, nl->family, IPVS_CMD_GET_SERVICE);
	return netlink_dump(&nl->all.netlink);
}

/* The kernel gives destinations for one service at a time. */
static int
next_dests(struct ipvs_nl *nl, struct ipvs_dump *dump)
{
	struct nl_msg *msg = ipvs_nl_request(
	    &dump->netlink, nl->family, IPVS_CMD_GET_DEST);

	dump->service = dump->table->services[dump->next++];
	ipvs_nl_put_service(msg, &dump->service->key, NULL);
	return netlink_dump(&dump->netlink);
}

int
ipvs_nl_dump_one(
    struct ipvs_nl *nl, const struct ipvs_key *key, struct ipvs_table *table)
{
	struct nl_msg *msg = ipvs_nl_request(
	    &nl->commands, nl->family, IPVS_CMD_GET_SERVICE);
	int error;

	dump_begin(&nl->one, table, false);
	nl->one.services_done = true;
	ipvs_nl_put_service(msg, key, NULL);
	error = ask(&nl->commands, service_dumped, &nl->one);
	if (error != 0 || table->count != 1) {
		errno = error != 0 ? error : ESRCH;
		return -1;
	}
	return next_dests(nl, &nl->one);
}

int
ipvs_nl_dump_step(struct ipvs_nl *nl, struct ipvs_dump *dump, uint64_t slice)
{
	uint64_t start = clock_monotonic();
	unsigned steps = 0;
	int more;

	do {
		more = netlink_dump_step(&dump->netlink,
		    dump->services_done ? dest_dumped : service_dumped, dump);
		if (more == -1)
			return -1;
		if (more == 1)
			continue;
		dump->services_done = true;
		if (dump->service != NULL)
			ipvs_service_sort(dump->service);
		if (dump->services_only || dump->next == dump->table->count) {
			ipvs_table_sort(dump->table);
			return 0;
		}
		if (next_dests(nl, dump) == -1)
			return -1;
	} while (++steps % 8 != 0 || clock_monotonic() - start < slice);
	return 1;
}

static void
timeouts_found(const struct nlmsghdr *header, void *arg)
{
	static const struct nla_policy policy[IPVS_CMD_ATTR_MAX + 1] = {
	    [IPVS_CMD_ATTR_TIMEOUT_TCP] = {.type = NLA_U32},
	    [IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] = {.type = NLA_U32},
	    [IPVS_CMD_ATTR_TIMEOUT_UDP] = {.type = NLA_U32},
	};
	struct nlattr *attrs[IPVS_CMD_ATTR_MAX + 1];
	struct ipvs_timeouts *timeouts = arg;

	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, GENL_HDRLEN,
		attrs, IPVS_CMD_ATTR_MAX, policy) < 0)
		return;
	if (attrs[IPVS_CMD_ATTR_TIMEOUT_TCP] != NULL)
		timeouts->tcp = nla_get_u32(attrs[IPVS_CMD_ATTR_TIMEOUT_TCP]);
	if (attrs[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] != NULL)
		timeouts->tcp_fin = nla_get_u32(
		    attrs[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]);
	if (attrs[IPVS_CMD_ATTR_TIMEOUT_UDP] != NULL)
		timeouts->udp = nla_get_u32(attrs[IPVS_CMD_ATTR_TIMEOUT_UDP]);
}

int
ipvs_nl_get_timeouts(struct ipvs_nl *nl, struct ipvs_timeouts *timeouts)
{
	memset(timeouts, 0, sizeof(*timeouts));
	(void)ipvs_nl_request(&nl->commands, nl->family, IPVS_CMD_GET_CONFIG);
	return ask(&nl->commands, timeouts_found, timeouts);
}

int
ipvs_nl_set_timeouts(struct ipvs_nl *nl, const struct ipvs_timeouts *timeouts)
{
	struct nl_msg *msg = ipvs_nl_request(
	    &nl->commands, nl->family, IPVS_CMD_SET_CONFIG);

	netlink_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts->tcp);
	netlink_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts->tcp_fin);
	netlink_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts->udp);
	return ask(&nl->commands, NULL, NULL);
}

static void
daemon_dumped(const struct nlmsghdr *header, void *arg)
{
	struct ipvs_daemon *out = arg, daemon;

	if (!ipvs_nl_read_daemon(header, &daemon))
		return;
	if (daemon.state == IP_VS_STATE_MASTER)
		out[0] = daemon;
	else if (daemon.state == IP_VS_STATE_BACKUP)
		out[1] = daemon;
}

int
ipvs_nl_get_daemons(struct ipvs_nl *nl, struct ipvs_daemon out[2])
{
	int more;

	memset(out, 0, 2 * sizeof(*out));
	(void)ipvs_nl_request(&nl->commands, nl->family, IPVS_CMD_GET_DAEMON);
	if (netlink_dump(&nl->commands) == -1)
		return errno;
	do
		more = netlink_dump_step(&nl->commands, daemon_dumped, out);
	while (more == 1);
	return more == 0 ? 0 : errno;
}

int
ipvs_nl_new_daemon(struct ipvs_nl *nl, const struct ipvs_daemon *daemon)
{
	struct nl_msg *msg = ipvs_nl_request(
	    &nl->commands, nl->family, IPVS_CMD_NEW_DAEMON);

	ipvs_nl_put_daemon(msg, daemon, true);
	return ask(&nl->commands, NULL, NULL);
}

int
ipvs_nl_del_daemon(struct ipvs_nl *nl, const struct ipvs_daemon *daemon)
{
	struct nl_msg *msg = ipvs_nl_request(
	    &nl->commands, nl->family, IPVS_CMD_DEL_DAEMON);

	ipvs_nl_put_daemon(msg, daemon, false);
	return ask(&nl->commands, NULL, NULL);
}
