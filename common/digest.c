/* SPDX-License-Identifier: ISC */
/* FNV-1a, 64 bits; see digest.h. */
#include <endian.h>
#include <string.h>

#include "digest.h"

#define FNV1A64_PRIME UINT64_C(0x100000001b3)

uint64_t
fnv1a64(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ p[i]) * FNV1A64_PRIME;
	return digest;
}

uint64_t
digest_block(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		digest = (digest ^ le64toh(word)) * FNV1A64_PRIME;
		digest ^= digest >> 32; /* or the upper bits stay up */
	}
	return fnv1a64(digest, p, len);
}

uint64_t
fnv1a64_u32(uint64_t digest, uint32_t number)
{
	uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number};

	return fnv1a64(digest, bytes, sizeof(bytes));
}

uint64_t
fnv1a64_string(uint64_t digest, const char *string)
{
	if (string == NULL)
		return fnv1a64(digest, "\0\xff", 2);
	return fnv1a64(digest, string, strlen(string) + 1);
}

uint64_t
digest_mix(uint64_t digest)
{
	digest ^= digest >> 33;
	digest *= UINT64_C(0xff51afd7ed558ccd);
	digest ^= digest >> 33;
	digest *= UINT64_C(0xc4ceb9fe1a85ec53);
	digest ^= digest >> 33;
	return digest;
}
