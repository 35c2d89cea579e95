/* SPDX-License-Identifier: ISC */
/*
 * What the kernel should hold, computed from the configuration, the health of
 * probes, the operators' overrides and this host's duty in each instance. Pure.
 * It computes one service at a time, so that an event costs only the services
 * that it touches.
 */
#ifndef IPVSD_DESIRED_DESIRED_H
#define IPVSD_DESIRED_DESIRED_H

#include <net/if.h>

#include "conf/conf.h"
#include "desired/ipvs_table.h"
#include "desired/ramp.h"
#include "link/health.h"

/* This host's duty in an instance. */
#define DUTY_TABLE(X)                                                  \
	X(NONE, "none")	     /* the host is not a node of it */        \
	X(BACKUP, "backup")  /* a node, and not the master */          \
	X(GAINING, "master") /* the master, but the former one may not \
				know it yet */                         \
	X(MASTER, "master")  /* after that, until the release */

enum duty {
#define X(id, text) DUTY_##id,
	DUTY_TABLE(X)
#undef X
	    DUTY_MAX
};
const char *duty_name(enum duty);

/* An operator's override of a server's `state`, on this host alone. */
#define OVERRIDE_TABLE(X)     \
	X(NONE, "none")       \
	X(DRAINED, "drained") \
	X(ENABLED, "enabled")

enum override {
#define X(id, text) OVERRIDE_##id,
	OVERRIDE_TABLE(X)
#undef X
	    OVERRIDE_MAX
};
const char *override_name(enum override);

/*
 * The inputs; all memory is the caller's. An id beyond an array's count has
 * unknown health, was unknown, has no override, no ramp, and the duty backup.
 * The duty in an instance that the host is not a member of is none, whatever
 * the array says.
 */
struct desired_input {
	const struct conf *conf;
	const uint8_t *duty; /* enum duty by instance id */
	uint32_t duty_count;
	const uint8_t *health; /* enum health by probe id */
	uint32_t health_count;
	const uint8_t *was; /* enum health by server id: of a server whose
				checks have no verdict since they changed */
	uint32_t was_count;
	const uint8_t *override; /* enum override by server id */
	uint32_t override_count;
	const struct ramp *ramp; /* by server id: slow start */
	uint32_t ramp_count;
	uint64_t now; /* for which the ramps give weights, monotonic ns */
};

/* DUTY_GAINING counts as DUTY_MASTER. */
enum duty desired_duty(const struct desired_input *, uint32_t instance);
/* Down when one of its probes is down, else what it was when one is unknown,
 * else up. A server without probes is up. */
enum health desired_health(
    const struct desired_input *, const struct conf_server *);
/* Whether a director that balances the service gives the server new
 * connections. */
enum eligible desired_eligible(const struct desired_input *,
    const struct conf_service *, const struct conf_server *);
/* Whether this host is one of the service's direct servers (real-server
 * role). */
bool desired_is_local(const struct conf_service *);
/*
 * Whether this host, without balancing, can serve the service's new connections
 * by itself: it is an eligible direct server. False for the schedulers mh and
 * sh, by which two directors choose the same server anyway.
 */
bool desired_serves_itself(
    const struct desired_input *, const struct conf_service *);

/* The key that the service has in the kernel. */
void desired_key(const struct conf_service *, struct ipvs_key *);
/* How it schedules, into a zeroed one. */
void desired_sched(const struct conf_service *, struct ipvs_sched *);
/*
 * The wanted service with its destinations in canonical order, or NULL when
 * this host does not program it. The caller frees it.
 */
struct ipvs_service *desired_service(
    const struct desired_input *, const struct conf_service *);

/* A wanted address. */
struct desired_address {
	struct addr addr;
	uint8_t prefix;
	uint8_t scope;	  /* RT_SCOPE_* */
	bool lifetime;	  /* expires unless it is renewed */
	bool is_anothers; /* another node's own address, from which its
			     adverts come */
	char interface[IFNAMSIZ];
	char label[IFNAMSIZ]; /* "": none */
	uint32_t instance;    /* id */
};

struct desired_addresses {
	struct desired_address *list;
	uint32_t count;
	uint32_t size;
	bool real_server; /* this host is one, and needs the ARP settings */
};

/*
 * The virtual addresses of the instances whose duty is master, and on lo the
 * addresses of the services that this host is a real server of, except those
 * that an instance brings anyway. Replaces what `out` had, which is zeroed
 * before its first use; desired_addresses_clear() frees its memory.
 */
void desired_addresses(
    const struct desired_input *, struct desired_addresses *out);
void desired_addresses_clear(struct desired_addresses *);

/* A daemon of the kernel's connection synchronisation. */
struct ipvs_daemon {
	uint32_t state; /* IP_VS_STATE_MASTER, _BACKUP, 0: none */
	char interface[IP_VS_IFNAME_MAXLEN];
	uint32_t id;
	uint16_t port;	   /* 0: the kernel's default */
	struct addr group; /* unset: the kernel's default */
};
/* Fills out[0], the master, and out[1], the backup. The state of one that is
 * not wanted is 0. */
void desired_daemons(const struct desired_input *, struct ipvs_daemon out[2]);

#endif
