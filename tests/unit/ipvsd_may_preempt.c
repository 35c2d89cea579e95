/* SPDX-License-Identifier: ISC */
/* Whether all services have verdicts is counted in slices: what vrrpd says
 * meanwhile does not wait. */
#include "unit.h"

#include <string.h>

#include "ipvsd_make.h"
#include "lease/may_preempt.h"
#include "lease/say.h"
#include "running/event.h"
#include "running/running.h"

#define SERVICES 3
#define SERVERS	 5000 /* of each: one fills a slice */

static unsigned told;

bool
say_is_heard(const struct ipvsd *ipvsd)
{
	(void)ipvsd;
	return true;
}

void
say_may_preempt(const struct instance *instance)
{
	assert_true(instance->may_preempt);
	told++;
}

void
event_tell(struct ipvsd *ipvsd, const char *object, const char *name,
    const char *from, const char *to, const char *text)
{
	(void)ipvsd;
	(void)object;
	(void)name;
	(void)from;
	(void)to;
	(void)text;
}

static void
a_slice_in_a_turn(void **state)
{
	static struct conf_server servers[SERVERS]; /* without checks */
	static struct made made;
	struct instance instance = {0}, *instances[] = {&instance};
	struct running running = {
	    .conf = &made.conf, .instances = instances, .instance_count = 1};
	struct ipvsd ipvsd = {.running = &running, .ready = true};

	(void)state;
	make(&made);
	instance.conf = &made.instances[0];
	for (unsigned i = 0; i < SERVICES; i++) {
		struct conf_service *service = make_service(
		    &made, "10.0.0.100", "rr");

		service->servers = servers;
		service->server_count = SERVERS;
	}
	ipvsd.base = event_base_new();
	may_preempt_init(&ipvsd);
	may_preempt_watch(&ipvsd);
	for (unsigned i = 1; i <= SERVICES; i++) {
		assert_int_equal(told, 0);
		event_base_loop(ipvsd.base, EVLOOP_ONCE);
	}
	assert_int_equal(told, 1);
	assert_false(timer_pending(&ipvsd.preempt_timer));
	event_base_free(ipvsd.base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slice_in_a_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
