/* SPDX-License-Identifier: ISC */
/*
 * print-rows [-l]: the rows of the control sockets, as HACKING.md has them;
 * with -l a line a key for the scripts, its fields behind tabs.
 */
#include <stdio.h>
#include <string.h>

#include "ctl/ctl_row.h"
#include "name.h"

/* What values of a sort are, in a word or two. */
static const char *
sort_name(enum ctl_sort sort)
{
	static const char *const texts[] = {CTL_SORT_TABLE(NAME_TEXT)};

	return texts[sort];
}

static const char *
sockets(const struct ctl_kind *kind)
{
	for (enum role role = ROLE_IPVSD; role <= ROLE_CHECKD; role++) {
		if (kind->daemons == 1u << role)
			return role_name(role);
	}
	return "all";
}

static void
print_line(const struct ctl_kind *kind, const struct ctl_key *key)
{
	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kind->name, sockets(kind),
	    kind->command, key->name, sort_name(key->sort), key->unit,
	    key->always ? "always" : "maybe", key->help);
}

/* "last_rx_ms? (time since, ms)", "state (up or down)" */
static void
print_key(const struct ctl_key *key)
{
	printf("%s%s (%s%s%s)", key->name, key->always ? "" : "?",
	    key->sort == CTL_SORT_WORD ? "" : sort_name(key->sort),
	    key->sort == CTL_SORT_WORD || key->unit[0] == '\0' ? "" : ", ",
	    key->unit);
}

static void
print_kind(const struct ctl_kind *kind)
{
	printf("| %s | `%s` | %s: %s | ", sockets(kind), kind->command,
	    kind->name, kind->help);
	for (size_t i = 0; i < kind->count; i++) {
		print_key(&kind->keys[i]);
		fputs(i + 1 < kind->count ? ", " : " |\n", stdout);
	}
}

int
main(int argc, char *argv[])
{
	bool lines = argc == 2 && strcmp(argv[1], "-l") == 0;

	if (!lines)
		puts("| socket | command | row | keys |\n"
		     "| --- | --- | --- | --- |");
	for (size_t i = 0; i < CTL_KIND_MAX; i++) {
		const struct ctl_kind *kind = &ctl_kinds[i];

		if (!lines)
			print_kind(kind);
		for (size_t k = 0; lines && k < kind->count; k++)
			print_line(kind, &kind->keys[k]);
	}
	return fflush(stdout) == EOF;
}
