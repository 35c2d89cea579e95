/* SPDX-License-Identifier: ISC */
/* Landlock, by its system calls: glibc 2.36 has no functions for them. */
#include <linux/landlock.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "log.h"
#include "process/sandbox.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* since Linux 6.2 */
#endif
#define ABI_REFER    2
#define ABI_TRUNCATE 3
#define ABI_SCOPED   6		 /* since Linux 6.12 */
#define SCOPE_SIGNAL (1ULL << 1) /* LANDLOCK_SCOPE_SIGNAL */

#define READING	     (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                        \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
/* All rights that Linux 5.13 knows. Each is refused where no rule gives it. */
#define ALL                                                                  \
	(READING | LANDLOCK_ACCESS_FS_EXECUTE |                              \
	    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |    \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |    \
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

#ifndef __SANITIZE_ADDRESS__

/* struct landlock_ruleset_attr as it is since ABI_SCOPED. */
struct attributes {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

static uint64_t
handled(long abi)
{
	uint64_t all = ALL;

	if (abi >= ABI_REFER)
		all |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= ABI_TRUNCATE)
		all |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return all;
}

static uint64_t
allowed(unsigned may)
{
	uint64_t rights = 0;

	if (may & SANDBOX_READ)
		rights |= READING;
	if (may & SANDBOX_WRITE)
		rights |= WRITING;
	if (may & SANDBOX_REMOVE)
		rights |= LANDLOCK_ACCESS_FS_REMOVE_FILE;
	return rights;
}

/* A place that does not exist gives no right. */
static void
add_place(int ruleset, const struct sandbox_place *place, uint64_t all)
{
	struct landlock_path_beneath_attr rule = {
	    .allowed_access = allowed(place->may) & all};

	rule.parent_fd = open(place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd == -1)
		return;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) == -1)
		fatal("landlock: %s", place->path);
	close(rule.parent_fd);
}

static void
restrict_to(const struct sandbox_place *places, size_t count)
{
	struct attributes attr = {0};
	size_t size = sizeof(attr.handled_access_fs);
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset;

	if (abi < 1) {
		log_info("this kernel has no Landlock: files are kept by their "
			 "modes alone");
		return;
	}
	attr.handled_access_fs = handled(abi);
	if (abi >= ABI_SCOPED) {
		attr.scoped = SCOPE_SIGNAL;
		size = sizeof(attr);
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset == -1)
		fatal("landlock");
	for (size_t i = 0; i < count; i++)
		add_place(ruleset, &places[i], attr.handled_access_fs);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		fatal("landlock");
	close(ruleset);
}

#endif

void
sandbox_files(const struct sandbox_place *places, size_t count)
{
#ifndef __SANITIZE_ADDRESS__
	restrict_to(places, count);
#else
	(void)places;
	(void)count;
#endif
}
