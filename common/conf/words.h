/* SPDX-License-Identifier: ISC */
/* The words that values may be, for the schema's rows (conf/words.c). */
#ifndef COMMON_CONF_WORDS_H
#define COMMON_CONF_WORDS_H

#include "conf/schema.h"

extern const struct conf_word conf_words_foreign[];
extern const struct conf_word conf_words_on_stop[];
extern const struct conf_word conf_words_scope[];
extern const struct conf_word conf_words_checksum[];
extern const struct conf_word conf_words_check_type[];
extern const struct conf_word conf_words_method[];
extern const struct conf_word conf_words_forward[];
extern const struct conf_word conf_words_server_state[];
extern const struct conf_word conf_words_protocol[];
extern const struct conf_word conf_words_scheduler[];
extern const struct conf_word conf_words_when_down[];
extern const struct conf_word conf_words_start[];

#endif
