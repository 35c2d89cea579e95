/* SPDX-License-Identifier: ISC */
/* From the tree of nodes to source structs, a schema's row at a time. */
#ifndef COMMON_LOAD_BIND_H
#define COMMON_LOAD_BIND_H

#include "load/finding.h"
#include "load/out.h"
#include "load/source.h"

struct bind {
	struct conf_source *s;
	const struct conf_schema *schema;
	const struct conf_row *row;
	const struct ynode *value;
	void *object;
};

/* The object that a printed field is in. */
#define OBJECT_OF(type, row, field) \
	((const type *)(const void *)((const char *)(field) - (row)->offset))

/*
 * How a type of value is read and printed. read reports what is wrong and
 * gives false; print prints nothing when there is no value.
 */
struct conf_form {
	bool (*read)(struct bind *, void *field);
	void (*print)(struct out *, const struct conf_row *, const void *field);
};

extern const struct conf_form conf_forms[T_MAX];

/* The forms of more than one value, load/forms_vrrp.c, load/forms_service.c. */
bool read_by_node(struct bind *, void *);
void print_by_node(struct out *, const struct conf_row *, const void *);
bool read_priorities(struct bind *, void *);
void print_priorities(struct out *, const struct conf_row *, const void *);
bool read_preempt(struct bind *, void *);
void print_preempt(struct out *, const struct conf_row *, const void *);
bool read_prefixed(struct bind *, void *);
void print_prefixed(struct out *, const struct conf_row *, const void *);
bool read_addrs(struct bind *, void *);
bool read_one_addr(struct bind *, void *);
void print_addrs(struct out *, const struct conf_row *, const void *);
bool read_endpoint(struct bind *, void *);
void print_endpoint(struct out *, const struct conf_row *, const void *);
bool read_flags(struct bind *, void *);
void print_flags(struct out *, const struct conf_row *, const void *);
bool read_server(struct bind *, void *);
bool read_headers(struct bind *, void *);
void print_headers(struct out *, const struct conf_row *, const void *);
bool read_statuses(struct bind *, void *);
void print_statuses(struct out *, const struct conf_row *, const void *);

/* The scalar's text; reports and gives NULL when it is none or empty. */
const char *bind_text(struct bind *, const struct ynode *, const char *what);
/* "KEY: what is wrong" at a node; gives false, for readers to return. */
bool bind_error(struct bind *, const struct ynode *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* Zeroed, from the source's arena; never NULL. */
void *conf_new(struct conf_source *, size_t);

/* Reads one file's root into s->root. */
void conf_bind(struct conf_source *, const struct ynode *root);
/* The source struct with every default. */
const void *conf_defaults(struct conf_source *, const struct conf_schema *);
bool conf_given(
    const struct src_head *, const struct conf_schema *, const char *key);

#endif
