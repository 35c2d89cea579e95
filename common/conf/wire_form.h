/* SPDX-License-Identifier: ISC */
/*
 * The binary form of a configuration, which describes itself: a header, the
 * description of what the writer's schemas have for the reader's role, then
 * the root object. All is in network order. A program reads what another
 * version of it has written by the names in the description: see form.h.
 *
 * header	u64 magic, u16 version, u16 role, u64 generation (not 0),
 *		u64 size of all: 28 bytes
 * description	u16 schemas, each:
 *			string name, u16 rows, each:
 *				string name, u8 enum wire_type
 *				GROUP, ARRAY: u16 sub, the number of a schema
 *					before this one
 *				WORD: u8 words, each a string
 *				else: u32 length, the encoded default
 *		The last schema is the root's.
 * object	the values of its schema's rows, in their order
 */
#ifndef COMMON_CONF_WIRE_FORM_H
#define COMMON_CONF_WIRE_FORM_H

#include <fcntl.h>

#define CONF_WIRE_MAGIC	  UINT64_C(0x5456434f4e460a1a) /* "TVCONF\n^Z" */
#define CONF_WIRE_VERSION 2u
#define CONF_WIRE_HEADER  28
#define CONF_WIRE_SEALS \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Bounds of a description. */
#define WIRE_SCHEMAS_MAX 64u
#define WIRE_ROWS_MAX	 256u
#define WIRE_NAME_MAX	 64u

/* How a value is written. The numbers are never given to another type. */
enum wire_type {
	WIRE_NONE,
	WIRE_BOOL,   /* u8, 0 or 1 */
	WIRE_U8,     /* */
	WIRE_U16,    /* */
	WIRE_U32,    /* */
	WIRE_WORD,   /* u8, the number of one of the row's words */
	WIRE_TEXT,   /* u32 length, bytes without NUL; "" may stand for none */
	WIRE_ADDR,   /* u8 family (0, 4, 6), its bytes */
	WIRE_ADDRS,  /* u32 count, addresses */
	WIRE_OPTION, /* u8 whether it is set, u32 value */
	WIRE_GROUP,  /* the rows of sub */
	WIRE_ARRAY,  /* u32 count, objects of sub */
	WIRE_IDS,    /* u32 count, u32 each */
	WIRE_U64,    /* */
	WIRE_TYPE_MAX
};

#endif
