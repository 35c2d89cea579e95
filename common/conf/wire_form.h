/* SPDX-License-Identifier: ISC */
/*
 * The binary form of a configuration: a header of 28 bytes, then the rows of
 * the schema that the reader's role has, in their order, in network order.
 * A list is its count (u32) and its elements.
 */
#ifndef COMMON_CONF_WIRE_FORM_H
#define COMMON_CONF_WIRE_FORM_H

#include <fcntl.h>

#define CONF_WIRE_MAGIC	  UINT64_C(0x5456434f4e460a1a) /* "TVCONF\n^Z" */
#define CONF_WIRE_VERSION 1u
#define CONF_WIRE_HEADER                                         \
	28 /* u64 magic, u16 version, u16 role,                  \
	      u64 generation (0, ipvsd's alone: told beside it), \
	      u64 size of all */
#define CONF_WIRE_SEALS \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#endif
