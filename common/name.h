/* SPDX-License-Identifier: ISC */
/* From a table of an enum's values and texts to the function that names one. */
#ifndef COMMON_NAME_H
#define COMMON_NAME_H

#include <stddef.h>

/*
 * Defines `const char *FUNCTION(enum ENUMERATION)`. TABLE(X) has a row X(id,
 * text, ...) for each value of the enum, in its order from 0 on. `other` is the
 * text of any other value.
 */
#define NAME_FUNCTION(function, enumeration, table, other)             \
	const char *function(enum enumeration value)                   \
	{                                                              \
		static const char *const texts[] = {table(NAME_TEXT)}; \
		size_t i = (size_t)value;                              \
                                                                       \
		if (i >= sizeof(texts) / sizeof(texts[0]))             \
			return other;                                  \
		return texts[i];                                       \
	}
#define NAME_TEXT(id, text, ...) text,

#endif
