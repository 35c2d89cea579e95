/* SPDX-License-Identifier: ISC */
/* What a row of the schema has where nothing is said. */
#ifndef COMMON_CONF_DEFAULT_H
#define COMMON_CONF_DEFAULT_H

#include "conf/schema.h"

/*
 * Writes the default of a row that has a binary form into its field of a
 * zeroed object. Texts are the schema's own: nobody frees them. A default
 * that the schema spells wrongly ends the process: a bug, which the unit
 * tests find.
 */
void conf_default(const struct conf_row *, void *object);

#endif
