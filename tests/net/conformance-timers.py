#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Timers and transitions on the wire, by their numbers in the list of VRRP
conformance points.

Each point has virtual routers of its own in one director, and all are played
with at the same time. Then each is judged by the times in the capture alone:
nothing may come early, and late only by what the machine needs.
"""

import os
import statistics
import sys
import time
from datetime import datetime

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import assert_no_malformed, tshark
from net import Net
from scenario import equal, expect, run, step
from vrrp_rig import V2, V3, V6, Instance, Rig, adverts, near
from waiting import wait_for

# What a loaded machine may add to a time, in seconds.
LATE = 0.3
# "At once", where the next regular advert is seconds away.
AT_ONCE = 0.3
QUIET_MS = 40950
GREATER = {4: "10.0.0.200", 6: "fe80::ff00:1"}

# (kind, name, VRID, priority, more); the interval is a second unless told.
ROWS = [
    (V3, "down3", 10, 100, {}),
    (V6, "down6", 11, 100, {}),
    (V2, "down2", 12, 100, {"interval_ms": 2000}),
    (V3, "skew1", 13, 1, {}),
    (V3, "learns", 14, 100, {}),
    (V6, "learns6", 15, 100, {}),
    (V3, "zero", 16, 100, {}),
    (V2, "zero2", 17, 100, {"interval_ms": 2000}),
    (V3, "resets", 18, 100, {}),
    (V3, "resets_equal", 19, 150, {}),
    (V3, "lower", 20, 200, {}),
    (V3, "no_preempt", 21, 200, {"more": {"preempt": "false"}}),
    (V3, "first", 22, 254, {}),
    (V6, "first6", 23, 254, {}),
    (V3, "regular", 24, 200, {"interval_ms": 100}),
    (V3, "answers", 25, 200, {"interval_ms": 5000}),
    (V6, "answers6", 26, 200, {"interval_ms": 5000}),
    (V3, "yields", 27, 100, {}),
    (V3, "equal_wins", 28, 150, {"interval_ms": 5000}),
    (V3, "equal_loses", 29, 150, {"interval_ms": 5000}),
    (V6, "equal_wins6", 30, 150, {"interval_ms": 5000}),
    (V6, "equal_loses6", 31, 150, {"interval_ms": 5000}),
    (V3, "loser", 32, 200, {"interval_ms": 5000}),
    (V3, "forged", 33, 200, {"interval_ms": 5000}),
    (V3, "leaves", 34, 200, {}),
    (V6, "leaves6", 35, 200, {}),
    (V2, "leaves2", 36, 200, {}),
    (V3, "stays", 37, 100, {"interval_ms": QUIET_MS}),
    (V3, "fastest", 38, 200, {"interval_ms": 10}),
    (V3, "starts", 39, 100, {}),
    (V3, "slowest", 40, 254, {"interval_ms": QUIET_MS}),
    (V2, "slowest2", 41, 254, {"interval_ms": 255000}),
    (V3, "owner", 50, 255, {"addresses": ["10.0.0.5/24"]}),
]
KINDS = {name: kind for kind, name, *_ in ROWS}
INSTANCES = {
    name: Instance(name, vrid, priority, **{
        "version": kind.version, "family": kind.family, **more})
    for kind, name, vrid, priority, more in ROWS}
ANSWERING = ("answers", "answers6")
EQUAL = ("equal_wins", "equal_wins6", "equal_loses", "equal_loses6")
LEAVING = ("leaves", "leaves6", "leaves2")
SOON_MASTERS = (*ANSWERING, *EQUAL, *LEAVING, "yields", "loser", "forged",
                "first", "first6", "slowest", "slowest2")
FALLING_SILENT = ("down3", "down6", "down2", "skew1", "lower", "no_preempt",
                  "resets_equal")


class Play:
    """What is sent to each instance, and then what the capture has of it."""

    def __init__(self, rig):
        self.rig = rig

    def advert(self, name, priority, interval=None, **more):
        one, kind = INSTANCES[name], KINDS[name]
        if interval is None:
            interval = one.interval_ms // (1000 if kind is V2 else 10)
        self.rig.send(kind.packet(one.vrid, priority, one.plain(), interval,
                                  **more))

    def start(self):
        self.rig.director.start()
        row = self.rig.wait("starts", "backup")
        self.started = time.time() - row["since_ms"] / 1000
        # A master that leaves is followed soon.
        for name in SOON_MASTERS:
            self.advert(name, 0)
        self.rig.wait_all("master", *SOON_MASTERS)

    def talk_to_masters(self):
        for name in ANSWERING:
            self.advert(name, 0)
        self.advert("yields", 250, 20)
        for name in EQUAL:
            family = KINDS[name].family
            self.advert(name, 150, **(
                {"source": GREATER[family]} if "loses" in name else {}))
        self.advert("loser", 100)
        self.every(0.01, 100, [("forged", 100)])

    def fall_silent(self):
        """Adverts of a stronger master, then none or other ones."""
        for name in FALLING_SILENT:
            self.advert(name, 250)
        for name in ("learns", "learns6"):
            self.advert(name, 250, 20)
        for name in ("zero", "zero2"):
            self.advert(name, 250)
        self.rig.wait("zero", "backup", master_priority=250)
        self.rig.wait("zero2", "backup", master_priority=250)
        for name in ("zero", "zero2"):
            self.advert(name, 0)
        self.every(0.5, 10, [("resets", 250), ("resets_equal", 150),
                             ("lower", 50), ("no_preempt", 50)])
        self.rig.wait_all("master", "resets", "resets_equal", "no_preempt",
                          "starts", *FALLING_SILENT)
        for name in ("equal_loses", "equal_loses6", "stays"):
            equal(self.rig.rows()[name]["state"], "backup", name)

    def leave(self):
        """SIGTERM to all, while address changes are watched."""
        watch = self.rig.d1.popen("addresses", "ip", "-ts", "monitor",
                                  "address")
        # Whose next master will speak in many seconds only: it speaks now.
        for name in (*ANSWERING, *EQUAL, "loser", "forged", "slowest",
                     "slowest2"):
            self.advert(name, 255)
            self.rig.wait(name, "backup")
        wait_for(lambda: "Deleted" in watch.output(), 10, "ip monitor")
        self.rig.director.stop()
        wait_for(lambda: not self.rig.d1.holds("10.0.0.36"), 5, "all gone")
        self.removals = {}
        for line in watch.output().splitlines():
            words = line.split()
            if "Deleted" in words:
                address = words[words.index("Deleted") + 4].split("/")[0]
                self.removals[address] = datetime.fromisoformat(
                    words[0].strip("[]")).timestamp()

    def every(self, seconds, count, sent):
        due = time.monotonic()
        for _ in range(count):
            for name, priority in sent:
                self.advert(name, priority)
            due += seconds
            time.sleep(max(0, due - time.monotonic()))

    def read(self):
        self.pcap = self.rig.capture.stop()
        self.all = adverts(self.pcap, self.rig.mac)

    def of(self, name, mine):
        one = INSTANCES[name]
        return [advert for advert in self.all
                if advert.vrid == one.vrid and advert.family == one.family
                and advert.mine == mine]

    def heard(self, name, priority, nth=0):
        """The peer's nth advert with that priority, -1 is its last."""
        return [advert for advert in self.of(name, False)
                if advert.priority == priority][nth]

    def after(self, name, advert):
        """All of d1's after that one."""
        return [found for found in self.of(name, True)
                if found.frame > advert.frame]

    def takeover(self, name, advert, wanted, late=LATE):
        """d1 speaks that much later than the advert; in words."""
        found = self.after(name, advert)
        # Who was master until then says so once more.
        was_master = any(mine.frame < advert.frame
                         for mine in self.of(name, True))
        found = found[was_master].time - advert.time
        near(found, wanted, late, f"{name}: takeover")
        return f"{name} {found * 1000:.1f} ms (rule: {wanted * 1000:.1f})"


def point_40_41_active_down(play):
    return ", ".join(
        play.takeover(name, play.heard(name, 250),
                      INSTANCES[name].active_down())
        for name in ("down3", "down6", "down2", "skew1"))


def point_42_learned_interval(play):
    """The master's 200 ms count, in Skew_Time too."""
    return ", ".join(
        play.takeover(name, play.heard(name, 250),
                      INSTANCES[name].active_down(0.2))
        for name in ("learns", "learns6"))


def point_43_own_interval(play):
    one, two = play.after("learns", play.heard("learns", 250))[:2]
    equal((one.interval, two.interval), (1.0, 1.0), "interval told")
    near(two.time - one.time, 1, LATE, "interval kept")
    return f"1 s again, {two.time - one.time:.3f} s"


def point_44_shortest_and_longest(play):
    gaps = [two.time - one.time for one, two in
            zip(play.of("fastest", True), play.of("fastest", True)[1:])]
    near(statistics.median(gaps), 0.01, 0.005, "10 ms interval", early=0.001)
    told = {name: play.of(name, True)[0].interval
            for name in ("fastest", "slowest", "slowest2")}
    equal(told, {"fastest": 0.01, "slowest": 40.95, "slowest2": 255.0},
          "intervals told")
    return f"told {told}, median of {len(gaps)} is " \
           f"{statistics.median(gaps) * 1000:.2f} ms"


def point_49_owner_starts(play):
    first = play.of("owner", True)[0]
    equal(first.priority, 255, "the owner's priority")
    expect(first.time - play.started < INSTANCES["owner"].active_down() / 2,
           "the owner waited")
    return f"{(first.time - play.started) * 1000:.0f} ms after the start"


def point_50_other_starts(play):
    found = play.of("starts", True)[0].time - play.started
    # When it started is known to the millisecond and a question's time.
    near(found, INSTANCES["starts"].active_down(), LATE, "first advert",
         early=LATE)
    return f"first advert after {found * 1000:.0f} ms"


def point_51_priority_zero(play):
    return ", ".join(
        play.takeover(name, play.heard(name, 0), (256 - 100) / 256)
        for name in ("zero", "zero2"))


def point_52_higher_or_equal_resets(play):
    seen = []
    for name, priority in (("resets", 250), ("resets_equal", 150)):
        last = play.heard(name, priority, -1)
        seen.append(play.takeover(name, last, INSTANCES[name].active_down()))
        first = play.heard(name, 250)
        expect(not [found for found in play.after(name, first)
                    if found.frame < last.frame], f"{name} spoke meanwhile")
    return ", ".join(seen)


def point_53_lower_is_discarded(play):
    first = play.heard("lower", 250)
    expect(play.heard("lower", 50, -1).time - first.time > 4,
           "lower adverts went on")
    return play.takeover("lower", first, INSTANCES["lower"].active_down())


def announcements(play, name):
    """Frames and times of gratuitous ARP or NA for its addresses by d1."""
    one = INSTANCES[name]
    which = " || ".join(
        f"arp.src.proto_ipv4 == {address} && arp.isgratuitous"
        if one.family == 4 else
        f"icmpv6.nd.na.target_address == {address}"
        for address in one.plain())
    rows = tshark(play.pcap, f"eth.src == {play.rig.mac} && ({which})",
                  "frame.number", "frame.time_epoch", "arp.src.proto_ipv4",
                  "icmpv6.nd.na.target_address")
    return [(int(row[0]), float(row[1]), row[2] or row[3]) for row in rows]


def point_54_advert_before_announcement(play):
    seen = []
    for name in ("first", "first6"):
        advert = play.of(name, True)[0]
        found = announcements(play, name)
        equal({address for *_, address in found[:len(found) // 2]},
              set(INSTANCES[name].plain()), "announced addresses")
        expect(found[0][0] > advert.frame, "announced before it said so")
        near(found[0][1] - advert.time, 0, LATE, "announcement")
        seen.append(f"{name} {(found[0][1] - advert.time) * 1000:.2f} ms")
    return ", ".join(seen)


def point_55_61_shutdown(play):
    """A master's last word is priority 0, its address goes after that; a
    backup says nothing."""
    seen = []
    for name in LEAVING:
        last = play.of(name, True)[-1]
        equal(last.priority, 0, f"{name}: last priority")
        equal(sum(advert.priority == 0 for advert in play.of(name, True)), 1,
              f"{name}: adverts with priority 0")
        for address in INSTANCES[name].plain():
            gone = play.removals[address] - last.time
            # Nobody else is heard: for an interval and a tenth.
            near(gone, 1.1, LATE, f"removal of {address}")
        seen.append(f"{name} {gone * 1000:.0f} ms before the address")
    equal(play.of("stays", True), [], "a backup's adverts")
    return ", ".join(seen)


def point_16_56_adverts_in_time(play):
    times = [advert.time for advert in play.of("regular", True)]
    gaps = [two - one for one, two in zip(times, times[1:])]
    near(statistics.median(gaps), 0.1, 0.005, "interval")
    # Lateness does not add up.
    near((times[-1] - times[0]) / len(gaps), 0.1, 0.01, "mean", early=0.01)
    late = sorted(abs(gap - 0.1) for gap in gaps)
    return (f"{len(gaps)} of 100 ms, off by {late[len(late) // 2] * 1e3:.2f}"
            f" ms (median), {late[-1] * 1e3:.2f} ms (worst)")


def point_57_answers_priority_zero(play):
    seen = []
    for name in ANSWERING:
        found = play.after(name, play.heard(name, 0, 1))
        asked = play.heard(name, 0, 1).time
        near(found[0].time - asked, 0, AT_ONCE, f"{name}: answer")
        near(found[1].time - found[0].time, 5, LATE, f"{name}: re-armed")
        seen.append(f"{name} {(found[0].time - asked) * 1000:.2f} ms")
    return ", ".join(seen)


def last_word(play, name, heard):
    """Who yields says so once, at once, so that the winner announces."""
    found = play.after(name, heard)[0].time - heard.time
    near(found, 0, AT_ONCE, f"{name}: last word")
    return found


def point_58_yields_to_higher(play):
    heard = play.heard("yields", 250)
    said = last_word(play, "yields", heard)
    found = play.takeover("yields", heard,
                          INSTANCES["yields"].active_down(0.2))
    return f"last word after {said * 1000:.2f} ms; {found}"


def point_59_equal_priority(play):
    """The greater address wins, compared as unsigned bytes."""
    seen = []
    for name in EQUAL:
        said = play.heard(name, 150)
        found = [advert for advert in play.after(name, said)
                 if advert.frame < play.heard(name, 255).frame]
        if "loses" in name:
            said = last_word(play, name, said)
            equal(len(found), 1, f"{name}: after a greater address")
            seen.append(f"{name}: silent after {said * 1e3:.2f} ms")
            continue
        near(found[0].time - said.time, 0, AT_ONCE, f"{name}: answer")
        seen.append(f"{name}: {(found[0].time - said.time) * 1e3:.2f} ms")
    return ", ".join(seen)


def point_60_78_losing_advert(play):
    """Answered at once, with the addresses announced anew; a stream of
    them is not answered one for one."""
    said = play.heard("loser", 100)
    answer = play.after("loser", said)[0]
    near(answer.time - said.time, 0, AT_ONCE, "answer")
    again = [when for frame, when, _ in announcements(play, "loser")
             if frame > answer.frame]
    near(again[0] - answer.time, 0, LATE, "announced again")
    first, last = play.heard("forged", 100), play.heard("forged", 100, -1)
    answers = [advert for advert in play.after("forged", first)
               if advert.frame <= last.frame]
    expect(1 <= len(answers) <= 3, f"{len(answers)} answers to a stream")
    return (f"{(answer.time - said.time) * 1000:.2f} ms, "
            f"{len(answers)} answers to 100 forged in "
            f"{last.time - first.time:.1f} s")


def point_62_preempt_off(play):
    last = play.heard("no_preempt", 50, -1)
    meanwhile = [advert for advert
                 in play.after("no_preempt", play.heard("no_preempt", 250))
                 if advert.frame < last.frame]
    equal(meanwhile, [], "adverts while a lower master lives")
    return play.takeover("no_preempt", last,
                         INSTANCES["no_preempt"].active_down())


POINTS = [
    point_16_56_adverts_in_time, point_40_41_active_down,
    point_42_learned_interval, point_43_own_interval,
    point_44_shortest_and_longest, point_49_owner_starts,
    point_50_other_starts, point_51_priority_zero,
    point_52_higher_or_equal_resets, point_53_lower_is_discarded,
    point_54_advert_before_announcement, point_55_61_shutdown,
    point_57_answers_priority_zero, point_58_yields_to_higher,
    point_59_equal_priority, point_60_78_losing_advert, point_62_preempt_off,
]


def main():
    with Net() as net:
        play = Play(Rig(net, INSTANCES.values()))
        play.start()
        step("started")
        play.talk_to_masters()
        play.fall_silent()
        step("played")
        play.leave()
        step("left")
        play.read()
        count = assert_no_malformed(play.pcap, f"eth.src == {play.rig.mac}")
        step(f"{count} adverts of ours, none malformed")
        for point in POINTS:
            step(f"{point.__name__}: {point(play)}")


run(main, limit=LATE)
