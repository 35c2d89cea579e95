/* SPDX-License-Identifier: ISC */
/*
 * The filters, compiled by libseccomp while the daemons are built: a daemon
 * that starts has none of its work, and the library is not in it. Writes them
 * as C (sandbox_filters.h).
 *
 * The lists are of what the daemons, libevent, libnl and glibc 2.36 call after
 * the start, on 64-bit Linux (x86-64, arm64). fstat(3) is newfstatat(2) there,
 * qsort(3) calls sysinfo(2), and where the vDSO has no clock clock_gettime(2)
 * is a call like any other.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/netlink.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "newer_linux.h"
#include "role.h"

/* Stands for the process id, which sandbox.c puts in its place. */
#define PID_MARK 0x5eedf11eu

#ifdef TRIUMVIR_FILTER_KILLS
#define OTHERWISE SCMP_ACT_TRAP
#else
#define OTHERWISE SCMP_ACT_ERRNO(ENOSYS)
#endif

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Every process: memory, time, the loop, its messages, the log, its end. */
static const int common_calls[] = {SCMP_SYS(brk), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(close), SCMP_SYS(connect),
    SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
    SCMP_SYS(epoll_wait), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(fstat),
    SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getpeername),
    SCMP_SYS(getrandom), SCMP_SYS(getsockname), SCMP_SYS(getsockopt),
    SCMP_SYS(gettid), SCMP_SYS(gettimeofday), SCMP_SYS(getegid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getuid), SCMP_SYS(lseek),
    SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap), SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat), SCMP_SYS(pipe2), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(read), SCMP_SYS(readv),
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield), SCMP_SYS(sendmsg), SCMP_SYS(sendto),
    SCMP_SYS(shutdown), SCMP_SYS(sigaltstack), SCMP_SYS(sysinfo),
    SCMP_SYS(time), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(write), SCMP_SYS(writev)};

/* Its state: written beside the old and renamed; /proc/sys; memfds. */
static const int ipvsd_calls[] = {SCMP_SYS(accept4), SCMP_SYS(access),
    SCMP_SYS(bind), SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(getrusage),
    SCMP_SYS(memfd_create), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(rename),
    SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(sendfile),
    SCMP_SYS(sendmmsg), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(wait4)};

/* Reads files in a worker of its own, with limits, and prints in another. */
static const int parser_calls[] = {SCMP_SYS(alarm), SCMP_SYS(bind),
    SCMP_SYS(ftruncate), SCMP_SYS(getcwd), SCMP_SYS(getdents64),
    SCMP_SYS(memfd_create), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(pipe),
    SCMP_SYS(rseq), SCMP_SYS(setitimer), SCMP_SYS(setrlimit),
    SCMP_SYS(set_robust_list), SCMP_SYS(uname), SCMP_SYS(wait4)};

/* They accept clients on a control socket that listens. */
static const int vrrpd_calls[] = {SCMP_SYS(accept4), SCMP_SYS(getrusage)};
/* And the address that a check comes from. */
static const int checkd_calls[] = {SCMP_SYS(accept4), SCMP_SYS(bind)};

/* Neither the daemons nor their libraries call these. */
static const int deadly_calls[] = {SCMP_SYS(acct), SCMP_SYS(add_key),
    SCMP_SYS(bpf), SCMP_SYS(chroot), SCMP_SYS(delete_module), SCMP_SYS(execve),
    SCMP_SYS(execveat), SCMP_SYS(finit_module), SCMP_SYS(init_module),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
    SCMP_SYS(io_uring_setup), SCMP_SYS(kcmp), SCMP_SYS(kexec_file_load),
    SCMP_SYS(kexec_load), SCMP_SYS(keyctl), SCMP_SYS(mount),
    SCMP_SYS(move_mount), SCMP_SYS(open_by_handle_at), SCMP_SYS(open_tree),
    SCMP_SYS(perf_event_open), SCMP_SYS(personality), SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pivot_root), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(ptrace), SCMP_SYS(reboot),
    SCMP_SYS(request_key), SCMP_SYS(setgid), SCMP_SYS(setgroups),
    SCMP_SYS(setns), SCMP_SYS(setresgid), SCMP_SYS(setresuid), SCMP_SYS(setuid),
    SCMP_SYS(swapon), SCMP_SYS(umount2), SCMP_SYS(unshare),
    SCMP_SYS(userfaultfd)};

/* A kind of socket(2) that may still be made. */
struct socket_kind {
	enum role self;
	int family;
	int type;
	int protocol;
};

static const struct socket_kind socket_kinds[] = {
    /* To the rendezvous. */
    {ROLE_VRRPD, AF_UNIX, SOCK_SEQPACKET, 0},
    {ROLE_CHECKD, AF_UNIX, SOCK_SEQPACKET, 0},
    /* Group memberships of an interface that came later (group.c). */
    {ROLE_VRRPD, AF_INET, SOCK_DGRAM, 0},
    {ROLE_VRRPD, AF_INET6, SOCK_DGRAM, 0},
    /* Checks. */
    {ROLE_CHECKD, AF_INET, SOCK_STREAM, 0},
    {ROLE_CHECKD, AF_INET6, SOCK_STREAM, 0},
    /* Where a check would come from (check_socket.c). */
    {ROLE_CHECKD, AF_INET, SOCK_DGRAM, 0},
    {ROLE_CHECKD, AF_INET6, SOCK_DGRAM, 0},
    /* IPVS, once a configuration has services. */
    {ROLE_IPVSD, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC},
    /* getifaddrs(3): which node this host is. */
    {ROLE_PARSER, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
    /* The log, opened by background_ready(). */
    {ROLE_IPVSD, AF_UNIX, SOCK_DGRAM, 0},
    {ROLE_VRRPD, AF_UNIX, SOCK_DGRAM, 0},
    {ROLE_CHECKD, AF_UNIX, SOCK_DGRAM, 0},
};

/* An option that a socket may still be given; of others the kernel is asked
 * for memory, for packets of all kinds, or to wait when a socket is closed. */
struct option_kind {
	enum role self;
	int level;
	int name;
};

static const struct option_kind option_kinds[] = {
    /* Links that get no descriptors (seqpacket.c). */
    {ROLE_IPVSD, SOL_SOCKET, SO_PASSRIGHTS},
    {ROLE_VRRPD, SOL_SOCKET, SO_PASSRIGHTS},
    {ROLE_CHECKD, SOL_SOCKET, SO_PASSRIGHTS},
    /* Group memberships. */
    {ROLE_VRRPD, IPPROTO_IP, MCAST_JOIN_GROUP},
    {ROLE_VRRPD, IPPROTO_IP, MCAST_LEAVE_GROUP},
    {ROLE_VRRPD, IPPROTO_IPV6, MCAST_JOIN_GROUP},
    {ROLE_VRRPD, IPPROTO_IPV6, MCAST_LEAVE_GROUP},
    /* The source of a check, without a port of its own, or on a link. */
    {ROLE_CHECKD, SOL_SOCKET, SO_BINDTODEVICE},
    {ROLE_CHECKD, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
    /* IPVS's socket (common/net, libnl). */
    {ROLE_IPVSD, SOL_SOCKET, SO_RCVBUF},
    {ROLE_IPVSD, SOL_SOCKET, SO_RCVBUFFORCE},
    {ROLE_IPVSD, SOL_SOCKET, SO_SNDBUF},
    {ROLE_IPVSD, SOL_NETLINK, NETLINK_CAP_ACK},
    {ROLE_IPVSD, SOL_NETLINK, NETLINK_EXT_ACK},
};

/* No owner of a descriptor, no signal by it (F_SETOWN, F_SETSIG), no lock. */
static const int fcntl_commands[] = {
    F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS};

static void
must(int error, const char *what)
{
	if (error < 0)
		errx(1, "%s: error %d", what, -error);
}

/* Allows a call; one that this architecture does not have is passed over. */
static void
add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (calls[i] >= 0)
			must(seccomp_rule_add(filter, action, calls[i], 0),
			    "rule");
	}
}

static void
add_sockets(scmp_filter_ctx filter, enum role self)
{
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	const struct socket_kind *kind;

	for (size_t i = 0; i < COUNT(socket_kinds); i++) {
		kind = &socket_kinds[i];
		if (kind->self != self)
			continue;
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
			 3, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)kind->family),
			 SCMP_A1(SCMP_CMP_MASKED_EQ,
			     (scmp_datum_t)(uint32_t)~flags,
			     (scmp_datum_t)kind->type),
			 SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)kind->protocol)),
		    "socket");
	}
	/* The ends of links, which ipvsd hands out. */
	if (self == ROLE_IPVSD)
		must(
		    seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX)),
		    "socketpair");
}

/* One word of a call has to be this. */
static void
add_equal(scmp_filter_ctx filter, int call, unsigned word, scmp_datum_t value)
{
	struct scmp_arg_cmp test = {
	    .arg = word, .op = SCMP_CMP_EQ, .datum_a = value};

	must(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &test),
	    "a word");
}

static void
add_options(scmp_filter_ctx filter, enum role self)
{
	const struct option_kind *kind;

	for (size_t i = 0; i < COUNT(option_kinds); i++) {
		kind = &option_kinds[i];
		if (kind->self != self)
			continue;
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			 SCMP_SYS(setsockopt), 2,
			 SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)kind->level),
			 SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)kind->name)),
		    "setsockopt");
	}
}

static void
add_fcntl(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < COUNT(fcntl_commands); i++)
		add_equal(filter, SCMP_SYS(fcntl), 1,
		    (scmp_datum_t)fcntl_commands[i]);
	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2,
		 SCMP_A1(SCMP_CMP_EQ, F_SETFL),
		 SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0)),
	    "fcntl");
}

/*
 * The parser and its workers: limits and niceness of their own, and the end
 * with the parser's. ipvsd has the same user and must be out of reach.
 */
static void
add_parser(scmp_filter_ctx filter)
{
	add_equal(filter, SCMP_SYS(prlimit64), 0, 0);
	add_equal(filter, SCMP_SYS(prctl), 0, PR_SET_PDEATHSIG);
	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setpriority), 2,
		 SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS), SCMP_A1(SCMP_CMP_EQ, 0)),
	    "setpriority");
	/* fork(2): no flag that it does not have, as another parent is. */
	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		 SCMP_A0(SCMP_CMP_MASKED_EQ,
		     ~(scmp_datum_t)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID),
		     SIGCHLD)),
	    "clone");
}

/* Memory is never made executable; abort(3) can signal the daemon alone. */
static void
add_bounded(scmp_filter_ctx filter, enum role self)
{
	const scmp_datum_t exec = PROT_EXEC;

	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		 SCMP_A2(SCMP_CMP_MASKED_EQ, exec, 0)),
	    "mmap");
	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		 SCMP_A2(SCMP_CMP_MASKED_EQ, exec, 0)),
	    "mprotect");
	add_equal(filter, SCMP_SYS(tgkill), 0, PID_MARK);
	add_fcntl(filter);
	add_options(filter, self);
	/* How much waits to be read (libevent, ipvsd's links); whether a file
	 * is a terminal (stdio). */
	add_equal(filter, SCMP_SYS(ioctl), 1, FIONREAD);
	add_equal(filter, SCMP_SYS(ioctl), 1, TCGETS);
	/* Packet sockets alone are bound, and their filters are locked. */
	if (self == ROLE_VRRPD)
		add_equal(
		    filter, SCMP_SYS(bind), 2, sizeof(struct sockaddr_ll));
	if (self == ROLE_PARSER)
		add_parser(filter);
}

static void
add_role(scmp_filter_ctx filter, enum role self)
{
	switch (self) {
	case ROLE_IPVSD:
		add(filter, SCMP_ACT_ALLOW, ipvsd_calls, COUNT(ipvsd_calls));
		break;
	case ROLE_PARSER:
		add(filter, SCMP_ACT_ALLOW, parser_calls, COUNT(parser_calls));
		break;
	case ROLE_CHECKD:
		add(filter, SCMP_ACT_ALLOW, checkd_calls, COUNT(checkd_calls));
		break;
	default:
		add(filter, SCMP_ACT_ALLOW, vrrpd_calls, COUNT(vrrpd_calls));
		break;
	}
}

static scmp_filter_ctx
filter_of(enum role self)
{
	scmp_filter_ctx filter = seccomp_init(OTHERWISE);

	if (filter == NULL)
		errx(1, "no filter");
	must(seccomp_attr_set(
		 filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
	    "architecture");
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "order");
	add(filter, SCMP_ACT_KILL_PROCESS, deadly_calls, COUNT(deadly_calls));
	add(filter, SCMP_ACT_ALLOW, common_calls, COUNT(common_calls));
	add_role(filter, self);
	add_sockets(filter, self);
	add_bounded(filter, self);
	return filter;
}

/* One filter as an array, and where in it the process id belongs. */
static void
print(enum role self)
{
	scmp_filter_ctx filter = filter_of(self);
	FILE *file = tmpfile();
	struct sock_filter step;
	int count = 0, pid_at = -1;

	if (file == NULL)
		err(1, "tmpfile");
	must(seccomp_export_bpf(filter, fileno(file)), "export");
	rewind(file);
	printf("static const struct sock_filter %s_filter[] = {\n",
	    role_name(self));
	for (; fread(&step, sizeof(step), 1, file) == 1; count++) {
		printf("    {0x%04x, %u, %u, 0x%08xu},\n", step.code, step.jt,
		    step.jf, step.k);
		if (step.k != PID_MARK)
			continue;
		if (pid_at != -1 || step.code != (BPF_JMP | BPF_JEQ | BPF_K))
			errx(1, "%s: no place for a pid", role_name(self));
		pid_at = count;
	}
	if (pid_at == -1 || ferror(file))
		errx(1, "%s: not a filter", role_name(self));
	printf("};\n#define %s_PID_AT %d\n", role_name(self), pid_at);
	fclose(file);
	seccomp_release(filter);
}

int
main(void)
{
	static const enum role roles[] = {
	    ROLE_IPVSD, ROLE_PARSER, ROLE_VRRPD, ROLE_CHECKD};

	for (size_t i = 0; i < COUNT(roles); i++)
		print(roles[i]);
	return fflush(stdout) == EOF;
}
