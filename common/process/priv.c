/* SPDX-License-Identifier: ISC */
/*
 * Dropping privileges with libcap-ng. Whatever cannot be dropped is fatal.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "process/priv.h"

#define GROUP_FILE   "/etc/group"
#define GROUPS_MAX   32
/* Below the run-time directory, with the byte that ends it. */
#define LONGEST_NAME sizeof("/rendezvous.checkd")

/* The user that was looked up last. Most look-ups are for the daemon's own
 * user, and each takes much of a start. */
static const struct passwd *
account(const char *user)
{
	static char name[LOGIN_NAME_MAX];
	static struct passwd known = {.pw_name = name};
	const struct passwd *pw;

	if (name[0] != '\0' && strcmp(name, user) == 0)
		return &known;
	pw = getpwnam(user);
	if (pw == NULL || strlen(user) >= sizeof(name))
		return pw;
	strcpy(name, user);
	known.pw_uid = pw->pw_uid;
	known.pw_gid = pw->pw_gid;
	return &known;
}

const char *
priv_user(enum role role)
{
	switch (role) {
	case ROLE_IPVSD:
		return USER_IPVSD;
	case ROLE_VRRPD:
		return USER_VRRPD;
	default:
		return USER_CHECKD;
	}
}

uid_t
priv_uid(const char *user)
{
	const struct passwd *pw = account(user);

	return pw == NULL ? (uid_t)-1 : pw->pw_uid;
}

gid_t
priv_gid(const char *group)
{
	const struct group *gr = getgrnam(group);

	return gr == NULL ? (gid_t)-1 : gr->gr_gid;
}

bool
priv_may_give(gid_t group)
{
	gid_t groups[GROUPS_MAX];
	int count = getgroups(GROUPS_MAX, groups);

	if (group == (gid_t)-1)
		return false;
	if (geteuid() == 0 || getegid() == group)
		return true;
	for (int i = 0; i < count; i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

static void
no_new_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("no_new_privs");
}

static void
select_capability(enum priv_keep keep)
{
	capng_clear(CAPNG_SELECT_ALL);
	if (keep == PRIV_NET_ADMIN &&
	    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
		CAP_NET_ADMIN) != 0)
		fatalx("cannot select CAP_NET_ADMIN");
}

/*
 * The groups that group(5) names the user in, and its own. Not initgroups(3):
 * a system user's groups are in no directory service, and loading its modules
 * costs each daemon more than the rest of its start.
 */
static void
take_groups(const char *user, gid_t own)
{
	gid_t groups[GROUPS_MAX] = {own};
	const struct group *group;
	size_t count = 1;
	FILE *file;

	if ((file = fopen(GROUP_FILE, "re")) == NULL)
		fatal("%s", GROUP_FILE);
	while (count < GROUPS_MAX && (group = fgetgrent(file)) != NULL) {
		for (char **member = group->gr_mem; *member != NULL; member++) {
			if (strcmp(*member, user) == 0 && group->gr_gid != own)
				groups[count++] = group->gr_gid;
			if (count == GROUPS_MAX)
				break;
		}
	}
	fclose(file);
	if (setgroups(count, groups) == -1)
		fatal("setgroups for %s", user);
}

/*
 * Only root has CAP_SETPCAP, which emptying the bounding set needs. A daemon
 * that was started as its own user keeps the set that its unit left it, and
 * no_new_privs makes the set worthless.
 */
static void
drop_as_root(const char *user, enum priv_keep keep)
{
	const struct passwd *pw = account(user);
	int error;

	if (pw == NULL)
		fatalx("user %s does not exist", user);
	take_groups(user, pw->pw_gid);
	select_capability(keep);
	error = capng_change_id((int)pw->pw_uid, (int)pw->pw_gid,
	    (capng_flags_t)(CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT));
	if (error != 0)
		fatalx("cannot become %s: libcap-ng error %d", user, error);
	if (getuid() != pw->pw_uid || geteuid() != pw->pw_uid ||
	    getgid() != pw->pw_gid || getegid() != pw->pw_gid)
		fatalx("still not %s", user);
}

static void
drop_as_user(const char *user, enum priv_keep keep)
{
	if (geteuid() != priv_uid(user))
		fatalx("not %s", user);
	capng_get_caps_process();
	if (keep == PRIV_NET_ADMIN &&
	    !capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN))
		fatalx("CAP_NET_ADMIN is missing");
	/* A daemon with nothing to drop may have a unit that forbids capset(2).
	 */
	if (keep == PRIV_NONE &&
	    capng_have_permitted_capabilities() == CAPNG_NONE)
		return;
	select_capability(keep);
	if (capng_apply((
		capng_select_t)(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT)) != 0)
		fatalx("cannot drop capabilities");
}

void
priv_drop(const char *user, enum priv_keep keep)
{
	if (geteuid() == 0)
		drop_as_root(user, keep);
	else
		drop_as_user(user, keep);
	no_new_privileges();
}

/* Whether the log is a file. Then it may grow: a write(2) beyond the limit
 * would end the daemon. */
static bool
logs_to_file(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

static void
limit_to(int resource, rlim_t most, const char *name)
{
	struct rlimit limit;

	if (most == RLIM_INFINITY)
		return;
	if (getrlimit(resource, &limit) == -1)
		fatal("%s", name);
	if (limit.rlim_max > most)
		limit.rlim_max = most;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(resource, &limit) == -1)
		fatal("%s", name);
}

void
priv_limit(const struct priv_need *need)
{
	limit_to(RLIMIT_NOFILE, need->files, "RLIMIT_NOFILE");
	if (!logs_to_file())
		limit_to(RLIMIT_FSIZE, need->file_size, "RLIMIT_FSIZE");
}

void
priv_ordinary(const char *who)
{
	static const struct sched_param none;
	int policy = sched_getscheduler(0);

	if ((policy == SCHED_FIFO || policy == SCHED_RR) &&
	    sched_setscheduler(0, SCHED_OTHER, &none) == -1)
		log_warn("%s: stays real-time", who);
}

void
priv_no_forks(void)
{
	/* The leak sanitizer looks from a process of its own. */
#ifndef __SANITIZE_ADDRESS__
	limit_to(RLIMIT_NPROC, 0, "RLIMIT_NPROC");
#endif
}

void
priv_move_aside(const char *path, uid_t owner)
{
	char to[PATH_MAX];

	snprintf(to, sizeof(to), "%s.%llu", path,
	    (unsigned long long)clock_monotonic());
	if (rename(path, to) == 0)
		log_warnx(
		    "%s: made by uid %u, now %s", path, (unsigned)owner, to);
	else if (errno != ENOENT)
		fatal("%s: made by uid %u", path, (unsigned)owner);
}

static void
check_user(const char *user)
{
	if (priv_uid(user) == (uid_t)-1)
		fatalx("user %s does not exist", user);
	if (geteuid() != 0 && geteuid() != priv_uid(user))
		fatalx("start it as root or as %s", user);
}

/*
 * The owner of a directory can replace what is ours in it. So can all who may
 * write to the directory, unless it is sticky.
 */
static void
believe_run_dir(const char *dir, const char *user)
{
	struct stat st;

	if (stat(dir, &st) == -1)
		fatal("%s", dir);
	if (!S_ISDIR(st.st_mode))
		fatalx("%s: not a directory", dir);
	if (st.st_uid != 0 && st.st_uid != priv_uid(user))
		fatalx("%s: owned by uid %u, neither root nor %s", dir,
		    (unsigned)st.st_uid, user);
	if ((st.st_mode & S_IWOTH) != 0)
		fatalx("%s: anybody may write to it", dir);
	if ((st.st_mode & S_IWGRP) == 0)
		return;
	if ((st.st_mode & S_ISVTX) == 0)
		fatalx(
		    "%s: its group may write to it and it is not sticky", dir);
	if (st.st_gid != 0 && st.st_gid != priv_gid(GROUP_TRIUMVIR))
		fatalx("%s: a group that is not " GROUP_TRIUMVIR
		       " may write to it",
		    dir);
}

void
priv_run_dir(const char *dir, const char *user)
{
	static const struct sockaddr_un sun;

	check_user(user);
	if (priv_gid(GROUP_TRIUMVIR) == (gid_t)-1)
		fatalx("group " GROUP_TRIUMVIR " does not exist");
	if (strlen(dir) + LONGEST_NAME > sizeof(sun.sun_path))
		fatalx("%s: too long for a socket's name", dir);
	if (geteuid() == 0 && mkdir(dir, 0755) == 0) {
		/* The file is root's, and so is its directory. */
		if (lchown(dir, 0, priv_gid(GROUP_TRIUMVIR)) == -1 ||
		    chmod(dir, 01775) == -1)
			fatal("%s", dir);
	} else if (geteuid() == 0 && errno != EEXIST) {
		fatal("mkdir %s", dir);
	}
	believe_run_dir(dir, user);
}
