#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a taken-over daemon would want fails in each that may not.

Each attempt is a system call made from inside the live daemon, with all that
confines it. One is refused when it fails with EPERM, EACCES or ENOSYS or when
SIGSYS answers it; a deadly one must end the daemon, and with it the attacker.
Beside the refusals stand the calls that must work, so that a mistake of this
test's cannot pass for a refusal.
"""

import errno
import itertools
import os
import signal
import socket
import struct
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from inject import Died, Inside, Trapped, duplicate
from net import Net
from scenario import equal, expect, run, step
from suite import Director, children, status
from waiting import wait_for

# asm/unistd_64.h
CALLS = {
    "close": 3, "mmap": 9, "mprotect": 10, "ioctl": 16, "getpid": 39,
    "socket": 41, "sendto": 44, "bind": 49, "listen": 50, "setsockopt": 54,
    "clone": 56, "fork": 57, "execve": 59, "kill": 62, "fcntl": 72,
    "unlink": 87, "chmod": 90, "ptrace": 101, "setuid": 105, "capset": 126,
    "mknod": 133, "setpriority": 141, "sched_setscheduler": 144, "prctl": 157,
    "setrlimit": 160, "chroot": 161, "mount": 165, "init_module": 175,
    "tgkill": 234, "mq_open": 240, "inotify_init1": 294, "openat": 257,
    "unshare": 272, "accept4": 288, "prlimit64": 302,
    "setns": 308, "process_vm_readv": 310, "finit_module": 313, "bpf": 321,
    "execveat": 322, "io_uring_setup": 425, "clone3": 435,
}
AT_FDCWD = -100
REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
ALL = ("ipvsd", "parser", "vrrpd", "checkd")
PROT_RWX, PROT_RX, MAP_PRIVATE_ANONYMOUS = 7, 5, 0x22
RLIMIT_NPROC, RLIMIT_NOFILE = 6, 7
SIOCSIFADDR, FIOASYNC, FIOSETOWN = 0x8916, 0x5452, 0x8901
# fcntl.h, linux/fcntl.h
F_SETFL, F_SETLK, F_SETOWN, F_SETSIG, F_SETOWN_EX = 4, 6, 8, 10, 15
F_NOTIFY, F_SETPIPE_SZ, O_ASYNC = 1026, 1031, 0o20000
# Level, name; asm-generic/socket.h, linux/if_packet.h, linux/in.h, linux/tcp.h
OPTIONS = {
    "to wait when it is closed": (socket.SOL_SOCKET, socket.SO_LINGER),
    "another filter": (socket.SOL_SOCKET, 26),
    "no filter": (socket.SOL_SOCKET, 27),
    "a BPF filter": (socket.SOL_SOCKET, 50),
    "memory for what is sent": (socket.SOL_SOCKET, 32),
    "busy waiting": (socket.SOL_SOCKET, 46),
    "promiscuity": (263, 1),
    "a ring to receive": (263, 5),
    "a ring to send": (263, 13),
    "IP headers of its own": (socket.IPPROTO_IP, 3),
    "another's address": (socket.IPPROTO_IP, 19),
    "an upper layer": (socket.IPPROTO_TCP, 31),
    "a listener that waits": (socket.IPPROTO_TCP, 9),
}
PASSWD, SHADOW, OWN = b"/etc/passwd\0", b"/etc/shadow\0", b"/tmp/taken\0"
CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 1s
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
"""


def attempts(sibling):
    """(what, who must fail, call, arguments)."""
    deaf = ("ipvsd", "parser", "vrrpd")
    return (
        ("read a file", ALL,
         "openat", AT_FDCWD, PASSWD, os.O_RDONLY),
        ("read what is root's", ALL,
         "openat", AT_FDCWD, SHADOW, os.O_RDONLY),
        ("make a file", ALL,
         "openat", AT_FDCWD, OWN, os.O_CREAT | os.O_WRONLY, 0o600),
        ("look into a directory", ALL,
         "openat", AT_FDCWD, b"/tmp\0", os.O_RDONLY | os.O_DIRECTORY),
        ("start a process", ("ipvsd", "vrrpd", "checkd"),
         "clone", signal.SIGCHLD),
        ("start a process the old way", ALL, "fork"),
        ("start a process the new way", ALL, "clone3", bytes(88), 88),
        ("a process of its parent's", ALL, "clone",
         0x8000 | signal.SIGCHLD),
        ("a process that shares all", ALL, "clone", 0x10f00 | signal.SIGCHLD),
        ("a process that ends by another signal", ALL, "clone",
         signal.SIGKILL),
        ("a namespace of its own", ALL, "clone", 0x10000000 | signal.SIGCHLD),
        ("a raw socket", ALL,
         "socket", socket.AF_INET, socket.SOCK_RAW, 112),
        ("a raw IPv6 socket", ALL,
         "socket", socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6),
        ("a packet socket", ALL, "socket", socket.AF_PACKET,
         socket.SOCK_RAW, 0),
        ("an rtnetlink socket", ("ipvsd", "vrrpd", "checkd"),
         "socket", socket.AF_NETLINK, socket.SOCK_RAW, 0),
        ("a netfilter socket", ALL,
         "socket", socket.AF_NETLINK, socket.SOCK_RAW, 12),
        ("a TCP socket", deaf,
         "socket", socket.AF_INET, socket.SOCK_STREAM, 0),
        ("a UDP socket", ("ipvsd", "parser"),
         "socket", socket.AF_INET, socket.SOCK_DGRAM, 0),
        ("a socket to D-Bus", ALL,
         "socket", socket.AF_UNIX, socket.SOCK_STREAM, 0),
        ("a vsock", ALL, "socket", 40, socket.SOCK_STREAM, 0),
        ("set an address by ioctl", ALL,
         "ioctl", 0, SIOCSIFADDR, bytes(40)),
        ("kill a sibling", ALL, "kill", sibling, signal.SIGKILL),
        ("kill a sibling's thread", ALL,
         "tgkill", sibling, sibling, signal.SIGKILL),
        ("signal all there is", ALL, "kill", -1, 0),
        ("memory that is executable", ALL, "mmap", 0, 4096, PROT_RWX,
         MAP_PRIVATE_ANONYMOUS, -1, 0),
        ("make memory executable", ALL, "mprotect", 0, 4096, PROT_RX),
        ("capabilities back", ALL, "capset", bytes(8), bytes(24)),
        ("more processes", ("ipvsd", "vrrpd", "checkd"), "prlimit64",
         0, RLIMIT_NPROC, struct.pack("=QQ", 100, 100), 0),
        ("more files", ALL, "prlimit64", 0, RLIMIT_NOFILE,
         struct.pack("=QQ", 1 << 40, 1 << 40), 0),
        ("a device", ALL, "mknod", OWN, 0o20600, 0x103),
        ("change a file's mode", ALL, "chmod", PASSWD, 0o777),
        ("remove a name", ("parser", "vrrpd", "checkd"), "unlink", OWN),
        ("fewer files for a sibling", ALL, "prlimit64", sibling,
         RLIMIT_NOFILE, struct.pack("=QQ", 3, 3), 0),
        ("a sibling that is nice", ALL, "setpriority", 0, sibling, 19),
        ("a niceness of all of its user", ALL, "setpriority", 2, 0, 19),
        ("real time", ALL, "sched_setscheduler", 0, 2, bytes(4)),
        ("signals for a sibling", ALL, "fcntl", 0, F_SETOWN, sibling),
        ("signals for a sibling by its kind", ALL, "fcntl", 0, F_SETOWN_EX,
         struct.pack("=ii", 1, sibling)),
        ("a signal of its choice", ALL, "fcntl", 0, F_SETSIG, signal.SIGSTOP),
        ("signals by a descriptor", ALL, "fcntl", 0, F_SETFL, O_ASYNC),
        ("signals by ioctl", ALL, "ioctl", 0, FIOASYNC, b"\1\0\0\0"),
        ("their owner by ioctl", ALL, "ioctl", 0, FIOSETOWN, bytes(4)),
        ("signals by a directory", ALL, "fcntl", 0, F_NOTIFY, 1),
        ("a lock", ALL, "fcntl", 0, F_SETLK, bytes(32)),
        ("a larger pipe", ALL, "fcntl", 0, F_SETPIPE_SZ, 1 << 20),
        ("to be dumped", ALL, "prctl", 4, 1, 0, 0, 0),
        ("a name for a socket", ("vrrpd",), "bind", 0, bytes(16), 16),
        ("to listen", ALL, "listen", 0, 8),
        ("to accept", ("parser",), "accept4", 0, 0, 0, 0),
        ("a socket's other device", ("ipvsd", "parser", "vrrpd"), "setsockopt",
         0, socket.SOL_SOCKET, 25, bytes(16), 16),
        *((f"a socket's {what}", ALL, "setsockopt", 0, level, name, bytes(16),
           16) for what, (level, name) in OPTIONS.items()),
    )


# All are fatal, in all.
DEADLY = (
    ("a program", "execve", b"/bin/sh\0", 0, 0),
    ("a program by its file", "execveat", AT_FDCWD, b"/bin/sh\0", 0, 0, 0),
    ("trace a sibling", "ptrace", 16, 1, 0, 0),
    ("read a sibling's memory", "process_vm_readv", 1, 0, 0, 0, 0, 0),
    ("a kernel module", "init_module", bytes(64), 64, b"\0"),
    ("a kernel module by its file", "finit_module", 0, b"\0", 0),
    ("a BPF program", "bpf", 5, bytes(64), 64),
    ("io_uring", "io_uring_setup", 8, bytes(120)),
    ("a mount", "mount", b"none\0", b"/mnt\0", b"tmpfs\0", 0, 0),
    ("another root", "chroot", b"/\0"),
    ("another namespace", "unshare", 0x40000000),
    ("a sibling's namespace", "setns", 0, 0),
    ("root", "setuid", 0),
)


def child(pid):
    return children(pid)[0]


def confined(pid):
    return status(pid)["Seccomp"] == "2"


def pid_of(director, name):
    """Confined: ipvsd may be ready before its parser is."""
    pid = director.pid("ipvsd" if name == "parser" else name)
    if name == "parser":
        pid = child(pid)
    wait_for(lambda: confined(pid), 10, f"{name}: its filter")
    return pid


def outcome(inside, call, arguments):
    """How it was refused, or None with what it returned."""
    try:
        result = inside.call(CALLS[call], *arguments)
    except Trapped:
        return "SIGSYS", None
    if -result in REFUSALS:
        return errno.errorcode[-result], None
    return None, result


def refused(director, name):
    pid = pid_of(director, name)
    sibling = director.pid({"parser": "ipvsd", "vrrpd": "checkd"}.get(
        name, "vrrpd"))
    config = f"{director.config}\0".encode()
    with Inside(pid) as inside:
        equal(inside.call(CALLS["getpid"]), pid, f"{name}: a call that works")
    count = 0
    for what, who, call, *arguments in (
            *attempts(sibling),
            ("write the configuration", ALL, "openat", AT_FDCWD, config,
             os.O_WRONLY)):
        if name not in who:
            continue
        # Anew for each, so that no watchdog or lease is in the way.
        with Inside(pid) as inside:
            how, result = outcome(inside, call, arguments)
        expect(how, f"{name}: {what}: {call} returned {result}")
        count += 1
    step(f"{name}: {count} attempts, all refused")


def allowed(director):
    """That an attempt can succeed at all, where it is the daemon's own."""
    config = f"{director.config}\0".encode()
    state = f"{director.rundir}/ipvsd/new\0".encode()
    for name, call, *arguments in (
            ("parser", "openat", AT_FDCWD, config, os.O_RDONLY),
            ("ipvsd", "openat", AT_FDCWD, state,
             os.O_CREAT | os.O_WRONLY, 0o600),
            ("checkd", "socket", socket.AF_INET, socket.SOCK_STREAM, 0),
            ("vrrpd", "socket", socket.AF_INET, socket.SOCK_DGRAM, 0),
            ("vrrpd", "socket", socket.AF_UNIX, socket.SOCK_SEQPACKET, 0)):
        with Inside(pid_of(director, name)) as inside:
            result = inside.call(CALLS[call], *arguments)
            expect(result >= 0, f"{name}: {call}: {result}")
            inside.call(CALLS["close"], result)
    step("what is a daemon's own works")


def sockets(pid, table, column):
    """The descriptors of its sockets in a table of /proc/net."""
    found = []
    with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
        inodes = {line.split()[column]
                  for line in file.read().splitlines()[1:]}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{fd}")
        if target.startswith("socket:[") and target[8:-1] in inodes:
            found.append(int(fd))
    return found


def no_address(director, host):
    """vrrpd has an rtnetlink socket: it may ask, and the kernel says no."""
    pid = director.pid("vrrpd")
    address = socket.inet_aton("10.0.0.66")
    with open(f"/proc/{pid}/net/dev", encoding="ascii") as file:
        expect("eth0" in file.read(), "vrrpd is on the host")
    index = int(host.run("cat", "/sys/class/net/eth0/ifindex").stdout)
    attributes = b"".join(struct.pack("=HH4s", 8, kind, address)
                          for kind in (1, 2))    # IFA_ADDRESS, IFA_LOCAL
    body = struct.pack("=BBBBI", socket.AF_INET, 24, 0, 0, index) + attributes
    message = struct.pack("=IHHII", 16 + len(body), 20, 0x605, 1, 0) + body
    fds = sockets(pid, "netlink", 9)
    expect(fds, "vrrpd has an rtnetlink socket")
    for fd in fds:
        with Inside(pid) as inside:
            sent = inside.call(CALLS["sendto"], fd, message, len(message), 0,
                               0, 0)
            equal(sent, len(message), "a request for an address is sent")
    expect(not host.holds("10.0.0.66"), "vrrpd got no address")
    step("vrrpd: an address by its rtnetlink socket: the kernel refuses")


def no_name(director):
    """ipvsd may bind its netlink socket and checkd a check's, but make no name
    for another."""
    for daemon, directory in itertools.product(
            ("ipvsd", "checkd"),
            (director.rundir, f"{director.rundir}/ipvsd", "/tmp")):
        address = struct.pack("=H", socket.AF_UNIX) + \
            f"{directory}/taken\0".encode()
        with Inside(pid_of(director, daemon)) as inside:
            fd = inside.call(CALLS["socket"], socket.AF_UNIX,
                             socket.SOCK_DGRAM, 0)
            equal(inside.call(CALLS["bind"], fd, address, len(address)),
                  -errno.EACCES, f"{daemon}: a socket in {directory}")
            inside.call(CALLS["close"], fd)
    step("ipvsd, checkd: no name for a socket")


def locked(director):
    """The raw sockets' filters, which do not depend on the configuration."""
    pid = director.pid("vrrpd")
    fds = [fd for table, column in (("raw", 9), ("raw6", 9), ("packet", 8))
           for fd in sockets(pid, table, column)]
    equal(len(fds), 8, "vrrpd's raw and packet sockets")
    for fd in fds:
        with duplicate(pid, fd) as sock:
            try:
                sock.setsockopt(*OPTIONS["no filter"], 0)
            except PermissionError:
                continue
        raise AssertionError("a raw socket's filter could be taken away")
    step("vrrpd: the filters of its raw sockets are locked")


def deadly(director, name):
    for what, call, *arguments in DEADLY:
        pid = pid_of(director, name)
        try:
            with Inside(pid) as inside:
                result = inside.call(CALLS[call], *arguments)
            raise AssertionError(f"{name}: {what}: {call} returned {result}")
        except Died as died:
            equal(died.number, signal.SIGSYS, f"{name}: {what}: its end")
        again = "ipvsd" if name == "parser" else name
        director.kill(again)
        director.start(again)
    step(f"{name}: {len(DEADLY)} attempts, each its end")


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        wait_for(lambda: host.holds("10.0.0.100"), 10, "d1 is master")
        pids = {name: pid_of(director, name) for name in ALL}
        allowed(director)
        for name in ALL:
            refused(director, name)
        no_address(director, host)
        no_name(director)
        locked(director)
        equal({name: pid_of(director, name) for name in ALL}, pids,
              "the daemons that were tried")
        director.write_config(CONFIG.replace("vrid: 7", "vrid: 8"))
        director.vipctl("reload")
        director.wait_state("web", "master")
        step("they work on: reloaded, master")
        for name in ALL:
            deadly(director, name)
        director.wait_state("web", "master")


run(main)
