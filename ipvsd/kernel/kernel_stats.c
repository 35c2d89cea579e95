/* SPDX-License-Identifier: ISC */
/* See kernel_stats.h. */
#include "kernel/kernel_stats.h"

#define X(id, text) [IPVS_##id] = text,
static const char *const state_names[] = {IPVS_STATE_TABLE(X)};
#undef X

const char *
ipvs_state_name(enum ipvs_state state)
{
	return (unsigned)state < IPVS_STATE_MAX ? state_names[state] :
						  "invalid";
}
