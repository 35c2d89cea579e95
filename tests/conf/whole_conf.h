/* SPDX-License-Identifier: ISC */
/* A configuration encoded and decoded in one go, as no daemon does it. */
#ifndef TESTS_WHOLE_CONF_H
#define TESTS_WHOLE_CONF_H

#include <stdio.h>
#include <unistd.h>

#include "conf/codec.h"
#include "load/encode.h"
#include "load/print.h"

/* A sealed memfd with the rows of role, or -1. */
static inline int
encode_whole(struct conf_source *source, enum role role)
{
	uint32_t size;

	return conf_encode(source, role, &size);
}

/* NULL and *why, until the next call, on failure. */
static inline struct conf *
decode_whole(int fd, enum role role, const char **why)
{
	static char text[256];
	struct conf_decoder *decoder;
	struct conf *conf = NULL;

	if ((decoder = conf_decoder_new(fd, role, why)) == NULL)
		return NULL;
	if (conf_decoder_step(decoder, UINT32_MAX, why) == 0) {
		conf = conf_decoder_take(decoder);
	} else {
		snprintf(text, sizeof(text), "%s", *why);
		*why = text;
	}
	conf_decoder_free(decoder);
	return conf;
}

#endif
