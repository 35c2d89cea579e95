#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Nobody keeps a daemon busy with the descriptors that he leaves to it.

A packet with a descriptor whose last close takes long (lib/slow_close.py) is
left on each Unix socket of the daemons, by each user there is, and on the links
by each sibling: whoever may not send it is refused, and whatever the daemon
does with one that came, its loop goes on. A master's adverts and its term show
it, and so do the loops' turns (bench/loopwatch.c) and who asks the daemons.

Where the kernel keeps such packets out (SO_PASSRIGHTS, Linux 6.16) all of it
comes a second time, without that (tools/older-kernel).

Words on the command line choose parts: rendezvous, rendezvous.checkd,
ipvsd.ctl, vrrpd.ctl, checkd.ctl, siblings, end.
"""

import contextlib
import functools
import grp
import os
import pwd
import select
import signal
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path += [f"{HERE}/../lib", f"{HERE}/../bench"]

from capture import frames
from fake_ipvsd import MSG, ctl, request
from hostile import descriptors, packet, table
from inject import duplicate
from measure import Loop
from net import Net
from scenario import equal, expect, run, step
from siblings import RENDEZVOUS
from slow_close import (LINGER, LINGERS, LINGERS_MANY, MEMFD, PACKETS, Attack,
                        Caller, leave, make, price)
from suite import (DAEMONS, LOOPWATCH, Director, children, older_kernel,
                   one_instance, programs)
from waiting import wait_for

NOBODY, OPERATOR = 65534, 62001
SO_PASSRIGHTS = 83          # asm-generic/socket.h
FLOOD = 20
# More than are let in before the end has come.
CROWD = 64
ASKS = 3
DEADLINE = 60
# Steps of a loop of Python's, and how long they take where processors are not
# emulated.
STEPS, STEPS_S = 1_000_000, 0.1


class Limits:
    """How long a loop may be away.

    By the wall's clock, which has in it what other processes take of a busy
    machine: far more than a turn is, far less than what a lingering socket
    would keep it. Where processors are emulated, as much longer as they are
    slower. By the loop's own processor time, which no other process is in: a
    quarter of what it costs here to drop a memfd, a half where processors are
    emulated. A turn without takes a twentieth of that, emulated an eighth.
    """

    WALL_S = 0.5

    def __init__(self):
        began = time.thread_time()
        for _ in range(STEPS):
            pass
        slower = max(1, (time.thread_time() - began) / STEPS_S)
        self.wall = self.WALL_S * slower
        self.interval = 0.1 if slower < 2 else 1
        wall, _ = price(LINGERS, int(2 * self.wall + 1))
        expect(wall > 2 * self.wall, f"a socket lingers for {wall:.3f} s")
        _, cost = price(MEMFD)
        self.processor = cost / (4 if slower < 2 else 2)
        expect(self.processor > 0.005, f"a memfd costs {1e3 * cost:.1f} ms")
        many, _ = price(PACKETS)
        step(f"costs: a memfd {1e3 * cost:.1f} ms of a processor, 253 packet "
             f"sockets {many:.2f} s; a loop may be away for {self.wall:.2f} s "
             f"and {1e3 * self.processor:.1f} ms of a processor")
        # More of them than one turn could hide.
        self.many = many > 2 * self.wall


class Rig:
    """A master, watched."""

    def __init__(self, net, number, limits, before):
        self.limits = limits
        self.patience = 6 * limits.wall
        self.lan = net.lan(f"lan{number}")
        self.host = net.host(f"d{number}")
        self.host.connect(self.lan, "eth0", "10.0.0.11/24")
        self.director = Director(
            net, self.host, one_instance(f"{limits.interval * 1000:g}ms"),
            node="d1", before=before)
        self.loops = {name: Loop(f"{self.director.directory}/{name}.loop")
                      for name in DAEMONS}
        self.broken = []
        self.held = 0       # how long we stopped a daemon
        self._command = self.director.command
        self.director.command = self._watched
        self.director.start()
        self.settle()

    def _watched(self, name):
        return ["env", f"LOOPWATCH={self.loops[name].path}",
                f"LD_PRELOAD={programs()}/{LOOPWATCH}",
                *self._command(name)]

    def path(self, name):
        return f"{self.director.rundir}/{name}"

    def ask(self, name, *words):
        return ctl(self.path(f"{name}.ctl"), *words, deadline=self.patience)

    def instance(self):
        return self.ask("vrrpd", "instances")[0]

    def settle(self):
        """All is well, or well again."""
        def well():
            with contextlib.suppress(OSError):
                rows = [row for name in DAEMONS
                        for row in self.ask(name, "links")]
                return (all(row["state"] == "up" for row in rows) and
                        self.instance()["state"] == "master")
            return False
        wait_for(well, DEADLINE, "a master whose links are up")
        self.term = self.instance()["term"]

    def pid(self, name):
        return (children(self.director.pid("ipvsd"))[0] if name == "parser"
                else self.director.pid(name))

    @contextlib.contextmanager
    def stopped(self, name):
        """What comes meanwhile is there all at once for the daemon, so that it
        is never too fast for who still has to close a copy."""
        pid, began = self.pid(name), time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                wait_for(lambda: file.seek(0) == 0 and
                         file.read().rsplit(")", 1)[1].split()[0] == "T",
                         5, f"{name} stopped", 0.0005)
            yield
        finally:
            os.kill(pid, signal.SIGCONT)
            self.held = time.monotonic() - began

    def begin(self):
        self.began = time.time()
        for loop in self.loops.values():
            loop.reset()

    def _slowest_answer(self, name):
        """Of a few, in seconds. What waits for the daemon before we ask is
        served before we are."""
        slowest = 0
        for _ in range(ASKS):
            began = time.monotonic()
            try:
                self.ask(name, "summary")
            except TimeoutError:
                return float("inf")
            slowest = max(slowest, time.monotonic() - began)
        return slowest

    def _silence(self):
        """The longest between two adverts since the begin."""
        now, times = time.time(), []

        def later():
            times[:] = [at for at, data in frames(self.lan.capture.path)
                        if data[12:14] == b"\x08\x00" and data[23] == 112]
            return times and times[-1] > now
        with contextlib.suppress(AssertionError):
            wait_for(later, self.patience, "an advert")
        times = [at for at in times if at < self.began][-1:] + [
            at for at in times if at >= self.began] + [
            ] * bool(times and times[-1] > now)
        return max((two - one for one, two in zip(times, times[1:])),
                   default=float("inf"))

    def _turns(self, names):
        """The longest of these loops since the begin, by both clocks, and what
        is wrong with them."""
        found, worst = [], [0, 0]
        for name in names:
            wall, processor = (self.loops[name].longest(kind)
                               for kind in ("wall", "cpu"))
            worst = [max(worst[0], wall), max(worst[1], processor)]
            if wall > self.limits.wall:
                found.append(f"{name} was away for {wall:.2f} s")
            if processor > self.limits.processor:
                found.append(f"{name} was busy for {1e3 * processor:.1f} ms")
        return worst, found

    def _master(self):
        """What is wrong with it since the begin."""
        silence = self._silence()
        if silence > self.limits.wall + self.limits.interval + self.held:
            yield (f"no advert for {silence:.2f} s, of which we stopped a "
                   f"daemon for {self.held:.2f} s")
        row = self.instance()
        if (row["state"], row["term"]) != ("master", self.term):
            yield "the term ended"

    def judge(self, what, quiet=True):
        """The longest turns since the begin, and whether all is well. Where it
        is not quiet a link may have been shut, and the term with it; so may it
        when a busy machine made us stop the daemon for long."""
        quiet = quiet and self.held < self.limits.interval
        answers = {name: self._slowest_answer(name) for name in DAEMONS}
        frozen = [name for name in DAEMONS if answers[name] > self.limits.wall]
        # The turn of one that is frozen has not ended.
        worst, found = self._turns(set(DAEMONS) - set(frozen))
        found += [f"{name} gave no answer within "
                  f"{min(answers[name], self.patience):.2f} s"
                  for name in frozen]
        if quiet and not frozen:
            found += self._master()
        if found:
            self.broken.append(f"{what}: {', '.join(found)}")
            step(f"  {self.broken[-1]}")
        return worst, not found


def callers():
    """Each kind of user there is on a director."""
    found = [Caller("nobody", NOBODY, NOBODY)]
    for group in ("_triumvir", "_vipctl"):
        with contextlib.suppress(KeyError):
            gid = grp.getgrnam(group).gr_gid
            found.append(Caller(f"one of {group}", OPERATOR, gid, (gid,)))
    for user in ("_ipvsd", "_vrrpd", "_checkd", "root"):
        entry = pwd.getpwnam(user)
        found.append(Caller(user, entry.pw_uid, entry.pw_gid, tuple(
            os.getgrouplist(user, entry.pw_gid))))
    return found


def tries(good):
    """What is left, the bytes with it, and more of Attack's arguments. Early:
    the daemon has let the caller in, and reads; else it has not seen him."""
    yield LINGERS, b"x", {}
    yield LINGERS, good, {"early": True}
    yield MEMFD, b"x", {}
    yield MEMFD, good, {"early": True}
    yield LINGERS, good, {"connections": FLOOD}
    yield LINGERS_MANY, good, {"early": True}
    yield LINGERS_MANY, b"x", {}


def owner_of(name):
    """Of a socket: the daemon."""
    return ("ipvsd" if name.startswith("rendezvous") else
            name.removesuffix(".ctl"))


def attack(rig, name, caller, load, data, named):
    """One try; how many packets were let in, and the longest turns."""
    daemon = owner_of(name)
    trier = Attack(rig.host, rig.path(name), caller, load, data, **named)
    try:
        if named.get("early"):
            # It is let in before we are answered.
            rig.ask(daemon, "summary")
        rig.begin()
        with rig.stopped(daemon):
            sent = trier.go()
        worst, well = rig.judge(f"{name}: {load.name} by {caller.name}, "
                                  f"{len(data)} bytes {named}")
    finally:
        trier.close()
    if not well or rig.held >= rig.limits.interval:
        rig.settle()
    return sent, worst


def strangers(rig, name, good):
    """By all users. Who is not let in at all is not tried further."""
    for caller in callers():
        sent, refused, worst = 0, 0, [0, 0]
        for load, data, named in tries(good):
            let_in, away = attack(rig, name, caller, load, data, named)
            sent += let_in
            refused += named.get("connections", 1) - let_in
            worst = list(map(max, worst, away))
            if refused == 2 and not sent:
                break
        if (name.endswith(".ctl") and caller.uid == 0 and sent and
                rig.limits.many):
            _, away = attack(rig, name, caller, PACKETS, good, {})
            worst = list(map(max, worst, away))
        step(f"{name}, {caller.name}: {sent} let in, {refused} refused; the "
             f"longest turn {1e3 * worst[0]:.1f} ms, of a processor "
             f"{1e3 * worst[1]:.1f} ms")


def ends(rig):
    """{(owner, other, kind): (pid, fd)} of all connected pairs between the
    daemons; kind is "link" or "rendezvous"."""
    peers, named = {}, set()
    for line in rig.host.run("ss", "-xH").stdout.splitlines():
        words = line.split()
        peers[words[5]] = words[7]
        if "/rendezvous" in words[4]:
            named |= {words[5], words[7]}
    owners = {}
    for name in (*DAEMONS, "parser"):
        pid = rig.pid(name)
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(f"/proc/{pid}/fd/{fd}")
                if target.startswith("socket:["):
                    owners[target[8:-1]] = name, pid, int(fd)
    return {(name, owners[peers[inode]][0],
             "rendezvous" if inode in named else "link"): (pid, fd)
            for inode, (name, pid, fd) in owners.items()
            if peers.get(inode) in owners}


def due(owner, other, kind):
    """Packets of this end that have a descriptor, and one that has not."""
    if kind == "rendezvous" and owner == "ipvsd":
        # An end that is too old to be taken.
        return [packet(MSG["LINK"], struct.pack("!BQ", 0, 1))]
    return [b"x"] + [packet(MSG[row.name], bytes(row.least), row.generation)
                     for row in table()
                     if row.fds and row.name != "LINK" and
                     row.goes(owner.upper(), other.upper())]


def hung_up(sock):
    poll = select.poll()
    poll.register(sock, 0)
    return bool(poll.poll(0))


def sibling(rig, edge, data):
    """One that was taken over leaves a lingering socket, and a memfd behind
    it: the first is taken by the daemon, the second goes with the link. False
    when this link was just replaced by another one."""
    owner, other, kind = edge
    sock = duplicate(*ends(rig)[edge])
    fds, keep = make(LINGERS)
    more, _ = make(MEMFD)
    with sock:
        rig.begin()
        with rig.stopped(other):
            gone = hung_up(sock)
            sent = leave(sock, data, fds, keep) + leave(sock, b"x", more)
    what = (f"{owner} to {other} ({kind}), "
            f"{'no message' if data == b'x' else 'message %d' % data[1]}")
    worst, _ = rig.judge(what, quiet=False)
    for end in keep:
        end.close()
    if sent and owner == "parser":
        rig.director.kill("ipvsd")
        rig.director.start("ipvsd")
    rig.settle()
    if not gone:
        step(f"{what}: {sent} let in; the longest turn {1e3 * worst[0]:.1f} "
             f"ms, of a processor {1e3 * worst[1]:.1f} ms")
    return not gone


def siblings(rig):
    edges = sorted(ends(rig), key=lambda edge: ("parser" in edge, edge))
    expect(len(edges) == 12, f"the ends of links: {edges}")
    for edge in edges:
        # The parser has no loop.
        if edge[1] != "parser":
            for data in due(*edge):
                wait_for(lambda: sibling(rig, edge, data), DEADLINE, edge)


def closed(rig, before):
    """Nothing stays open in the daemons."""
    for name, count in before.items():
        wait_for(lambda: descriptors(rig.pid(name)) <= count, DEADLINE,
                 f"{name} has closed what it was left")


def end(rig):
    """The daemons end at once, whatever they were left: by who was let in, and
    by who still waits to be."""
    root = next(caller for caller in callers() if caller.uid == 0)
    left = [Attack(rig.host, rig.path(f"{name}.ctl"), root, load,
                   request("summary"), **named)
            for name in DAEMONS
            for load, named in ((LINGERS_MANY, {"early": True}),
                                (LINGERS, {"connections": CROWD}))]
    for name in DAEMONS:
        rig.ask(name, "summary")
    with contextlib.ExitStack() as stack:
        for name in DAEMONS:
            stack.enter_context(rig.stopped(name))
        sent = sum(one.go() for one in left)
        rig.director.send(signal.SIGTERM)
    began = time.monotonic()
    for name in DAEMONS:
        equal(rig.director.daemons[name].process.wait(LINGER / 2), 0,
              f"{name}: exit status")
    took = time.monotonic() - began
    expect(took < 1 + 2 * rig.limits.wall, f"they end within {took:.2f} s")
    step(f"all ended within {took:.2f} s, {sent} let in")
    for one in left:
        one.close()


def pass_rights():
    """Whether this kernel can refuse descriptors."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_PASSRIGHTS, 0)
        except OSError:
            return False
    return True


def whole(net, number, limits, before):
    rig = Rig(net, number, limits, before)
    before = {name: descriptors(rig.pid(name)) for name in DAEMONS}
    hello = packet(MSG["HELLO"], struct.pack("!HH", 1, 1))
    parts = {name: functools.partial(strangers, rig, name, hello)
             for name in RENDEZVOUS.values()}
    for name in DAEMONS:
        parts[f"{name}.ctl"] = functools.partial(
            strangers, rig, f"{name}.ctl", request("summary"))
    parts["siblings"] = lambda: siblings(rig)
    parts["end"] = lambda: end(rig)
    for part in sys.argv[1:] or parts:
        parts[part]()
        if part != "end":
            closed(rig, before)
        # All of a part is tried, so that all that is wrong there is seen.
        expect(not rig.broken, f"{part}: {len(rig.broken)} tries kept a daemon "
               "away: " + "; ".join(rig.broken[:3]))


def main():
    with Net() as net:
        limits = Limits()
        kinds = [("as the kernel is", [])]
        if pass_rights():
            kinds.append(("without SO_PASSRIGHTS", older_kernel()))
        for number, (what, before) in enumerate(kinds, 1):
            step(f"--- {what}")
            whole(net, number, limits, before)


run(main)
