#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""vrrpd and checkd at the rendezvous of an ipvsd that was taken over.

It hands out what is no end of a link, ends that give a descriptor with each
packet, and descriptors without end. They take none of it, go on, keep no
descriptor, and take a true end afterwards.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path += [f"{HERE}/../lib", f"{HERE}/../bench"]

from fake_ipvsd import MSG, ctl
from hostile import Watch, packet
from measure import Loop
from net import Net
from scenario import equal, expect, results, run, step
from siblings import IPVSD, RENDEZVOUS, Peer
from slow_close import LINGERS_MANY, leave, make
from suite import LOOPWATCH, Director, binary, older_kernel, programs
from waiting import wait_for

SO_PASSPIDFD = 76       # asm-generic/socket.h since Linux 6.5
PACKETS = 3000
ROUNDS = 30
# It lets nobody in while many wait to be closed, which takes some 2 ms each; its
# loop goes on. One of them would keep it for a minute.
ANSWER_S, AWAY_S = 5.0, 1.0
SANITIZED = os.environ.get("TRIUMVIR_SANITIZED")


def ends():
    """What is no end of a link, by name."""
    def sock(*kind):
        return socket.socket(*kind).detach()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind("")      # of its own choice
    listening.listen()
    epoll = select.epoll()
    yield "a memfd", os.memfd_create("none")
    yield "a file", os.open("/etc/passwd", os.O_RDONLY)
    yield "a directory", os.open("/", os.O_RDONLY)
    yield "a pipe", os.pipe()[1]
    yield "an epoll", os.dup(epoll.fileno())
    yield "an event", os.eventfd(0)
    yield "a stream", sock(socket.AF_UNIX, socket.SOCK_STREAM)
    yield "datagrams", sock(socket.AF_UNIX, socket.SOCK_DGRAM)
    yield "TCP", sock(socket.AF_INET, socket.SOCK_STREAM)
    yield "a path alone", os.open("/etc/passwd", os.O_PATH)
    yield "one that listens", listening.detach()
    yield "one that goes nowhere", sock(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class False_:
    """The server, which is root, and one of the daemons, confined."""

    def __init__(self, net, host, name):
        self.name = name
        self.director = Director(net, host, "")
        path = f"{self.director.rundir}/{RENDEZVOUS[f'_{name}']}"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(16)
        self.listener.settimeout(20)
        self.loop = Loop(f"{self.director.directory}/{name}.loop")
        # A sanitizer wants to be loaded first.
        watched = [] if SANITIZED else [
            "env", f"LOOPWATCH={self.loop.path}",
            f"LD_PRELOAD={programs()}/{LOOPWATCH}"]
        with open(f"{results()}/{name}.log", "ab") as log:
            self.popen = subprocess.Popen(
                [*watched, *older_kernel(), binary(name), "-d", "-r",
                 self.director.rundir],
                preexec_fn=host.enter, stdout=log, stderr=log)
        net.defer(self.popen.wait)
        net.defer(self.popen.kill)
        self.client = None
        self.epoch = 0
        self.accept()

    def accept(self):
        """Its next connection, after its HELLO."""
        if self.client is not None:
            self.client.close()
        while True:
            self.client, _ = self.listener.accept()
            self.client.settimeout(20)
            if self.client.recv(8192):
                return

    def link(self, fds):
        self.epoch = time.monotonic_ns()
        socket.send_fds(self.client, [packet(
            MSG["LINK"], struct.pack("!BQ", IPVSD, self.epoch))], fds)

    def ask(self, *words):
        return ctl(f"{self.director.rundir}/{self.name}.ctl", *words)

    def state(self):
        return next(row for row in self.ask("links")
                    if row["peer"] == "ipvsd")["state"]

    def true_end(self):
        """Taken, and heard."""
        ours, theirs = socket.socketpair(socket.AF_UNIX,
                                         socket.SOCK_SEQPACKET)
        self.link([theirs.fileno()])
        theirs.close()
        wait_for(lambda: self.state() == "up", 20, "a true end is taken")
        return Peer(ours)


def nonsense(false):
    for what, fd in ends():
        with contextlib.suppress(BrokenPipeError):
            false.link([fd])
        os.close(fd)
        expect(false.popen.poll() is None, f"{what}: {false.name} ended")
        expect(false.ask("summary"), f"{what}: it answers")
        # It may have hung up.
        with contextlib.suppress(TimeoutError):
            false.client.settimeout(0.2)
            if not false.client.recv(8192):
                false.accept()
        false.client.settimeout(20)
    false.true_end().sock.close()
    wait_for(lambda: false.state() == "down", 20, "its end")


def pidfds(false, watch):
    """A descriptor with each packet, asked for by who made the pair."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        theirs.setsockopt(socket.SOL_SOCKET, SO_PASSPIDFD, 1)
    except OSError:
        step("  no SO_PASSPIDFD here")
        return
    false.accept()
    false.link([theirs.fileno()])
    theirs.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(PACKETS):
            ours.send(packet(MSG["RESYNC"], b"", 7))
    wait_for(lambda: false.state() != "up", 20, "the link is shut")
    ours.close()
    watch.unharmed("a descriptor with each packet")


def many(false, watch):
    """More than can be closed, on one connection after the other."""
    slowest, kept = 0, []
    for _ in range(ROUNDS):
        false.listener.settimeout(0.5)
        with contextlib.suppress(TimeoutError, BrokenPipeError,
                                 ConnectionResetError):
            false.accept()
            fds, others = make(LINGERS_MANY)
            # So that it is not us who close the last copies.
            os.kill(false.popen.pid, signal.SIGSTOP)
            try:
                if leave(false.client, packet(MSG["LINK"], struct.pack(
                        "!BQ", IPVSD, time.monotonic_ns())), fds, others):
                    kept += others
            finally:
                os.kill(false.popen.pid, signal.SIGCONT)
        began = time.monotonic()
        expect(false.ask("summary"), "it answers")
        slowest = max(slowest, time.monotonic() - began)
    expect(slowest < ANSWER_S, f"{false.name}: answers after {slowest:.2f} s")
    away = 0 if SANITIZED else false.loop.longest("wall")
    expect(away < AWAY_S, f"{false.name}'s loop was away for {away:.2f} s")
    for other in kept:
        other.close()
    wait_for(lambda: len(os.listdir(f"/proc/{false.popen.pid}/fd")) <=
             watch.descriptors, 60, "all are closed")
    false.listener.settimeout(30)
    false.accept()
    false.true_end()
    step(f"  {false.name}: answers within {1e3 * slowest:.0f} ms, its loop was "
         f"away for {1e3 * away:.1f} ms at most")


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        for name in ("vrrpd", "checkd"):
            false = False_(net, host, name)
            false.true_end().sock.close()
            wait_for(lambda f=false: f.state() == "down", 20, "its end")
            watch = Watch(false.popen.pid)
            step(f"{name}: what is no end of a link")
            nonsense(false)
            watch.unharmed("what is no end")
            step(f"{name}: a descriptor with each packet")
            pidfds(false, watch)
            step(f"{name}: descriptors without end")
            many(false, watch)
            equal(false.popen.poll(), None, f"{name} lives")


run(main)
