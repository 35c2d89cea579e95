/* SPDX-License-Identifier: ISC */
/* What a worker of the parser says to ipvsd; one that is not waited for any
 * more just ends. */
#ifndef IPVSD_PARSER_ANSWER_H
#define IPVSD_PARSER_ANSWER_H

#include "conf/severity.h"

void answer_report(enum conf_severity, const char *text);
void answer_parsed(
    bool ok, unsigned errors, unsigned warnings, uint64_t generation);
/* Begins to print what is read, and has no error so far. */
void answer_print(struct conf_source *);
/* It is not wanted after all; who prints ends before its worker does. */
void answer_unprinted(void);
/*
 * DRAFT, PARSED and the CONFs of a good configuration that is being printed,
 * each as soon as it is there. False: it cannot be encoded, and nothing that
 * binds was said.
 */
bool answer_generation(struct conf_source *, unsigned warnings);

#endif
