/* SPDX-License-Identifier: ISC */
/*
 * The keys of objects (conf/conf.h). They outlive versions of this program: a
 * row at its default adds nothing to them, so a row that is new changes no key
 * of a configuration that does not use it.
 */
#ifndef COMMON_LOAD_IDENTITY_H
#define COMMON_LOAD_IDENTITY_H

#include "load/source.h"

/* What a check sends and expects, by its rows with ROW_TARGET. */
uint64_t identity_of_check(const struct conf_probe *);
/* The keys of instances, probes and servers, once all are there. */
void conf_identify(struct conf_source *);

#endif
