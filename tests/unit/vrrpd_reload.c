/* SPDX-License-Identifier: ISC */
/*
 * vrrpd's generations in turns of its loop. Time is what instances take that
 * are told of one, so a turn that is longer than a slice has told too many.
 */
#include "unit.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "announce.h"
#include "beside.h"
#include "binding.h"
#include "event.h"
#include "generation.h"
#include "generation/receiver.h"
#include "iface.h"
#include "instance.h"
#include "leave.h"
#include "link/link.h"
#include "reload.h"
#include "rtnetlink.h"
#include "say.h"
#include "socket.h"
#include "turn.h"
#include "vrrpd.h"
#include "vrrpd_reload_conf.h"
#include "work.h"

#define INSTANCES 101 /* no whole number of slices */
#define SLICE	  4   /* instances in one */

uint64_t __wrap_clock_monotonic(void);
void __real_instance_start(struct instance *);
void __wrap_instance_start(struct instance *);
void __real_instance_configure(
    struct instance *, struct generation *, const struct conf_instance *);
void __wrap_instance_configure(
    struct instance *, struct generation *, const struct conf_instance *);
void __real_instance_leave(struct instance *, const char *);
void __wrap_instance_leave(struct instance *, const char *);

static struct vrrpd vrrpd;
static uint64_t now;
static unsigned steps; /* in this turn */
static unsigned told, left;
static unsigned left_at_start; /* when one was started last */
static unsigned told_at_commit;
static int ipvsd; /* its end of the link */
static uint64_t committed;
static uint64_t resynced; /* the generation that it was said in */

uint64_t
__wrap_clock_monotonic(void)
{
	return now;
}

static void
step(void)
{
	steps++;
	now += TURN_NS / SLICE;
}

void
__wrap_instance_start(struct instance *instance)
{
	step();
	told++;
	left_at_start = left;
	__real_instance_start(instance);
}

void
__wrap_instance_configure(struct instance *instance,
    struct generation *generation, const struct conf_instance *conf)
{
	step();
	told++;
	__real_instance_configure(instance, generation, conf);
}

void
__wrap_instance_leave(struct instance *instance, const char *why)
{
	step();
	left++;
	__real_instance_leave(instance, why);
}

/* --- what the generations' code calls --- */

void
say_committed(struct vrrpd *v)
{
	committed = v->current->id;
	told_at_commit = told;
}

void
say_resync(struct vrrpd *v)
{
	resynced = v->current->id;
}

/* --- what the rest calls, and nothing comes of here --- */

void
say_acquire(struct instance *instance)
{
	(void)instance;
}

void
say_state(struct instance *instance)
{
	(void)instance;
}

void
say_returned(struct instance *instance)
{
	(void)instance;
}

void
say_renew(struct instance *instance, uint64_t term, uint64_t time)
{
	(void)instance;
	(void)term;
	(void)time;
}

void
say_release(struct instance *instance, uint64_t term)
{
	(void)instance;
	(void)term;
}

void
event_transition(
    struct instance *instance, enum fsm_state from, enum fsm_state to)
{
	(void)instance;
	(void)from;
	(void)to;
}

void
leave_if_done(struct vrrpd *v)
{
	(void)v;
}

void
binding_evaluate(struct instance *instance)
{
	(void)instance;
}

void
beside_init(struct instance *instance)
{
	(void)instance;
}

void
beside_stop(struct instance *instance)
{
	(void)instance;
}

void
binding_undo(struct instance *instance)
{
	(void)instance;
}

void
announce_begin(struct instance *instance)
{
	(void)instance;
}

void
announce_cancel(struct instance *instance)
{
	(void)instance;
}

bool
announce_step(struct vrrpd *v, uint64_t deadline)
{
	(void)v;
	(void)deadline;
	return false;
}

bool
socket_send_advert(struct sockets *sockets, unsigned ifindex,
    const struct addr *source, const struct addr *to, const void *packet,
    size_t len)
{
	(void)sockets;
	(void)ifindex;
	(void)source;
	(void)to;
	(void)packet;
	(void)len;
	return true;
}

bool
socket_send_farewell(struct sockets *sockets, unsigned ifindex,
    const struct addr *source, const struct addr *to, const void *packet,
    size_t len)
{
	(void)sockets;
	(void)ifindex;
	(void)source;
	(void)to;
	(void)packet;
	(void)len;
	return true;
}

bool
socket_drain(struct sockets *sockets)
{
	(void)sockets;
	return false;
}

struct iface *
iface_by_index(const struct ifaces *ifaces, unsigned index)
{
	(void)ifaces;
	(void)index;
	return NULL;
}

bool
iface_is_on_link(const struct iface *iface, const struct addr *addr)
{
	(void)iface;
	(void)addr;
	return false;
}

bool
rtnl_read(struct rtnl *rtnl)
{
	(void)rtnl;
	return false;
}

/* --- ipvsd --- */

static void
on_link(struct link *link, void *arg)
{
	(void)link;
	(void)arg;
}

static void
attach(void)
{
	static const struct link_handlers handlers = {
	    .up = on_link, .down = on_link, .refill = on_link};
	struct link_end end = {
	    .peer = ROLE_IPVSD, .epoch = 1, .level = MSG_LEVEL};
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ipvsd = pair[0];
	end.fd = pair[1];
	vrrpd.ipvsd = link_new(
	    vrrpd.base, ROLE_VRRPD, ROLE_IPVSD, &handlers, NULL);
	assert_int_equal(link_attach(vrrpd.ipvsd, &end), 0);
}

/* The next answer is READY, for this generation. */
static void
heard_ready(uint64_t generation)
{
	uint8_t packet[MSG_MAX];
	ssize_t len = recv(ipvsd, packet, sizeof(packet), MSG_DONTWAIT);
	struct msg msg;

	assert_true(len > 0);
	assert_int_equal(
	    msg_admit(&msg, packet, (size_t)len, 0, ROLE_VRRPD, ROLE_IPVSD),
	    ADMIT_OK);
	assert_int_equal(msg.type, MSG_READY);
	assert_true(msg.generation == generation);
}

static bool
heard_nothing(void)
{
	uint8_t byte;

	return recv(ipvsd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == -1;
}

/* Whether an honest ipvsd says so. */
static bool
hear(enum msg_type type, uint64_t generation, int fd)
{
	static uint8_t size[4];
	struct msg msg = {.type = type, .generation = generation, .fd = fd};
	const char *why = NULL;
	int result;

	reader_init(&msg.body, size, type == MSG_PREPARE ? sizeof(size) : 0);
	steps = 0;
	result = reload_message(&vrrpd, &msg, &why);
	assert_true(steps <= SLICE);
	return result == 0;
}

/* --- turns --- */

static void
begin(void)
{
	memset(&vrrpd, 0, sizeof(vrrpd));
	now = NS_PER_SEC;
	told = left = 0;
	committed = resynced = 0;
	vrrpd.base = event_base_new();
	assert_non_null(vrrpd.base);
	attach();
	reload_init(&vrrpd);
	turn_init(&vrrpd, work);
}

static bool
working(void)
{
	return timer_pending(&vrrpd.turn);
}

static void
turn(void)
{
	steps = 0;
	event_base_loop(vrrpd.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_true(steps <= SLICE);
}

static void
settle(void)
{
	while (working())
		turn();
	assert_true(reload_applied(&vrrpd));
}

static void
end(void)
{
	struct instance *instance;

	settle();
	assert_true(heard_nothing());
	receiver_free(vrrpd.receiver);
	reload_forget_previous(&vrrpd);
	generation_unref(vrrpd.current);
	while ((instance = LIST_FIRST(&vrrpd.instances)) != NULL)
		instance_free(instance);
	free(vrrpd.reload);
	link_free(vrrpd.ipvsd);
	close(ipvsd);
	timer_stop(&vrrpd.turn);
	event_base_free(vrrpd.base);
}

/* PREPARE of that many, named by the letter. */
static uint64_t
prepare(char letter, unsigned priority)
{
	uint64_t generation;
	int fd = encode_instances(letter, INSTANCES, priority, &generation);

	assert_true(hear(MSG_PREPARE, generation, fd));
	close(fd);
	return generation;
}

static bool
commit(uint64_t generation)
{
	return hear(MSG_COMMIT, generation, -1);
}

static void
all_are_current(void)
{
	struct instance *instance;
	unsigned count = 0;

	LIST_FOREACH(instance, &vrrpd.instances, entry) {
		assert_ptr_equal(instance->generation, vrrpd.current);
		assert_int_equal(instance->id, instance->conf->id);
		count++;
	}
	assert_int_equal(count, INSTANCES);
}

/* --- cases --- */

/* The next one waits for what the former has left, and then is as slow. */
static void
test_second_commit(void **state)
{
	uint64_t a, b;

	(void)state;
	begin();
	a = prepare('i', 100);
	heard_ready(a);
	assert_true(commit(a));
	assert_true(committed == a);
	assert_int_equal(told, SLICE);
	b = prepare('i', 101);
	assert_true(commit(b));
	while (committed != b) {
		assert_true(heard_nothing() && working());
		turn();
	}
	heard_ready(b);
	assert_int_equal(told_at_commit, INSTANCES);
	settle();
	assert_int_equal(told, 2 * INSTANCES);
	/* What ipvsd said after that COMMIT is asked for again, of b. */
	assert_true(resynced == b);
	all_are_current();
	end();
}

/* A COMMIT that waits is gone with ABORT; the former goes on. */
static void
test_abort(void **state)
{
	uint64_t a, b;

	(void)state;
	begin();
	a = prepare('i', 100);
	heard_ready(a);
	assert_true(commit(a));
	b = prepare('i', 101);
	assert_true(commit(b));
	assert_true(hear(MSG_ABORT, b, -1));
	settle();
	assert_true(committed == a && heard_nothing());
	assert_int_equal(told, INSTANCES);
	assert_false(commit(b));
	assert_true(prepare('i', 101) == b);
	heard_ready(b);
	assert_true(hear(MSG_ABORT, b, -1));
	assert_false(commit(b));
	settle();
	assert_true(committed == a);
	all_are_current();
	end();
}

/* Those that go do so in slices, too, and before others come. */
static void
test_others(void **state)
{
	uint64_t a, b, c;

	(void)state;
	begin();
	a = prepare('i', 100);
	heard_ready(a);
	assert_true(commit(a));
	settle();
	b = prepare('j', 100);
	heard_ready(b);
	assert_true(commit(b));
	assert_true(committed == b);
	assert_int_equal(left, SLICE);
	assert_false(reload_applied(&vrrpd));
	/* Not matched to one that is to leave. */
	c = prepare('i', 100);
	assert_true(c == a && heard_nothing());
	while (left < INSTANCES)
		turn();
	settle();
	assert_int_equal(told, 2 * INSTANCES);
	assert_int_equal(left_at_start, INSTANCES);
	heard_ready(c);
	all_are_current();
	end();
}

/* The next one to look at has ended by itself: it is freed before. */
static void
test_ended(void **state)
{
	struct instance *next;
	uint64_t a, b;

	(void)state;
	begin();
	a = prepare('i', 100);
	heard_ready(a);
	assert_true(commit(a));
	settle();
	b = prepare('j', 100);
	heard_ready(b);
	assert_true(commit(b));
	next = LIST_FIRST(&vrrpd.instances);
	for (int i = 0; i < 2 * SLICE; i++)
		next = LIST_NEXT(next, entry);
	next->done = true;
	turn();
	assert_int_equal(left, 2 * SLICE);
	settle();
	assert_int_equal(left, INSTANCES - 1);
	all_are_current();
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_second_commit),
	    cmocka_unit_test(test_abort),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
