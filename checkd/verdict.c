/* SPDX-License-Identifier: ISC */
/* From results of probes to verdicts; see verdict.h. */
#include <errno.h>
#include <stdio.h>

#include "link/msg.h"
#include "verdict.h"

_Static_assert(MSG_HEADER_LEN + 2 + VERDICTS_MAX * VERDICT_LEN <= MSG_MAX,
    "a full VERDICTS fits a packet");

static enum health
judge(const struct verdict *verdict, uint16_t rise, uint16_t fall)
{
	enum health found = verdict->success ? HEALTH_UP : HEALTH_DOWN;
	uint16_t wanted = verdict->success ? rise : fall;
	enum health before = verdict->health != HEALTH_UNKNOWN ?
	    verdict->health :
	    verdict->former;

	if (before == HEALTH_UNKNOWN || before == found ||
	    verdict->streak >= wanted)
		return found;
	return verdict->health;
}

enum verdict_change
verdict_take(struct verdict *verdict, const struct result *result,
    uint16_t rise, uint16_t fall)
{
	struct result before = verdict->last;
	enum health health;
	bool success = result->reason == REASON_OK;

	verdict->last = *result;
	if (result->reason != REASON_LIMIT) {
		if (verdict->success != success)
			verdict->streak = 0;
		verdict->success = success;
		if (verdict->streak < UINT32_MAX)
			verdict->streak++;
		health = judge(verdict, rise, fall);
		if (health != verdict->health) {
			verdict->health = health;
			return VERDICT_HEALTH;
		}
	}
	if (before.reason != result->reason || before.detail != result->detail)
		return VERDICT_REASON;
	return VERDICT_SAME;
}

enum reason
verdict_reason_errno(int error)
{
	switch (error) {
	case 0:
		return REASON_OK;
	case ECONNREFUSED:
		return REASON_REFUSED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case EADDRNOTAVAIL: /* no address of ours to come from */
	case ENOPROTOOPT:   /* ICMP: protocol or port unreachable */
	case EACCES:	    /* a prohibit route, our own filter */
	case EPERM:
	case EINVAL: /* e.g. a route of type blackhole */
		return REASON_UNREACHABLE;
	case ETIMEDOUT:
		return REASON_TIMEOUT_CONNECT;
	case ECONNRESET:
	case EPIPE:
		return REASON_CLOSED;
	case EMFILE: /* these are limits of ours, not the server's fault */
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EAGAIN: /* connect(2): no free local port */
		return REASON_LIMIT;
	default:
		return REASON_ERROR;
	}
}

const char *
verdict_text(
    const struct verdict *verdict, enum health from, char *buf, size_t size)
{
	snprintf(buf, size, "%s -> %s, %s, %u %s%s", health_name(from),
	    health_name(verdict->health), reason_name(verdict->last.reason),
	    verdict->streak, verdict->success ? "success" : "failure",
	    verdict->streak == 1 ? "" :
		verdict->success ? "es" :
				   "s");
	return buf;
}

void
verdict_put(struct writer *writer, uint16_t level, uint32_t probe,
    const struct verdict *verdict)
{
	put_u32(writer, probe);
	put_u8(writer, (uint8_t)verdict->health);
	put_u8(writer, reason_say(level, verdict->last.reason));
	put_u32(writer, verdict->last.latency);
	put_u32(writer, verdict->last.detail);
}
