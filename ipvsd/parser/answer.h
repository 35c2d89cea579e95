/* SPDX-License-Identifier: ISC */
/* What a worker of the parser says to ipvsd. If ipvsd is gone the worker just
 * exits. */
#ifndef IPVSD_PARSER_ANSWER_H
#define IPVSD_PARSER_ANSWER_H

#include "conf/severity.h"

/* REPORT: one finding. A long text is cut. */
void answer_report(enum conf_severity, const char *text);
/* PARSED: ok says whether CONFs follow; otherwise generation is 0. */
void answer_parsed(
    bool ok, unsigned errors, unsigned warnings, uint64_t generation);
/*
 * Says PARSED and the CONFs of a good configuration. False: it cannot be
 * encoded or printed, and nothing was said.
 */
bool answer_generation(struct conf_source *, unsigned warnings);

#endif
