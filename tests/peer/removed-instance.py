#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A reload removes an instance whose lease runs out just then.

vrrpd, which the test plays, does not give it back. ipvsd is held up as soon as
the new configuration is in force, by a log that nobody reads, until that lease
is over: its end must not be another instance's, whose number is that of the
removed one now.
"""

import contextlib
import fcntl
import os
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from machine import judged
from net import Net
from scenario import equal, expect, run, step
from siblings import IPVSD, Client, Shut
from suite import Director, binary
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
%s
  web:
    interface: eth0
    vrid: 1
    interval: 200ms
    nodes: [a, b]
    addresses: [192.168.1.100/32]
"""
FIRST = """
  first:
    interface: eth0
    vrid: 2
    interval: 200ms
    nodes: [a, b]
    addresses: [192.168.1.99/32]
"""
RENEWAL = 0.05
LEASE_NS = 560_000_000
DEADLINE = 20


class Log:
    """ipvsd's, a pipe that is read until fill()."""

    def __init__(self):
        self.text = b""
        self.read_end, self.write_end = os.pipe()
        fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(self.read_end, False)

    def drain(self):
        with contextlib.suppress(BlockingIOError):
            while (text := os.read(self.read_end, 65536)):
                self.text += text.replace(b"x" * 8, b"")

    def fill(self):
        """From now on who writes has to wait."""
        # A file of its own, for the mode is the file's.
        end = os.open(f"/proc/self/fd/{self.write_end}",
                      os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while os.write(end, b"x"):
                pass
        os.close(end)


class Renewals:
    """Of terms, (number, term), as of a living vrrpd."""

    def __init__(self, link):
        self.link, self.terms, self.lives = link, [], True
        self.last = {}
        self.thread = threading.Thread(target=self._renew)
        self.thread.start()

    def _renew(self):
        while self.lives:
            for number, term in tuple(self.terms):
                now = time.monotonic_ns()
                with contextlib.suppress(BlockingIOError):
                    self.link.say("RENEW",
                                  struct.pack("!IQQ", number, term, now))
                    self.last[number] = now
            time.sleep(RENEWAL)

    def end(self):
        self.lives = False
        self.thread.join()


def waits_to_write(pid):
    """Whether it sleeps in write(2) or writev(2) to its log."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
        words = file.read().split()
    return words[0] in ("1", "20") and int(words[1], 16) == 2


def lease(director, name):
    return next((row for row in ctl(f"{director.rundir}/ipvsd.ctl", "leases")
                 if row["kind"] == "lease" and row["instance"] == name), None)


def acquire(link, number):
    link.say("ACQUIRE", struct.pack("!I", number))
    _, body, _ = link.expect("HELD", ("RENEWED", "MAY_PREEMPT"))
    found, term, _ = struct.unpack("!IQQ", body)
    equal(found, number, "HELD")
    return term


def reload_it(director, host, log, link, renewals):
    """Until the new one is in force and ipvsd waits to say so."""
    director.write_config(CONFIG % "")
    reload = host.popen("reload", binary("vipctl"), "-r", director.rundir,
                        "reload")
    generation, _, fd = link.expect("PREPARE", ("RENEWED", "MAY_PREEMPT"))
    os.close(fd)
    link.say("READY", generation=generation)
    link.expect("FAILED", ("RENEWED",))     # to be handed over
    log.fill()
    pid = director.ipvsd.pid
    wait_for(lambda: waits_to_write(pid), DEADLINE, "ipvsd waits")
    return reload, generation


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        director, log = Director(net, host, CONFIG % FIRST), Log()
        director.ipvsd = subprocess.Popen(
            director.command("ipvsd"), preexec_fn=host.enter,
            stdin=subprocess.DEVNULL, stdout=log.write_end,
            stderr=log.write_end)
        net.defer(director.ipvsd.kill)
        wait_for(lambda: os.path.exists(f"{director.rundir}/rendezvous"),
                 DEADLINE, "ipvsd is there")
        vrrpd = Client(director, "_vrrpd")
        vrrpd.hello()
        link = vrrpd.link(IPVSD)
        link.join()
        renewals = Renewals(link)
        net.defer(renewals.end)
        terms = [(number, acquire(link, number)) for number in (0, 1)]
        renewals.terms = terms
        wait_for(lambda: host.holds("192.168.1.99") and
                 host.holds("192.168.1.100"), 5, "both are held")

        def all_said():
            log.drain()
            return log.text.count(b"may preempt") == 2
        wait_for(all_said, 5, "the log's last lines for a while")
        # The test must renew as often as a vrrpd does.
        with judged(RENEWAL):
            reload, generation = reload_it(director, host, log, link, renewals)
            step("in force; ipvsd is held up")
            renewals.terms = terms[1:]
            # Three intervals less a tenth from the last renewal on. When ipvsd is
            # 50 ms late it thinks that it had slept, and another path is tried.
            time.sleep(RENEWAL)
            wait_for(lambda: time.monotonic_ns() > renewals.last[0] + LEASE_NS, 5,
                     "the lease is over", 0.001)
            log.drain()
            lost = []

            def committed():
                log.drain()
                if not host.holds("192.168.1.100"):
                    lost.append(time.monotonic())
                return lease(director, "first") is None
            link.sock.setblocking(True)
            link.expect("COMMIT", ("RENEWED", "FAILED", "ENDED", "MAY_PREEMPT"))
            link.generation = generation
            renewals.terms = [(0, terms[1][1])]
            link.say("COMMITTED")
            wait_for(committed, DEADLINE, "the removed one is gone")
            end = time.monotonic() + 1
            while time.monotonic() < end:
                committed()
                time.sleep(0.01)
            equal(lost, [], "web's address was held all the time, but")
        equal(lease(director, "web")["state"], "held", "web's lease")
        expect(not host.holds("192.168.1.99"), "the removed one's address")
        equal(reload.wait(DEADLINE), 0, "vipctl reload")
        renewals.end()
        with contextlib.suppress(Shut):
            link.skip()
        vrrpd.close()


run(main)
