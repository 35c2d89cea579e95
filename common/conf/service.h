/* SPDX-License-Identifier: ISC */
/* Part of conf.h: virtual services, real servers and their probes. */
#ifndef COMMON_CONF_SERVICE_H
#define COMMON_CONF_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/check_http.h"
#include "conf/enum.h"

/*
 * One probe: a check's definition at one address and port, however many
 * servers of however many services ask for it.
 */
struct conf_probe {
	uint32_t id;
	uint64_t key;	   /* which it is, see conf.h */
	const char *check; /* the check's name; "" for one without */
	enum conf_check_type type;
	struct addr addr;
	uint16_t port;
	uint32_t interval; /* ms */
	uint32_t timeout;  /* ms */
	uint16_t rise;
	uint16_t fall;
	uint32_t warm_up;      /* ms over which first probes are spread */
	bool tracked;	       /* a VRRP instance follows it */
	struct addr source;    /* where it comes from; unset: the route says */
	enum conf_close close; /* how its connections end */
	struct conf_http http; /* of CHECK_HTTP */
};

struct conf_server {
	uint32_t id;
	uint64_t key; /* which it is, see conf.h */
	struct addr addr;
	uint16_t port;
	const char *node; /* NULL unless given by node */
	uint32_t weight;
	enum conf_forward forward;
	uint32_t max_connections; /* 0: none; the kernel's u_threshold */
	uint32_t min_connections; /* l_threshold */
	enum conf_server_state state;
	bool local;	  /* one of this host's addresses */
	uint32_t *probes; /* ids; all must pass */
	uint32_t probe_count;
};

/*
 * A service of one address, port and protocol: a service of several
 * addresses in the file is several here, with one name.
 */
struct conf_service {
	uint32_t id;
	const char *name;
	enum conf_protocol protocol;
	struct addr addr;
	uint16_t port;
	uint32_t instance; /* id */
	bool director;	   /* this host programs it */
	const char *scheduler;
	uint32_t flags; /* IP_VS_SVC_F_SCHED1..3, linux/ip_vs.h */
	bool one_packet;
	uint32_t persistence; /* s, 0: none */
	uint8_t persistence_prefix;
	enum conf_when_down when_down;
	bool start_up;
	uint32_t slow_start; /* ms, 0: a server that comes back has its
				weight at once */
	struct conf_server *servers;
	uint32_t server_count;
};

#endif
