/* SPDX-License-Identifier: ISC */
/* Part of conf.h: what holds for IPVS as a whole. */
#ifndef COMMON_CONF_IPVS_H
#define COMMON_CONF_IPVS_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/enum.h"

struct conf_sync {
	bool enabled;
	const char *interface;
	uint8_t id;
	uint32_t instance;  /* id, UINT32_MAX: both daemons always */
	struct addr group;  /* unset: the kernel's default */
	uint16_t port;	    /* 0: the kernel's default */
	uint32_t threshold; /* packets before the first message */
	uint32_t period;    /* packets between messages */
	uint32_t refresh;   /* ms, 0: off */
};

/* A number that may be left as the kernel has it. */
struct conf_option {
	bool set;
	uint32_t value;
};

struct conf_ipvs {
	uint32_t tcp_timeout;	  /* s, 0: leave the kernel's */
	uint32_t tcp_fin_timeout; /* s */
	uint32_t udp_timeout;	  /* s */
	enum conf_foreign foreign;
	uint32_t resync; /* ms */
	enum conf_on_stop on_stop;
	struct conf_sync sync;
	struct conf_option expire_nodest_conn;
	struct conf_option sloppy_tcp;
	struct conf_option expire_quiescent_template;
	struct conf_option conn_reuse_mode;
	struct conf_option conntrack;
};

#endif
