/* SPDX-License-Identifier: ISC */
/* Checks and the probes that they become. */
#ifndef COMMON_LOAD_PROBES_H
#define COMMON_LOAD_PROBES_H

#include "load/source.h"

/* Gives equal checks one definition. */
void conf_define_check(struct conf_source *, struct src_check *);
/* The check that an element of a list means; the element must be known. */
const struct src_check *conf_check_of(
    struct conf_source *, const struct src_check *);
/* Fills the probes of every server of root.c.services. */
void conf_probes(struct conf_source *);

#endif
