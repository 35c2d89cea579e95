/* SPDX-License-Identifier: ISC */
/* What a worker of the parser says to ipvsd; one that is not waited for any
 * more just ends. */
#ifndef IPVSD_PARSER_ANSWER_H
#define IPVSD_PARSER_ANSWER_H

#include "conf/severity.h"

void answer_report(enum conf_severity, const char *text);
void answer_parsed(
    bool ok, unsigned errors, unsigned warnings, uint64_t generation);
/*
 * PARSED and the CONFs of a good configuration. False: it cannot be encoded or
 * printed, and nothing was said.
 */
bool answer_generation(struct conf_source *, unsigned warnings);

#endif
