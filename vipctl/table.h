/* SPDX-License-Identifier: ISC */
/* Columns as wide as their widest cell. On a terminal that is narrower the
 * longest cells go on in the next line; states have colours. */
#ifndef VIPCTL_TABLE_H
#define VIPCTL_TABLE_H

struct table;
/* headers and cells end with a NULL; cells are copied. */
struct table *table_new(const char *const headers[]);
void table_add(struct table *, const char *const cells[]);
/* Prints it, or the line `empty` (NULL: nothing) if no row was added; frees. */
void table_end(struct table *, const char *empty);

#endif
