#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The receive checks as seen from outside, by their numbers in the list of
VRRP conformance points.

Bad adverts are sent to a running backup and a running master. Each raises the
counter of its name by one and nothing else: no other counter, state, master,
learned interval, term or timer. The intervals are long, so that a timer that
was touched shows. Adverts that are odd but allowed are shown to be taken.
"""

import os
import sys
from collections import Counter

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from vrrp_rig import (DEADLINE, OWN, PEER, V2, V3, V6, Instance, Rig, same,
                      same_due)
from waiting import wait_for

LONG_MS = 40950
LONG_S = 200
OWNER = ["10.0.0.5/24"]
OTHER_OWNER = ["10.0.1.5/24"]

BACKUPS = {
    V3: Instance("backup3", 20, 100, interval_ms=LONG_MS),
    V6: Instance("backup6", 20, 100, family=6, interval_ms=LONG_MS),
    V2: Instance("backup2", 21, 100, version=2, interval_ms=LONG_S * 1000),
}
MASTERS = {
    V3: Instance("master3", 30, 254, interval_ms=LONG_MS),
    V6: Instance("master6", 30, 254, family=6, interval_ms=LONG_MS),
    V2: Instance("master2", 31, 254, version=2, interval_ms=LONG_S * 1000),
}
STRICT = [
    Instance("strict5798", 40, 100, interval_ms=LONG_MS,
             more={"strict": "true"}),
    Instance("strict9568", 41, 100, interval_ms=LONG_MS,
             more={"strict": "true", "checksum": "rfc9568"}),
    Instance("strict6", 42, 100, family=6, interval_ms=LONG_MS,
             more={"strict": "true"}),
]
OWNERS = [
    Instance("owner", 50, 255, interval_ms=LONG_MS, addresses=OWNER),
    Instance("deaf", 51, 255, interval_ms=LONG_MS, interface="eth1",
             addresses=OTHER_OWNER, more={"owner_ignore_adverts": "true"}),
]
ELSEWHERE = Instance("elsewhere", 60, 100, interval_ms=LONG_MS,
                     interface="eth1")
CLOSED = Instance("closed", 61, 100, interval_ms=LONG_MS,
                  more={"strangers": "refuse"})
INSTANCES = [*BACKUPS.values(), *MASTERS.values(), *STRICT, *OWNERS, ELSEWHERE,
             CLOSED]

# Of an instance's row: what a bad advert leaves alone.
STATE = ("state", "reason", "master", "master_priority", "master_interval_ms",
         "term", "become_master", "resigned", "adverts_tx", "adverts_rx",
         "priority_zero_tx", "priority_zero_rx", "send_errors")
DROPS = ("ttl", "destination", "source", "length", "version_count", "type",
         "address_count_zero", "trailing", "checksum", "auth_type",
         "interval_zero", "vrid_zero", "vrid", "wrong_interface",
         "source_own", "stranger", "refused", "checksum_dialect",
         "first_address",
         "interval_mismatch", "owner")
NOTES = ("interval_differs", "addresses_differ", "first_address_tolerated",
         "two_owners", "equal_priority", "two_masters")


def drop_key(row, counter):
    """`vrid' and `version' are settings too: their counters end in _count."""
    return (f"{counter}_count" if row["kind"] == "instance"
            and counter == "vrid" else
            "version" if row["kind"] == "receive"
            and counter == "version_count" else counter)


def drops(row):
    return {counter: row[drop_key(row, counter)] for counter in DROPS}


def notes(row):
    return {counter: row[counter] for counter in NOTES}


def interval_of(kind):
    return LONG_S if kind is V2 else LONG_MS // 10


class Receiver:
    """Sends and compares."""

    def __init__(self, rig):
        self.rig = rig
        self.before = rig.rows()
        self.seen = Counter()

    def told(self):
        """What was seen since the last time, in words."""
        text = ", ".join(f"{count} x {what}"
                         for what, count in self.seen.items())
        self.seen.clear()
        return text

    def wait_drops(self, names, counter, what):
        def counted():
            rows = self.rig.rows()
            for name in names:
                found, was = drops(rows[name]), drops(self.before[name])
                changed = {key: found[key] - was[key] for key in DROPS
                           if found[key] != was[key]}
                assert changed == {counter: 1}, f"{name}: {changed}"
            return rows
        return wait_for(counted, DEADLINE, f"{what}: {counter} one higher")

    def refused(self, frames, names, counter, what, interface="eth0"):
        """Each frame is dropped, counted once, and changes nothing."""
        self.rig.send(*frames, interface=interface)
        rows = self.wait_drops(names, counter, what)
        for name, row in rows.items():
            if name not in names:
                equal(drops(row), drops(self.before[name]),
                      f"{what}: counters of {name}")
            if row["kind"] == "instance":
                same(self.before[name], row, (*STATE, *NOTES),
                     f"{what}: {name}")
                same_due(self.before[name], row, f"{what}: {name}")
        self.before = rows
        self.seen[f"{counter} alone one higher"] += len(names)

    def refused_by_both(self, kind, counter, what, **wrong):
        """A backup's and a master's; priority 255 would change both."""
        both = (BACKUPS[kind], MASTERS[kind])
        self.refused([kind.packet(one.vrid, 255, **{
            "interval": interval_of(kind), **wrong}) for one in both],
            [one.name for one in both], counter, f"{kind.name}, {what}")

    def taken(self, frame, name, note=None, **wanted):
        """It counts as an advert and, if said, as odd; the row then."""
        self.rig.send(frame)
        row = self.rig.wait(name, wanted.pop("state", "backup"),
                            adverts_rx=self.before[name]["adverts_rx"] + 1,
                            **wanted)
        equal(drops(row), drops(self.before[name]), f"{name}: drops")
        before = notes(self.before[name])
        if note:
            before[note] += 1
        equal(notes(row), before, f"{name}: notes")
        self.before = self.rig.rows()
        self.seen["taken" + (f" with {note}" if note else "")] += 1
        return row


def point_19_ttl(receiver):
    for kind in (V3, V6, V2):
        for ttl in (254, 1, 0):
            receiver.refused_by_both(kind, "ttl", f"TTL {ttl}", ttl=ttl)


def point_20_79_version(receiver):
    """A version 3 router ignores version 2 and the reverse, and others."""
    for kind, versions in ((V3, (2, 0, 1, 4, 15)), (V6, (2, 4)),
                           (V2, (3, 1))):
        for version in versions:
            receiver.refused_by_both(
                kind, "version_count", f"version {version}", version=version,
                interval=1)


def point_21_type(receiver):
    for kind, packet_type in ((V3, 2), (V3, 0), (V6, 15), (V2, 2)):
        receiver.refused_by_both(kind, "type", f"type {packet_type}",
                                 packet_type=packet_type)


def point_22_truncated(receiver):
    for kind, cuts in ((V3, (1, 4, 5, 10)), (V6, (1, 16, 33, 38)),
                       (V2, (1, 8, 12, 18))):
        for cut in cuts:
            receiver.refused_by_both(kind, "length", f"{cut} bytes short",
                                     cut=cut)
        receiver.refused_by_both(kind, "length", "count too high", count=200)
        # Too short for a VRID: nobody's.
        for payload in (b"", bytes([kind.version << 4 | 1])):
            receiver.refused([kind.frame(payload)], ["receive"], "length",
                             f"{kind.name}, {len(payload)} bytes")


def point_23_trailing(receiver):
    for kind, tail in ((V3, b"\0" * 100), (V3, b"x"), (V6, b"\0" * 4),
                       (V6, b"x" * 16), (V2, b"x" * 2), (V2, b"\0" * 40)):
        receiver.refused_by_both(kind, "trailing",
                                 f"{len(tail)} bytes after it", tail=tail)
    # A short frame's padding that was counted into the packet.
    backup = BACKUPS[V3]
    receiver.taken(V3.packet(backup.vrid, 150, interval=interval_of(V3),
                             tail=b"\0" * 14), backup.name)


def point_24_checksum(receiver):
    for kind in (V3, V6, V2):
        receiver.refused_by_both(kind, "checksum", "checksum", damage=True)


def point_24_25_dialects(receiver):
    """Both forms are taken, and each strict instance takes its own."""
    for dialect in ("rfc5798", "rfc9568"):
        receiver.taken(V3.packet(BACKUPS[V3].vrid, 150, dialect=dialect,
                                 interval=interval_of(V3)), "backup3")
        for one in STRICT[:2]:
            frame = V3.packet(one.vrid, 150, dialect=dialect,
                              interval=interval_of(V3))
            if one.name == f"strict{dialect[3:]}":
                receiver.taken(frame, one.name)
            else:
                receiver.refused([frame], [one.name], "checksum_dialect",
                                 f"{one.name}: {dialect}")


def point_26_vrid(receiver):
    for kind in (V3, V6, V2):
        receiver.refused([kind.packet(99, 255, interval=1)], ["receive"],
                         "vrid", f"{kind.name}, VRID 99")
        receiver.refused([kind.packet(0, 255, interval=1,
                                      addresses=BACKUPS[kind].plain())],
                         ["receive"], "vrid_zero", f"{kind.name}, VRID 0")


def point_27_address_count_zero(receiver):
    for kind in (V3, V6, V2):
        receiver.refused_by_both(kind, "address_count_zero", "no address",
                                 addresses=[])
        receiver.refused_by_both(kind, "address_count_zero", "count 0",
                                 count=0)


def point_28_interval_zero(receiver):
    for kind in (V3, V6, V2):
        receiver.refused_by_both(kind, "interval_zero", "interval 0",
                                 interval=0)


def point_29_reserved(receiver):
    for kind in (V3, V6):
        row = receiver.taken(
            kind.packet(BACKUPS[kind].vrid, 150, reserved=15,
                        interval=interval_of(kind)), BACKUPS[kind].name)
        equal(row["master_interval_ms"], LONG_MS, "the interval")


def point_30_64_owner(receiver):
    """The owner takes adverts, or not, as configured; both stay master."""
    owner, deaf = OWNERS
    receiver.taken(V3.packet(owner.vrid, 200, ["10.0.0.5"],
                             interval_of(V3)), "owner", state="master")
    receiver.taken(V3.packet(owner.vrid, 255, ["10.0.0.5"],
                             interval_of(V3)), "owner", "two_owners",
                   # The greater address of two owners wins, as in 6.4.3.
                   state="master")
    receiver.refused([V3.packet(
        deaf.vrid, 255, ["10.0.1.5"], interval_of(V3), source="10.0.1.2")],
        [deaf.name], "owner", "owner_ignore_adverts", "eth1")


def point_31_interval_differs(receiver):
    for kind in (V3, V6):
        one = BACKUPS[kind]
        row = receiver.taken(kind.packet(one.vrid, 150, interval=3000),
                             one.name, "interval_differs")
        equal(row["master_interval_ms"], 30000, "learned")
        receiver.taken(kind.packet(one.vrid, 150, interval=interval_of(kind)),
                       one.name, master_interval_ms=LONG_MS)


def point_32_interval_mismatch(receiver):
    for interval in (1, LONG_S - 1, 255):
        receiver.refused_by_both(V2, "interval_mismatch",
                                 f"interval {interval} s", interval=interval)


def point_33_address_list(receiver):
    for kind, lists in ((V3, (["10.0.0.20", "10.0.0.99"],)),
                        (V6, (["fe80::100:20"], ["fe80::99", "2001:db8::20"])),
                        (V2, (["10.0.0.99", "10.0.0.21"],))):
        for addresses in lists:
            receiver.taken(kind.packet(
                BACKUPS[kind].vrid, 150, addresses, interval_of(kind)),
                BACKUPS[kind].name, "addresses_differ")
    # None of ours, from no node, is another virtual router (strangers.py).
    for kind, source, listed in ((V3, PEER[4], "10.0.0.99"),
                                 (V2, PEER[4], "10.0.0.99"),
                                 (V6, "fe80::77", "fe80::99")):
        receiver.refused_by_both(kind, "stranger", "another's list",
                                 source=source, addresses=[listed])
    receiver.refused([V3.packet(CLOSED.vrid, 255, interval=interval_of(V3))],
                     [CLOSED.name], "refused", "strangers: refuse")


def point_34_first_address(receiver):
    """Tolerated, as FRR sends such; refused under strict."""
    receiver.taken(V6.packet(
        BACKUPS[V6].vrid, 150, BACKUPS[V6].plain()[::-1], interval_of(V6)),
        BACKUPS[V6].name, "first_address_tolerated")
    strict = STRICT[2]
    receiver.refused([V6.packet(strict.vrid, 150, strict.plain()[::-1],
                                interval_of(V6))], [strict.name],
                     "first_address", "strict")
    receiver.taken(V6.packet(strict.vrid, 150, strict.plain(),
                             interval_of(V6)), strict.name)


def point_35_auth_type(receiver):
    for auth in (1, 2, 255):
        receiver.refused_by_both(V2, "auth_type", f"type {auth}", auth=auth)


def point_36_wrong_interface(receiver):
    """`elsewhere' is on eth1: what eth0 hears of its VRID is not for it."""
    receiver.refused([V3.packet(ELSEWHERE.vrid, 255,
                                interval=interval_of(V3))],
                     ["receive"], "wrong_interface", "eth0")


def point_06_own_source(receiver):
    """No advert of our own comes back to us, and another's with our address
    is none to listen to (over IPv4 the kernel drops it before)."""
    for name, row in receiver.rig.rows().items():
        equal(row["source_own"], 0, f"{name}: own adverts heard")
    receiver.refused_by_both(V6, "source_own", "own source", source=OWN[6])


def point_83_odd_addresses(receiver):
    """What is sent to us alone never reaches vrrpd (the socket's filter);
    sources that are no unicast address are counted."""
    for kind, source in ((V3, "0.0.0.0"), (V6, "::"), (V2, "0.0.0.0")):
        receiver.refused_by_both(kind, "destination", "to this host alone",
                                 destination=OWN[kind.family])
        receiver.refused_by_both(kind, "source", f"from {source}",
                                 source=source)


def point_82_rate_limited_log(receiver):
    """Hundreds of bad ones: all counted, a few lines in the log."""
    rig, one, count = receiver.rig, BACKUPS[V3], 300
    before = drops(receiver.before[one.name])
    log = rig.director.daemons["vrrpd"].process.output
    lines = log().count(" dropped: ")
    expect(f"vrrp {one.name}: advert from {PEER[4]} dropped: TTL" in log(),
           "the first bad adverts are logged")
    rig.send(*[V3.packet(one.vrid, 255, ttl=3)] * count)
    wait_for(lambda: drops(rig.rows()[one.name])["ttl"]
             == before["ttl"] + count, DEADLINE, f"{count} counted")
    grown = log().count(" dropped: ") - lines
    expect(grown <= 3, f"{grown} lines for {count} bad adverts")
    receiver.seen[f"{grown} lines logged for {count} adverts"] += 1
    receiver.before = rig.rows()


def point_83_counters(receiver):
    """Each reason has a counter and has met its packet in this run."""
    for name, row in receiver.rig.rows().items():
        expect(set(drops(row)) == set(DROPS), f"{name}: counters")
        if row["kind"] == "instance":
            for key in ("become_master", "adverts_tx", "adverts_rx",
                        "priority_zero_tx", "priority_zero_rx", *NOTES):
                expect(row[key] >= 0, f"{name}: {key}")
    total = {counter: sum(drops(row)[counter]
                          for row in receiver.rig.rows().values())
             for counter in DROPS}
    equal([key for key, value in total.items() if not value],
          [], "counters that nothing has raised")
    receiver.seen[f"{len(total)} counters, sums {total}"] += 1


POINTS = [
    point_19_ttl, point_20_79_version, point_21_type, point_22_truncated,
    point_23_trailing, point_24_checksum, point_24_25_dialects,
    point_26_vrid, point_27_address_count_zero, point_28_interval_zero,
    point_29_reserved, point_31_interval_differs, point_32_interval_mismatch,
    point_33_address_list, point_34_first_address, point_35_auth_type,
    point_36_wrong_interface, point_06_own_source,
    point_83_odd_addresses, point_30_64_owner,
    point_82_rate_limited_log, point_83_counters,
]


def settle(rig):
    """Backups have a master, masters are; no timer runs out for minutes."""
    rig.wait_all("backup", *[one.name for one in INSTANCES
                             if one not in OWNERS])
    rig.wait_all("master", *[one.name for one in OWNERS])
    for kind, one in MASTERS.items():
        rig.send(kind.packet(one.vrid, 0, interval=interval_of(kind)))
    for kind, one in BACKUPS.items():
        rig.send(kind.packet(one.vrid, 150, interval=interval_of(kind)))
    rig.wait_all("master", *[one.name for one in MASTERS.values()])
    for kind, one in BACKUPS.items():
        rig.wait(one.name, "backup", master_priority=150,
                 master=PEER[kind.family])


def main():
    with Net() as net:
        rig = Rig(net, INSTANCES)
        rig.director.start()
        settle(rig)
        receiver = Receiver(rig)
        for point in POINTS:
            if len(sys.argv) == 1 or point.__name__ in sys.argv[1:]:
                point(receiver)
                step(f"{point.__name__}: {receiver.told()}")


run(main)
