/* SPDX-License-Identifier: ISC */
/* The words for health and reasons, and the digest of what was told. */
#include "digest.h"
#include "link/health.h"
#include "name.h"

NAME_FUNCTION(health_name, health, HEALTH_TABLE, "unknown")

NAME_FUNCTION(reason_name, reason, REASON_TABLE, OTHER_TEXT)

static const uint16_t since[] = {REASON_TABLE(OTHER_ROW)};

static const struct other others = {since, REASON_MAX, REASON_ERROR};

bool
reason_hear(uint16_t level, uint8_t *reason)
{
	return other_hear(&others, level, reason);
}

uint8_t
reason_say(uint16_t level, enum reason reason)
{
	return other_say(&others, level, (uint8_t)reason);
}

uint64_t
health_digest(uint32_t probe, enum health health)
{
	uint64_t digest = fnv1a64_u32(FNV1A64_INIT, probe);

	return digest_mix(fnv1a64_u32(digest, (uint32_t)health));
}
