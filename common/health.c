/* SPDX-License-Identifier: ISC */
/* The words for health and reasons. */
#include "health.h"

const char *
health_name(enum health health)
{
	static const char *const names[HEALTH_MAX] = {
#define X(id, text) [HEALTH_##id] = text,
		HEALTH_TABLE(X)
#undef X
	};

	return health < HEALTH_MAX ? names[health] : "unknown";
}

const char *
reason_name(enum reason reason)
{
	static const char *const names[REASON_MAX] = {
#define X(id, text) [REASON_##id] = text,
		REASON_TABLE(X)
#undef X
	};

	return reason < REASON_MAX ? names[reason] : "unknown";
}
