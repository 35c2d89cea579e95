/* SPDX-License-Identifier: ISC */
/*
 * A named socket in DIR, where every member of the group may make files: what
 * stands there under our name need not be ours.
 */
#ifndef COMMON_LISTENER_H
#define COMMON_LISTENER_H

#include <sys/types.h>

/*
 * Binds a SOCK_SEQPACKET socket at path; the caller sets its mode and listens.
 * What an earlier process of root or of this user left is removed, unless it
 * still listens; what another user put there is moved aside, if we are root.
 * Fatal on failure.
 */
int listener_bind(const char *path, uid_t user);

#endif
