/* SPDX-License-Identifier: ISC */
/* Whether the configuration's file is still what the daemons run. */
#ifndef VIPCTL_ON_DISK_H
#define VIPCTL_ON_DISK_H

#include <stdint.h>

enum on_disk {
	DISK_SAME,
	DISK_DIFFERS,
	DISK_BAD, /* it would be refused */
	DISK_GONE,
	DISK_UNREADABLE, /* changed since, but this user may not read it */
	DISK_SILENT	 /* the file system does not answer */
};

/*
 * Compares file (and conf.d beside it) with what was loaded from it, ms of the
 * wall clock: when nothing was changed since it is the same, else it is loaded
 * here as node and its digest is compared with generation (16 hex digits).
 * Takes 3 s at the most, whatever the file is.
 */
enum on_disk on_disk_look(const char *file, const char *node,
    uint64_t loaded_ms, const char *generation);
/* "differs" and the like, for JSON. */
const char *on_disk_name(enum on_disk);
/* What people are told behind the file's name; "" of "same". */
const char *on_disk_text(const char *name);

#endif
