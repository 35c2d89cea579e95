/* SPDX-License-Identifier: ISC */
/* What a lease_reason is called. */
#include "link/lease_reason.h"
#include "name.h"

NAME_FUNCTION(lease_reason_name, lease_reason, LEASE_REASON_TABLE, "unknown")
