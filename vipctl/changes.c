/* SPDX-License-Identifier: ISC */
/*
 * What differs between two configurations in their canonical form, which has an
 * object a block: its section at the margin, its name two columns in, and what
 * it says further in. See changes.h.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "vipctl.h"

#define DETAILS	  3	/* of a changed object */
#define LINES_MAX 10000 /* of one that is described */

struct block {
	const char *section;
	const char *name; /* "": the section says it itself */
	char **lines;	  /* what it says, in the text's order */
	size_t count;
};

struct blocks {
	struct block *list;
	size_t count;
	char **lines; /* of all blocks */
};

static void *
must(void *memory)
{
	if (memory == NULL)
		err(EXIT_REFUSED, NULL);
	return memory;
}

static size_t
count_lines(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* "name: value": ends the name, and gives the value. */
static char *
split(char *line)
{
	char *colon = strstr(line, ":");

	if (colon == NULL)
		return line + strlen(line);
	*colon = '\0';
	return colon + 1 + strspn(colon + 1, " ");
}

static void
take_line(struct blocks *blocks, char *line, char ***next, const char **section)
{
	size_t indent = strspn(line, " ");
	struct block *block;
	char *value;

	if (indent <= 2) {
		value = split(line + indent);
		if (indent == 0)
			*section = line;
		if (indent == 0 && *value == '\0')
			return; /* its objects follow */
		block = &blocks->list[blocks->count++];
		*block = (struct block){
		    *section, indent == 0 ? "" : line + indent, *next, 0};
		line = value;
	} else if (blocks->count == 0)
		return;
	if (*line == '\0')
		return;
	block = &blocks->list[blocks->count - 1];
	*(*next)++ = line;
	block->count++;
}

static int
by_name(const void *a, const void *b)
{
	const struct block *one = a, *two = b;
	int order = strcmp(one->section, two->section);

	return order != 0 ? order : strcmp(one->name, two->name);
}

static struct blocks
read_blocks(char *text)
{
	size_t most = count_lines(text);
	struct blocks blocks = {must(calloc(most, sizeof(struct block))), 0,
	    must(calloc(most, sizeof(char *)))};
	const char *section = "";
	char **next = blocks.lines, *line;

	while ((line = strsep(&text, "\n")) != NULL)
		take_line(&blocks, line, &next, &section);
	qsort(blocks.list, blocks.count, sizeof(struct block), by_name);
	return blocks;
}

static bool
has_line(const struct block *block, const char *line)
{
	for (size_t i = 0; i < block->count; i++) {
		if (strcmp(block->lines[i], line) == 0)
			return true;
	}
	return false;
}

/* The line of the other block with the same key; NULL: none. */
static const char *
same_key(const struct block *block, const char *line)
{
	const char *colon = strchr(line, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - line) + 1;

	if (len == 0 || line[strspn(line, " ")] == '-')
		return NULL;
	for (size_t i = 0; i < block->count; i++) {
		if (strncmp(block->lines[i], line, len) == 0)
			return block->lines[i];
	}
	return NULL;
}

static void
add_detail(char text[CHANGES_TEXT], unsigned *count, const char *sign,
    const char *line, const char *to)
{
	size_t used = strlen(text);

	line += strspn(line, " ");
	if (strncmp(line, "- ", 2) == 0)
		line += 2;
	if (++*count <= DETAILS)
		snprintf(text + used, CHANGES_TEXT - used, "%s%s%.100s%s%.100s",
		    used == 0 ? "" : "; ", sign, line,
		    *to == '\0' ? "" : " -> ", to);
}

/* "cluster: a" has but a value. */
static bool
is_value(const struct block *block)
{
	return block->count == 1 && block->lines[0][0] != ' ';
}

static void
describe(const struct block *before, const struct block *after,
    char text[CHANGES_TEXT])
{
	unsigned count = 0;
	const char *same;
	size_t used;

	text[0] = '\0';
	if (before->count > LINES_MAX || after->count > LINES_MAX) {
		snprintf(text, CHANGES_TEXT, "too long to say");
		return;
	}
	if (is_value(before) && is_value(after)) {
		add_detail(text, &count, "", before->lines[0], after->lines[0]);
		return;
	}
	for (size_t i = 0; i < before->count; i++) {
		if (has_line(after, before->lines[i]))
			continue;
		same = same_key(after, before->lines[i]);
		if (same == NULL)
			add_detail(text, &count, "- ", before->lines[i], "");
		else
			add_detail(text, &count, "", before->lines[i],
			    strchr(same, ':') + 1 +
				strspn(strchr(same, ':') + 1, " "));
	}
	for (size_t i = 0; i < after->count; i++) {
		if (!has_line(before, after->lines[i]) &&
		    same_key(before, after->lines[i]) == NULL)
			add_detail(text, &count, "+ ", after->lines[i], "");
	}
	used = strlen(text);
	if (count > DETAILS)
		snprintf(text + used, CHANGES_TEXT - used, "; and %u more",
		    count - DETAILS);
	else if (count == 0)
		snprintf(text, CHANGES_TEXT, "in another order");
}

static bool
same_lines(const struct block *one, const struct block *two)
{
	if (one->count != two->count)
		return false;
	for (size_t i = 0; i < one->count; i++) {
		if (strcmp(one->lines[i], two->lines[i]) != 0)
			return false;
	}
	return true;
}

/* A section by the word for one of its objects. */
static const char *
object_of(const struct block *block)
{
	static const char *const words[][2] = {
	    {"nodes", "node"}, {"services", "service"}, {"checks", "check"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(block->section, words[i][0]) == 0)
			return words[i][1];
	}
	return block->section;
}

void
changes_tell(char *before, char *after, changes_fn fn, void *arg)
{
	struct blocks old = read_blocks(before), new = read_blocks(after);
	struct block *a = old.list, *b = new.list;
	struct block *a_end = a + old.count, *b_end = b + new.count;
	char text[CHANGES_TEXT];
	int order;

	while (a < a_end || b < b_end) {
		order = a == a_end ? 1 : b == b_end ? -1 : by_name(a, b);
		if (order < 0) {
			fn("removed", object_of(a), a->name, "", arg);
		} else if (order > 0) {
			fn("added", object_of(b), b->name, "", arg);
		} else if (!same_lines(a, b)) {
			describe(a, b, text);
			fn("changed", object_of(b), b->name, text, arg);
		}
		a += order <= 0;
		b += order >= 0;
	}
	free(old.list);
	free(old.lines);
	free(new.list);
	free(new.lines);
}
