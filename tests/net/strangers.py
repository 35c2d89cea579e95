#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Another virtual router has our VRID, or sends what only a node may.

A router that is no node, and lists no address of ours, is not yielded to in
any state: in both versions, both families, strict or not. It is named in the
log and in `vipctl status`, whose first line is about who is master beside us,
whatever else is wrong. What a node says counts, whatever it lists; so does
who lists an address of ours, unless strangers are refused. And somebody who
says by ARP, or by a neighbour advertisement, that he has a held address is told.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scapy.layers.inet6 import (ICMPv6ND_NA, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptSrcLLAddr, IPv6)
from scapy.layers.l2 import ARP, Ether
from scenario import equal, expect, run, step
from vrrp_rig import V2, V3, V6, Instance, Rig
from waiting import wait_for

KINDS = {
    "three": V3, "strict3": V3, "two": V2, "strict2": V2, "six": V6,
    "strict6": V6,
}
STRICT = {"strict": "true"}
INSTANCES = [
    Instance("three", 20, 100, interval_ms=300),
    Instance("strict3", 21, 100, interval_ms=300, more=STRICT),
    Instance("two", 22, 100, version=2),
    Instance("strict2", 23, 100, version=2, more=STRICT),
    Instance("six", 24, 100, family=6, interval_ms=300),
    Instance("strict6", 25, 100, family=6, interval_ms=300, more=STRICT),
    Instance("closed", 26, 100, interval_ms=300,
             more={"strangers": "refuse"}),
    Instance("swapped", 27, 100, interval_ms=300),
    Instance("lost", 28, 100, interval_ms=300, interface="eth1",
             addresses=["10.0.1.28/32"]),
]
NAMES = [one.name for one in INSTANCES]
# What the stranger has, and what it may call itself.
FOREIGN = {4: ["10.0.0.200"], 6: ["fe80::dead", "2001:db8::dead"]}
NODE = "10.0.0.3"	# d2's address in the file
OURS = "10.0.0.5"
THEIRS = "02:00:00:00:99:01"
HEARD, UNHEARD = "fe80::3", "fe80::77"


def frame(rig, name, priority, **more):
    one, kind = rig.instances[name], KINDS.get(name, V3)
    if kind is not V2:
        more.setdefault("interval", one.interval_ms // 10)
    return kind.packet(one.vrid, priority, **more)


def foreign(rig, name, priority=250, **more):
    return frame(rig, name, priority,
                 addresses=FOREIGN[KINDS.get(name, V3).family], **more)


def log_of(rig):
    return rig.director.daemons["vrrpd"].process.output()


def masters_stay(rig):
    for name in KINDS:
        before = rig.rows()[name]
        for priority in (250, 255, 0, 1):
            rig.send(foreign(rig, name, priority))
        row = wait_for(lambda name=name, before=before: [
            row for row in [rig.rows()[name]]
            if row["stranger"] == before["stranger"] + 4],
            5, f"{name}: four adverts of a stranger")[0]
        for key in ("state", "term", "become_master", "adverts_rx",
                    "priority_zero_rx"):
            equal(row[key], before[key], f"{name}: {key}")
        vrid = rig.instances[name].vrid
        expect(f"another router uses VRID {vrid}: " in row["odd"], row["odd"])
        expect(FOREIGN[KINDS[name].family][0] in row["odd"], row["odd"])
        line = f"vrrp {name}: another router uses VRID {vrid}: "
        expect(line in log_of(rig), line)
        equal(log_of(rig).count(line), 3, f"{name}: lines of the log")
        expect(f"{name}: another router uses VRID {vrid}"
               in rig.director.ask("status").stdout, "status names it")
    step("a master leaves strangers alone, and names them")


def backups_do_not_wait(rig):
    """What it hears of a stranger does not keep it from taking over."""
    for name in KINDS:
        source = HEARD if KINDS[name] is V6 else NODE
        rig.send(frame(rig, name, 200, source=source))
        rig.wait(name, "backup")

        def back(name=name):
            rig.send(foreign(rig, name), foreign(rig, name, 0))
            return rig.rows()[name]["state"] == "master"
        wait_for(back, 15, f"{name}: takes over beside a stranger")
    step("a backup does not take a stranger for a master")


def nodes_and_overlaps_count(rig):
    rig.send(foreign(rig, "three", source=NODE))
    rig.wait("three", "backup")
    rig.wait("three", "master")
    both = rig.instances["three"].plain() + FOREIGN[4]
    rig.send(frame(rig, "three", 250, addresses=both))
    rig.wait("three", "backup")
    rig.wait("three", "master")
    # d2 is known by its address: nobody else becomes a node by what it said.
    rig.send(foreign(rig, "three"))
    equal(rig.rows()["three"]["state"], "master", "three")
    step("a node counts whatever it lists, others when lists overlap")


def heard_in_ipv6(rig):
    """d2 has no link-local address in the file: who lists an address of any of
    our instances is a node."""
    rig.send(foreign(rig, "six", source=UNHEARD))
    wait_for(lambda: UNHEARD in rig.rows()["six"]["odd"], 5, "a stranger")
    rig.send(frame(rig, "six", 200, source=UNHEARD,
                   addresses=rig.instances["strict6"].plain()))
    rig.wait("six", "backup")
    rig.wait("six", "master")
    rig.send(foreign(rig, "six", source=UNHEARD))
    rig.wait("six", "backup")
    rig.wait("six", "master")
    step("IPv6: who was heard with our addresses is a node")


def refused(rig):
    before = rig.rows()["closed"]
    rig.send(frame(rig, "closed", 254, interval=4095),
             frame(rig, "closed", 0), foreign(rig, "closed"))
    wait_for(lambda: rig.rows()["closed"]["refused"] == before["refused"] + 3,
             5, "three adverts are refused")
    row = rig.rows()["closed"]
    equal((row["state"], row["term"]), ("master", before["term"]), "closed")
    expect("10.0.0.2" in row["odd"], row["odd"])
    rig.send(frame(rig, "closed", 200, source=NODE))
    rig.wait("closed", "backup")
    # A forged interval of 40.95 s would keep it silent.
    rig.send(frame(rig, "closed", 254, interval=4095))
    rig.wait("closed", "master", 5)
    step("strangers: refuse: none but nodes are heard")


def first_line(rig):
    return rig.director.ask("status").stdout.splitlines()[0]


def status_begins_with_it(rig):
    """Whatever else is wrong here, and whatever else is heard."""
    rig.wait_all("master", *NAMES)
    rig.send(frame(rig, "closed", 0))
    wait_for(lambda: all("rival" not in row for row in rig.rows().values()),
             30, "who is silent is no rival")
    rig.d1.ip("link set eth1 down")
    rig.wait("lost", "initialize")
    expect("vrrp lost: down" in first_line(rig), first_line(rig))
    long = {"interval": 500}    # 5 s: what follows is no matter of luck
    listed = rig.instances["three"].plain()
    cases = (
        ("three", lambda priority: foreign(rig, "three", priority, **long),
         250, "another router uses VRID 20: 10.0.0.2, no node of ours, "),
        ("closed", lambda priority: frame(rig, "closed", priority, **long),
         250, "10.0.0.2 is master of VRID 26 as well, and is not heeded: "
         "source is no node's"),
        ("three", lambda priority: frame(rig, "three", priority, **long),
         1, "10.0.0.2 is master as well"),
        ("two", lambda priority: frame(rig, "two", priority, auth=1),
         250, "10.0.0.2 is master of VRID 22 as well, and is not heeded: has "
         "an authentication type"),
        ("two", lambda priority: frame(rig, "two", priority, interval=7),
         250, "10.0.0.2 is master of VRID 22 as well, and is not heeded: "
         "version 2 advert with another interval"),
        ("three", lambda priority: frame(
            rig, "three", priority, source=NODE, destination=OURS, **long),
         250, "10.0.0.3 is master of VRID 20 as well, and is not heeded: sent "
         "to the group and not to us, or the reverse"),
        ("three", lambda priority: frame(
            rig, "closed", priority, source=NODE, addresses=listed, **long),
         50, "d2 speaks for this under VRID 26: reload it"),
        ("three", lambda priority: V3.packet(
            99, priority, ["10.0.0.9", *listed], 500, source=NODE),
         50, "d2 speaks for this under VRID 99: reload it"),
        ("three", lambda priority: V2.packet(20, priority, listed, 7),
         50, "10.0.0.2, no node of ours, speaks for 10.0.0.20 in version 2"),
        ("six", lambda priority: V6.packet(
            99, priority, rig.instances["six"].plain(), 500),
         50, "fe80::2 speaks for this under VRID 99: reload it"),
    )
    for name, make, priority, text in cases:
        rig.wait(name, "master")
        settled = 4.1 * rig.instances[name].interval_ms
        wait_for(lambda name=name, settled=settled:
                 rig.rows()[name]["since_ms"] > settled, 10, "settled")
        rig.send(make(priority))
        wait_for(lambda name=name, text=text:
                 f": vrrp {name}: {text}" in first_line(rig), 5, text)
        ttl = rig.rows()[name]["ttl"]
        rig.send(frame(rig, name, 200, ttl=64))
        wait_for(lambda name=name, ttl=ttl: rig.rows()[name]["ttl"] > ttl, 5,
                 "another odd packet")
        expect(f": vrrp {name}: {text}" in first_line(rig), first_line(rig))
        rig.send(make(0))
        wait_for(lambda name=name: "rival" not in rig.rows()[name], 5,
                 f"{text}: he leaves")
    rig.d1.ip("link set eth1 up")
    rig.wait("lost", "master")
    step("status begins with who is master beside us")


def arp(source, mac, operation=1, **more):
    return Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(
        op=operation, hwsrc=mac, psrc=source, pdst=source, **more)


def neighbour_advert(target, option=ICMPv6NDOptDstLLAddr, hops=255):
    return (Ether(dst="33:33:00:00:00:01") /
            IPv6(src="fe80::2", dst="ff02::1", hlim=hops) /
            ICMPv6ND_NA(tgt=target, R=0, S=0, O=1) / option(lladdr=THEIRS))


def somebody_has_our_address(rig):
    rig.wait_all("master", *NAMES)
    held, link_local = "10.0.0.20", "fe80::100:24"

    def conflicts(name):
        return rig.rows()[name]["address_conflicts"]

    # Settled: whom it has just relieved may have spoken before.
    wait_for(lambda: all(rig.rows()[name]["since_ms"] > 1300
                         for name in ("three", "six")), 10, "settled")
    before = {name: conflicts(name) for name in NAMES}
    rig.send(arp("10.0.0.2", THEIRS),               # not ours
             arp(held, rig.mac),                    # our own, sent back
             arp(held, THEIRS, hwtype=6), arp(held, THEIRS, plen=5),
             neighbour_advert(link_local, hops=64),
             neighbour_advert(link_local, ICMPv6NDOptSrcLLAddr),
             neighbour_advert("fe80::2"))
    # A static address, with which somebody asks for another.
    rig.peer.ip(f"addr add {held}/32 dev eth0")
    rig.peer.run("ping", "-c", "1", "-W", "1", "-I", held, "10.0.0.77",
                 check=False)
    wait_for(lambda: conflicts("three") > before["three"], 5, "ARP is heard")
    text = f"{rig.peer.mac('eth0')} has our address {held} as well"
    expect(text in rig.rows()["three"]["odd"], rig.rows()["three"]["odd"])
    expect(f"vrrp three: {text}" in log_of(rig), "in the log")
    expect(f"three: {text}" in rig.director.ask("status").stdout, "in status")
    rig.send(arp(held, THEIRS, 2))
    wait_for(lambda: f"{THEIRS} has our address {held}" in
             rig.rows()["three"]["odd"], 5, "a reply is heard")
    rig.send(neighbour_advert(link_local))
    wait_for(lambda: conflicts("six") == before["six"] + 1, 5,
             "an advertisement is heard")
    expect(f"{THEIRS} has our address {link_local} as well" in log_of(rig),
           "in the log")
    # Many are read, and few are told.
    count = conflicts("three")
    rig.send(*[arp(held, THEIRS) for _ in range(200)])
    wait_for(lambda: conflicts("three") == count + 200, 10, "200 more")
    expect(log_of(rig).count("vrrp three: " + THEIRS) <= 3, "lines")
    rig.peer.ip(f"addr del {held}/32 dev eth0")
    for name in set(NAMES) - {"three", "six"}:
        equal(conflicts(name), before[name], f"{name}: conflicts")
    step("somebody who has a held address is told")


def main():
    with Net() as net:
        rig = Rig(net, INSTANCES)
        rig.director.start()
        rig.wait_all("master", *NAMES)
        masters_stay(rig)
        backups_do_not_wait(rig)
        nodes_and_overlaps_count(rig)
        heard_in_ipv6(rig)
        refused(rig)
        status_begins_with_it(rig)
        somebody_has_our_address(rig)


run(main)
