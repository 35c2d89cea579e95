# SPDX-License-Identifier: ISC
"""Every fault of every daemon, on the master and on the backup: how long
nobody answers for the virtual address, and who holds it meanwhile.

A scenario makes a Scene and gives it to run_scene(). d1 and d2 are directors
(d2 may be keepalived), c asks the address every millisecond who has it. An
rtnetlink watcher on each director says when the host got and lost the
address. EXPECTED says what each fault may cost and Limits how much that is.

The machine is shared, so its noise is measured too: a process on each
processor that sleeps a millisecond at a time says how late it is woken. A cell
that is over its limit of silence is run again, at most twice, and passes if
any run is within it. The limits of owners admit no repeat; what they allow for
is the lateness that was measured in that very cell, or UNSEEN. When a
processor stood still for longer than an interval, or an ordinary process was
not let run for a whole lease (machine.py; what carries packets in the kernel
is one), adverts were missed and leases ended for no fault of the daemons: a
run that is over a limit then is void and does not count. A cell with void runs
only is told, but not judged; where that is so for more than a quarter of the
cells the whole scenario is not. The daemons and the probe run at real-time
priority where the machine admits that, so that what competes for its
processors is not judged.

Words on the command line choose the cells whose names have all of them.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import machine
from peers import keepalived
from probe import REALTIME, Probe, answer_on
from scenario import expect, step
from suite import DAEMONS, Director
from tail import Tail
from waiting import wait_for
from web import TOOLS

ADDRESS = "192.168.1.200"
OWN = {"d1": "192.168.1.11", "d2": "192.168.1.12"}
# Of three daemons to each other, and of ipvsd to its parser.
LINKS = 7
DEADLINE = 30
RUNS = 3
VOID_RUNS = 3
# The kernel's lifetime of an address, and how late it looks (design: 2 s were
# 2.02 to 2.4).
LIFETIME = 10.5
AT_LAST = 2
LEASE_INTERVALS = 3
# Noise that is not measured: lateness of under a millisecond, and waits for the
# kernel's one lock of addresses, which all namespaces of the machine share.
UNSEEN = 0.002
# Between two ends of a daemon in a crash loop.
LIVES = (0.05, 0.1, 0.2, 0.3, 0.4)
# What vrrpd logs when it is back in time.
TERM_TAKEN_UP = "took up its former term"
# vrrpd hands over before it ends for a restart if its lease is shorter.
SHORT_LEASE_MS = 1000

# The events.
LEAVE, RESTART, KILL_RESTART = "leave", "restart", "kill, restart"
KILL, FREEZE, LOOP = "kill", "stop, continue", "crash loop"
FREEZE_LONG = "stop for long, continue"
KILL_LATE = "kill, restart late"	# the peer has taken over
KILL_LAST = "kill, restart at last"	# the address is about to go
RESIGN, RELOAD, REMOVE = "resign", "reload", "remove by reload"
QUIET = "nothing"

# What they may cost on the master.
KEEPS = "keeps"		# the master stays, silence as of a hand-over
HANDS = "hands over"	# both may hold the address until the new one is heard
LEASE = "lease ends"	# the address goes before the peer takes over
EXPIRES = "lifetime ends"	# vrrpd sees it go and says priority 0
DEAD = "all dead"	# the peer takes over, the kernel lets go in time

EXPECTED = {
    # daemons        event: outcome on the master (on the backup: KEEPS)
    ("none",): {QUIET: KEEPS, RESIGN: HANDS, RELOAD: KEEPS, REMOVE: HANDS},
    ("checkd",): {LEAVE: KEEPS, RESTART: KEEPS, KILL_RESTART: KEEPS,
                  KILL: KEEPS, FREEZE: KEEPS, LOOP: KEEPS},
    ("ipvsd",): {LEAVE: HANDS, RESTART: KEEPS, KILL_RESTART: KEEPS,
                 KILL: EXPIRES, KILL_LAST: KEEPS, FREEZE: KEEPS,
                 FREEZE_LONG: EXPIRES, LOOP: KEEPS},
    ("vrrpd",): {LEAVE: HANDS, RESTART: KEEPS, KILL_RESTART: KEEPS,
                 KILL: LEASE, FREEZE: LEASE, LOOP: KEEPS},
    DAEMONS: {LEAVE: HANDS, RESTART: KEEPS, KILL_RESTART: KEEPS,
              KILL: DEAD, KILL_LATE: DEAD, FREEZE: DEAD, FREEZE_LONG: DEAD,
              LOOP: KEEPS},
}
# With a lease under a second hardly anybody is back within it.
EXPECTED_SHORT = {
    ("vrrpd",): {RESTART: HANDS, KILL_RESTART: LEASE, LOOP: LEASE},
    DAEMONS: {RESTART: HANDS, KILL_RESTART: DEAD, LOOP: DEAD},
}


class Limits:
    """Seconds. `down' is the peer's Active_Down_Interval, RFC 9568 6.1."""

    def __init__(self, interval_ms, peer_priority):
        interval = interval_ms / 1000
        self.skew = (256 - peer_priority) * interval / 256
        self.down = 3 * interval + self.skew
        self.hand_over = 0.020
        self.silence = {
            KEEPS: self.hand_over, HANDS: self.hand_over,
            LEASE: self.down + 0.050, EXPIRES: self.skew + 0.050,
            DEAD: self.down + 0.050}
        # How long two may hold the address, beside what noise there was.
        # A hand-over: until the new master is heard, an interval and a margin.
        self.both = {
            KEEPS: 0, HANDS: interval + min(interval / 2, 0.1), LEASE: 0,
            EXPIRES: 0, DEAD: LIFETIME}


class Answers:
    """Of the probe: (sent, number, who) in the order of the questions."""

    def __init__(self, probe):
        self._tail, self._found = Tail(probe), []

    def read(self):
        self._found += [(float(sent), int(number), who)
                        for sent, _, number, who in self._tail.lines()]
        return self._found

    def last(self):
        found = self.read()
        return found[-1][2] if found else None

    def between(self, begin, end):
        """With the last one before it and the first one after it."""
        found = sorted(self.read(), key=lambda answer: answer[1])
        inside = [at for at, answer in enumerate(found)
                  if begin <= answer[0] <= end]
        if not inside:
            return []
        return found[max(inside[0] - 1, 0):inside[-1] + 2]

    def silence(self, begin, end):
        """The longest time in which questions were not answered."""
        found = self.between(begin, end)
        expect(found, "no answer at all")
        return max((two[0] - one[0] for one, two in zip(found, found[1:])
                    if two[1] - one[1] > 1), default=0)

    def first(self, who, since):
        return next((sent for sent, _, name in self.read()
                     if name == who and sent >= since), None)


class Holding:
    """When a host holds the address."""

    def __init__(self, host):
        self._tail = Tail(host.popen("addrwatch", *realtime(),
                                     f"{TOOLS}/addrwatch", ADDRESS))
        self._changes = []	# (time, held)

    def changes(self):
        self._changes += [(float(when), what == "held")
                          for when, what in self._tail.lines()]
        return self._changes

    def now(self):
        found = self.changes()
        return bool(found) and found[-1][1]

    def spans(self, begin, end):
        """[(from, to)] within the time."""
        found, since = [], None
        for when, held in [*self.changes(), (end, False)]:
            if held and since is None:
                since = when
            elif not held and since is not None:
                if when > begin and since < end:
                    found.append((max(since, begin), min(when, end)))
                since = None
        return found


def realtime():
    """A prefix for commands, if this machine lets us."""
    done = subprocess.run([*REALTIME, "true"], check=False,
                          stderr=subprocess.DEVNULL)
    return REALTIME if done.returncode == 0 else ()


class PromptDirector(Director):
    """Its daemons are not kept waiting by what else this machine does."""

    def policy(self, _name):
        return realtime()


KEEPALIVED = """
vrrp_instance web {{
    interface eth0
    virtual_router_id 7
    priority {priority}
    advert_int {seconds:g}
    version 3
    virtual_ipaddress {{
        {address}/32 dev eth0
    }}
}}
"""


class Scene:
    """Two directors and a client. `ours' are those that faults may hit."""

    def __init__(self, net, interval_ms, priorities, preempt=True,
                 foreign=None):
        self.net, self.interval_ms = net, interval_ms
        self.priorities, self.preempt = priorities, preempt
        # Without preemption who is first stays.
        self.master, self.backup = (
            sorted(priorities, key=priorities.get, reverse=True) if preempt
            else priorities)
        self.limits = Limits(interval_ms, priorities[self.backup])
        lan = net.lan(capture=False)
        self.hosts = {name: net.host(name) for name in (*OWN, "c")}
        for number, (name, host) in enumerate(self.hosts.items(), 11):
            host.connect(lan, "eth0", f"192.168.1.{number}/24")
        watched = {name: self.hosts[name] for name in OWN}
        for host in watched.values():
            answer_on(host, bool(realtime()))
        self.holding = {name: Holding(host)
                        for name, host in watched.items()}
        self.ours = {}
        for name in (self.master, self.backup):
            if name == foreign:
                keepalived(net, self.hosts[name], KEEPALIVED.format(
                    priority=priorities[name], seconds=interval_ms / 1000,
                    address=ADDRESS))
            else:
                self.ours[name] = PromptDirector(
                    net, self.hosts[name], self.config()).start()
            if name == self.master:
                wait_for(self.holding[name].now, DEADLINE, f"{name} holds")
        client = self.hosts["c"]
        probe = Probe(client, ADDRESS, realtime=bool(realtime()))
        self.answers = Answers(probe.process)
        self.late = [Tail(client.popen(f"lateness{cpu}", *realtime(),
                                       f"{TOOLS}/lateness", 0.001, cpu))
                     for cpu in sorted(os.sched_getaffinity(0))]
        self._late = []
        self.settle()

    def config(self, priorities=None, instance=True):
        text = "nodes: {%s}\n" % ", ".join(
            f"{name}: {address}" for name, address in OWN.items())
        if not instance:
            return text
        nodes = ", ".join(f"{name}: {priority}" for name, priority
                          in (priorities or self.priorities).items())
        return text + f"""
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: {self.interval_ms}ms
    preempt: {str(self.preempt).lower()}
    nodes: {{{nodes}}}
    addresses: [{ADDRESS}/32]
"""

    def noise(self, begin, end):
        """How late a process was woken at worst."""
        self._late += [(float(when), float(late))
                       for tail in self.late
                       for when, late in tail.lines()]
        return max((late for when, late in self._late
                    if begin <= when - late <= end or begin <= when <= end),
                   default=0)

    def become_master(self, name):
        return (self.ours[name].instance("web")["become_master"]
                if name in self.ours else None)

    def _linked(self):
        """Every daemon is there and hears the others."""
        for name, director in self.ours.items():
            links = [link for link in director.vipctl("show", "links")
                     if "peer" in link]
            off = [(link["daemon"], link["peer"]) for link in links
                   if link["state"] != "up"]
            assert len(links) == LINKS and not off, f"{name}: links {off}"
        return True

    def _as_it_should_be(self):
        for name, director in self.ours.items():
            row = director.instance("web")
            wanted = "master" if name == self.master else "backup"
            assert row["state"] == wanted, f"{name} is {row['state']}"
        assert self.holding[self.master].now(), "the master's address"
        assert not self.holding[self.backup].now(), "two owners"
        assert self.answers.last() == self.master, "who answers"
        return True

    def settle(self):
        """The master is master and the backup backup."""
        wait_for(self._linked, DEADLINE, "linked", interval=0.05)
        if not self.preempt:
            self._hand_back()
        wait_for(self._as_it_should_be, DEADLINE, "settled", interval=0.05)

    def _hand_back(self):
        """The other one resigns, again if the master did not come in time: it
        has an interval and a half for it, and the machine may stand still."""
        master, other = self.ours[self.master], self.ours[self.backup]

        def handed():
            states = [one.instance("web")["state"] for one in (master, other)]
            if states == ["backup", "master"]:
                other.vipctl("resign", "web")
            assert states == ["master", "backup"], states
            return True
        wait_for(handed, DEADLINE, "handed back", interval=0.05)
        if other.instance("web")["resigned"]:
            other.vipctl("enable", "web")


# ---- the faults: each leaves the director as the event says ----

def hurt(director, daemons, event):
    """Until what the event itself does is done. Returns when it began."""
    begin = time.monotonic()
    if event == LEAVE:
        director.stop(*daemons)
    elif event == RESTART:
        director.send(signal.SIGUSR2, *daemons)
        relaunch(director, daemons)
    elif event == KILL_RESTART:
        director.send(signal.SIGKILL, *daemons)
        relaunch(director, daemons)
    elif event in (KILL, KILL_LATE):
        director.kill(*daemons)
    elif event in (FREEZE, FREEZE_LONG):
        director.send(signal.SIGSTOP, *daemons)
    elif event == LOOP:
        begin = crash_loop(director, daemons)
    elif event == KILL_LAST:
        director.kill(*daemons)
        wait_for(lambda: lifetime(director.host) <= AT_LAST, DEADLINE,
                 "the address is about to go")
        director.launch(*daemons)
    elif event == RESIGN:
        director.vipctl("resign", "web")
    return begin


def crash_loop(director, daemons):
    """Returns when they were killed for the last time while their term went
    on: one who is back within it has lost nothing by the kill before, and the
    peer's wait starts anew."""
    log = director.daemons["vrrpd"].process
    begin, terms = None, 0
    for life in LIVES:
        taken_up = log.output().count(TERM_TAKEN_UP)
        if begin is None or taken_up > terms:
            begin, terms = time.monotonic(), taken_up
        director.send(signal.SIGKILL, *daemons)
        relaunch(director, daemons)
        time.sleep(life)
    return begin


def lifetime(host):
    """Seconds that the kernel lets the address live; 0 without it."""
    lines = host.ip("addr show dev eth0").splitlines()
    for line, following in zip(lines, lines[1:]):
        if f" {ADDRESS}/" in line:
            return int(following.split()[1].removesuffix("sec"))
    return 0


def relaunch(director, daemons):
    """Each as soon as it has ended, as systemd does."""
    left = set(daemons)

    def none_left():
        for name in [name for name in left
                     if not director.daemons[name].process.alive()]:
            left.remove(name)
            director.launch(name)
        return not left
    wait_for(none_left, DEADLINE, f"end of {left}", interval=0.001)


def mend(director, daemons, event):
    """What the fault has left undone."""
    if event in (FREEZE, FREEZE_LONG):
        director.send(signal.SIGCONT, *daemons)
    elif event in (LEAVE, KILL, KILL_LATE):
        director.launch(*daemons)
    elif event == RESIGN:
        director.vipctl("enable", "web")


def hurt_by_reload(scene, director, event):
    """A harmless change, or one that takes the instance away."""
    if event == RELOAD:
        more = {name: priority + 1 if priority < 254 else priority
                for name, priority in scene.priorities.items()}
        for priorities in (None, more, None):
            director.write_config(scene.config(priorities))
            director.vipctl("reload")
    elif event == REMOVE:
        director.write_config(scene.config(instance=False))
        director.vipctl("reload")


# ---- one cell ----

@dataclass
class Cell:
    daemons: tuple
    event: str
    role: str
    outcome: str
    interval: float		# seconds
    silence: float = None	# longest of the fault; then of the return
    returning: float = 0
    limit: float = 0
    noise: float = 0
    away: float = 0		# of the machine, for ordinary processes
    owners: str = ""
    runs: int = 0
    void: int = 0		# runs that do not count
    wrong: list = field(default_factory=list)
    slow: list = field(default_factory=list)

    @property
    def name(self):
        who = ("all" if len(self.daemons) == len(DAEMONS)
               else self.daemons[0])
        return f"{who} {self.event} on the {self.role}"


def longest_both(scene, begin, end):
    """The longest time in which both held the address."""
    one, two = (holding.spans(begin, end)
                for holding in scene.holding.values())
    return max((min(a[1], b[1]) - max(a[0], b[0]) for a in one for b in two
                if min(a[1], b[1]) > max(a[0], b[0])), default=0)


def owners(scene, begin, end):
    """Who came to hold it, in order: "d1 d2"."""
    spans = sorted((span[0], name) for name, holding in scene.holding.items()
                   for span in holding.spans(begin, end))
    return " ".join(name for _, name in spans)


def back_in_time(scene, cell, director, begin):
    """Whether who was killed has come back before its lease's end, against
    all expectation: then the peer has nothing to take over."""
    if cell.outcome not in (LEASE, DEAD) or cell.event not in (
            KILL_RESTART, LOOP):
        return False
    director.wait_ready(*cell.daemons)
    end = time.monotonic() + scene.limits.down + 0.1
    wait_for(lambda: time.monotonic() > end, DEADLINE, "a while")
    return not scene.holding[scene.backup].spans(begin, end)


def wait_outcome(scene, cell, director, begin):
    """Until the fault has had the effect that it may have."""
    if back_in_time(scene, cell, director, begin):
        cell.outcome = KEEPS
    if cell.outcome == KEEPS:
        alive = [name for name in cell.daemons if name in director.daemons
                 and director.daemons[name].process.alive()]
        if cell.event in (RESTART, KILL_RESTART, KILL_LAST, LOOP):
            director.wait_ready(*alive)
        end = time.monotonic() + scene.limits.down + 0.1
        if cell.event == KILL_LAST:
            end += AT_LAST	# were it not renewed, it would go
        wait_for(lambda: time.monotonic() > end, DEADLINE, "a while")
        return
    peer = scene.holding[scene.backup]
    wait_for(lambda: any(span[1] > begin for span in peer.spans(
        begin, time.monotonic())), DEADLINE, f"{cell.name}: the peer holds it")
    wait_for(lambda: scene.answers.first(scene.backup, begin), DEADLINE,
             f"{cell.name}: the peer answers")
    if cell.event in (KILL, FREEZE_LONG, LEAVE):
        wait_for(lambda: not scene.holding[scene.master].now(), DEADLINE,
                 f"{cell.name}: the address leaves the host")


def judge_fault(scene, cell, begin, since, end):
    """The fault's effect counts `since', what was held from the begin on."""
    limits, noise = scene.limits, cell.noise
    cell.limit = limits.silence[cell.outcome]
    cell.silence = scene.answers.silence(begin, end)
    if cell.silence > cell.limit:
        cell.slow.append(f"silence {cell.silence * 1000:.1f} ms")
    both = longest_both(scene, begin, end)
    if both > limits.both[cell.outcome] + noise:
        cell.wrong.append(f"two owners for {both * 1000:.1f} ms")
    cell.owners = owners(scene, begin, end)
    if both:
        cell.owners += f" (both {both * 1000:.1f} ms)"
    if cell.outcome == KEEPS and cell.owners != scene.master:
        cell.wrong.append("the master did not stay")
    if cell.outcome == DEAD:
        serves = scene.answers.first(scene.backup, since) - since
        if serves > cell.limit:
            cell.slow.append(f"the peer serves after {serves * 1000:.0f} ms")
    if cell.outcome in (DEAD, EXPIRES):
        gone = max((span[1] for span in scene.holding[scene.master].spans(
            begin, end)), default=begin) - begin
        if begin + gone < end:
            cell.owners += f" (gone after {gone:.1f} s)"
        if gone > LIFETIME + noise:
            cell.wrong.append("the address outlived the daemons")


def judge_return(scene, cell, begin, end):
    """A return is a hand-over at most; who was all dead has an address to
    let go yet."""
    if cell.outcome == KEEPS:
        return
    cell.returning = scene.answers.silence(begin, end)
    if cell.returning > scene.limits.hand_over:
        cell.slow.append(f"return: silence {cell.returning * 1000:.1f} ms")
    both = longest_both(scene, begin, end)
    allowed = max(scene.limits.both[HANDS], scene.limits.both[cell.outcome])
    if both > allowed + cell.noise:
        cell.wrong.append(f"return: two owners for {both * 1000:.1f} ms")
    cell.owners += f" | {owners(scene, begin, end)}"
    kept = scene.holding[scene.master].spans(begin, end)
    if scene.preempt and kept[0][0] == begin and len(kept) == 1:
        cell.wrong.append("an ended term was taken up")
    # Nothing that had ended is put back, were it for a millisecond.
    came = sum(span[0] > begin for span in kept)
    if came > 1:
        cell.wrong.append(f"the address came {came} times")


def run_cell(scene, cell):
    name = scene.master if cell.role == "master" else scene.backup
    other = scene.backup if cell.role == "master" else scene.master
    director = scene.ours[name]
    daemons = () if cell.daemons == ("none",) else cell.daemons
    count = scene.become_master(other)
    cell.wrong, cell.slow = [], []
    begin = time.monotonic()
    since = hurt(director, daemons, cell.event)
    hurt_by_reload(scene, director, cell.event)
    wait_outcome(scene, cell, director, begin)
    middle = time.monotonic()
    mend(director, daemons, cell.event)
    if cell.event == REMOVE:
        director.write_config(scene.config())
        director.vipctl("reload")
    scene.settle()
    end = time.monotonic()
    cell.noise = max(scene.noise(begin, end), UNSEEN)
    cell.away = max(cell.noise, machine.longest(begin, end))
    # What is kept is kept until all is as it was.
    judge_fault(scene, cell, begin, since,
                end if cell.outcome == KEEPS else middle)
    judge_return(scene, cell, middle, end)
    if other in scene.ours:
        times = scene.become_master(other) - count
        if times != (0 if cell.outcome == KEEPS else 1):
            cell.wrong.append(f"{other} became master {times} times")


def outcome(scene, daemons, event, role):
    if role == "backup":
        return KEEPS
    if 3 * scene.interval_ms < SHORT_LEASE_MS:
        short = EXPECTED_SHORT.get(daemons, {})
        if event in short:
            return short[event]
    return EXPECTED[daemons][event]


def cells(scene, without):
    """All of them, or those that the command line names."""
    for daemons, events in EXPECTED.items():
        if daemons in without:
            continue
        for event in events:
            for role, name in (("master", scene.master),
                               ("backup", scene.backup)):
                if name not in scene.ours:
                    continue
                cell = Cell(daemons, event, role,
                            outcome(scene, daemons, event, role),
                            scene.interval_ms / 1000)
                if all(word in cell.name for word in sys.argv[1:]):
                    yield cell


def judged(cell):
    return cell.runs > 0


def verdict(cell):
    found = ", ".join(cell.wrong + cell.slow)
    if not judged(cell):
        return (f"not judged, {cell.void} void runs, the machine was away for "
                f"{cell.away * 1000:.0f} ms: {found}")
    if found:
        return f"FAILED: {found}"
    return "ok" if cell.runs + cell.void == 1 else (
        f"ok in run {cell.runs + cell.void}")


def ms(seconds):
    return f"{seconds * 1000:8.1f}"


def show(done):
    print(f"{'cell':44} {'silence':>8} {'limit':>8} {'return':>8} "
          f"{'noise':>8}  owners, verdict", flush=True)
    for cell in done:
        print(f"{cell.name:44} {ms(cell.silence)} {ms(cell.limit)} "
              f"{ms(cell.returning)} {ms(cell.noise)}  {cell.owners}, "
              f"{verdict(cell)}", flush=True)


def again(scene, cell):
    """Counts the run that was; whether there is to be another one."""
    stood_still = (cell.noise > cell.interval
                   or cell.away > LEASE_INTERVALS * cell.interval)
    if (cell.wrong or cell.slow) and stood_still:
        cell.void += 1
        return cell.void < VOID_RUNS
    cell.runs += 1
    return bool(cell.slow) and not cell.wrong and cell.runs < RUNS


def run_scene(scene, done, without=()):
    for cell in cells(scene, without):
        run_cell(scene, cell)
        while again(scene, cell):
            run_cell(scene, cell)
        step(f"{cell.name}: {cell.silence * 1000:.1f} ms, {cell.owners}, "
             f"{verdict(cell)}")
        done.append(cell)


def judge(done):
    """Print the table, and fail if any cell did."""
    show(done)
    bad = [cell.name for cell in done
           if judged(cell) and (cell.wrong or cell.slow)]
    expect(not bad, f"{len(bad)} of {len(done)} cells: {'; '.join(bad)}")
    void = [cell for cell in done if not judged(cell)]
    if len(void) > len(done) / 4:
        raise machine.NotJudged(max(cell.away for cell in void),
                                void[0].interval, "; ".join(
                                    cell.name for cell in void))


def interval_ms(default):
    return int(os.environ.get("TRIUMVIR_MATRIX_INTERVAL", default))
