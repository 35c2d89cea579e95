/* SPDX-License-Identifier: ISC */
/*
 * Which system calls a process may still make (seccomp(2)) and which files it
 * may touch (Landlock), whatever its unit allows. Everything that needs more is
 * done before.
 */
#ifndef COMMON_PROCESS_SANDBOX_H
#define COMMON_PROCESS_SANDBOX_H

#include <stddef.h>

#include "role.h"

/*
 * Puts the filter of ROLE_IPVSD, ROLE_PARSER, ROLE_VRRPD or ROLE_CHECKD over
 * this process and all that it forks. Calls that only somebody who took it
 * over would make end it with SIGSYS; all others that it does not need fail
 * with ENOSYS, so that a newer libc finds another way. Built with
 * TRIUMVIR_FILTER_KILLS those end it too, and say which it was: so a test
 * finds what is missing here. Needs no_new_privs; fatal on failure. Does
 * nothing under the address sanitizer, whose own calls are no daemon's.
 */
void sandbox_enter(enum role self);

/* What may be done with the files below a directory. */
#define SANDBOX_READ   1u
#define SANDBOX_WRITE  2u /* also made, renamed and removed */
#define SANDBOX_REMOVE 4u

struct sandbox_place {
	const char *path;
	unsigned may;
};

/*
 * From now on no file but those (Landlock); what is open stays open. Nor can
 * a signal be sent to another process, where the kernel can tell (Linux 6.12).
 * Before sandbox_enter(), and with no_new_privs. Says so and goes on where the
 * kernel has no Landlock; fatal when it refuses. Nothing under the address
 * sanitizer.
 */
void sandbox_files(const struct sandbox_place *, size_t count);

#endif
