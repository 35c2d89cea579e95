/* SPDX-License-Identifier: ISC */
/*
 * A table in columns, each as wide as its widest cell. So all cells are kept
 * until the end, as one text: there may be a million rows.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"
#include "table.h"
#include "vipctl.h"

#define NARROW 8 /* columns are not made narrower */

struct table {
	size_t columns;
	size_t *widths;
	char *text; /* the cells, row after row, each with its NUL */
	size_t length;
	size_t capacity;
	size_t rows; /* the headers among them */
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

static void
put_cell(struct table *table, const char *cell)
{
	size_t size = strlen(cell) + 1;

	if (size > table->capacity - table->length) {
		table->capacity += table->capacity / 2 + size + 4096;
		table->text = must(realloc(table->text, table->capacity));
	}
	memcpy(table->text + table->length, cell, size);
	table->length += size;
}

void
table_add(struct table *table, const char *const cells[])
{
	size_t width;

	for (size_t i = 0; i < table->columns; i++) {
		put_cell(table, cells[i]);
		width = text_width(cells[i]);
		if (width > table->widths[i])
			table->widths[i] = width;
	}
	table->rows++;
}

/* The column after which a row has nothing more to show. */
static size_t
row_end(char *const row[], size_t columns)
{
	while (columns > 0 && row[columns - 1][0] == '\0')
		columns--;
	return columns;
}

/* Makes the widest columns narrower until all of them fit into width. */
static void
fit(struct table *table, size_t width)
{
	size_t total = 2 * (table->columns - 1), widest;

	for (size_t i = 0; i < table->columns; i++)
		total += table->widths[i];
	for (; total > width; total--) {
		widest = 0;
		for (size_t i = 1; i < table->columns; i++) {
			if (table->widths[i] > table->widths[widest])
				widest = i;
		}
		if (table->widths[widest] <= NARROW)
			return;
		table->widths[widest]--;
	}
}

/* Prints as much of the cell as fits, and returns what is left of it. */
static char *
print_cell(char *cell, const char *whole, size_t width, bool last)
{
	size_t bytes = text_fit(cell, width), left = width;
	char after = cell[bytes];

	cell[bytes] = '\0';
	printf("%s%s%s", screen_on(whole), cell, screen_off(whole));
	left -= text_width(cell);
	cell[bytes] = after;
	if (!last)
		printf("%*s", (int)left + 2, "");
	return cell + bytes + strspn(cell + bytes, " ");
}

/* A row takes as many lines as its longest cell. */
static void
print_row(const struct table *table, char *const row[], char *rest[])
{
	size_t end;

	memcpy(rest, row, table->columns * sizeof(*rest));
	do {
		end = row_end(rest, table->columns);
		for (size_t i = 0; i < end; i++)
			rest[i] = print_cell(
			    rest[i], row[i], table->widths[i], i + 1 == end);
		putchar('\n');
	} while (row_end(rest, table->columns) > 0);
}

static void
table_print(struct table *table)
{
	char **rest = must(calloc(table->columns, sizeof(*rest)));
	char **row = must(calloc(table->columns, sizeof(*row)));
	char *cell = table->text;
	size_t width = screen_width();

	if (width != 0)
		fit(table, width);
	for (size_t at = 0; at < table->rows; at++) {
		for (size_t i = 0; i < table->columns; i++) {
			row[i] = cell;
			cell += strlen(cell) + 1;
		}
		print_row(table, row, rest);
	}
	free(row);
	free(rest);
}

void
table_end(struct table *table, const char *empty)
{
	if (table->rows > 1)
		table_print(table);
	else if (empty != NULL)
		puts(empty);
	free(table->text);
	free(table->widths);
	free(table);
}
