/* SPDX-License-Identifier: ISC */
/*
 * From results of probes to verdicts. Pure. It takes `rise` successes in a row
 * until one that was down is up, and `fall` failures in a row until one that
 * was up is down. Of what was neither the first result is the first verdict.
 */
#ifndef CHECKD_VERDICT_H
#define CHECKD_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/health.h"
#include "link/wire.h"

/* What one probe found. */
struct result {
	enum reason reason;
	uint32_t detail;  /* errno or the HTTP status */
	uint32_t latency; /* us */
};

struct verdict {
	enum health health;
	enum health former; /* in force before the first result, if known */
	struct result last;
	bool success;	 /* the last result was one */
	uint32_t streak; /* results in a row like the last */
};

enum verdict_change {
	VERDICT_SAME,
	VERDICT_REASON, /* the same health, another reason or detail */
	VERDICT_HEALTH
};

/*
 * Takes a result in. REASON_LIMIT says nothing about the server: it changes
 * neither health nor streak.
 */
enum verdict_change verdict_take(
    struct verdict *, const struct result *, uint16_t rise, uint16_t fall);

/* Why an attempt to connect (or an open connection) failed. */
enum reason verdict_reason_errno(int error);

/* "up -> down, connection refused, 3 failures"; returns buf. */
const char *verdict_text(
    const struct verdict *, enum health from, char *buf, size_t size);

/* One entry of VERDICTS (msg_table.h), to a peer of that protocol level. */
#define VERDICT_LEN  14
#define VERDICTS_MAX 583 /* in a packet */
void verdict_put(
    struct writer *, uint16_t level, uint32_t probe, const struct verdict *);

#endif
