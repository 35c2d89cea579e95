/* SPDX-License-Identifier: ISC */
/* What a reload found in the configuration. Each finding is logged, and kept
 * for the client that asked for the reload. */
#ifndef IPVSD_RELOAD_FINDINGS_H
#define IPVSD_RELOAD_FINDINGS_H

#include <stdint.h>

#include "conf/severity.h"
#include "ctl/ctl.h"

struct finding {
	enum conf_severity severity;
	char *text;	  /* owned */
	const char *lint; /* its name, behind the text in the same memory; NULL:
			     it has none */
};

struct findings {
	struct finding list[CTL_FINDINGS_MAX];
	uint32_t count;
	uint64_t number; /* the reload's, counted by findings_clear() */
};

/* Copies the text, and takes the name off that may stand in brackets at its
 * end: "a.yaml:3:1: what is wrong [name]". After CTL_FINDINGS_MAX, or without
 * memory, a finding is only logged. */
void findings_add(struct findings *, enum conf_severity, const char *text);
/* Frees them: another reload begins. */
void findings_clear(struct findings *);

#endif
