/* SPDX-License-Identifier: ISC */
/* A table in columns, each as wide as its widest cell. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "vipctl.h"

struct table {
	size_t columns;
	size_t *widths;
	char **cells;
	size_t count; /* of cells, the headers among them */
	size_t capacity;
};

static void *
must(void *memory)
{
	if (memory == NULL)
		err(EXIT_REFUSED, NULL);
	return memory;
}

struct table *
table_new(const char *const headers[])
{
	struct table *table = must(calloc(1, sizeof(*table)));

	while (headers[table->columns] != NULL)
		table->columns++;
	table->widths = must(calloc(table->columns, sizeof(size_t)));
	table_add(table, headers);
	return table;
}

void
table_add(struct table *table, const char *const cells[])
{
	size_t width;

	if (table->count + table->columns > table->capacity) {
		table->capacity = 2 * table->capacity + 16 * table->columns;
		table->cells = must(reallocarray(
		    table->cells, table->capacity, sizeof(char *)));
	}
	for (size_t i = 0; i < table->columns; i++) {
		table->cells[table->count++] = must(strdup(cells[i]));
		width = text_width(cells[i]);
		if (width > table->widths[i])
			table->widths[i] = width;
	}
}

/* The column after which a row has nothing more to show. */
static size_t
row_end(char *const row[], size_t columns)
{
	while (columns > 0 && row[columns - 1][0] == '\0')
		columns--;
	return columns;
}

static void
table_print(const struct table *table)
{
	for (size_t at = 0; at < table->count; at += table->columns) {
		char **row = &table->cells[at];
		size_t end = row_end(row, table->columns);

		for (size_t i = 0; i < end; i++) {
			fputs(row[i], stdout);
			if (i + 1 < end)
				printf("%*s",
				    (int)(table->widths[i] -
					text_width(row[i]) + 2),
				    "");
		}
		putchar('\n');
	}
}

void
table_end(struct table *table, const char *empty)
{
	if (table->count > table->columns)
		table_print(table);
	else if (empty != NULL)
		puts(empty);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->widths);
	free(table);
}
