/* SPDX-License-Identifier: ISC */
/* The canonical form and its digest, of a source without errors. */
#ifndef COMMON_LOAD_PRINT_H
#define COMMON_LOAD_PRINT_H

#include <stdint.h>
#include <stdio.h>

struct conf_source;

/* For the whole cluster: it loads to itself. */
void conf_print(struct conf_source *, FILE *);
/*
 * A digest of the canonical form, never 0; equal on every host. Costs next to
 * nothing after conf_print().
 */
uint64_t conf_generation(struct conf_source *);

#endif
