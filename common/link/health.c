/* SPDX-License-Identifier: ISC */
/* The words for health and reasons, and the digest of what was told. */
#include "digest.h"
#include "link/health.h"
#include "name.h"

NAME_FUNCTION(health_name, health, HEALTH_TABLE, "unknown")

NAME_FUNCTION(reason_name, reason, REASON_TABLE, "unknown")

uint64_t
health_digest(uint32_t probe, enum health health)
{
	uint64_t digest = fnv1a64_u32(FNV1A64_INIT, probe);

	return digest_mix(fnv1a64_u32(digest, (uint32_t)health));
}
