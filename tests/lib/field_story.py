# SPDX-License-Identifier: ISC
"""The story of a field soak: what befalls two directors, and what must follow.

Pure: draw() makes the acts from a seed before anything runs. An act is one
event, or two that overlap. World is what lasts at a time, and who may hold an
instance's addresses then; after each act nothing lasts.
"""

import itertools
import random
from dataclasses import dataclass

DIRECTORS = {"d1": 11, "d2": 12}        # the last part of their addresses
CLIENT, STRANGER = 3, 66
NETS = {"eth0": ("10.0.0.{}/24", "2001:db8::{}/64", "fe80::{}/64"),
        "eth1": ("10.0.1.{}/24",)}
PRIORITY = {"first": 200, "second": 180}
VRID, FREE_VRID = 7, 8


@dataclass(frozen=True)
class Instance:
    name: str
    nodes: tuple                # the one of the highest priority first
    addresses: tuple            # (address with prefix, interface)
    foreign: str                # one that is not ours, of the same family

    @property
    def family(self):
        return 6 if ":" in self.foreign else 4

    def plain(self):
        """(address, interface)"""
        return [(address.split("/")[0], interface)
                for address, interface in self.addresses]


INSTANCES = {one.name: one for one in (
    Instance("web", ("d1", "d2"), (("10.0.0.100/32", "eth0"),
                                   ("10.0.1.100/24", "eth1")), "10.0.0.200"),
    Instance("six", ("d2", "d1"), (("fe80::100/64", "eth0"),
                                   ("2001:db8::100/64", "eth0")), "fe80::dead"),
)}
# Those that a client asks for.
ASKED = {"10.0.0.100": "web", "10.0.1.100": "web", "2001:db8::100": "six"}

# What lasts until it is undone.
FLUSH = "addresses flushed"
PULL, STP, MUTE = "cable pulled", "cable in a port that waits", "port blocked"
DOWN = "link down"
LEFT = "our address by hand"
CLAIM = "our address on a stranger"
FOREIGN, FORGED = "another router with our VRID", "a router with our address"
# What is done at once.
DELETE, MAC = "held addresses deleted", "another MAC"
NEIGHBOURS = "neighbours flushed"
EMPTY, OTHERS = "ipvsadm -C", "a service of others"
WEIGHT, SERVER_GONE = "a weight by hand", "a server deleted by hand"
TABLE = (EMPTY, OTHERS, WEIGHT, SERVER_GONE)
AT_ONCE = (DELETE, MAC, NEIGHBOURS, EMPTY, WEIGHT, SERVER_GONE)


@dataclass(frozen=True)
class Event:
    kind: str
    who: str = ""               # a director
    interface: str = ""
    detail: tuple = ()

    def __str__(self):
        return " ".join(filter(None, (self.kind, self.who, self.interface,
                                      *map(str, self.detail))))

    def touches(self):
        """What two events that overlap may not both have to do with."""
        if self.kind in (CLAIM, FOREIGN, FORGED):
            return {"stranger"}
        if self.kind == MAC:
            return {(self.who, self.interface, "MAC")}
        if self.kind in (LEFT, DELETE):
            return {"our address"}
        if self.kind in TABLE:
            return {(self.who, "table")}
        return {(self.who, self.interface)}


@dataclass(frozen=True)
class Step:
    """An event begins or ends; then a while, or none: until all is as
    implied."""
    event: Event
    begins: bool
    then: float = None


@dataclass(frozen=True)
class Act:
    steps: tuple

    @property
    def events(self):
        return [step.event for step in self.steps if step.begins]

    @property
    def may_wait(self):
        """A master with a fault may have found nobody to hand over to."""
        return len(self.events) > 1 and any(
            (event.kind, event.interface) == (PULL, "eth1")
            for event in self.events)

    @property
    def unannounced(self):
        """One could be heard by nobody, and stays master; the other one was
        master meanwhile, and is none any more when they hear each other: then
        nobody knows that neighbours have the other one's MAC."""
        eth0 = {event.kind for event in self.events
                if event.interface == "eth0"}
        return bool(eth0 & {MUTE, STP} and len(self.events) > 1
                    and eth0 & {PULL, DOWN, FLUSH, STP})

    def __str__(self):
        words = []
        for one in self.steps:
            words.append(("" if one.begins else "end of ") + str(one.event))
            if one is not self.steps[-1]:
                words.append("settled" if one.then is None
                             else f"{one.then:g} s")
        return ", ".join(words)


class World:
    """What lasts now."""

    def __init__(self):
        self.lasting = []
        self.pair = False       # two events overlap in this act

    def begin(self, event):
        if event.kind not in AT_ONCE:
            self.lasting.append(event)

    def end(self, event):
        self.lasting.remove(event)

    def has(self, who, interface, *kinds):
        return any(event.kind in kinds and (event.who, event.interface)
                   == (who, interface) for event in self.lasting)

    def instance_has(self, instance, *kinds):
        return any(event.kind in kinds and event.detail[0] == instance.name
                   for event in self.lasting)

    # ---- what follows for a director ----

    def cut(self, who, instance):
        """It can take no part."""
        flushed = any(event.kind == FLUSH and event.who == who
                      and event.detail[0] in ("all", instance.family)
                      for event in self.lasting)
        return flushed or self.has(who, "eth0", PULL, DOWN)

    def alone(self, who):
        """It has a carrier, and nothing passes."""
        return self.has(who, "eth0", STP, MUTE)

    def on_second(self, who, instance, *kinds):
        return (any(interface == "eth1" for _, interface in instance.addresses)
                and self.has(who, "eth1", *kinds))

    def able(self, who, instance):
        return (not self.cut(who, instance)
                and not self.on_second(who, instance, DOWN))

    def _of_group(self, instance, group):
        """Who may be master among these, who hear each other. One with a fault
        for whom there was nobody for a moment stays it: backups are silent."""
        group = [who for who in instance.nodes if who in group]
        bad = [who for who in group if self.on_second(who, instance, PULL)]
        good = [who for who in group if who not in bad]
        return good[:1] + (bad if self.pair or not good else [])

    def holders(self, instance):
        """The sets of directors that may hold its addresses, once settled."""
        able = [who for who in instance.nodes if self.able(who, instance)]
        groups = [[who] for who in able if self.alone(who)]
        if not self.instance_has(instance, FORGED):
            groups.append([who for who in able if not self.alone(who)])
        choices = [self._of_group(instance, group) for group in groups if group]
        return {frozenset(choice) for choice in itertools.product(*choices)}

    def answering(self, instance, interface):
        """Who must answer neighbours for its address there; none when nobody
        can, or when it is not certain."""
        choices = self.holders(instance)
        if (len(choices) > 1 or not choices
                or self.instance_has(instance, LEFT, CLAIM)):
            return None
        here = [who for who in next(iter(choices))
                if not self.has(who, interface, PULL, DOWN, STP, MUTE)]
        return here[0] if len(here) == 1 else None

    def left_on(self, instance):
        """Where somebody else has put an address of it."""
        return {event.who for event in self.lasting
                if event.kind == LEFT and event.detail[0] == instance.name}

    def reasons(self, who, instance):
        """What `vipctl status` must name of what lasts, regular expressions for
        the instance there; none when nothing keeps it from anything."""
        found = []
        for event in self.lasting:
            if event.kind not in REASONS or event.who != who or (
                    event.kind == FLUSH and not self.cut(who, instance)):
                continue
            if event.interface == "eth0" or self.on_second(who, instance,
                                                           event.kind):
                found.append(REASONS[event.kind])
        return found


REASONS = {PULL: "carrier", DOWN: "down|refused|interface",
           FLUSH: "address"}


def may_cost(world_owner, event, instance):
    """Whether the event may cost requests to the instance's addresses: its
    owner was hit, or nobody may own them."""
    if event.kind in (FORGED, CLAIM, DELETE, LEFT):
        return event.detail[0] == instance.name
    if event.kind in (FOREIGN, NEIGHBOURS, *TABLE):
        return False
    if event.kind in (MUTE, STP, PULL, DOWN) and event.interface == "eth0":
        # When a wire heals, the lower one yields.
        return True
    if event.interface == "eth1" and not any(
            interface == "eth1" for _, interface in instance.addresses):
        return False
    return event.who == world_owner


# ---- the events, and a director, an instance and the like for each ----

def _who(rng):
    return rng.choice(list(DIRECTORS))


def _instance(rng):
    return INSTANCES[rng.choice(list(INSTANCES))]


def _of_interface(kind, interface):
    return lambda rng: Event(kind, _who(rng), interface)


def _flush(rng):
    return Event(FLUSH, _who(rng), "eth0", (rng.choice((4, 6, "all")),))


def _delete(rng):
    instance = _instance(rng)
    return Event(DELETE, instance.nodes[0], "", (instance.name,))


def _left(rng):
    instance = _instance(rng)
    return Event(LEFT, instance.nodes[1], "",
                 (instance.name, *rng.choice(instance.plain())))


def _mac(interface):
    return lambda rng: Event(MAC, _who(rng), interface, (
        f"02:00:00:00:{rng.randrange(256):02x}:{rng.randrange(256):02x}",))


def _claim(_rng):
    return Event(CLAIM, "", "", ("web", "10.0.0.100"))


def _foreign(rng):
    return Event(FOREIGN, "", "", (_instance(rng).name,
                                   rng.choice((0, 1, 190, 250, 255))))


def _forged(rng):
    return Event(FORGED, "", "", (_instance(rng).name,
                                  rng.choice((210, 254))))


ALL = (_flush, _delete, _left, _mac("eth0"), _mac("eth1"), _claim, _foreign,
       _forged, *(_of_interface(kind, "eth0") for kind in (
           PULL, STP, MUTE, DOWN, NEIGHBOURS)),
       *(_of_interface(kind, "eth1") for kind in (PULL, DOWN)))
WITH_IPVS = (*ALL, *(_of_interface(kind, "") for kind in TABLE))
PAIRS = 0.45
GAPS = (0, 0.05, 0.2, 0.5, 1, None, None)


def _steps(rng, events):
    """The ends come in either order, what is done at once has none."""
    order = [(event, True) for event in events]
    ends = [(event, False) for event in events if event.kind not in AT_ONCE]
    rng.shuffle(ends)
    return tuple(Step(event, begins, rng.choice(GAPS))
                 for event, begins in order + ends)


def draw(seed, kinds=ALL):
    """Acts without end, the same for the same seed. Each kind comes, in an
    order of the seed, before any comes again; any may come beside it."""
    rng = random.Random(seed)
    while True:
        for kind in rng.sample(kinds, len(kinds)):
            events = [kind(rng)]
            other = rng.choice(kinds)(rng)
            if (rng.random() < PAIRS
                    and not events[0].touches() & other.touches()):
                events.append(other)
            yield Act(_steps(rng, events))
