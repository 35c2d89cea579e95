/* SPDX-License-Identifier: ISC */
/*
 * FNV-1a, 64 bits: for comparing what two friends hold and for hash tables,
 * never against an adversary.
 */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define FNV1A64_INIT UINT64_C(0xcbf29ce484222325)

/* Goes on from `digest` (FNV1A64_INIT at first) over the bytes. */
uint64_t fnv1a64(uint64_t digest, const void *, size_t);
/*
 * The same idea a word at a time, for much text: other digests, equal on all
 * machines, and of the blocks that it was given, not of their concatenation.
 */
uint64_t digest_block(uint64_t digest, const void *, size_t);
/* FNV-1a over a number in network order. */
uint64_t fnv1a64_u32(uint64_t digest, uint32_t);
/* A string with its NUL, so that "ab" "c" differs from "a" "bc"; NULL is
 * like nothing else. */
uint64_t fnv1a64_string(uint64_t digest, const char *);

/* Spreads a digest over all of its bits: FNV-1a leaves the upper ones of
 * similar inputs alike. */
uint64_t digest_mix(uint64_t);

#endif
