#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Point 45 of the list of VRRP conformance points: a step of the wall clock by
an hour, forth and back, moves no timer.

The machine's clock is nobody's to step in a test, so the daemons' own view of
it is: clock-shift.c is preloaded into all three. That it works shows in the
times of the events that vrrpd tells, which are wall clock.
"""

import contextlib
import json
import os
import statistics
import struct
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import CLOCK_SHIFT, binary, programs
from vrrp_rig import V3, Instance, Rig, adverts, near, same, same_due

HOUR = 3600
LATE = 0.3
MASTER = Instance("master", 10, 200, interval_ms=100)
WAITING = Instance("waiting", 11, 100, interval_ms=40950)
FOLLOWS = Instance("follows", 12, 100)
SHIM = f"{programs()}/{CLOCK_SHIFT}"


class Clock:
    def __init__(self, directory):
        self.path = f"{directory}/shift"
        with open(self.path, "wb") as file:
            file.write(struct.pack("=q", 0))

    def step(self, seconds):
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", seconds))

    @contextlib.contextmanager
    def preloaded(self):
        """For what is started in here."""
        before = dict(os.environ)
        # A library of sanitizers wants to be first, and need not be.
        options = f"{before.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0"
        os.environ.update(LD_PRELOAD=SHIM, CLOCK_SHIFT=self.path,
                          ASAN_OPTIONS=options)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def point_45_clock_step(rig, clock):
    """A master's adverts, a backup's timer and a takeover go on in time."""
    rig.wait("master", "master")
    rig.wait("follows", "master")
    rig.send(V3.packet(WAITING.vrid, 250, interval=4095))
    before = rig.wait("waiting", "backup", master_priority=250)
    monitor = rig.d1.popen("monitor", binary("vipctl"), "-j", "-r",
                           rig.director.rundir, "monitor")
    seen = []
    for shift in (HOUR, -HOUR, 0):
        # The master is heard, then the clock is stepped, then it is silent.
        rig.send(V3.packet(FOLLOWS.vrid, 250))
        rig.wait("follows", "backup", master_priority=250)
        clock.step(shift)
        rig.wait("follows", "master")
        row = rig.rows()["waiting"]
        same(before, row, ("state", "master", "term"), "waiting")
        same_due(before, row, f"waiting, clock {shift:+d} s")
        equal(rig.rows()["master"]["become_master"], 1, "became master")
        seen.append(shift)
    return monitor, seen


def judge(rig):
    found = adverts(rig.capture.stop(), rig.mac)
    times = [advert.time for advert in found
             if advert.vrid == MASTER.vrid and advert.mine]
    gaps = [two - one for one, two in zip(times, times[1:])]
    expect(max(gaps) < LATE, f"a gap of {max(gaps):.3f} s")
    near(statistics.median(gaps), 0.1, 0.005, "interval")
    takeovers = []
    for heard in [advert for advert in found
                  if advert.vrid == FOLLOWS.vrid and not advert.mine]:
        # Who yields says so once more.
        _last_word, next_one = [
            advert for advert in found if advert.mine
            and advert.vrid == FOLLOWS.vrid and advert.frame > heard.frame][:2]
        takeovers.append(next_one.time - heard.time)
        near(takeovers[-1], FOLLOWS.active_down(), LATE, "takeover")
    return (f"{len(gaps)} gaps of 100 ms, at most {max(gaps) * 1000:.1f} ms; "
            "takeovers after " + ", ".join(f"{found * 1000:.0f} ms"
                                           for found in takeovers))


def main():
    with Net() as net:
        rig = Rig(net, [MASTER, WAITING, FOLLOWS])
        clock = Clock(rig.director.directory)
        with clock.preloaded():
            rig.director.start()
        monitor, seen = point_45_clock_step(rig, clock)
        # Two transitions for each step: to backup before it, to master after.
        offsets = {}
        events = [json.loads(line) for line in monitor.output().splitlines()
                  if FOLLOWS.name in line]
        for shift, event in zip(seen, [event for event in events
                                       if event["to"] == "master"]):
            offsets[shift] = event["time_ms"] / 1000 - time.time()
            expect(abs(offsets[shift] - shift) < 60,
                   f"the clock was not stepped: {offsets}")
        equal(list(offsets), seen, "transitions told")
        step(f"point_45_clock_step: {judge(rig)}")


run(main, limit=0.1)
