/* SPDX-License-Identifier: ISC */
/* What a severity is called. */
#include "conf/severity.h"
#include "name.h"

NAME_FUNCTION(conf_severity_name, conf_severity, CONF_SEVERITY_TABLE, "unknown")
