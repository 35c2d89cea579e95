/* SPDX-License-Identifier: ISC */
/* What is wrong, judged from the document of `status`; pure. */
#ifndef VIPCTL_WRONG_H
#define VIPCTL_WRONG_H

#include <stdbool.h>

#include <jansson.h>

/* As monitoring plugins number them. */
enum wrong_level {
	WRONG_NOT,
	WRONG_WARNING, /* clients do not notice it yet */
	WRONG_CRITICAL
};

#define WRONG_LEVEL_KEY "level"
#define WRONG_TEXT_KEY	"text"

/*
 * Adds "wrong" to the document: an array of {"level": "critical" or "warning",
 * "text"}, the worst first. Returns the level of the first.
 */
enum wrong_level wrong_judge(json_t *document);
/* "critical" and the like. */
const char *wrong_level_name(enum wrong_level);
/* Whether two daemons have different configurations, or one has none yet. */
bool wrong_generations_differ(const json_t *document);
/* "vrrpd is not running (and 2 more)"; "" when nothing is wrong. */
const char *wrong_line(const json_t *document, char *buf, size_t size);

#endif
