/* SPDX-License-Identifier: ISC */
/*
 * The one table of the configuration language. A row a key: loading from
 * YAML, defaults, the canonical print, encoding and decoding all walk it.
 * HACKING.md tells how to add a key.
 *
 * An offset counts from the start of the source struct, which begins with the
 * struct that daemons see (source_objects.h, conf.h): one offset serves
 * the file and the wire.
 */
#ifndef COMMON_CONF_SCHEMA_H
#define COMMON_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a value is. The forms that end in a file only ("file") have their
 * reader and printer in load/forms*.c; those of resolved values only
 * ("wire") have theirs in conf/codec.c and load/encode.c; others have both.
 */
enum conf_type {
	T_NOT_BUILT, /* file: known, but this version cannot do it */
	T_ONLY,	     /* file: one value is built, the default */
	T_BOOL,
	T_NUMBER,
	T_DURATION, /* in ms */
	T_SECONDS,  /* a duration, kept in s */
	T_WORD,	    /* the number of one of words[] */
	T_CHOICE,   /* the text of one of words[] */
	T_NAME,
	T_INTERFACE,
	T_TEXT, /* at most max bytes */
	T_ADDR,
	T_ADDRS,	     /* struct conf_addrs */
	T_OPTION,	     /* struct conf_option; max 1: a boolean */
	T_GROUP,	     /* a map of fixed keys: sub, at offset */
	T_SECTION,	     /* file: a map by name of sub into a struct vec */
	T_LIST,		     /* file: a sequence of sub into a struct vec */
	T_ONE,		     /* file: a single element of the same vec */
	T_ONE_ADDR,	     /* file: the first of a T_ADDRS */
	T_INTERFACE_BY_NODE, /* file */
	T_ADDR_BY_NODE,	     /* file */
	T_ADDRS_BY_NODE,     /* file: a list of addresses a node */
	T_PRIORITIES,	     /* file: nodes, in order or with numbers */
	T_PREEMPT,	     /* file: a boolean or a delay */
	T_PREFIXED,	     /* file: address/prefix */
	T_ENDPOINT,	     /* file: address:port */
	T_FLAGS,	     /* file: the scheduler's */
	T_SERVER,	     /* file: a node's name, an address, address:port */
	T_HEADERS,	     /* file: a map */
	T_STATUSES,	     /* file: numbers and ranges */
	T_ARRAY,	     /* wire: sub, counted at `count` */
	T_IDS,		     /* wire: uint32_t, counted at `count` */
	T_KEY,		     /* wire: uint64_t */
	T_MAX
};

#define ROW_REQUIRED 0x01u
#define ROW_NULL     0x02u /* it may be none: text "" on the wire is NULL */
#define ROW_HIDDEN   0x04u /* never printed: another row does */
#define ROW_SWITCH                                                \
	0x08u /* with ROW_PRESENT: `true` is a group of defaults, \
		 `false` is none */
#define ROW_PRESENT                                                      \
	0x10u		 /* a group that need not be there: `count` is   \
			    the offset, `min` the size of the field that \
			    is not 0 when it is */
#define ROW_SCALAR 0x20u /* no key: what a bare scalar stands for */
#define ROW_ID	   0x40u /* on the wire ascending among siblings */
#define ROW_TARGET 0x80u /* part of what a probe is (load/identity.c) */

struct conf_row {
	const char *key; /* NULL: not in the file, load/resolve.c */
	enum conf_type type;
	uint8_t flags;
	uint8_t roles; /* bits of enum role: whose copies have it */
	uint16_t offset;
	uint16_t size;
	uint16_t count;	  /* offset of the count of a wire list */
	uint32_t min;	  /* in the unit it is kept in */
	uint32_t max;	  /* of numbers; of text and lists the length, which
			     every list on the wire has */
	const char *def;  /* as it would stand in a file */
	const char *name; /* on the wire; NULL: the key */
	uint16_t types;	  /* bits of enum conf_check_type that have the key,
			     0: all */
	const struct conf_word *words; /* words.h */
	const struct conf_schema *sub;
};

/* Which cached defaults are a schema's; groups have those of their object. */
enum conf_schema_id {
	SCHEMA_ROOT,
	SCHEMA_NODE,
	SCHEMA_INSTANCE,
	SCHEMA_ADDRESS,
	SCHEMA_CHECK,
	SCHEMA_SERVICE,
	SCHEMA_ENDPOINT,
	SCHEMA_SERVER,
	SCHEMA_PART, /* of another: a group, or on the wire alone */
	SCHEMA_MAX
};

struct conf_schema {
	const char *name; /* "service", for errors */
	enum conf_schema_id id;
	const struct conf_row *rows;
	uint16_t row_count;
	uint16_t source_size;
	uint16_t conf_size; /* of the struct in conf.h, 0: none */
	uint16_t head;	    /* offset of struct src_head, 0: none */
	uint16_t label;	    /* offset of the name in a section, else 0 */
	bool named;	    /* label is valid */
	bool flow;	    /* printed on one line */
	uint8_t scalar;	    /* the row that a bare scalar stands for + 1 */
};

extern const struct conf_schema conf_schema_root;
extern const struct conf_schema conf_schema_instance;
extern const struct conf_schema conf_schema_check;
extern const struct conf_schema conf_schema_service;
extern const struct conf_schema conf_schema_server;

#endif
