/* SPDX-License-Identifier: ISC */
/* What the kernel half counts and knows, for `vipctl status`; see kernel.h. */
#ifndef IPVSD_KERNEL_KERNEL_STATS_H
#define IPVSD_KERNEL_KERNEL_STATS_H

#include <stdint.h>

/* What became of ip_vs. */
#define IPVS_STATE_TABLE(X)                                      \
	X(UNNEEDED, "not needed") /* no service is configured */ \
	X(YES, "yes")                                            \
	X(NO, "no") /* needed, and not there */

enum ipvs_state {
#define X(id, text) IPVS_##id,
	IPVS_STATE_TABLE(X)
#undef X
	    IPVS_STATE_MAX
};
const char *ipvs_state_name(enum ipvs_state);

struct kernel_stats {
	enum ipvs_state ip_vs;
	uint64_t commands;    /* netlink commands sent, renewals apart */
	uint64_t renewals;    /* of lifetimes */
	uint64_t errors;      /* commands that the kernel refused */
	char last_error[192]; /* the last of them, "": none */
	uint64_t last_error_at;
	uint64_t repaired;     /* what others had changed */
	char last_repair[256]; /* the last of that, "": none */
	uint64_t last_repair_at;
	uint64_t last_resync;	    /* monotonic ns, 0: never */
	uint64_t overruns;	    /* ENOBUFS: dumped afresh */
	uint32_t foreign;	    /* services that are not ours */
	uint32_t dirty;		    /* services that wait for their turn */
	uint64_t configured_digest; /* 0: not computed yet */
	uint64_t live_digest;	    /* of our services in the kernel */
};

#endif
