/* SPDX-License-Identifier: ISC */
/* What to do about a file that cannot be read or is no YAML. */
#ifndef COMMON_LOAD_ADVICE_H
#define COMMON_LOAD_ADVICE_H

#include <stdint.h>

#define ADVICE_MAX 256

/*
 * Each gives what to add to an error, "; ..." or "", static memory or buf. fd
 * is the file, whose offset may be anywhere; of a pipe nothing is known.
 */
/* YAML: the error's line (from 1), and libyaml's words for it. */
const char *advice_syntax(int fd, uint32_t line, const char *problem);
/* A file that is no map. */
const char *advice_not_a_map(int fd);
/* No UTF-8. */
const char *advice_encoding(int fd);
/* open(2) gave this errno. */
const char *advice_open(const char *path, int error, char buf[ADVICE_MAX]);

#endif
