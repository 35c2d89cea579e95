/* SPDX-License-Identifier: ISC */
/*
 * An instance of this host and its term. vrrpd asks for a term, the kernel half
 * puts the instance's addresses and services in and takes them out, and the
 * term ends when vrrpd does not renew its lease.
 */
#ifndef IPVSD_LEASE_INSTANCE_H
#define IPVSD_LEASE_INSTANCE_H

#include "running/ipvsd.h"
#include "lease/lease.h"

#define INSTANCE_STATE_TABLE(X)                                     \
	X(NONE, "none")                                             \
	X(ACQUIRING, "acquiring") /* until instance_held() */       \
	X(HELD, "held")		  /* a term runs */                 \
	X(ADOPTED, "held")	  /* a term of a former ipvsd runs, \
				     vrrpd has not renewed it */    \
	X(RELEASING, "releasing") /* until instance_released() */

enum instance_state {
#define X(id, text) INSTANCE_##id,
	INSTANCE_STATE_TABLE(X)
#undef X
	    INSTANCE_STATE_MAX
};
const char *instance_state_name(enum instance_state);

/* What is known of addresses that are here although no term runs. */
enum leftovers {
	LEFTOVERS_NONE,	  /* there are none */
	LEFTOVERS_FOUND,  /* vrrpd has yet to be asked */
	LEFTOVERS_ASKED,  /* and to say whose they are */
	LEFTOVERS_BESIDE, /* another program's, which sends adverts */
	LEFTOVERS_ALONE	  /* nobody's */
};

struct instance {
	struct ipvsd *ipvsd;
	const struct conf_instance *conf;
	enum instance_state state;
	enum lease_reason reason; /* why the last term ended or failed */
	enum lease_reason told;	  /* why it could not be opened, as the log
				     says; LEASE_NONE: the last one was */
	struct lease lease;
	struct {
		uint8_t state;
		uint64_t since;	   /* monotonic ns; 0: vrrpd has not said it */
	} vrrp;			   /* states.c */
	uint64_t released_term;	   /* whose ENDED is due; 0: none */
	uint64_t adopted_until;	   /* ADOPTED: the term's end, monotonic ns */
	struct timer end_timer;	   /* runs at the end of the term */
	struct timer settle_timer; /* from DUTY_GAINING to DUTY_MASTER */
	bool acquire_again;	   /* ACQUIRE came while RELEASING */
	bool announce;		   /* HELD is due once the term is saved */
	bool going;		   /* the next generation does not have it */
	long end_offset;	   /* of its end in the file of terms, or 0 */

	/* leftovers.c */
	enum leftovers leftovers;
	uint64_t leftovers_seen; /* their digest; 0: there are none */

	/* may_preempt.c; what is counted is complete after a whole count. */
	bool may_preempt;
	bool iface_returned;	   /* present_since is when its interface came
				      back */
	uint64_t present_since;	   /* monotonic ns */
	uint32_t services_waiting; /* those with an unknown verdict */
	uint32_t services_counted; /* the same, of the count under way */
	uint64_t up_delay; /* how long its slowest check takes to find that a
			      server is up, ns */
	uint64_t up_delay_counted;
};

/* When the open term is over, monotonic ns; 0: no term is open. */
static inline uint64_t
instance_expiry(const struct instance *instance)
{
	if (instance->state == INSTANCE_HELD)
		return instance->lease.end;
	return instance->state == INSTANCE_ADOPTED ? instance->adopted_until :
						     0;
}

struct instance *instance_new(struct ipvsd *, const struct conf_instance *);
void instance_free(struct instance *);
/* The instance goes on in a new generation; conf must live as long. */
void instance_configure(struct instance *, const struct conf_instance *);
/*
 * vrrpd is about to hear of the term: an adopted term ends no later than a
 * lease that is renewed now.
 */
void instance_limit_adopted(struct instance *);

/* The messages of vrrpd (msg_table.h); time is monotonic ns. */
void instance_acquire(struct instance *);
void instance_renew(struct instance *, uint64_t term, uint64_t time);
void instance_release(struct instance *, uint64_t term);
/* Ends its term, or the attempt to open one, without vrrpd's word. */
void instance_end(struct instance *, enum lease_reason);

/* The handlers of the kernel half (kernel_handlers.h); arg is ipvsd. */
void instance_held(uint32_t id, enum lease_reason, void *arg);
void instance_released(uint32_t id, void *arg);
void instance_lost(uint32_t id, enum lease_reason, void *arg);
bool instance_renewable(uint32_t id, uint64_t now, void *arg);

#endif
