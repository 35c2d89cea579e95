#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What each event on the master costs, ours beside keepalived: one table.

The same two hosts, client, probe (a question every millisecond) and watchers
of the address for both, at adverts of 1 s and of 10 ms. In a cell stands the
longest time without an answer and, if there was one, the longest time in which
both hosts held the address. "-" is an event that keepalived does not have.

The rows follow each other on one pair, which settles in between. What is over
its limit is measured again, at most twice: this machine is shared. So is who
was not the only master when the event began, as a keepalived at 10 ms is now
and then: there was nothing to fail over. Words on the command line choose the
rows whose names have all of them.
"""

import os
import signal
import sys
import time
from dataclasses import dataclass

from measure import Limits
import fault_matrix as faults
from fault_matrix import (ADDRESS, Answers, Holding, PromptDirector,
                          longest_both, realtime)
from net import Net
from peers import keepalived
from probe import Probe, answer_on
from scenario import run, step
from suite import DAEMONS, children, work_directory
from waiting import wait_for

PRIORITIES = {"d1": 200, "d2": 150}
INTERVALS_MS = (1000, 10)
DEADLINE = 60
# How long two owners are looked at; nothing of ours takes that long.
LONG, FOR_EVER = 15, float("inf")
RUNS = 3
# Of a row whose event never found a master.
NOT_JUDGED = ()


@dataclass
class Row:
    name: str
    daemons: tuple          # ours: whose fault it is
    event: str              # one of fault_matrix.py, or CABLE
    rival: str = None       # what keepalived does there, a method's name


CABLE = "cable"
ROWS = (
    Row("stopped", DAEMONS, faults.LEAVE, "leave"),
    Row("restarted", DAEMONS, faults.RESTART, "restart"),
    Row("told to hand over", ("none",), faults.RESIGN, "lower"),
    Row("reload, priority changed", ("none",), faults.RELOAD, "reload"),
    Row("VRRP daemon killed, started at once", ("vrrpd",),
        faults.KILL_RESTART, "kill_vrrp"),
    Row("VRRP daemon killed for good", ("vrrpd",), faults.KILL),
    Row("VRRP daemon hangs", ("vrrpd",), faults.FREEZE, "freeze_vrrp"),
    Row("all daemons killed for good", DAEMONS, faults.KILL, "kill"),
    Row("all daemons hang", DAEMONS, faults.FREEZE_LONG, "freeze"),
    Row("ipvsd killed, started at once", ("ipvsd",), faults.KILL_RESTART),
    Row("checkd killed, started at once", ("checkd",), faults.KILL_RESTART),
    Row("cable pulled", ("none",), CABLE, "cable"),
)
BACK = "the preferred one is started again"


class Pair:
    """d1, which is preferred, and d2, and c that asks."""

    def __init__(self, net, interval_ms):
        self.net, self.interval_ms = net, interval_ms
        self.priorities, self.preempt = PRIORITIES, True
        self.master, self.backup = PRIORITIES
        self.limits = faults.Limits(interval_ms, PRIORITIES[self.backup])
        lan = net.lan(capture=False)
        self.hosts = {name: net.host(name) for name in ("d1", "d2", "c")}
        self.cables = {
            name: host.connect(lan, "eth0", f"192.168.1.{number}/24")
            for number, (name, host) in enumerate(self.hosts.items(), 11)}
        self.holding = {}
        for name in PRIORITIES:
            answer_on(self.hosts[name], bool(realtime()))
            self.holding[name] = Holding(self.hosts[name])
        for name in PRIORITIES:
            self.start(name)
        self.answers = Answers(Probe(self.hosts["c"], ADDRESS,
                                     realtime=bool(realtime())).process)
        self.settle()

    def settle(self):
        def settled():
            assert self.holding["d1"].now(), "d1 does not hold it"
            assert not self.holding["d2"].now(), "two owners"
            assert self.answers.last() == "d1", "d1 does not answer"
            assert self.calm(), "not linked"
            return True
        wait_for(settled, DEADLINE, "settled", interval=0.05)

    def calm(self):
        return True

    def serves(self, begin):
        """Wait until d2 does, and d1 has let go if it ever will."""
        wait_for(lambda: self.answers.first("d2", begin)
                 or time.monotonic() > begin + LONG, DEADLINE, "d2")
        wait_for(lambda: not self.holding["d1"].now()
                 or time.monotonic() > begin + LONG, DEADLINE, "d1 lets go")

    def stays(self, begin):
        end = max(begin, time.monotonic()) + self.limits.down + 0.5
        wait_for(lambda: time.monotonic() > end, DEADLINE, "a while")

    def only_master(self, calm, begin, end, cable):
        """d1 was, from a calm time until the event hit it. A cable takes longer
        to be pulled than a peer that flaps to take over: who has lost it lets
        the address go first."""
        one, two = (self.holding[name].spans(calm, end) for name in PRIORITIES)
        answers = self.answers.between(calm, begin)
        if not (one and one[0][0] == calm and one[0][1] >= begin
                and all(who == "d1" for _, _, who in answers)):
            return False
        return not two or two[0][0] >= (one[0][1] if cable else begin)

    def watch(self, hurt, mend, moves):
        """(silence, both) of the event and of what undoes it; None when d1 was
        not the master that it should hurt."""
        calm = time.monotonic()
        wait_for(lambda: time.monotonic() > calm + self.limits.down, DEADLINE,
                 "a while")
        begin = time.monotonic()
        hurt()
        self.stays(begin)
        if moves:
            self.serves(begin)
        middle = time.monotonic()
        for_ever = moves and middle > begin + LONG and all(
            holding.now() for holding in self.holding.values())
        mend()
        self.settle()
        # Where nothing had to be mended: time for some answers.
        wait_for(lambda: time.monotonic() > middle + 0.1, DEADLINE, "a while",
                 interval=0.01)
        end = time.monotonic()
        found = [(self.answers.silence(one, two), longest_both(self, one, two))
                 for one, two in ((begin, middle), (middle, end))]
        if for_ever:
            found[0] = found[0][0], FOR_EVER
        return (found if self.only_master(calm, begin, middle,
                                          hurt == self.pull) else None)

    def pull(self):
        self.cables["d1"].pull()

    def plug(self):
        self.cables["d1"].plug()


class Ours(Pair):
    def start(self, name):
        if not hasattr(self, "ours"):
            self.ours = {}
        self.ours[name] = PromptDirector(self.net, self.hosts[name],
                                         self.config()).start()

    config = faults.Scene.config

    def calm(self):
        return all(link["state"] == "up" for link in
                   self.ours["d1"].vipctl("show", "links") if "peer" in link)

    def measure(self, row):
        if row.event == CABLE:
            return self.watch(self.pull, self.plug, True)
        daemons = () if row.daemons == ("none",) else row.daemons
        director = self.ours["d1"]

        def hurt():
            faults.hurt(director, daemons, row.event)
            faults.hurt_by_reload(self, director, row.event)
        return self.watch(
            hurt, lambda: faults.mend(director, daemons, row.event),
            self.outcome(row) != faults.KEEPS)

    def outcome(self, row):
        if row.event == CABLE:
            return faults.LEASE
        return faults.outcome(self, row.daemons, row.event, "master")

    def limit(self, row):
        return self.limits.silence[self.outcome(row)]

    def limit_both(self, row):
        allowed = self.limits.both[self.outcome(row)]
        if self.outcome(row) == faults.DEAD:
            allowed = faults.LIFETIME
        return allowed + 0.01


class Keepalived(Pair):
    def start(self, name):
        if not hasattr(self, "processes"):
            self.processes, self.directories = {}, {}
        if name not in self.directories:
            self.directories[name] = work_directory(self.net)
        self.processes[name] = keepalived(
            self.net, self.hosts[name], self.config(PRIORITIES[name]),
            self.directories[name], realtime())

    def config(self, priority):
        return faults.KEEPALIVED.format(
            priority=priority, seconds=self.interval_ms / 1000,
            address=ADDRESS)

    def children(self):
        return children(self.processes["d1"].pid)

    def signal_all(self, number):
        pids = (self.processes["d1"].pid, *self.children())
        for pid in pids:
            os.kill(pid, number)
        return pids

    def again(self):
        self.start("d1")

    def nothing(self):
        pass

    def leave(self):
        return self.watch(self.processes["d1"].stop, self.again, True)

    def restart(self):
        def hurt():
            self.processes["d1"].stop()
            self.again()
        return self.watch(hurt, self.nothing, False)

    def _reloaded_with(self, priority):
        with open(f"{self.directories['d1']}/keepalived.conf", "w",
                  encoding="utf-8") as file:
            file.write(self.config(priority))
        self.processes["d1"].send(signal.SIGHUP)

    def lower(self):
        return self.watch(lambda: self._reloaded_with(100),
                          lambda: self._reloaded_with(PRIORITIES["d1"]), True)

    def reload(self):
        return self.watch(lambda: self._reloaded_with(201),
                          lambda: self._reloaded_with(PRIORITIES["d1"]), False)

    def kill_vrrp(self):
        def hurt():
            for pid in self.children():
                os.kill(pid, signal.SIGKILL)
        return self.watch(hurt, self.nothing, False)

    def freeze_vrrp(self):
        frozen = self.children()

        def signal_them(number):
            for pid in frozen:
                os.kill(pid, number)
        return self.watch(lambda: signal_them(signal.SIGSTOP),
                          lambda: signal_them(signal.SIGCONT), True)

    def kill(self):
        def hurt():
            pids = self.signal_all(signal.SIGKILL)
            self.processes["d1"].wait()
            # A new one does not start beside what is left of it.
            wait_for(lambda: not any(os.path.exists(f"/proc/{pid}")
                                     for pid in pids), DEADLINE, "its end")
        return self.watch(hurt, self.again, True)

    def freeze(self):
        return self.watch(lambda: self.signal_all(signal.SIGSTOP),
                          lambda: self.signal_all(signal.SIGCONT), True)

    def cable(self):
        return self.watch(self.pull, self.plug, True)

    def measure(self, row):
        return getattr(self, row.rival)()


def chosen():
    return [row for row in ROWS
            if all(word in row.name for word in sys.argv[1:])]


def text(found):
    if found is None:
        return "-"
    if found == NOT_JUDGED:
        return "not judged"
    silence, both = found
    words = f"{silence * 1000:.0f} ms"
    if both == FOR_EVER:
        words += ", both for ever"
    elif both >= 0.1:
        words += f", both {both:.1f} s"
    elif both >= 0.001:
        words += f", both {both * 1000:.0f} ms"
    return words


def over(pair, row, found):
    (silence, both), (back, _) = found
    return (silence > pair.limit(row) or both > pair.limit_both(row)
            or back > pair.limits.hand_over)


def measured(pair, row):
    """Ours again where it is over its limit, the best of these; none where
    keepalived has no such event, or never was the only master before it."""
    if isinstance(pair, Keepalived) and not row.rival:
        return None
    runs = []
    for _ in range(RUNS):
        found = pair.measure(row)
        if not found:
            step(f"{row.name}: d1 was not the only master, once more")
            continue
        runs.append(found)
        if not isinstance(pair, Ours) or not over(pair, row, found):
            break
    return min(runs, key=lambda run_: run_[0], default=NOT_JUDGED)


def column(kind, interval_ms):
    """{row's name: (silence, both)} and the pair's limits."""
    found, returns, broken = {}, [], []
    with Net() as net:
        pair = kind(net, interval_ms)
        for row in chosen():
            both = measured(pair, row)
            found[row.name] = both[0] if both else both
            if both and row.event == faults.LEAVE:
                returns.append(both[1])
            step(f"{kind.__name__}, {interval_ms} ms: {row.name}: "
                 f"{text(found[row.name])}"
                 + (f"; return: {text(both[1])}" if both else ""))
            # Ours is always the only master, or that is what is wrong.
            if kind is Ours and (not both or over(pair, row, both)):
                broken.append(f"{row.name} at {interval_ms} ms")
    if returns:
        found[BACK] = max(returns)
    return found, broken


def main():
    limits, columns = Limits(), []
    for interval_ms in INTERVALS_MS:
        for kind in (Ours, Keepalived):
            found, broken = column(kind, interval_ms)
            columns.append(found)
            limits.broken += broken
    print("| on the master | triumvir, 1 s | keepalived, 1 s "
          "| triumvir, 10 ms | keepalived, 10 ms |")
    print("| --- | --- | --- | --- | --- |")
    for name in columns[0]:
        print(f"| {name} | "
              + " | ".join(text(found.get(name)) for found in columns) + " |")
    sys.stdout.flush()
    limits.judge()


run(main, limit=None)
