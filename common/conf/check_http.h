/* SPDX-License-Identifier: ISC */
/* What an HTTP check sends and expects. Texts and lists are the conf's. */
#ifndef COMMON_CONF_CHECK_HTTP_H
#define COMMON_CONF_CHECK_HTTP_H

#include <stdbool.h>
#include <stdint.h>

struct conf_status_range {
	uint16_t low;
	uint16_t high;
};

struct conf_header {
	const char *name;
	const char *value;
};

struct conf_http {
	const char *method;
	const char *host; /* NULL: the address */
	const char *path;
	struct conf_header *headers;
	uint32_t header_count;
	struct conf_status_range *status;
	uint32_t status_count;
	const char *body; /* NULL: any */
};

/* Whether a text can be a request's path, or a host: visible ASCII alone. */
bool conf_http_word_valid(const char *);
/* Whether a text can be a header's value: no control character, so that it ends
 * no line. */
bool conf_http_value_valid(const char *);
/* Whether a text can be a header's name: a token of RFC 9110 5.6.2. */
bool conf_http_name_valid(const char *);

#endif
