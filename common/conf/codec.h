/* SPDX-License-Identifier: ISC */
/*
 * A configuration's binary form, as a daemon reads it: a sealed memfd with
 * the rows of one role. load/encode.h writes it.
 */
#ifndef COMMON_CONF_CODEC_H
#define COMMON_CONF_CODEC_H

#include "conf/conf.h"
#include "role.h"

#define CONF_SIZE_MAX (512u << 20) /* bytes of an encoded configuration */

struct conf_decoder;

/*
 * Maps a sealed memfd of at most CONF_SIZE_MAX bytes (seals, size and header
 * are checked) to be decoded for role. NULL and *why on failure. fd stays
 * the caller's.
 */
struct conf_decoder *conf_decoder_new(int fd, enum role, const char **why);
/*
 * Decodes up to `objects` more top-level objects. 1: more is to do, 0: done
 * (take the conf), -1: not a configuration, or one that this program cannot do
 * all of: *why, which is the decoder's.
 */
int conf_decoder_step(
    struct conf_decoder *, uint32_t objects, const char **why);
struct conf *conf_decoder_take(struct conf_decoder *);
void conf_decoder_free(struct conf_decoder *);

#endif
