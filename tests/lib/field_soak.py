# SPDX-License-Identifier: ISC
"""What befalls directors in the field, at random, under requests.

TRIUMVIR_SEED chooses the acts (lib/field_story.py), TRIUMVIR_SOAK_SECONDS for
how long they go on. While something lasts, and after each act, it is judged who
holds the addresses, by the kernels and on the wire; who announced them last;
that requests are answered again, and what silence they met; what `vipctl
status` says; that nothing is left of it.
"""

import itertools
import os
import time

import field_story as story
import machine
from adverts import Router, advert
from field_story import ASKED, DIRECTORS, INSTANCES, NETS
from probe import Probe, answer_on, arp_owners
from scenario import equal, expect, step
from soak_watch import Watch, pause
from suite import DAEMONS, Director
from tail import Tail
from waiting import wait_for
from web import TOOLS

SEED = int(os.environ.get("TRIUMVIR_SEED", 7))
LONG = 300
# vipctl/row.c: how long what was odd is told
ODD_FOR = 60
# From then on a fault is a new one, whatever there was (vrrpd/fsm/fault.h).
FAULT_IS_OVER = 6
# A wire that is replugged is noticed to have been out.
OUT_FOR = 0.3
# Of garp: a switch lets frames pass up to a second after it gave a carrier.
REPEAT_AFTER = 1.5


class Limits:
    """The protocol's times, at an interval; seconds."""

    def __init__(self, interval, returning, settling, ask_every=0.01,
                 margin=0.15):
        self.interval, self.ask_every = interval, ask_every
        #: what a silence may be longer than the protocol's times: the
        #: questions' own distance, a process that waits for a processor
        self.margin = margin
        lowest = min(story.PRIORITY.values())
        #: Active_Down_Interval of the lower one (RFC 9568, 6.1)
        self.down = 3 * interval + (256 - lowest) * interval / 256
        #: two owners: who relieves holds, and the other one has a lease
        self.both = 3 * interval + margin
        #: until who is to be master is it: found out, taken over, returned,
        #: with what its checks need for that, preempted
        self.owned = 3 * self.down + returning
        #: until all else is as it is to be
        self.settled = self.owned + REPEAT_AFTER + settling


class Answers:
    """Of the probe that asks for an address."""

    def __init__(self, client, address, ask_every):
        self.probe = Probe(client, address, ask_every, realtime=True)
        self._tail, self._found = Tail(self.probe.process), []

    def read(self):
        self._found += [(float(sent), who, int(number))
                        for sent, _, number, who in self._tail.lines()]
        return self._found

    def longest_silence(self, begin, end):
        """(length, when it began) of the longest one that touches the time: a
        question or more was not answered in it."""
        found = [(sent, number) for sent, _, number in self.read()
                 if sent >= begin - 5]
        found.append((end, -1))
        silences = [(two[0] - one[0], one[0]) for one, two
                    in zip(found, found[1:])
                    if two[0] >= begin and two[1] != one[1] + 1]
        return max(silences, default=(end - begin, begin))

    def forget(self, before):
        self._found = [one for one in self.read() if one[0] >= before]

    def answered_by(self, who, since):
        """Whether the last answer is by that one, to a question since then."""
        found = self.read()
        expect(found and found[-1][0] > since and found[-1][1] == who,
               f"last answer {found[-1] if found else 'none'}")
        return True


class FieldSoak:
    """Two directors, a client, a stranger; and what lasts now."""

    kinds = story.ALL

    def __init__(self, net, limits):
        self.net, self.limits = net, limits
        self.world = story.World()
        self.lans = {interface: net.lan(f"lan-{interface}", capture=False)
                     for interface in NETS}
        self.hosts = {}
        for name, number in {**DIRECTORS, "client": story.CLIENT,
                             "stranger": story.STRANGER}.items():
            self.hosts[name] = self.host(name, number)
        self.heard = {interface: Tail(self.tool(lan, "announcements", "br0"))
                      for interface, lan in self.lans.items()}
        self.announced = {}     # address: MAC, as was heard last
        self.strangers = {interface: self.hosts["stranger"].mac(interface)
                          for interface in NETS}
        self.prepare()
        self.directors = {name: Director(net, self.hosts[name], self.config())
                          for name in DIRECTORS}
        for director in self.directors.values():
            director.launch()
        for director in self.directors.values():
            director.wait_ready()
        self.watch = Watch(self.directors)
        self.holding = {
            (name, address): Tail(self.tool(self.hosts[name], "addrwatch",
                                            address))
            for name in DIRECTORS for instance in INSTANCES.values()
            for address, _ in instance.plain()}
        self.held = {key: [] for key in self.holding}   # (time, whether)
        for name in DIRECTORS:
            answer_on(self.hosts[name], realtime=True)
        self.router = None
        wait_for(self.held_as_implied, 5 * limits.settled, "first masters",
                 0.1)
        self.answers = {}
        self.begin_requests()

    def begin_requests(self):
        for address in ASKED:
            self.answers[address] = Answers(self.hosts["client"], address,
                                            self.limits.ask_every)
            wait_for(self.answers[address].read, 20, f"an answer of {address}")

    @staticmethod
    def tool(place, name, *words):
        return place.popen(f"{name}.{'.'.join(words)}".replace(":", "-"),
                           f"{TOOLS}/{name}", *words)

    def host(self, name, number):
        host = self.net.host(name)
        for interface, networks in NETS.items():
            host.connect(self.lans[interface], interface)
            host.ip(f"link set {interface} addrgenmode none",
                    f"addr flush dev {interface} scope link",
                    *self.add(interface, networks, number))
        return host

    @staticmethod
    def add(interface, networks, number, family=None):
        """Commands that give an interface its own addresses (again)."""
        return [f"addr replace {network.format(number)} dev {interface}"
                + (" nodad" if ":" in network else "")
                for network in networks
                if family in (None, "all", 6 if ":" in network else 4)]

    def prepare(self):
        """What else there is before the directors start."""

    def config(self):
        text = "nodes:\n" + "".join(
            f"  {name}: {{address: 10.0.0.{number}, "
            f"addresses: [10.0.1.{number}, \"fe80::{number}\"]}}\n"
            for name, number in DIRECTORS.items())
        text += "vrrp:\n"
        for one in INSTANCES.values():
            nodes = ", ".join(f"{name}: {priority}" for name, priority
                              in zip(one.nodes, story.PRIORITY.values()))
            addresses = ", ".join(
                f"{{address: \"{address}\", interface: {interface}}}"
                for address, interface in one.addresses)
            text += f"""  {one.name}:
    interface: eth0
    vrid: {story.VRID}
    interval: {self.limits.interval * 1000:.0f}ms
    nodes: {{{nodes}}}
    garp: {{repeat_after: {REPEAT_AFTER * 1000:.0f}ms}}
    addresses: [{addresses}]
"""
        return text

    # ---- what is so now ----

    def holders(self, instance):
        """Who holds all of its addresses; none may hold some of them."""
        found = set()
        for name in DIRECTORS:
            here = [self.hosts[name].holds(address, interface)
                    for address, interface in instance.plain()]
            if name in self.world.left_on(instance):
                continue
            equal(any(here), all(here), f"{name}: addresses of {instance.name}")
            if all(here):
                found.add(name)
        return found

    def held_as_implied(self):
        for instance in INSTANCES.values():
            allowed = [one - self.world.left_on(instance)
                       for one in self.world.holders(instance)]
            found = self.holders(instance)
            expect(found in allowed, f"{instance.name}: held by "
                   f"{found or 'none'}, may be {[set(one) for one in allowed]}")
        return True

    def rows(self, name):
        """Of `vipctl status`: the document, its instances by their names."""
        found = self.directors[name].vipctl("status")
        equal({row["daemon"]: row["state"] for row in found["daemons"]},
              {daemon: "running" for daemon in DAEMONS}, f"{name}: daemons")
        return found, {row["instance"]: row for row in found["instances"]}

    def told_while_it_lasts(self):
        """Who is not master says why."""
        for name in DIRECTORS:
            _, rows = self.rows(name)
            for instance in INSTANCES.values():
                row = rows[instance.name]
                expect(row["reason"], f"{name}: {instance.name}: no reason")
                expect(row["state"] != "master"
                       or self.world.able(name, instance),
                       f"{name}: {instance.name}: master")
                if row["state"] != "master":
                    self.says_why(name, instance, row)
                self.says_what_is_heard(name, instance, row)
        return True

    def answered_while_it_lasts(self, since):
        for address, name in ASKED.items():
            instance = INSTANCES[name]
            who = self.world.answering(instance,
                                       dict(instance.plain())[address])
            if who:
                self.answers[address].answered_by(who, since)
        return True

    def settle(self):
        """While something lasts."""
        limit = self.limits.settled
        self.wait_implied()
        now = time.monotonic()
        wait_for(lambda: self.answered_while_it_lasts(now), limit,
                 "requests while it lasts", 0.05)
        wait_for(self.told_while_it_lasts, limit, "status while it lasts", 0.1)

    def says_why(self, name, instance, row):
        why = self.world.reasons(name, instance)
        expect(not why or any(word in row["reason"] for one in why
                              for word in one.split("|")),
               f"{name}: {instance.name}: {row['reason']!r} tells nothing of "
               f"{why}")

    def says_what_is_heard(self, name, instance, row):
        if self.world.cut(name, instance) or self.world.alone(name):
            return
        for event in self.world.lasting:
            if not event.detail or event.detail[0] != instance.name:
                continue
            told = {story.FOREIGN: f"another router uses VRID {story.VRID}"}
            if len(self.world.lasting) == 1 and row["state"] == "master":
                told[story.CLAIM] = "has our address"
            text = told.get(event.kind, "")
            expect(text in row.get("odd", ""), f"{name}: {instance.name}: "
                   f"odd is {row.get('odd')!r} while {event}")

    def wait_implied(self):
        wait_for(self.held_as_implied, self.limits.owned, "who holds what",
                 0.05)

    # ---- after an act ----

    def status_is_good(self):
        """Nothing is wrong any more; but what was odd is told for a minute."""
        for name in DIRECTORS:
            found, rows = self.rows(name)
            for instance in INSTANCES.values():
                row = rows[instance.name]
                master = name == instance.nodes[0]
                equal(row["state"], "master" if master else "backup",
                      f"{name}: {instance.name}")
                equal([one["present"] for one in row["addresses"]],
                      [master] * len(instance.addresses),
                      f"{name}: {instance.name}: addresses")
            wrong = [one["text"] for level in ("critical", "warning")
                     for one in found.get(level, [])]
            wrong = [one for one in wrong
                     if not any(f"vrrp {row['instance']}: {row.get('odd')}"
                                [:300] == one[:300] for row in rows.values())]
            equal(wrong, [], f"{name}: what is wrong")
            equal([row["state"] for row in found["links"]
                   if row["state"] != "up"], [], f"{name}: links")
        return True

    def nothing_is_left(self):
        """Each address of the hosts is their own, or held."""
        for name, number in DIRECTORS.items():
            for interface, networks in NETS.items():
                wanted = {network.format(number) for network in networks}
                wanted |= {address for instance in INSTANCES.values()
                           if instance.nodes[0] == name
                           for address, where in instance.addresses
                           if where == interface}
                equal(set(self.hosts[name].addresses(interface)), wanted,
                      f"{name}: addresses of {interface}")
        return True

    def owners(self):
        return {address: INSTANCES[name].nodes[0]
                for address, name in ASKED.items()}

    def answered(self, since):
        for address, who in self.owners().items():
            self.answers[address].answered_by(who, since)
        return True

    def listen(self):
        """Who has announced each address last; strangers do not count."""
        for interface, tail in self.heard.items():
            for _, address, mac in tail.lines():
                if mac != self.strangers[interface]:
                    self.announced[address] = mac
        return self.announced

    def announced_by_owners(self):
        """The last announcement of each address is by who holds it, with the
        MAC that it has."""
        self.listen()
        for instance in INSTANCES.values():
            for address, interface in instance.plain():
                owner = self.hosts[instance.nodes[0]]
                equal(self.announced.get(address), owner.mac(interface),
                      f"{address}: announced last by")
        return True

    def one_answers_arp(self):
        for interface, address in (("eth0", "10.0.0.100"),
                                   ("eth1", "10.0.1.100")):
            owner = self.hosts[INSTANCES["web"].nodes[0]]
            equal(arp_owners(self.hosts["client"], interface, address, 0.1),
                  [owner.mac(interface)], f"who answers ARP for {address}")
        return True

    def all_is_well(self, since, announced=True):
        """Each of it, and in the order of what costs least."""
        limit = self.limits.settled
        self.wait_implied()
        if announced:
            wait_for(self.announced_by_owners, limit, "announced", 0.05)
        wait_for(lambda: self.answered(since), limit, "requests", 0.05)
        wait_for(self.status_is_good, limit, "status", 0.1)
        wait_for(self.nothing_is_left, limit, "nothing is left", 0.1)
        self.one_answers_arp()
        self.watch.nobody_ended()
        self.watch.nothing_odd_logged()

    def nothing_is_told(self, whole):
        """After the last act nothing odd comes any more, and (whole) the status
        forgets what there was."""
        since = time.monotonic()
        pause(3 * self.limits.interval)
        for name in DIRECTORS:
            now = time.monotonic()
            for row in self.rows(name)[1].values():
                expect(row.get("odd_ms", 1 << 40) / 1000 > now - since,
                       f"{name}: {row['instance']}: {row.get('odd')}")
            if whole:
                wait_for(lambda name=name: self.directors[name].ask(
                    "status").returncode == 0, ODD_FOR + self.limits.settled,
                    f"{name}: nothing is told any more", 1)

    # ---- two owners ----

    def follow(self):
        for key, tail in self.holding.items():
            self.held[key] += [(float(when), what == "held")
                               for when, what in tail.lines()]

    def forget(self, before):
        """Of what was seen the last state remains."""
        for key, changes in self.held.items():
            self.held[key] = changes[-1:]
        for answers in self.answers.values():
            answers.forget(before)

    def never_both(self, begin, end, act):
        """No address is held by both for longer than the design allows."""
        self.follow()
        for instance in INSTANCES.values():
            if any(event.kind in (story.MUTE, story.STP) or
                   event.kind == story.LEFT and event.detail[0] == instance.name
                   for event in act.events):
                continue
            for address, _ in instance.plain():
                both = max(overlaps(*(self.held[name, address]
                                      for name in DIRECTORS), begin, end),
                           default=0)
                limit = self.limits.both + machine.longest(begin, end)
                expect(both <= limit, f"{address}: two owners for "
                       f"{both:.3f} s, the limit is {limit:.3f} s")

    # ---- silences ----

    def silence_is_allowed(self, begin, end, act):
        for address, name in ASKED.items():
            instance = INSTANCES[name]
            costly = [event for event in act.events
                      if story.may_cost(instance.nodes[0], event, instance)]
            silence, when = self.answers[address].longest_silence(begin, end)
            limit = self.limit_of(act, costly, instance)
            if limit is not None:
                away = machine.longest(when, when + silence)
                expect(silence <= limit + 2 * away,
                       f"{address}: not answered for {silence:.3f} s, "
                       f"{when - begin:.2f} s after the act began; the limit "
                       f"is {limit:.3f} s and twice {away:.3f} s")

    def limit_of(self, act, costly, instance):
        """How long a silence of this instance may be; None: all of the act."""
        limits = self.limits
        if not costly:
            return limits.margin
        if len(act.events) > 1:
            return None
        event, = costly
        told = limits.interval + limits.margin
        if event.kind in (story.MAC, story.DELETE):
            return told
        # Whoever takes over is told, and waits its skew time.
        if event.kind == story.FLUSH:
            return limits.interval + told
        if event.kind == story.PULL and event.interface == "eth1":
            return limits.interval + REPEAT_AFTER + told
        if event.kind in (story.PULL, story.MUTE, story.STP):
            return limits.down + REPEAT_AFTER + told
        return None

    # ---- acts ----

    def play(self, act):
        begin = time.monotonic()
        self.world.pair = len(act.events) > 1
        for one in act.steps:
            self.do(one)
            if one is act.steps[-1]:
                break
            if one.then is None:
                self.settle()
            else:
                pause(one.then)
        if act.unannounced:
            self.wait_implied()
            self.forget_neighbours("eth0")
        mended = time.monotonic()
        self.all_is_well(mended, not act.unannounced)
        end = time.monotonic()
        self.never_both(begin, end, act)
        self.silence_is_allowed(begin, end, act)
        self.forget(end - 1)
        if act.may_wait:
            pause(FAULT_IS_OVER)
        return end - mended

    def do(self, one):
        event = one.event
        if one.begins:
            self.world.begin(event)
            self.BEGIN[event.kind](self, event)
        else:
            self.END[event.kind](self, event)
            self.world.end(event)

    def mend(self):
        """End all that lasts, after an act that could not be judged."""
        for event in list(self.world.lasting):
            self.do(story.Step(event, False))
        wait_for(self.held_as_implied, 10 * self.limits.settled, "mended", 0.1)
        self.forget_neighbours("eth0")
        self.all_is_well(time.monotonic(), False)
        self.follow()
        self.forget(time.monotonic())

    # ---- events ----

    def cable(self, event):
        return self.hosts[event.who].cables[event.interface]

    def flush(self, event):
        family = event.detail[0]
        self.hosts[event.who].ip(f"{'' if family == 'all' else f'-{family} '}"
                                 f"addr flush dev {event.interface}")

    def own_again(self, event):
        self.hosts[event.who].ip(*self.add(
            event.interface, NETS[event.interface], DIRECTORS[event.who],
            event.detail[0] if event.detail else 6))

    def delete(self, event):
        for address, interface in INSTANCES[event.detail[0]].addresses:
            # Where another event has taken it already there is nothing.
            self.hosts[event.who].run("ip", "addr", "del", address, "dev",
                                      interface, check=False)

    def another_mac(self, event):
        """Who holds announces it at once, unless something else is wrong."""
        self.hosts[event.who].ip(
            f"link set {event.interface} address {event.detail[0]}")
        if self.world.lasting:
            return
        for instance in INSTANCES.values():
            for address, interface in instance.plain():
                if (event.who, event.interface) == (instance.nodes[0],
                                                    interface):
                    wait_for(lambda address=address: self.listen()[address]
                             == event.detail[0], 1,
                             f"{address}: announced with its new MAC")

    def pull(self, event):
        self.cable(event).pull()

    def plug(self, event):
        self.cable(event).plug()

    def stp(self, event):
        """A port that has just come up lets nothing pass: out of the switch,
        for the kernel's gives way at once."""
        cable = self.cable(event)
        cable.pull()
        pause(OUT_FOR)
        cable.lan.ip(f"link set {cable.port} nomaster")
        cable.plug()

    def lets_pass(self, event):
        cable = self.cable(event)
        cable.lan.ip(f"link set {cable.port} master br0")

    def mute(self, event):
        self.cable(event).mute()

    def unmute(self, event):
        self.cable(event).unmute()

    def down(self, event):
        self.hosts[event.who].ip(f"link set {event.interface} down")

    def up(self, event):
        self.hosts[event.who].ip(f"link set {event.interface} up")
        self.own_again(event)

    def put(self, event):
        name, address, interface = event.detail
        self.hosts[event.who].run(
            "ip", "addr", "replace", *self._configured(name, address), "dev",
            interface, *(["nodad"] if ":" in address else []))

    @staticmethod
    def _configured(name, address):
        return [text for text, _ in INSTANCES[name].addresses
                if text.startswith(f"{address}/")]

    def take_off(self, event):
        name, address, interface = event.detail
        self.hosts[event.who].run("ip", "addr", "del", *self._configured(
            name, address), "dev", interface, check=False)
        self.forget_neighbours(interface)

    def forget_neighbours(self, interface):
        """Who knows a wrong one asks him for as long as ARP believes in him,
        and nobody is told when that one goes."""
        self.hosts["client"].ip(f"neigh flush dev {interface}")

    def claim(self, event):
        """A host that is no director has it, and asks for others by it."""
        stranger, address = self.hosts["stranger"], event.detail[1]
        stranger.ip(f"addr add {address}/32 dev eth0")
        stranger.run("ping", "-c", "1", "-W", "1", "-I", address, "10.0.0.77",
                     check=False)

    def claim_no_more(self, event):
        self.hosts["stranger"].ip(f"addr del {event.detail[1]}/32 dev eth0")
        self.forget_neighbours("eth0")

    def another_router(self, event):
        instance = INSTANCES[event.detail[0]]
        listed = ([instance.foreign] if event.kind == story.FOREIGN else
                  [address for address, _ in instance.plain()])
        source = {4: "10.0.0.{}", 6: "fe80::{}"}[instance.family].format(
            story.STRANGER)
        self.router = Router(
            self.hosts["stranger"], "eth0",
            advert(source, story.VRID, event.detail[1], listed,
                   self.limits.interval), self.limits.interval)

    def router_stops(self, _event):
        self.router.stop()

    def neighbours(self, event):
        self.hosts[event.who].run("ip", "neigh", "flush", "all")

    BEGIN = {story.FLUSH: flush, story.DELETE: delete,
             story.MAC: another_mac, story.PULL: pull,
             story.STP: stp, story.MUTE: mute,
             story.DOWN: down, story.LEFT: put,
             story.CLAIM: claim, story.FOREIGN: another_router,
             story.FORGED: another_router,
             story.NEIGHBOURS: neighbours}
    END = {story.FLUSH: own_again, story.PULL: plug,
           story.STP: lets_pass, story.MUTE: unmute,
           story.DOWN: up, story.LEFT: take_off,
           story.CLAIM: claim_no_more,
           story.FOREIGN: router_stops,
           story.FORGED: router_stops}


def overlaps(one, two, begin, end):
    """How long each time was that both held it, of two lists of changes."""
    changes = sorted((when, place, held) for place, list_ in
                     enumerate((one, two)) for when, held in list_)
    now, since = [False, False], None
    for when, place, held in [*changes, (end, 0, False)]:
        now[place] = held
        if all(now):
            since = when if since is None else since
        elif since is not None:
            if when > begin:
                yield when - max(since, begin)
            since = None


def go_on(soak, seconds):
    """Acts, until the time is over; each is told when it has been judged."""
    began = time.monotonic()
    story_so_far = story.draw(SEED, soak.kinds)
    step(f"TRIUMVIR_SEED={SEED} TRIUMVIR_SOAK_SECONDS={seconds:g}: settled")
    for number, act in enumerate(story_so_far, 1):
        if time.monotonic() - began > seconds:
            soak.nothing_is_told(seconds >= LONG)
            step(f"{number - 1} acts")
            return
        try:
            judge(soak, act, number)
        except BaseException:
            print(f"TRIUMVIR_SEED={SEED}, what was done:")
            for at, done in enumerate(itertools.islice(
                    story.draw(SEED, soak.kinds), number), 1):
                print(f"          {at}: {done}", flush=True)
            raise


def judge(soak, act, number):
    """As the machine allows; once more when it was away."""
    limit = soak.limits.interval
    try:
        with machine.judged(limit):
            took = soak.play(act)
    except machine.NotJudged as reason:
        step(f"{number}: {act}: {reason}; once more")
        soak.mend()
        with machine.judged(limit):
            took = soak.play(act)
    step(f"{number}: {act}: settled after {took:.1f} s")
