#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A term ends in time whatever ipvsd is busy with.

vrrpd is frozen while a configuration of 100,000 servers is read, decoded and
put in force, each time a bit later in that, at adverts of 100 ms and of 10 ms;
where the kernel has ip_vs (tests/lab/run tests/net/lease-end.py) 10,000
services are programmed as well, and dumped by a resync every second. The
address has to be gone when the lease of the last advert ends: before any peer
may take over.
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import frames
from fault_matrix import Holding, PromptDirector, Tail, realtime
from net import Net
from scenario import expect, run, step
from suite import binary, children
from waiting import wait_for
from web import TOOLS

ADDRESS = "192.168.1.200"
SERVICES, SERVERS = 10000, 10
VRRP, IP = 112, b"\x08\x00"
# Of ipvsd's loop (its longest turn), beside what the machine was late.
LATE = 0.005
# When vrrpd is frozen after the reload has begun: s, at most one is in force.
MOMENTS = (0.05, 0.2, 0.4, 0.6, 0.9)
AGAIN = 3


def config(interval_ms, services):
    text = f"""
nodes: {{d1: 192.168.1.11, d2: 192.168.1.12}}
ipvs: {{resync: 1s}}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: {interval_ms}ms
    nodes: [d1, d2]
    addresses: [{ADDRESS}/32]
"""
    if not services:
        return text
    more = ", ".join(f"10.7.0.{number + 1}/32" for number in range(100))
    text += (f"  more: {{interface: absent0, vrid: 8, interval: 1s, "
             f"nodes: [d1, d2], addresses: [{more}]}}\nservices:\n")
    for number in range(services):
        servers = ", ".join(f"10.6.{number % 200}.{n + 1}"
                            for n in range(SERVERS))
        text += (f"  s{number}: {{address: \"10.7.0.{number % 100 + 1}:"
                 f"{1000 + number // 100}\", vrrp: more, forward: nat, "
                 f"start: up, servers: [{servers}]}}\n")
    return text


class Scene:
    def __init__(self, net, interval_ms):
        self.interval = interval_ms / 1000
        self.lan = net.lan()
        host = net.host("d1")
        host.connect(self.lan, "eth0", "192.168.1.11/24")
        self.holding = Holding(host)
        # Before all of ours: what these are late is not the machine's.
        first = ("chrt", "-f", "30") if realtime() else ()
        self.late = [Tail(host.popen(f"lateness{cpu}", *first,
                                     f"{TOOLS}/lateness", 0.001, cpu))
                     for cpu in sorted(os.sched_getaffinity(0))]
        self.noise = []
        self.small, self.large = (config(interval_ms, count)
                                  for count in (0, SERVICES))
        self.director = PromptDirector(net, host, self.small).start()
        self.host = host
        # Real-time as its parent is, a parser would keep the loops waiting.
        policies = [os.sched_getscheduler(child)
                    for child in children(self.director.pid("ipvsd"))]
        expect(policies == [os.SCHED_OTHER], f"ipvsd's parser: {policies}")
        self.master()

    def master(self):
        self.director.wait_state("web", "master", 30)
        wait_for(self.holding.now, 10, "the address")

    def last_advert(self, before):
        """CLOCK_MONOTONIC of the last advert on the wire."""
        offset = time.time() - time.monotonic()
        return max(when - offset for when, data
                   in frames(self.lan.capture.path)
                   if data[12:14] == IP and data[23] == VRRP
                   and when - offset <= before)

    def noise_since(self, begin):
        self.noise += [(float(when), float(late)) for tail in self.late
                       for when, late in tail.lines()]
        return max((late for when, late in self.noise if when >= begin),
                   default=0)

    def overdue(self, moment):
        """How long after its lease's end the address went, and the noise."""
        self.director.write_config(self.large)
        reload = self.host.popen("reload", binary("vipctl"), "-r",
                                 self.director.rundir, "reload")
        wait_for(lambda begun=time.monotonic():
                 time.monotonic() > begun + moment, 10, "the moment",
                 interval=0.001)
        frozen = time.monotonic()
        self.director.send(signal.SIGSTOP, "vrrpd")
        wait_for(lambda: not self.holding.now(), 10, "the end", 0.001)
        gone = self.holding.changes()[-1][0]
        lease = 3 * self.interval - max(self.interval / 10, 0.001)
        advert = self.last_advert(gone)
        over = gone - (advert + lease)
        noise = self.noise_since(min(advert, frozen))
        self.director.send(signal.SIGCONT, "vrrpd")
        reload.wait(60)
        self.director.write_config(self.small)
        self.director.vipctl("reload")
        self.master()
        return over, noise


def judged(interval_ms, moment, scene):
    for _ in range(AGAIN):
        over, noise = scene.overdue(moment)
        step(f"{interval_ms} ms, {moment} s after the reload: gone "
             f"{over * 1000:+.1f} ms from the lease's end, the machine was "
             f"{noise * 1000:.1f} ms late")
        if over <= LATE + noise:
            return
    expect(False, f"{over * 1000:.1f} ms late")


def main():
    for interval_ms in (100, 10):
        with Net() as net:
            scene = Scene(net, interval_ms)
            for moment in MOMENTS:
                judged(interval_ms, moment, scene)


run(main)
