/* SPDX-License-Identifier: ISC */
/* The configurations of receiver.c: A and B. */
#ifndef TESTS_RECEIVER_CONF_H
#define TESTS_RECEIVER_CONF_H

#include <stdint.h>

uint64_t generation_of(char letter);
/* As checkd gets it: a descriptor, which is the caller's. */
int file_of(char letter);

#endif
