/* SPDX-License-Identifier: ISC */
/* What a reload found: logged, and kept for who asked for the reload. */
#ifndef IPVSD_RELOAD_FINDINGS_H
#define IPVSD_RELOAD_FINDINGS_H

#include <stdint.h>

#include "conf/severity.h"
#include "ctl/ctl.h"

struct finding {
	enum conf_severity severity;
	char *text;
};

struct findings {
	struct finding list[CTL_FINDINGS_MAX];
	uint32_t count;
	uint64_t number; /* of the reload: changes with clear */
};

/* Beyond CTL_FINDINGS_MAX it is logged only. */
void findings_add(struct findings *, enum conf_severity, const char *text);
void findings_clear(struct findings *);

#endif
