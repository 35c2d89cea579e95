/* SPDX-License-Identifier: ISC */
/*
 * drain: a server gets no new connections until `enable`. With --wait vipctl
 * returns when the server's connections are over: the active ones of TCP; all
 * of UDP, which IPVS counts as inactive however many packets come; and with
 * persistence those that it would bring back. The wait changes nothing: the
 * drain goes on after an interrupt.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "query.h"
#include "row.h"
#include "target.h"
#include "vipctl.h"

#define LOOK_EVERY NS_PER_SEC
/* For how long ipvsd may not answer, because it restarts or reloads. */
#define AWAY_MAX   (15 * NS_PER_SEC)

struct request {
	const char *target;
	bool wait;
	uint64_t ms; /* 0: as long as it takes */
};

/* What one look at the target's servers has found. */
struct look {
	uint64_t servers;
	uint64_t active;
	uint64_t inactive;
	uint64_t flows;		 /* of the inactive ones: those of UDP */
	uint64_t persistent;	 /* clients that would come back */
	uint64_t age;		 /* of these numbers, ms */
	bool udp;		 /* the last service row's */
	bool master;		 /* the role in that */
	bool taken;		 /* a server still gets new connections */
	bool enabled;		 /* somebody has ended the drain */
	struct query_list *rows; /* NULL: text */
};

static void
look_at_row(json_t *row, void *arg)
{
	struct look *look = arg;

	if (row_is_a(row, service)) {
		look->master = row_is(row, service, role, "master");
		look->udp = row_is(row, service, protocol, "udp");
		if (row_time(row, service, read_ms) > look->age)
			look->age = row_time(row, service, read_ms);
	}
	if (!row_is_a(row, server))
		return;
	look->servers++;
	look->active += row_number(row, server, active);
	look->inactive += row_number(row, server, inactive);
	look->flows += look->udp ? row_number(row, server, inactive) : 0;
	look->persistent += row_number(row, server, persistent);
	look->enabled |= !row_is(row, server, override, "drained");
	/* While this director is not master, the weight says nothing: it serves
	 * what the master sends it. */
	look->taken |= look->master && row_true(row, server, in_kernel) &&
	    row_number(row, server, weight) != 0;
	if (look->rows != NULL)
		query_list_add(row, look->rows);
}

/* Asks ipvsd once about the target. why tells why there is no answer. */
static int
look_once(const struct vipctl *ctx, const char *target, struct look *look,
    char why[WHY_SIZE])
{
	int code = query_try(
	    ctx, ROLE_IPVSD, WORDS("services", target), look_at_row, look, why);

	if (code == EXIT_DONE && look->servers == 0) {
		snprintf(why, WHY_SIZE, "ipvsd has no configuration yet");
		code = EXIT_REFUSED;
	}
	return code;
}

/* What is waited for beside active connections; "": nothing is left of it. */
#define WAITED_SIZE 96
static const char *
waited_for(const struct look *look, char text[WAITED_SIZE])
{
	int n = 0;

	text[0] = '\0';
	if (look->flows != 0)
		n = snprintf(text, WAITED_SIZE,
		    ", %" PRIu64 " connections of UDP", look->flows);
	if (look->persistent != 0)
		snprintf(text + n, WAITED_SIZE - (size_t)n,
		    ", %" PRIu64 " clients that persist", look->persistent);
	return text;
}

static void
show_progress(const struct look *look, struct look *shown)
{
	char waited[WAITED_SIZE];

	if (look->rows == NULL &&
	    (look->active != shown->active ||
		look->inactive != shown->inactive ||
		look->persistent != shown->persistent || shown->servers == 0)) {
		printf("%" PRIu64 " active, %" PRIu64
		       " inactive connections left",
		    look->active, look->inactive);
		if (*waited_for(look, waited) != '\0')
			printf("; waiting for %s", waited + 2);
		putchar('\n');
	}
	fflush(stdout);
	*shown = *look;
}

/* Numbers of many services may be older than the wait, which has lasted so many
 * ns. */
static bool
is_over(const struct look *look, uint64_t waited)
{
	return look->age * NS_PER_MS < waited && look->active == 0 &&
	    look->flows == 0 && look->persistent == 0 && !look->taken;
}

static void
sleep_until(uint64_t deadline, uint64_t now)
{
	uint64_t ns = deadline - now < LOOK_EVERY ? deadline - now : LOOK_EVERY;
	struct timespec wait = {.tv_sec = (time_t)(ns / NS_PER_SEC),
	    .tv_nsec = (long)(ns % NS_PER_SEC)};

	nanosleep(&wait, NULL);
}

static int
wait_for_end(const struct vipctl *ctx, const struct request *request,
    struct query_list *rows, char why[WHY_SIZE])
{
	uint64_t begun = clock_monotonic(), now = begun, answered = begun;
	uint64_t end = request->ms == 0 ? UINT64_MAX :
					  begun + request->ms * NS_PER_MS;
	struct look look, shown = {.servers = 0};
	char waited[WAITED_SIZE];
	int code;

	for (;; sleep_until(end, now)) {
		look = (struct look){.rows = rows};
		code = look_once(ctx, request->target, &look, why);
		now = clock_monotonic();
		if (code == EXIT_DONE) {
			answered = now;
			show_progress(&look, &shown);
			if (look.enabled) {
				snprintf(why, WHY_SIZE,
				    "%.300s: no longer "
				    "drained",
				    request->target);
				return EXIT_REFUSED;
			}
			if (is_over(&look, now - begun))
				return EXIT_DONE;
		} else if (now - answered > AWAY_MAX) {
			return code;
		}
		if (now >= end) {
			snprintf(why, WHY_SIZE,
			    "%.300s: %" PRIu64
			    " active connections%s are left; it stays drained",
			    request->target, shown.active,
			    waited_for(&shown, waited));
			return EXIT_TIME;
		}
	}
}

static int
drain_and_wait(const struct vipctl *ctx, const struct request *request)
{
	struct query_list rows = {false};
	char why[WHY_SIZE];
	int code;

	code = wait_for_end(ctx, request, ctx->json ? &rows : NULL, why);
	if (ctx->json)
		query_list_end(&rows, code);
	else if (code == EXIT_DONE)
		printf("%s: no active connection is left\n", request->target);
	if (code != EXIT_DONE) {
		fflush(stdout);
		warnx("%s", why);
	}
	return code;
}

int
drain(const struct vipctl *ctx, int argc, char *argv[])
{
	struct request request = {
	    .target = argv[1], .wait = given_has(ctx->given, WAIT)};
	struct vipctl now = *ctx;
	int code;

	(void)argc;
	if (!given_time(ctx->given, &request.ms))
		return EXIT_USAGE;
	if (request.ms != 0 && !request.wait) {
		warnx("drain: --for goes with --wait");
		return EXIT_USAGE;
	}
	now.json = ctx->json && !request.wait;
	code = target_order(&now, WORDS("drain", request.target));
	if (code != EXIT_DONE)
		return code;
	if (!ctx->json)
		printf("%s is drained on this director only; `vipctl enable "
		       "%s` ends that\n",
		    request.target, request.target);
	return request.wait ? drain_and_wait(ctx, &request) : code;
}
