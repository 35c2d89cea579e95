/* SPDX-License-Identifier: ISC */
/* See renewals.h. */
#include "link/renewals.h"

#define RENEWAL_LEN 20 /* of one in a packet */

bool
renewals_add(struct renewals *renewals, const struct link *link,
    const struct renewal *renewal)
{
	if (renewals->generation != link_generation_out(link)) {
		renewals->generation = link_generation_out(link);
		renewals->count = 0;
	}
	if (renewals->count < RENEWALS_MAX)
		renewals->list[renewals->count++] = *renewal;
	return renewals->count == RENEWALS_MAX;
}

static void
put_renewal(struct writer *writer, const struct renewal *renewal)
{
	put_u32(writer, renewal->instance);
	put_u64(writer, renewal->term);
	put_u64(writer, renewal->time);
}

static void
send_many(
    const struct renewals *renewals, struct link *link, enum msg_type type)
{
	struct writer *writer = link_compose(link, type);

	put_u16(writer, renewals->count);
	for (uint16_t i = 0; i < renewals->count; i++)
		put_renewal(writer, &renewals->list[i]);
	link_send(link, 0, -1);
}

static void
send_each(
    const struct renewals *renewals, struct link *link, enum msg_type type)
{
	const struct renewal *renewal;

	for (uint16_t i = 0; i < renewals->count; i++) {
		renewal = &renewals->list[i];
		put_renewal(link_compose(link, type), renewal);
		link_send(link, (uint64_t)renewal->instance + 1, -1);
	}
}

void
renewals_send(struct renewals *renewals, struct link *link, enum msg_type type)
{
	if (link_state(link) != LINK_UP ||
	    renewals->generation != link_generation_out(link))
		renewals->count = 0;
	if (renewals->count > 1 && link_knows(link, type) &&
	    link_stats(link)->queued == 0)
		send_many(renewals, link, type);
	else
		send_each(renewals, link,
		    type == MSG_RENEWALS ? MSG_RENEW : MSG_RENEWED);
	renewals->count = 0;
}

static bool
is_many(const struct msg *msg)
{
	return msg->type == MSG_RENEWALS || msg->type == MSG_RENEWED_MANY;
}

int
renewals_read(struct msg *msg,
    bool (*fn)(const struct msg *, const struct renewal *, void *), void *arg)
{
	uint16_t count = is_many(msg) ? get_u16(&msg->body) : 1;
	struct renewal renewal;

	if (reader_left(&msg->body) != (size_t)count * RENEWAL_LEN)
		return -1;
	for (uint16_t i = 0; i < count; i++) {
		renewal.instance = get_u32(&msg->body);
		renewal.term = get_u64(&msg->body);
		renewal.time = get_u64(&msg->body);
		if (!fn(msg, &renewal, arg))
			return -1;
	}
	return 0;
}
