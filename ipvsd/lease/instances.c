/* SPDX-License-Identifier: ISC */
/*
 * All instances: what is saved of their terms, so that the next ipvsd can
 * take them over, and what vrrpd hears of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "lease/instance.h"
#include "running.h"
#include "state.h"

/*
 * How long an adopted term runs without a renewal: as long as the kernel
 * lets its addresses live. Until then vrrpd, which was not lost, has found
 * the new ipvsd; the saved end is what was true while the former one lived.
 */
#define ADOPTED_NS	    (10 * NS_PER_SEC)
/* Terms told before the loop goes on. */
#define SNAPSHOT_SLICE	    64
/* For the new master to be heard, beside its interval. */
#define HAND_OVER_MARGIN_MS 500
/* A vrrpd that ends for a restart hands over what is shorter (vrrpd(8)). */
#define SHORT_LEASE_MS	    1000
#define SHORT_MARGIN_MS	    50
#define END_WIDTH	    20

static int terms_fd = -1; /* the file of the terms, for their ends */

const char *
instance_state_name(enum instance_state state)
{
	static const char *const names[INSTANCE_STATE_MAX] = {
#define X(id, text) [INSTANCE_##id] = text,
	    INSTANCE_STATE_TABLE(X)
#undef X
	};

	return state < INSTANCE_STATE_MAX ? names[state] : "unknown";
}

static void
say_held(struct instance *instance, struct link *link)
{
	struct writer *writer = link_compose(link, MSG_HELD);

	put_u32(writer, instance->conf->id);
	put_u64(writer, instance->lease.term);
	put_u64(writer, instance->lease.end);
	link_send(link, 0, -1);
}

/* Another link or generation has a snapshot of its own. */
static void
snapshot_step(evutil_socket_t fd, short what, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct timeval now = {0, 0};
	struct link *link = ipvsd->vrrpd;
	struct instance *instance;
	uint32_t said = 0;

	(void)fd;
	(void)what;
	if (link_stats(link)->epoch != ipvsd->snapshot_epoch ||
	    link_generation_out(link) != ipvsd->running->generation->id)
		return;
	while (ipvsd->snapshot_at < ipvsd->running->instance_count) {
		if (said >= SNAPSHOT_SLICE) {
			evtimer_add(ipvsd->snapshot, &now);
			return;
		}
		instance = ipvsd->running->instances[ipvsd->snapshot_at++];
		if (instance != NULL && instance->may_preempt) {
			may_preempt_say(instance, link);
			said++;
		}
		if (instance == NULL || instance_end(instance) == 0)
			continue;
		instance->announce = false;
		instance_tell(instance);
		say_held(instance, link);
		said++;
	}
	link_send_snapshot(link, false);
}

void
instances_snapshot(struct ipvsd *ipvsd)
{
	evtimer_del(ipvsd->snapshot);
	ipvsd->snapshot_at = 0;
	ipvsd->snapshot_epoch = link_stats(ipvsd->vrrpd)->epoch;
	snapshot_step(-1, 0, ipvsd);
}

/* NAME TERM END, a line each. */
static void
write_terms(FILE *file, void *arg)
{
	const struct ipvsd *ipvsd = arg;
	struct instance *instance;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL)
			continue;
		instance->saved = 0;
		if (instance_end(instance) == 0)
			continue;
		fprintf(file, "%s %" PRIu64 " ", instance->conf->name,
		    instance->lease.term);
		instance->saved = ftell(file);
		fprintf(
		    file, "%0*" PRIu64 "\n", END_WIDTH, instance->lease.end);
	}
}

static void
save_terms(struct ipvsd *ipvsd)
{
	if (terms_fd != -1)
		close(terms_fd);
	terms_fd = -1;
	if (state_save(STATE_TERMS, write_terms, ipvsd))
		terms_fd = state_edit(STATE_TERMS);
}

/*
 * In place: no renewal is worth a new file, and whoever comes after a crash
 * has to know whether a term was over meanwhile.
 */
void
instances_renewed(const struct instance *instance)
{
	char text[END_WIDTH + 1];

	if (terms_fd == -1 || instance->saved <= 0)
		return;
	snprintf(
	    text, sizeof(text), "%0*" PRIu64, END_WIDTH, instance->lease.end);
	if (pwrite(terms_fd, text, END_WIDTH, instance->saved) == -1)
		log_change_warnx("terms", "terms: %s", strerror(errno));
}

void
instances_flush(struct ipvsd *ipvsd)
{
	struct instance *instance;
	struct link *link = ipvsd->vrrpd;

	if (ipvsd->running == NULL)
		return;
	if (ipvsd->terms_changed)
		save_terms(ipvsd);
	ipvsd->terms_changed = false;
	if (ipvsd->resync &&
	    link_generation_out(link) == ipvsd->running->generation->id)
		dispatch_snapshot(ipvsd, link);
	ipvsd->resync = false;
	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || !instance->announce)
			continue;
		instance->announce = false;
		if (link_generation_out(link) == ipvsd->running->generation->id)
			say_held(instance, link);
	}
}

static void
flush(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	instances_flush(arg);
}

void
instances_init(struct ipvsd *ipvsd)
{
	ipvsd->flush = event_new(ipvsd->base, -1, 0, flush, ipvsd);
	ipvsd->snapshot = evtimer_new(ipvsd->base, snapshot_step, ipvsd);
	if (ipvsd->flush == NULL || ipvsd->snapshot == NULL)
		fatalx("instances: out of memory");
}

/* A file written once for the thousand instances of one failover. */
void
instances_changed(struct ipvsd *ipvsd)
{
	ipvsd->terms_changed = true;
	event_active(ipvsd->flush, EV_TIMEOUT, 0);
}

void
instances_announce(struct ipvsd *ipvsd)
{
	event_active(ipvsd->flush, EV_TIMEOUT, 0);
}

void
instances_resync(struct ipvsd *ipvsd)
{
	ipvsd->resync = true;
	event_active(ipvsd->flush, EV_TIMEOUT, 0);
}

static void
adopt(struct ipvsd *ipvsd, const char *name, uint64_t term, uint64_t end)
{
	const struct conf_instance *conf;
	struct instance *instance;
	uint64_t now = clock_monotonic();

	conf = conf_instance_by_name(ipvsd->running->conf, name);
	instance = conf == NULL ? NULL : ipvsd->running->instances[conf->id];
	if (instance == NULL)
		return;
	log_info("lease %s: taken over from the former ipvsd", name);
	lease_resume(&instance->lease, term, end, now);
	instance->adopted_until = now + ADOPTED_NS;
	instance->state = INSTANCE_ADOPTED;
	ipvsd->running->duty[conf->id] = DUTY_MASTER;
}

void
instances_adopt(struct ipvsd *ipvsd)
{
	char line[CONF_NAME_MAX + 64], name[CONF_NAME_MAX + 1];
	uint64_t term, end;
	FILE *file;

	if ((file = state_open(STATE_TERMS)) == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%64s %" SCNu64 " %" SCNu64, name, &term,
			&end) == 3 &&
		    term != 0)
			adopt(ipvsd, name, term, end);
		else
			log_warnx("terms: not understood: %s", line);
	}
	fclose(file);
}

void
instances_hold_adopted(struct ipvsd *ipvsd)
{
	struct instance *instance;
	struct timeval wait = clock_timeval(ADOPTED_NS);

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance->state != INSTANCE_ADOPTED)
			continue;
		evtimer_add(instance->timer, &wait);
		kernel_hold(ipvsd->kernel, i);
	}
}

/* What an advert of the new master may take (RFC 3768: Skew_Time is of a
 * second), and half of it for being late. */
static uint64_t
hand_over_ms(const struct conf_instance *conf)
{
	uint64_t wait = conf->version == 2 ? 1000 : conf->interval;

	return wait + wait / 2;
}

uint64_t
instances_hand_over(struct ipvsd *ipvsd, bool going)
{
	struct instance *instance;
	struct writer *writer;
	uint64_t longest = 0, wait;

	if (ipvsd->running == NULL ||
	    link_generation_out(ipvsd->vrrpd) != ipvsd->running->generation->id)
		return 0;
	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance_end(instance) == 0 ||
		    (going && !instance->going))
			continue;
		/* Of a term that runs it means: hand over, then RELEASE. */
		writer = link_compose(ipvsd->vrrpd, MSG_FAILED);
		put_u32(writer, i);
		put_u8(writer, LEASE_LEAVING);
		link_send(ipvsd->vrrpd, 0, -1);
		wait = hand_over_ms(instance->conf) + HAND_OVER_MARGIN_MS;
		longest = wait > longest ? wait : longest;
	}
	return longest;
}

bool
instances_any_adopted(const struct ipvsd *ipvsd)
{
	const struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->state == INSTANCE_ADOPTED)
			return true;
	}
	return false;
}

bool
instances_any_open(const struct ipvsd *ipvsd)
{
	const struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->state != INSTANCE_NONE)
			return true;
	}
	return false;
}

void
instances_mark_going(struct ipvsd *ipvsd, const struct running *next)
{
	const struct conf_instance *conf;
	struct instance *instance;
	const uint32_t *map = NULL;
	uint32_t count;

	if (next != NULL)
		map = carry_instances(next->carry, &count);
	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL)
			continue;
		conf = map == NULL || map[i] == CARRY_NONE ?
		    NULL :
		    conf_instance(next->conf, map[i]);
		instance->going = next != NULL &&
		    (conf == NULL || !conf->member);
	}
}

bool
instances_any_going(const struct ipvsd *ipvsd)
{
	const struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->going &&
		    instance->state != INSTANCE_NONE)
			return true;
	}
	return false;
}

uint64_t
instances_short(const struct ipvsd *ipvsd)
{
	const struct instance *instance;
	uint64_t longest = 0, wait;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance->state == INSTANCE_NONE ||
		    3 * (uint64_t)instance->conf->interval >= SHORT_LEASE_MS)
			continue;
		wait = hand_over_ms(instance->conf) + SHORT_MARGIN_MS;
		longest = wait > longest ? wait : longest;
	}
	return longest;
}

void
instances_end(struct ipvsd *ipvsd, enum lease_reason reason)
{
	struct instance *instance;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL)
			instance_end_now(instance, reason);
	}
}
