/* SPDX-License-Identifier: ISC */
/* What to do about a file that cannot be read or is no YAML, and about a name
 * in the place of an address. */
#ifndef COMMON_LOAD_ADVICE_H
#define COMMON_LOAD_ADVICE_H

#include <stdint.h>

#define ADVICE_MAX	256

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* U+FEFF in UTF-8 */

/*
 * Each function gives what to add to an error: "; ...", or "" when there is no
 * advice. It is static memory or buf. fd is the file, whose offset may be
 * anywhere; of a pipe nothing is known.
 */

/* A file that is no YAML: the error's line (from 1), and libyaml's words. */
const char *advice_syntax(int fd, uint32_t line, const char *problem);
/* A file that is YAML and no map. */
const char *advice_not_a_map(int fd);
/* A file that is not in UTF-8. */
const char *advice_encoding(int fd);
/* A file or directory that cannot be opened: the errno of open(2). */
const char *advice_open(const char *path, int error, char buf[ADVICE_MAX]);
/* A text that is no address: advice if it looks like a host's name, with or
 * without a port. */
const char *advice_host_name(const char *text);

#endif
