/* SPDX-License-Identifier: ISC */
/* The words for health and reasons, and the digest of what was told. */
#include "digest.h"
#include "link/health.h"

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

uint64_t
health_digest(uint32_t probe, enum health health)
{
	uint64_t digest = fnv1a64_u32(FNV1A64_INIT, probe);

	return digest_mix(fnv1a64_u32(digest, (uint32_t)health));
}
