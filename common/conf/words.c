/* SPDX-License-Identifier: ISC */
/* The words that values may be, and the checks and accesses of the table. */

#include <ctype.h>
#include <net/if.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "conf/conf.h"
#include "conf/words.h"

/* clang-format off: tables */
#define WORD(id, text) {text, id, false},
#define NOT_BUILT(text)       \
	{                     \
		text, 0, true \
	}
#define END                    \
	{                      \
		NULL, 0, false \
	}

const struct conf_word conf_words_foreign[] = {CONF_FOREIGN_TABLE(WORD) END};
const struct conf_word conf_words_on_stop[] = {CONF_ON_STOP_TABLE(WORD) END};
const struct conf_word conf_words_close[] = {CONF_CLOSE_TABLE(WORD) END};
const struct conf_word conf_words_checksum[] = {CONF_CHECKSUM_TABLE(WORD) END};
const struct conf_word conf_words_strangers[] = {
    CONF_STRANGERS_TABLE(WORD) END};
const struct conf_word conf_words_leftover[] = {CONF_LEFTOVER_TABLE(WORD) END};
const struct conf_word conf_words_check_type[] = {CONF_CHECK_TYPE_TABLE(WORD)
						      NOT_BUILT("ping"),
    NOT_BUILT("dns"), NOT_BUILT("smtp"), NOT_BUILT("udp"), NOT_BUILT("agent"),
    NOT_BUILT("exec"), END};
const struct conf_word conf_words_forward[] = {
    CONF_FORWARD_TABLE(WORD) NOT_BUILT("tunnel"), END};
const struct conf_word conf_words_server_state[] = {
    CONF_SERVER_STATE_TABLE(WORD) END};
const struct conf_word conf_words_protocol[] = {
    CONF_PROTOCOL_TABLE(WORD) NOT_BUILT("sctp"), END};
const struct conf_word conf_words_when_down[] = {
    CONF_WHEN_DOWN_TABLE(WORD) END};
const struct conf_word conf_words_start[] = {
    {"up", 1, false}, {"down", 0, false}, END};
const struct conf_word conf_words_scope[] = {
    {"global", RT_SCOPE_UNIVERSE, false}, {"site", RT_SCOPE_SITE, false},
    {"link", RT_SCOPE_LINK, false}, {"host", RT_SCOPE_HOST, false}, END};
const struct conf_word conf_words_method[] = {
    {"GET", 0, false}, {"HEAD", 0, false}, {"OPTIONS", 0, false}, END};
/* The kernel's modules are ip_vs_NAME. */
const struct conf_word conf_words_scheduler[] = {{"rr", 0, false},
    {"wrr", 0, false}, {"lc", 0, false}, {"wlc", 0, false}, {"lblc", 0, false},
    {"lblcr", 0, false}, {"dh", 0, false}, {"sh", 0, false}, {"sed", 0, false},
    {"nq", 0, false}, {"fo", 0, false}, {"ovf", 0, false}, {"mh", 0, false},
    {"twos", 0, false}, END};

const struct conf_flag conf_flags[] = {
    {"sh-fallback", "sh", CONF_FLAG_FALLBACK},
    {"sh-port", "sh", CONF_FLAG_PORT},
    {"mh-fallback", "mh", CONF_FLAG_FALLBACK},
    {"mh-port", "mh", CONF_FLAG_PORT},
    {"no-fallback", NULL, CONF_FLAG_NO_FALLBACK},
    {NULL, NULL, 0},
};

/* clang-format on */

bool
conf_name_valid(const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++) {
		if (!isalnum((unsigned char)name[i]) &&
		    (i == 0 || strchr("._-", name[i]) == NULL))
			return false;
	}
	return i > 0 && i <= CONF_NAME_MAX;
}

/* As the kernel's dev_valid_name(), and printable. */
bool
conf_interface_valid(const char *name)
{
	size_t i;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (i = 0; name[i] != '\0'; i++) {
		if (!isgraph((unsigned char)name[i]) ||
		    strchr("/:", name[i]) != NULL)
			return false;
	}
	return i > 0 && i < IFNAMSIZ;
}

const char *
conf_word_text(const struct conf_word *words, uint32_t value)
{
	for (; words->text != NULL; words++) {
		if (words->value == value && !words->not_built)
			return words->text;
	}
	return NULL;
}

uint32_t
conf_get_number(const void *field, size_t size)
{
	uint8_t n8;
	uint16_t n16;
	uint32_t n32;

	switch (size) {
	case 1:
		memcpy(&n8, field, 1);
		return n8;
	case 2:
		memcpy(&n16, field, 2);
		return n16;
	default:
		memcpy(&n32, field, 4);
		return n32;
	}
}

void
conf_set_number(void *field, size_t size, uint32_t value)
{
	uint8_t n8 = (uint8_t)value;
	uint16_t n16 = (uint16_t)value;

	switch (size) {
	case 1:
		memcpy(field, &n8, 1);
		break;
	case 2:
		memcpy(field, &n16, 2);
		break;
	default:
		memcpy(field, &value, 4);
		break;
	}
}
