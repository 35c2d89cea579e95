/* SPDX-License-Identifier: ISC */
/*
 * What the kernel should hold: pure code from the configuration, the
 * verdicts, the operators' overrides and each instance's duty here. A
 * service at a time, so that an event costs only what it touches.
 */
#ifndef IPVSD_DESIRED_DESIRED_H
#define IPVSD_DESIRED_DESIRED_H

#include <net/if.h>

#include "conf/conf.h"
#include "desired/ipvs_table.h"
#include "desired/ramp.h"
#include "link/health.h"

/* What this host is for an instance. */
#define DUTY_TABLE(X)                                                 \
	X(NONE, "none")	     /* not one of its nodes */               \
	X(BACKUP, "backup")  /* a node, and not the master */         \
	X(GAINING, "master") /* the former one may not know it yet */ \
	X(MASTER, "master")  /* from then to the release */

enum duty {
#define X(id, text) DUTY_##id,
	DUTY_TABLE(X)
#undef X
	    DUTY_MAX
};
const char *duty_name(enum duty);

/* An operator's word over `state` in the file, this host's own. */
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
 * the first value of its enum, or no ramp (duty: none for a host that is not a
 * member of the instance, backup for one that is).
 */
struct desired_input {
	const struct conf *conf;
	const uint8_t *duty; /* enum duty by instance id */
	uint32_t duty_count;
	const uint8_t *health; /* enum health by probe id */
	uint32_t health_count;
	const uint8_t *override; /* enum override by server id */
	uint32_t override_count;
	const struct ramp *ramp; /* by server id: slow start */
	uint32_t ramp_count;
	uint64_t now; /* of the ramps, monotonic ns */
};

enum duty desired_duty(const struct desired_input *, uint32_t instance);
/* All its probes: one down is down, else one unknown is unknown; up when
 * there is none. */
enum health desired_health(
    const struct desired_input *, const struct conf_server *);
/* Whether it gets new connections where the service is balanced. */
enum eligible desired_eligible(const struct desired_input *,
    const struct conf_service *, const struct conf_server *);
/* A server of a direct service that is this host itself (real-server
 * role). */
bool desired_is_local(const struct conf_service *);
/* One that gets new connections at present, of a service that directors do not
 * balance alike anyway. */
bool desired_serves_itself(
    const struct desired_input *, const struct conf_service *);

void desired_key(const struct conf_service *, struct ipvs_key *);
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
	bool lifetime;	  /* expires unless renewed */
	bool is_anothers; /* another node's own: its owner's
			  adverts come from it */
	char interface[IFNAMSIZ];
	char label[IFNAMSIZ]; /* "": none */
	uint32_t instance;    /* id */
};

struct desired_addresses {
	struct desired_address *list;
	uint32_t count;
	uint32_t size;
	bool real_server; /* ARP settings are wanted */
};

/*
 * Virtual addresses of the instances whose duty is master, and on lo those
 * of the services that this host is a real server of, unless it is master.
 */
void desired_addresses(
    const struct desired_input *, struct desired_addresses *out);
void desired_addresses_clear(struct desired_addresses *);

/* A daemon of the kernel's connection synchronisation. */
struct ipvs_daemon {
	uint32_t state; /* IP_VS_STATE_MASTER, _BACKUP, 0: none */
	char interface[IP_VS_IFNAME_MAXLEN];
	uint32_t id;
	uint16_t port;	   /* 0: the kernel's */
	struct addr group; /* unset: the kernel's */
};
/* Fills both (master first); state 0 for one that is not wanted. */
void desired_daemons(const struct desired_input *, struct ipvs_daemon out[2]);

#endif
