# SPDX-License-Identifier: ISC
"""What each step of a soak may cost, and who pays for each lost request.

A request is lost when it fails, and late when a packet of it was: when it took
as long as TCP waits before it repeats one. Each is charged to the first step
whose time it touches and that may cost it; what no step may have cost is wrong.
"""

import collections
from dataclasses import dataclass, field

from soak_story import (ADDRESS_LOST, BY_HAND, DAEMONS, FLUSH, FREEZE,
                        INTERVAL, KILL, LEAVE, LIFETIME, MEMBERS, NETEM,
                        PARTITION, PORTS, PULL, RENEWED, RESTART, WEB_DOWN)

# TCP repeats a SYN after a second, other packets after 200 ms or more.
LATE = 0.9
# The requests' own time-out.
TIMEOUT = 2
NOTHING, ALL_OF_IT = 0, float("inf")
# Of what is measured: a request that was on its way, an emulated processor.
MARGIN = 0.3


@dataclass
class Window:
    """A step as it was: its times, and the world before it."""

    number: int
    step: object
    before: object              # World
    begin: float = 0
    mended: float = 0           # when all that was hurt is there again
    end: float = float("inf")
    owners: list = field(default_factory=list)  # at the begin, and then
    noise: float = 0            # how late processes were woken at worst
    requests: int = 0
    lost: dict = field(default_factory=collections.Counter)
    late: dict = field(default_factory=collections.Counter)
    cut: dict = field(default_factory=collections.Counter)

    @property
    def on_master(self):
        return self.step.who == self.before.owner()

    @property
    def changes(self):
        """How often the address went to the other director."""
        return sum(one != two for one, two in zip(self.owners,
                                                  self.owners[1:]))

    @property
    def alone(self):
        """Nobody else can take over."""
        return len(self.before.connected()) == 1


def _take_over(window):
    """The peer's Active_Down_Interval; who resigned waits longer."""
    patience = INTERVAL if window.before.resigned else 0
    return window.before.down() + patience + MARGIN


def _daemons(window, service):
    """Of daemons that were away."""
    step = window.step
    if step.daemons == ("checkd",):
        return NOTHING
    colocated = service == "app" and step.who in MEMBERS["app"]
    if (step.kind == LEAVE and "ipvsd" in step.daemons and colocated
            and window.before.on_stop == "flush"):
        # The host is no real server any more.
        return ALL_OF_IT
    if not window.on_master or step.who in window.before.unplugged:
        return NOTHING
    if step.kind in (LEAVE, RESTART):
        return ALL_OF_IT if window.alone and step.kind == LEAVE else NOTHING
    if not window.changes:
        # With nobody to take over, the lease or the lifetime is all there is.
        lasts = 0 if "vrrpd" in step.daemons else LIFETIME - RENEWED
        return (ALL_OF_IT if window.alone and step.hold > lasts
                else NOTHING)
    if "ipvsd" in step.daemons and colocated:
        # Until ipvsd is back the kernel balances on what the new master
        # sends to this host.
        return ALL_OF_IT
    if step.daemons == ("ipvsd",):
        return LIFETIME + _take_over(window)
    return _take_over(window)


def _pulled(window, service):
    mine = window.before.fall() + MARGIN if service == "app" else NOTHING
    if not window.on_master:
        return mine
    return max(mine, _take_over(window))


def _healed(window):
    """Who was cut off and is the master again sends requests nowhere until
    its checks have found the servers."""
    if window.step.kind != PARTITION or not window.on_master:
        return NOTHING
    return window.before.rise() + INTERVAL + MARGIN


def _server_died(window, service):
    port, = window.step.detail
    return window.before.fall() + MARGIN if PORTS[service] == port else NOTHING


def may_cost(window, service):
    """For how long from its begin requests to the service may be lost."""
    step = window.step
    if step.kind in (KILL, LEAVE, RESTART, FREEZE):
        return _daemons(window, service)
    if step.kind in (PULL, PARTITION):
        return _pulled(window, service)
    if step.kind == WEB_DOWN:
        return _server_died(window, service)
    if (step.kind in (NETEM, ADDRESS_LOST)
            or step.kind == FLUSH and window.on_master):
        return ALL_OF_IT
    return NOTHING


def may_pay(window, service, request):
    """Whether the step may have cost this request."""
    seconds, healed = may_cost(window, service), _healed(window)
    if window.step.kind == WEB_DOWN and not any(
            word in request.get("error", "") for word in ("Refused", "Reset")):
        # Its port is closed, or was while the connection waited there.
        return False
    return (seconds > 0 and _touches(window, request, window.begin, seconds) or
            healed > 0 and _touches(window, request, window.mended, healed))


def _touches(window, request, begin, seconds):
    end = min(begin + seconds, window.end)
    return request["at"] <= end and request["at"] + request["took"] >= begin


def charge(windows, service, requests):
    """Count each request in its window; returns what is wrong, as texts."""
    wrong = []
    for request in requests:
        at = next((window for window in reversed(windows)
                   if window.begin <= request["at"]), windows[0])
        at.requests += 1
        lost = "error" in request
        if not lost and request["took"] < LATE:
            continue
        payer = next((window for window in windows
                      if may_pay(window, service, request)), None)
        # When the machine stood still, so did the daemons and the servers.
        if payer is None and at.noise > INTERVAL:
            payer = at
        # A connection that is open when the address goes to a director that
        # does not know it; this client has one at a time.
        cut = "Reset" in request.get("error", "")
        if payer is None and cut and at.cut[service] < at.changes:
            at.cut[service] += 1
            payer = at
        paid = payer or at
        (paid.lost if lost else paid.late)[service] += 1
        if payer is None:
            wrong.append(
                f"step {at.number} ({at.step}): {service}: "
                f"{request.get('error', 'late')}, "
                f"{request['at'] - at.begin:.2f} s after its begin, took "
                f"{request['took']:.2f} s")
    return wrong


def name_of_class(step):
    if not step.daemons:
        return step.kind
    return f"{step.kind} of " + ("all" if step.daemons == DAEMONS
                                 else step.daemons[0])


def by_class(windows):
    """{class: (steps, requests, lost, late)}"""
    found = {}
    for window in windows:
        key = name_of_class(window.step)
        if window.step.kind in (KILL, LEAVE, RESTART, FREEZE, PULL,
                                PARTITION, FLUSH, BY_HAND):
            key += " (master)" if window.on_master else " (backup)"
        steps, requests, lost, late = found.get(key, (0, 0, 0, 0))
        found[key] = (steps + 1, requests + window.requests,
                      lost + sum(window.lost.values()),
                      late + sum(window.late.values()))
    return found
