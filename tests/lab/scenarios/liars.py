#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A checkd and a vrrpd that were taken over and lie as fast as they are let:
who says more is shut out (tests/peer/floods.py).

The one can say of configured servers that they are up or down, no more often
than once an interval of their check. The other gets no address but those that
are configured, no more often than once an interval of the instance. What else
is in the kernel is not touched.

TRIUMVIR_LIES_SECONDS is for how long (CI: 20; by hand: 600, which needs
`tests/lab/run -t 1800 liars`).
"""

import contextlib
import os
import random
import re
import struct
import sys
import threading
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from fake_ipvsd import MSG
from hostile import Watch, babble, packet
from net import Net
from scenario import equal, expect, run, step
from siblings import IPVSD, Client, Shut
from suite import Director, binary
from waiting import wait_for

SECONDS = int(os.environ.get("TRIUMVIR_LIES_SECONDS", "20"))
# Of the checks and of the instances, in the configuration below.
INTERVAL = 1
CONFIG = """
nodes: {a: 10.0.0.11, b: 10.0.0.12}
vrrp:
  front: {interface: eth0, vrid: 1, interval: 1s, nodes: [a, b],
          addresses: [10.0.0.100/32, 10.0.0.101/32]}
  plain: {interface: eth0, vrid: 2, interval: 1s, nodes: [a, b],
          addresses: [10.0.0.110/24]}
  not-ours: {interface: eth0, vrid: 3, nodes: [b],
             addresses: [10.0.0.120/32]}
checks:
  alive: {type: tcp, interval: 1s, timeout: 1s}
services:
  one: {address: "10.0.0.100:80", forward: direct, check: alive, servers:
        [{address: 10.0.0.21, weight: 3}, {address: 10.0.0.22, weight: 5}]}
  two: {address: "10.0.0.101:80", forward: direct, check: alive,
        when_down: weight_zero, servers: [10.0.0.23, 10.0.0.24]}
"""
SERVERS = {"TCP 10.0.0.100:80": {"10.0.0.21:80": {3}, "10.0.0.22:80": {5}},
           "TCP 10.0.0.101:80": {"10.0.0.23:80": {0, 1},
                                 "10.0.0.24:80": {0, 1}}}
PROBES = 4
# Messages a second that all of them together may be, common/link/pace.h.
RATE = 2000
# Of the log, in ipvsd/dispatch.c.
BURST, WINDOW = 3, 10
FOREIGN = "TCP 10.0.0.250:80"
ADDRESSES = {"10.0.0.100/32", "10.0.0.101/32", "10.0.0.110/24"}


class Liar(threading.Thread):
    """Says what told() gives for as long as it is let, and hears nothing."""

    def __init__(self, client, told):
        super().__init__(daemon=True)
        self.peer = client.link(IPVSD)
        self.peer.join()
        self.told = told(self.peer.generation)
        self.over = threading.Event()
        self.count, self.shut = 0, False

    def run(self):
        began = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, Shut):
            while not self.over.is_set():
                self.peer.raw(next(self.told))
                self.peer.skip()
                self.count += 1
                if self.count > RATE * (time.monotonic() - began):
                    time.sleep(0.01)
            return
        self.shut = True

    def end(self):
        self.over.set()
        self.join()
        expect(not self.shut, "what is in order by the table shut the link")


def verdicts(generation):
    """Of every server, and of some that there are not; other things too."""
    choice = random.Random(1)
    for number in range(sys.maxsize):
        entries = [(probe, choice.randrange(3), choice.randrange(1, 13))
                   for probe in (*range(PROBES), PROBES, 4095, 2 ** 32 - 1)]
        yield packet(MSG["VERDICTS"], struct.pack("!H", len(entries)) +
                     b"".join(struct.pack("!IBBII", *entry, number % 1000, 0)
                              for entry in entries), generation)
        if number % 100 == 0:
            yield from babble("CHECKD", "IPVSD", generation, 100 + number % 7,
                              ("HELLO",))


def terms(generation):
    """Every instance asked for, renewed into the future and let go."""
    choice = random.Random(2)
    for number in range(sys.maxsize):
        instance = choice.choice((0, 1, 2, 3, 4095, 2 ** 32 - 1))
        far = time.monotonic_ns() + choice.choice((0, 10 ** 9, 2 ** 62))
        yield packet(MSG["ACQUIRE"], struct.pack("!I", instance), generation)
        yield packet(MSG["RENEW"], struct.pack(
            "!IQQ", instance, choice.randrange(1, 20), far), generation)
        if choice.randrange(40) == 0:
            yield packet(MSG["RELEASE"], struct.pack("!IQ", instance, 0),
                         generation)
        if number % 100 == 0:
            yield from babble("VRRPD", "IPVSD", generation, 100 + number % 7,
                              ("HELLO",))


def configured(host, own, foreign):
    """What is in the kernel is what may be there."""
    held = set(host.addresses("eth0")) - own
    expect(held <= ADDRESSES, f"addresses: {held}")
    found = ipvs.table(host)
    equal(found.pop(FOREIGN), foreign, "somebody else's service")
    equal(set(found), set(SERVERS), "services")
    for name, service in found.items():
        equal((service.scheduler, service.flags), ("wlc", []), name)
        for server, values in service.servers.items():
            expect(server in SERVERS[name], f"{name}: {server}")
            equal(values.forward, "Route", f"{name} {server}")
            expect(values.weight in SERVERS[name][server],
                   f"{name} {server}: weight {values.weight}")


def commands(director):
    return director.vipctl("status")["kernel"]["netlink_commands"]


def paced(director, log, monitor, seconds):
    """No faster than the checks and the instances."""
    most = seconds / INTERVAL + 2
    changes = [len(re.findall(rf"probe 10\.0\.0\.{last}:80: \w+ -> (?:up|down)",
                              monitor.output())) for last in range(21, 25)]
    expect(min(changes) > seconds / INTERVAL / 4 and max(changes) <= most,
           f"changes of health in {seconds:.1f} s: {changes}")
    for address in sorted(ADDRESSES):
        count = len(re.findall(rf"^(?!Deleted).*inet {re.escape(address)} ",
                               log.output(), re.MULTILINE))
        # Each time it comes the kernel tells of it twice at most: it is
        # added, and its lifetime is set anew.
        expect(1 <= count <= 3 * most, f"{address}: {count} times")
    return changes


def lying(director, own, foreign, clients):
    host = director.host
    log = host.popen("ip-monitor", "ip", "monitor", "address")
    monitor = host.popen("monitor", binary("vipctl"), "-r", director.rundir,
                         "monitor")
    wait_for(lambda: director.ask("enable", "one/10.0.0.21") and
             "by operator" in monitor.output(), 10, "the monitor")
    liars = [Liar(client, told)
             for client, told in zip(clients, (verdicts, terms))]
    watch, before = Watch(director.pid("ipvsd")), commands(director)
    began, looks = time.monotonic(), 0
    for liar in liars:
        liar.start()
    while time.monotonic() - began < SECONDS:
        configured(host, own, foreign)
        looks += 1
    for liar in liars:
        liar.end()
    seconds = time.monotonic() - began
    # The last words are taken an interval later.
    time_out = time.monotonic() + 2 * INTERVAL
    wait_for(lambda: time.monotonic() > time_out, 10, "the last words")
    changes = paced(director, log, monitor, seconds + 2 * INTERVAL)
    sent = commands(director) - before
    # A change of health is one, an instance that is held and let go some ten.
    expect(sent <= (PROBES + 2 * 12) * (seconds / INTERVAL + 2),
           f"{sent} commands to the kernel")
    watch.unharmed("lies")
    differ = director.daemons["ipvsd"].process.output().count(" differ")
    expect(1 <= differ <= BURST * (seconds / WINDOW + 2),
           f"{differ} lines of the log about one lie")
    step(f"{liars[0].count} lies about servers, {liars[1].count} about "
         f"instances, {looks} looks: {sum(changes)} changes of health, "
         f"{sent} commands")
    for row in director.vipctl("show", "links"):
        if row["daemon"] == "ipvsd" and row["peer"] in ("vrrpd", "checkd"):
            equal((row["state"], row["lies"]), ("up", 0), row["peer"])


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        host.run("ipvsadm", "-A", "-t", "10.0.0.250:80", "-s", "rr")
        host.run("ipvsadm", "-a", "-t", "10.0.0.250:80", "-r", "10.0.0.30:80",
                 "-g", "-w", "7")
        own, foreign = set(host.addresses("eth0")), ipvs.table(host)[FOREIGN]
        director = Director(net, host, CONFIG).start("ipvsd")
        with contextlib.ExitStack() as stack:
            clients = []
            for name in ("checkd", "vrrpd"):
                clients.append(Client(director, f"_{name}"))
                stack.callback(clients[-1].close)
                clients[-1].hello()
            lying(director, own, foreign, clients)
        wait_for(lambda: set(host.addresses("eth0")) == own, 15,
                 "what the liar held goes when its lease ends")
        configured(host, own, foreign)
        director.stop()
        equal(ipvs.table(host), {FOREIGN: foreign}, "what stays in the table")


if __name__ == "__main__":
    run(main)
