#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Open connections go on whatever happens to their director's programs.

Directly routed and translated ones, each talking ten times a second: through a
restart and a crash of each daemon, reloads, changed weights and drains.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from machine import judged
from net import Net
from scenario import equal, expect, run, step
from suite import DAEMONS, Director
from talk import Talks, Window, serve_talks
from waiting import wait_for

CONFIG = """
nodes: {d1: 10.0.0.11}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: [d1]
    addresses:
      - 10.0.0.100/32
      - {address: 10.0.1.1/24, interface: eth1}
services:
  routed:
    address: 10.0.0.100:80
    scheduler: wrr
    forward: direct
    check: {type: tcp, interval: 1s, timeout: 800ms}
    servers:
      - {address: 10.0.0.21, weight: ROUTED}
      - {address: 10.0.0.22, weight: 1}
  translated:
    address: 10.0.0.100:81
    scheduler: wrr
    forward: nat
    check: {type: tcp, interval: 1s, timeout: 800ms}
    servers:
      - {address: "10.0.1.23", port: 80, weight: TRANSLATED}
      - {address: "10.0.1.24", port: 80, weight: 1}
"""
OTHER = """  other:
    address: 10.0.0.100:82
    scheduler: rr
    forward: direct
    check: {type: tcp, port: 80, interval: 1s, timeout: 800ms}
    servers: [SERVERS]
"""
ADDRESS = "10.0.0.100"
ROUTED, TRANSLATED = f"TCP {ADDRESS}:80", f"TCP {ADDRESS}:81"
EACH = 6
# No more than a lost segment that is sent again, and emulation's own.
LONGEST_STALL = 1.0


def config(routed=1, translated=1, other=None):
    text = CONFIG.replace("ROUTED", str(routed)).replace(
        "TRANSLATED", str(translated))
    return text + (OTHER.replace("SERVERS", ", ".join(other)) if other else "")


class Lab:
    def __init__(self, net):
        front, back = net.lan("front"), net.lan("back")
        self.host, self.client = net.host("d1"), net.host("client")
        self.host.connect(front, "eth0", "10.0.0.11/24")
        self.host.connect(back, "eth1", "10.0.1.11/24")
        self.host.sysctls({"net.ipv4.ip_forward": 1})
        self.client.connect(front, "eth0", "10.0.0.3/24")
        for last in (21, 22):
            server = net.host(f"s{last}")
            ipvs.direct_real_server(server, ADDRESS)
            server.connect(front, "eth0", f"10.0.0.{last}/24")
            serve_talks(server)
        for last in (23, 24):
            server = net.host(f"s{last}")
            server.connect(back, "eth0", f"10.0.1.{last}/24")
            server.ip("route add default via 10.0.1.1")
            serve_talks(server)
        self.director = Director(net, self.host, config())
        self.director.start().wait_state("front", "master")
        self.wait_weights(1, 1)
        self.talks = [Talks(self.client, ADDRESS, EACH, port)
                      for port in (80, 81)]
        step(f"open: {[talks.by_server() for talks in self.talks]}")
        for talks in self.talks:
            equal(sorted(talks.by_server().values()), [EACH // 2] * 2,
                  "connections a server")

    def wait_weights(self, routed, translated, others=1):
        ipvs.wait_weights(self.host, ROUTED, {
            "10.0.0.21:80": routed, "10.0.0.22:80": others}, 20)
        ipvs.wait_weights(self.host, TRANSLATED, {
            "10.0.1.23:80": translated, "10.0.1.24:80": others}, 20)

    def happens(self, what, event):
        with judged(LONGEST_STALL / 2, work=True):
            self.goes_on(what, event)

    def goes_on(self, what, event):
        windows = [Window(talks) for talks in self.talks]
        event()
        found = [window.over() for window in windows]
        on = sum(count for count, _ in found)
        stall = max(longest for _, longest in found)
        step(f"{what}: {on} of {2 * EACH} connections go on, longest stall "
             f"{stall:.2f} s")
        equal(on, 2 * EACH, f"{what}: connections that go on")
        expect(stall <= LONGEST_STALL, f"{what}: stall of {stall:.2f} s")

    def reload(self, text):
        self.director.write_config(text)
        self.director.ask("reload")

    def new_ones(self, wanted):
        """Who serves four new connections of each service."""
        for port, servers in zip((80, 81), wanted):
            talks = Talks(self.client, ADDRESS, 4, port)
            equal(talks.by_server(), servers, f"port {port}: new connections")
            talks.stop()


def daemons_end(lab):
    def again(name, number):
        if number == signal.SIGKILL:
            lab.director.kill(name)
        else:
            lab.director.stop(name, number=number)
        lab.director.start(name)
        lab.director.wait_state("front", "master")

    for name in DAEMONS:
        for number in (signal.SIGUSR2, signal.SIGKILL):
            lab.happens(f"{name}: {number.name} and started",
                        lambda: again(name, number))
    lab.wait_weights(1, 1)


def reloads(lab):
    def other(*servers):
        lab.reload(config(other=servers))
        ipvs.wait_weights(lab.host, f"TCP {ADDRESS}:82",
                          {f"{server}:82": 1 for server in servers}, 20)

    def no_other():
        lab.reload(config())
        wait_for(lambda: f"TCP {ADDRESS}:82" not in ipvs.table(lab.host), 20,
                 "the other service gone")

    def weights(routed, translated):
        lab.reload(config(routed, translated))
        lab.wait_weights(routed, translated)

    lab.happens("another service comes", lambda: other("10.0.0.21"))
    lab.happens("another service changes",
                lambda: other("10.0.0.21", "10.0.0.22"))
    lab.happens("another service goes", no_other)
    lab.happens("weights of their servers", lambda: weights(7, 5))
    lab.happens("weight 0 of their servers", lambda: weights(0, 0))
    lab.happens("weights as before", lambda: weights(1, 1))


def drains(lab):
    """Those of the drained servers and of the others go on; new ones are for
    the others."""
    def ask(word):
        for target in ("routed/10.0.0.22", "translated/10.0.1.24"):
            lab.director.ask(word, target)
        lab.wait_weights(1, 1, 0 if word == "drain" else 1)

    lab.happens("drain", lambda: ask("drain"))
    lab.new_ones([{"s21": 4}, {"s23": 4}])
    lab.happens("new ones", lambda: None)
    lab.happens("ipvsd restarts with drained servers", lambda: (
        lab.director.stop("ipvsd", number=signal.SIGUSR2),
        lab.director.start("ipvsd"), lab.wait_weights(1, 1, 0)))
    lab.happens("enable", lambda: ask("enable"))
    lab.new_ones([{"s21": 2, "s22": 2}, {"s23": 2, "s24": 2}])


def main():
    with Net() as net:
        lab = Lab(net)
        daemons_end(lab)
        reloads(lab)
        drains(lab)
        for talks in lab.talks:
            equal(talks.lost(), {}, "lost at any time")


if __name__ == "__main__":
    run(main)
