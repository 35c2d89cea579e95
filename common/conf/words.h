/* SPDX-License-Identifier: ISC */
/* The words and names that values may be, and how a field is accessed. */
#ifndef COMMON_CONF_WORDS_H
#define COMMON_CONF_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_word {
	const char *text; /* NULL ends */
	uint32_t value;
	bool not_built;
};

/* A flag of the file alone: do not set what sh and mh have by default. */
#define CONF_FLAG_NO_FALLBACK 0x80000000u
#define CONF_FLAG_FALLBACK    0x0008u /* IP_VS_SVC_F_SCHED1 */
#define CONF_FLAG_PORT	      0x0010u /* IP_VS_SVC_F_SCHED2 */

/* Scheduler flags: which scheduler, and which bits (linux/ip_vs.h). */
struct conf_flag {
	const char *text;
	const char *scheduler; /* NULL: mh and sh */
	uint32_t bits;
};

extern const struct conf_word conf_words_foreign[];
extern const struct conf_word conf_words_on_stop[];
extern const struct conf_word conf_words_scope[];
extern const struct conf_word conf_words_checksum[];
extern const struct conf_word conf_words_strangers[];
extern const struct conf_word conf_words_leftover[];
extern const struct conf_word conf_words_check_type[];
extern const struct conf_word conf_words_close[];
extern const struct conf_word conf_words_method[];
extern const struct conf_word conf_words_forward[];
extern const struct conf_word conf_words_server_state[];
extern const struct conf_word conf_words_protocol[];
extern const struct conf_word conf_words_scheduler[];
extern const struct conf_word conf_words_when_down[];
extern const struct conf_word conf_words_start[];
extern const struct conf_flag conf_flags[]; /* text NULL ends */

/* The characters and length that names, and interfaces' names, may have. */
bool conf_name_valid(const char *);
bool conf_interface_valid(const char *);
/* The text of a value, NULL when it is none of the words. */
const char *conf_word_text(const struct conf_word *, uint32_t);
/* A number of 1, 2 or 4 bytes (bool and enums included). */
uint32_t conf_get_number(const void *field, size_t size);
void conf_set_number(void *field, size_t size, uint32_t);

#endif
