/* SPDX-License-Identifier: ISC */
/*
 * Users, groups and capabilities: each daemon runs as its own user with the
 * one capability it needs, or none, and can never gain another.
 */
#ifndef COMMON_PROCESS_PRIV_H
#define COMMON_PROCESS_PRIV_H

#include <sys/resource.h>
#include <sys/types.h>

#include <stdbool.h>

#include "role.h"

#define USER_IPVSD     "_ipvsd"
#define USER_VRRPD     "_vrrpd"
#define USER_CHECKD    "_checkd"
#define GROUP_TRIUMVIR "_triumvir" /* the daemons: may make names in DIR */
#define GROUP_VIPCTL   "_vipctl"   /* may ask them (control sockets) */

/* What to keep; PRIV_NONE also empties the bounding set. */
enum priv_keep { PRIV_NONE, PRIV_NET_ADMIN };

/*
 * As root: becomes user (and its groups) keeping only `keep`. As that user:
 * drops all but `keep` from what it was given. Sets no_new_privs. Anything
 * that fails is fatal: nobody runs with more than was asked for. Any other
 * user but root and `user` is fatal too.
 */
void priv_drop(const char *user, enum priv_keep keep);

/* What a process and all that it forks may use up, see setrlimit(2). */
struct priv_need {
	rlim_t files;	  /* descriptors */
	rlim_t file_size; /* bytes of one, memfds too; RLIM_INFINITY: any */
};

/*
 * No more than it needs, from now on, hard and soft; a limit that is lower
 * already stays, and a log on stderr that is a file may grow. Fatal on failure.
 * For the dropped: root is not held by it.
 */
void priv_limit(const struct priv_need *);
/*
 * The calling thread is no real-time one any more, where it was: the loops of
 * all come before what it does. `who` is for the log, when that is refused.
 */
void priv_ordinary(const char *who);
/* From now on no process and no thread is started. Fatal on failure. */
void priv_no_forks(void);
/* The user that a daemon becomes: ROLE_IPVSD, ROLE_VRRPD or ROLE_CHECKD. */
const char *priv_user(enum role);
/* The uid of a user, (uid_t)-1 when there is none. */
uid_t priv_uid(const char *user);
gid_t priv_gid(const char *group);
/* Whether a file of ours can be given to the group, see chown(2). */
bool priv_may_give(gid_t group);

/*
 * Gives what another user made in our place another name, and says so; what
 * has gone meanwhile is no failure. For root: a sticky directory keeps others
 * from it. Fatal on failure.
 */
void priv_move_aside(const char *path, uid_t owner);

/*
 * Makes the run-time directory 1775 root:_triumvir when started as root and
 * it is missing; checks that it is a directory that root or the user owns, that
 * others cannot replace what is in it, that user and group exist and that we
 * are that user or root. Fatal on failure.
 */
void priv_run_dir(const char *dir, const char *user);

#endif
