/* SPDX-License-Identifier: ISC */
/*
 * kernel-test addresses | services | bench|turns SERVICES SERVERS: the kernel
 * half of ipvsd against this kernel, in a network namespace of its own.
 */
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "world.h"

int
main(int argc, char **argv)
{
	log_init("kernel-test", true, getenv("VERBOSE") != NULL ? 2 : 0);
	if (unshare(CLONE_NEWNET) == -1)
		err(77, "a network namespace");
	if (argc == 2 && strcmp(argv[1], "addresses") == 0)
		test_addresses();
	else if (argc == 2 && strcmp(argv[1], "services") == 0)
		test_services();
	else if (argc == 4 &&
	    (strcmp(argv[1], "bench") == 0 || strcmp(argv[1], "turns") == 0))
		bench_services((uint32_t)strtoul(argv[2], NULL, 10),
		    (uint32_t)strtoul(argv[3], NULL, 10),
		    strcmp(argv[1], "turns") == 0);
	else
		errx(2,
		    "usage: kernel-test addresses | services | "
		    "bench|turns SERVICES SERVERS");
	printf("ok\n");
	return 0;
}
