/* SPDX-License-Identifier: ISC */
/* What every unit test includes: cmocka and the headers it wants first. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
