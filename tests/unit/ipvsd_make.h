/* SPDX-License-Identifier: ISC */
/* Small configurations made by hand, for the tests of ipvsd's middles. */
#ifndef TESTS_UNIT_IPVSD_MAKE_H
#define TESTS_UNIT_IPVSD_MAKE_H

#include "desired/desired.h"

struct made {
	struct conf conf;
	struct conf_instance instances[4];
	struct conf_address addresses[4];
	struct conf_service services[4];
	struct conf_server servers[4][8];
	uint8_t duty[4];
	uint8_t health[8];
	uint8_t override[32];
	struct ramp ramp[32];
	uint32_t probes[8];
	struct desired_input input;
};

/* Two instances: "front" with 10.0.0.100/24 on eth0, "back" without any. */
void make(struct made *);
struct conf_service *make_service(
    struct made *, const char *addr, const char *scheduler);
/* Of the service that was made last; probe i is server i's. */
struct conf_server *make_server(
    struct made *, const char *addr, uint32_t weight);

#endif
