/* SPDX-License-Identifier: ISC */
/*
 * A configuration made by hand, ipvsd's kernel half on it, and questions to
 * the kernel by ip(8) and ipvsadm(8): what the tests of this directory share.
 */
#ifndef TESTS_LAB_KERNEL_WORLD_H
#define TESTS_LAB_KERNEL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

#define WORLD_MAX 64

struct world {
	struct event_base *base;
	struct kernel *kernel;
	struct conf conf;
	struct conf_instance instances[WORLD_MAX];
	struct conf_address addresses[WORLD_MAX];
	uint32_t address_count;
	struct conf_service *services;
	struct conf_server *servers;
	uint32_t server_count;
	struct desired_input input;
	uint8_t duty[WORLD_MAX];
	uint8_t *health;
	uint8_t *override;
	/* what the kernel half has told */
	bool idle;
	bool left;
	bool refreshed;
	bool renewable;
	uint32_t repaired;
	int held[WORLD_MAX]; /* reason + 1, 0: nothing yet */
	int released[WORLD_MAX];
	int lost[WORLD_MAX];
	char saved[8192];
};

extern const char *world_test; /* its name, for messages */

/* A check that ends the program with what was asked and what is. */
#define CHECK(condition) \
	world_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(a, b)  \
	world_check_equal( \
	    (uint64_t)(a), (uint64_t)(b), #a " is " #b, __FILE__, __LINE__)
/* Runs the loop until it is so, for at most 30 s. */
#define WAIT(world, condition)                                               \
	do {                                                                 \
		uint64_t world_end = clock_monotonic() + 30 * NS_PER_SEC;    \
		while (!(condition))                                         \
			world_turn((world), world_end, #condition, __FILE__, \
			    __LINE__);                                       \
	} while (0)

void world_check(bool, const char *what, const char *file, int line);
void world_check_equal(
    uint64_t, uint64_t, const char *what, const char *file, int line);
void world_turn(
    struct world *, uint64_t end, const char *what, const char *file, int line);

void world_init(struct world *, uint32_t services, uint32_t servers);
void world_free(struct world *);
/* Starts a kernel half; load: with what the last one saved. */
void world_start(struct world *, bool load);
void world_stop(struct world *); /* changes nothing */
void world_configure(struct world *);
void world_leave(struct world *);
void world_hold(struct world *, uint32_t instance);
void world_release(struct world *, uint32_t instance);
/* A fresh dump and all that follows from it. */
void world_refresh(struct world *);
uint64_t world_commands(struct world *);
uint64_t world_errors(struct world *);

struct conf_instance *world_instance(
    struct world *, const char *name, const char *interface);
struct conf_address *world_address(
    struct world *, struct conf_instance *, const char *addr, uint8_t prefix);
struct conf_service *world_service(struct world *, uint32_t instance,
    const char *addr, uint16_t port, const char *scheduler);
/* Servers of the service that was added last. */
struct conf_server *world_server(struct world *, const char *addr,
    uint16_t port, uint32_t weight, enum conf_forward);

/* A shell command must succeed; or has the text, or all of it. */
void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool has(const char *command, const char *text);
const char *output(const char *command);

void test_addresses(void);
void test_services(void);
void bench_services(uint32_t services, uint32_t servers, bool turns);

#endif
