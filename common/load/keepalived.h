/* SPDX-License-Identifier: ISC */
/* What keepalived.conf says, and how it is said here: for hints alone. */
#ifndef COMMON_LOAD_KEEPALIVED_H
#define COMMON_LOAD_KEEPALIVED_H

#define KEEPALIVED_HINT 160

struct keepalived_word {
	const char *word; /* keepalived's; NULL ends the table */
	const char *in;	  /* the schema that has the key; NULL: none has */
	const char *use;  /* the key and maybe a value, or why there is none */
};

extern const struct keepalived_word keepalived_words[];

/* "keepalived's: use `vrid` in vrrp", into buf. NULL: keepalived has no such
 * word. */
const char *keepalived_hint(const char *word, char buf[KEEPALIVED_HINT]);

#endif
