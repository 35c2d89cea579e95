/* SPDX-License-Identifier: ISC */
/*
 * Point 39 of the VRRP conformance list: a million random and mutated
 * packets through codec and state machine. No crash, no over-read (each lies
 * in memory of its own length), and none reaches the state machine that a
 * second, simpler reader does not find valid too.
 */
#include <stdlib.h>
#include <string.h>

#include "fsm_util.h"
#include "packet_util.h"

#define PACKETS 1000000

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

/* xorshift64*: the same packets in each run */
static uint32_t
dice(uint32_t sides)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)(seed * UINT64_C(2685821657736338717) >> 32) % sides;
}

static void
mutate(struct received *p)
{
	unsigned n = dice(4);

	while (n-- > 0)
		p->bytes[dice(p->len > 0 ? (uint32_t)p->len : 1)] = (uint8_t)
		    dice(256);
	if (dice(4) == 0)
		p->len = dice(80);
	if (dice(16) == 0)
		p->ip.ttl = (int)dice(256);
	if (dice(32) == 0)
		p->ip.destination.bytes[dice(4)] = (uint8_t)dice(256);
	if (dice(2) == 0 && p->len >= 8)
		repair(p, p->len);
}

static void
make(struct received *p, uint8_t version, uint8_t family)
{
	static const uint8_t priorities[] = {0, 99, 100, 101, 255};
	struct vrrp_send sends;
	uint8_t noise[80];

	sender(&sends, version, family);
	sends.source.bytes[family == AF_INET ? 3 : 15] = (uint8_t)dice(256);
	if (dice(4) == 0) {
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)dice(256);
		receive_bytes(p, noise, dice(sizeof(noise)), &sends);
	} else {
		sends.priority = priorities[dice(5)];
		receive(p, &sends);
	}
	mutate(p);
}

/* Only what makes a packet invalid whatever the configuration. */
static bool
plausible(const struct received *p, uint8_t version, uint8_t family)
{
	static const uint8_t group[] = {224, 0, 0, 18};
	const uint8_t *b = p->bytes;
	uint16_t sum;
	size_t need;

	if (p->ip.ttl != 255 || p->len < 8 || b[0] != (version << 4 | 1))
		return false;
	if (family == AF_INET && memcmp(p->ip.destination.bytes, group, 4) != 0)
		return false;
	need = 8 + b[3] * (family == AF_INET ? 4u : 16u) +
	    (version == 2 ? 8 : 0);
	if (b[3] == 0 || p->len < need)
		return false;
	sum = (uint16_t)(b[6] << 8 | b[7]);
	if (version == 2) /* the interval is 1 s */
		return b[4] == 0 && b[5] == 1 &&
		    sum == checksum_of(p, need, false);
	return ((b[4] & 0x0f) != 0 || b[5] != 0) &&
	    (sum == checksum_of(p, need, true) ||
		(family == AF_INET && sum == checksum_of(p, need, false)));
}

static unsigned
attack(struct rig *r, uint8_t version, uint8_t family, unsigned packets)
{
	struct conf_instance conf = instance(version, family);
	struct addr own = address(family == AF_INET ? "10.0.0.5" : "fe80::5");
	unsigned accepted = 0, notes;
	static struct received p;

	while (packets-- > 0) {
		make(&p, version, family);
		pass(r, dice(200) * MS);
		if (decode(&p) != VRRP_OK || p.advert.vrid != conf.vrid ||
		    vrrp_accept(&p.advert, &conf, &own, VRRP_OK, &notes) !=
			VRRP_OK)
			continue;
		assert_true(plausible(&p, version, family));
		accepted++;
		tell_event(r,
		    (struct fsm_event){
			.type = FSM_ADVERT, .advert = &p.advert});
	}
	return accepted;
}

static void
point_39_random_packets(void **state)
{
	static const struct {
		uint8_t version, family;
	} kinds[] = {{2, AF_INET}, {3, AF_INET}, {3, AF_INET6}};
	static struct rig r;
	struct addr source;
	unsigned accepted;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		rig_init(&r, 100);
		r.conf.version = kinds[i].version;
		rig_begin(&r);
		source = address(
		    kinds[i].family == AF_INET ? "10.0.0.5" : "fe80::5");
		tell_event(
		    &r, (struct fsm_event){.type = FSM_UP, .source = source});
		accepted = attack(
		    &r, kinds[i].version, kinds[i].family, PACKETS / 3 + 1);
		/* the valid ones were among them, and did something */
		assert_in_range(accepted, PACKETS / 60, PACKETS / 4);
		assert_true(r.fsm.become_master > 10);
	}
}

/* Events in any order and at any time: it stays within its states. */
static void
test_random_events(void **state)
{
	static struct rig r;
	struct fsm_event event;

	(void)state;
	as_backup(&r, 100);
	for (unsigned i = 0; i < 1000000; i++) {
		memset(&event, 0, sizeof(event));
		event.type = (enum fsm_event_type)dice(FSM_EVENT_MAX);
		if (event.type == FSM_SHUTDOWN || event.type == FSM_DOWN)
			event.type = dice(64) ? FSM_TIMER : FSM_DOWN;
		event.text = "down";
		event.conf = &r.conf;
		event.source = (struct addr){AF_INET, {10, 0, 0, 5}};
		event.term = dice(4) ? r.fsm.term : dice(5);
		event.end = r.now + dice(3000) * MS;
		event.time = r.now;
		event.present = dice(2);
		event.gap = dice(8) ? 0 : dice(4000) * MS;
		event.duration = dice(5) * SEC;
		if (dice(8) == 0)
			r.now += dice(1500) * MS;
		if (event.type == FSM_ADVERT)
			hear(&r, (uint8_t)dice(256), (uint8_t)dice(256));
		else
			tell_event(&r, event);
		assert_true(r.fsm.state < FSM_STATE_MAX);
		/* a term is held by who may use it, and by nobody else */
		if (r.fsm.state == FSM_STATE_MASTER)
			assert_true(r.fsm.term != 0);
		if (r.fsm.state == FSM_STATE_BACKUP ||
		    r.fsm.state == FSM_STATE_ACQUIRING)
			assert_true(r.fsm.term == 0);
		/* and time always goes on */
		if (r.fsm.state != FSM_STATE_INITIALIZE && r.fsm.ipvsd_up)
			assert_true(fsm_deadline(&r.fsm) != FSM_NEVER);
	}
	assert_true(r.fsm.become_master > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(point_39_random_packets),
	    cmocka_unit_test(test_random_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
