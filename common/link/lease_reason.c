/* SPDX-License-Identifier: ISC */
/* What a lease_reason is called. */
#include "link/lease_reason.h"

const char *
lease_reason_name(enum lease_reason reason)
{
	static const char *const names[LEASE_REASON_MAX] = {
#define X(id, text) [LEASE_##id] = text,
	    LEASE_REASON_TABLE(X)
#undef X
	};

	return reason < LEASE_REASON_MAX ? names[reason] : "unknown";
}
