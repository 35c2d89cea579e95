/* SPDX-License-Identifier: ISC */
/* A number that nobody outside of this process knows. */
#ifndef COMMON_SEED_H
#define COMMON_SEED_H

#include <stdint.h>

/*
 * For hash tables over what others choose: the same throughout the process, and
 * another one in each. Fatal without the kernel's random numbers.
 */
uint64_t seed(void);

#endif
