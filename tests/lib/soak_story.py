# SPDX-License-Identifier: ISC
"""The story of a soak: what is done to two directors and what must follow.

Pure: draw() makes the list of steps from a seed before anything runs, World
is what the cluster should be (configuration, cables, living servers, what
operators said), and World.table() is the IPVS table that this implies, worked
out here from the manual and not with the daemons' code.
"""

import copy
import random
from dataclasses import dataclass, field

DIRECTORS = {"d1": "10.0.0.11", "d2": "10.0.0.12"}
PRIORITY = {"d1": 200, "d2": 180}
SERVERS = {"s1": "10.0.0.21", "s2": "10.0.0.22", "s3": "10.0.0.23"}
HOSTS = {**DIRECTORS, **SERVERS}
ADDRESS = "10.0.0.100"
DAEMONS = ("ipvsd", "vrrpd", "checkd")
# "http" is for servers of their own, "app" has the directors among its
# servers, "more" comes and goes by reload.
PORTS = {"http": 80, "app": 8080, "more": 90}
MEMBERS = {"http": ("s1", "s2", "s3"), "app": ("d1", "d2", "s1"),
           "more": ("s1", "s2")}
# s1 always lives and is never drained, so that every request can be answered.
MORTAL = (("s2", 80), ("s3", 80), ("d1", 8080), ("d2", 8080))
DRAINABLE = (("http", "s2"), ("http", "s3"), ("app", "d2"))

INTERVAL = 0.5
CHECK_INTERVALS = (1000, 1500)
CHECK_TIMEOUT = 0.5
RISE, FALL = 2, 2
RESYNC = 5
LIFETIME = 10.5         # of a held address when nobody renews it
RENEWED = 3.5           # how often it is, about

# The kinds of steps.
KILL, LEAVE, RESTART = "SIGKILL", "SIGTERM", "SIGUSR2"
FREEZE = "SIGSTOP"
PULL, PLUG, NETEM = "cable pull", "cable plug", "netem"
PARTITION = "partition"         # the carriers stay
RELOAD, BAD_RELOAD = "reload", "bad reload"
WEB_DOWN, WEB_UP = "web server killed", "web server started"
FLUSH, BY_HAND, ADDRESS_LOST = "ipvsadm -C", "weight by hand", "ip addr del"
DRAIN, UNDRAIN = "drain", "enable server"
RESIGN, ENABLE = "resign", "enable instance"


@dataclass
class Step:
    kind: str
    who: str = ""               # a host
    daemons: tuple = ()
    hold: float = 0             # seconds until it is mended
    detail: tuple = ()

    def __str__(self):
        words = [self.kind, self.who, "+".join(self.daemons),
                 " ".join(map(str, self.detail))]
        if self.hold:
            words.append(f"for {self.hold:g} s")
        return " ".join(filter(None, words))

    @property
    def nominal(self):
        """About how long it takes, for the length of a story."""
        return self.hold + {PULL: 7, PLUG: 7, WEB_DOWN: 7, WEB_UP: 7,
                            FLUSH: 8, BY_HAND: 8}.get(self.kind, 5)


@dataclass
class World:
    on_stop: str
    weights: dict = field(default_factory=lambda: {
        name: {member: 1 for member in members}
        for name, members in MEMBERS.items()})
    more: bool = False
    check_ms: int = CHECK_INTERVALS[0]
    unplugged: set = field(default_factory=set)
    dead: set = field(default_factory=set)      # (host, port)
    drained: set = field(default_factory=set)   # (director, service, server)
    resigned: set = field(default_factory=set)

    def copy(self):
        return copy.deepcopy(self)

    # ---- what follows ----

    def services(self):
        return [name for name in PORTS if name != "more" or self.more]

    def connected(self):
        return [name for name in DIRECTORS if name not in self.unplugged]

    def owner(self):
        """Who is master when all has settled."""
        able = self.connected()
        willing = [name for name in able if name not in self.resigned]
        return max(willing or able, key=PRIORITY.get)

    def state(self, director):
        if director in self.unplugged:
            return "initialize"
        return "master" if director == self.owner() else "backup"

    def healthy(self, director, name, server):
        """As this director's checks must find it."""
        if name == "more":      # which has no check
            return True
        if (server, PORTS[name]) in self.dead:
            return False
        return server == director or not self.unplugged & {director, server}

    def table(self, director):
        """{"TCP address:port": {"address:port": weight}} of its kernel."""
        return {f"TCP {ADDRESS}:{PORTS[name]}": self._servers(director, name)
                for name in self.services()}

    def _servers(self, director, name):
        port = PORTS[name]
        colocated = (director in MEMBERS[name]
                     and self.state(director) != "master")
        found = {}
        for server, weight in self.weights[name].items():
            key = f"{HOSTS[server]}:{port}"
            if colocated and server == director:
                found[key] = weight
            elif self.healthy(director, name, server):
                drained = (director, name, server) in self.drained
                found[key] = 0 if colocated or drained else weight
        return found

    def down(self):
        """Active_Down_Interval of the backup (RFC 9568, 6.1)."""
        return 3 * INTERVAL + (256 - PRIORITY["d2"]) * INTERVAL / 256

    def fall(self):
        """Until a server that died is out."""
        return FALL * self.check_ms / 1000 + CHECK_TIMEOUT

    def rise(self):
        """Until a server that is there again is in."""
        return RISE * self.check_ms / 1000 + CHECK_TIMEOUT

    def bound(self):
        """Until everything has settled, after any step."""
        return (LIFETIME + self.down() + RESYNC +
                max(RISE, FALL) * self.check_ms / 1000 + CHECK_TIMEOUT)

    def config(self):
        text = "nodes: {%s}\n" % ", ".join(
            f"{name}: {address}" for name, address in DIRECTORS.items())
        text += f"""ipvs:
  resync: {RESYNC}s
  on_stop: {self.on_stop}
  timeouts: {{tcp_fin: 10s}}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: {INTERVAL * 1000:.0f}ms
    nodes: [{", ".join(DIRECTORS)}]
    addresses: [{ADDRESS}/32]
checks:
  port:
    type: tcp
    interval: {self.check_ms}ms
    timeout: {CHECK_TIMEOUT * 1000:.0f}ms
    rise: {RISE}
    fall: {FALL}
services:
"""
        return text + "".join(map(self._service_text, self.services()))

    def _service_text(self, name):
        check = "    check: port\n" if name != "more" else ""
        return (f"  {name}:\n    address: {ADDRESS}:{PORTS[name]}\n"
                f"    scheduler: wrr\n    forward: direct\n{check}"
                "    servers:\n" + "".join(
                    f"      - {{address: {HOSTS[server]}, weight: {weight}}}\n"
                    for server, weight in self.weights[name].items()))

    # ---- what a step changes for good ----

    def apply(self, step):
        change = {PULL: self._pull, PLUG: self._plug, RELOAD: self._reload,
                  WEB_DOWN: self._web_down, WEB_UP: self._web_up,
                  DRAIN: self._drain, UNDRAIN: self._undrain,
                  RESIGN: self._resign, ENABLE: self._enable,
                  KILL: self._restarted, LEAVE: self._restarted,
                  RESTART: self._restarted}.get(step.kind)
        if change:
            change(step)
        # A master has resigned no more.
        self.resigned.discard(self.owner())

    def _pull(self, step):
        self.unplugged.add(step.who)

    def _plug(self, step):
        self.unplugged.discard(step.who)

    def _reload(self, step):
        what, *rest = step.detail
        if what == "weight":
            name, server, weight = rest
            self.weights[name][server] = weight
        elif what == "service":
            self.more = not self.more
        else:
            self.check_ms = rest[0]

    def _web_down(self, step):
        self.dead.add((step.who, *step.detail))

    def _web_up(self, step):
        self.dead.discard((step.who, *step.detail))

    def _drain(self, step):
        self.drained.add((step.who, *step.detail))

    def _undrain(self, step):
        self.drained.discard((step.who, *step.detail))

    def _resign(self, step):
        self.resigned.add(step.who)

    def _enable(self, step):
        self.resigned.discard(step.who)

    def _restarted(self, step):
        if "vrrpd" in step.daemons:
            self.resigned.discard(step.who)


# ---- the steps that the seed may choose among, one function a family ----

def _some_daemons(rng):
    return rng.choice([(name,) for name in DAEMONS] + [DAEMONS])


def _signal(rng, _world):
    kind = rng.choice((KILL, KILL, LEAVE, RESTART))
    hold = 0 if kind == RESTART else rng.choice((0, 0, 1, 4, 12))
    return Step(kind, rng.choice(list(DIRECTORS)), _some_daemons(rng), hold)


def _freeze(rng, _world):
    return Step(FREEZE, rng.choice(list(DIRECTORS)), _some_daemons(rng),
                rng.choice((0.3, 2, 4, 12)))


def _cable(rng, world):
    if world.unplugged:
        return Step(PLUG, *world.unplugged)
    return Step(PULL, rng.choice(list(DIRECTORS)))


def _partition(rng, world):
    if world.unplugged:
        return None
    return Step(PARTITION, rng.choice(list(DIRECTORS)), (),
                rng.choice((1, 4, 8)))


def _netem(rng, _world):
    return Step(NETEM, rng.choice(list(HOSTS)), (), rng.choice((3, 5, 8)),
                ("loss", f"{rng.choice((5, 15, 30))}%", "delay",
                 f"{rng.choice((5, 20, 60))}ms", "5ms"))


def _reload(rng, world):
    what = rng.choice(("weight", "service", "interval", "bad"))
    if what == "bad":
        return Step(BAD_RELOAD, rng.choice(list(DIRECTORS)))
    if what == "weight":
        name = rng.choice(("http", "app"))
        return Step(RELOAD, detail=(what, name, rng.choice(MEMBERS[name]),
                                    rng.randint(1, 5)))
    if what == "service":
        return Step(RELOAD, detail=(what,))
    other = [ms for ms in CHECK_INTERVALS if ms != world.check_ms]
    return Step(RELOAD, detail=(what, rng.choice(other)))


def _web(rng, world):
    who, port = rng.choice(MORTAL)
    return Step(WEB_UP if (who, port) in world.dead else WEB_DOWN, who,
                detail=(port,))


def _foreign(rng, world):
    kind = rng.choice((FLUSH, BY_HAND, ADDRESS_LOST))
    if kind == ADDRESS_LOST:
        return Step(kind)       # of whoever has it
    who = rng.choice(list(DIRECTORS))
    if kind == FLUSH:
        return Step(kind, who)
    if who in world.unplugged:
        return None             # its servers are out
    return Step(kind, who, detail=("http", "s1", rng.choice((2, 7, 100))))


def _drain(rng, world):
    who, what = rng.choice(list(DIRECTORS)), rng.choice(DRAINABLE)
    return Step(UNDRAIN if (who, *what) in world.drained else DRAIN, who,
                detail=what)


def _resign(rng, world):
    if world.resigned:
        return Step(ENABLE, rng.choice(sorted(world.resigned)))
    if world.unplugged:
        return None
    return Step(RESIGN, rng.choice(list(DIRECTORS)))


FAMILIES = ((_signal, 6), (_freeze, 3), (_cable, 3), (_netem, 2), (_reload, 4),
            (_web, 3), (_foreign, 3), (_drain, 2), (_resign, 2),
            (_partition, 2))


def draw(seed, seconds):
    """(on_stop, steps) of about so many seconds; of equal seeds the longer
    story begins with the shorter one."""
    rng = random.Random(seed)
    on_stop = rng.choice(("flush", "keep"))
    world, steps, length = World(on_stop), [], 0
    families, weights = zip(*FAMILIES)
    while length < seconds:
        step = rng.choices(families, weights)[0](rng, world)
        if step is None:
            continue
        world.apply(step)
        steps.append(step)
        length += step.nominal
    return on_stop, steps
