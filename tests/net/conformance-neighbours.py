#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the neighbours see, by the numbers of the list of VRRP conformance
points: the adverts' headers, ARP and neighbour discovery, multicast groups,
forwarding, a healed split, the answers to an operator.

Two directors, first a stronger d1 and then both with a cut between them.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, assert_no_malformed, tshark
from net import Net
from probe import arp_owners
from scapy.layers.inet6 import (ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6)
from scapy.layers.l2 import Ether
from scenario import equal, expect, run, step
from suite import Director, binary
from vrrp_rig import packet_socket
from waiting import wait_for

VIRTUAL = "192.168.1.2"		# lower than the hosts' own, in their subnet
VIRTUAL6 = "2001:db8::1:200"
LOCAL6 = "fe80::1:200"
SOLICITED = "ff02::1:ff01:200"
SOLICITED_MAC = "33:33:ff:01:02:00"
OLD = "192.168.1.3"

# No version for `web': the default is what is shown. In version 3 the directors
# may differ in the interval: d1 has 600 ms, d2 200 ms.
CONFIG = f"""
nodes: {{{{d1: 192.168.1.11, d2: 192.168.1.12}}}}
vrrp:
  web:
    interface: eth0
    vrid: 10
    interval: {{interval}}
    nodes: {{{{d1: 200, d2: 100}}}}
    garp: {{{{count: 2, repeat_after: 0s}}}}
    addresses: [{VIRTUAL}/24, 192.168.1.202/24]
  web6:
    interface: eth0
    vrid: 10
    interval: {{interval}}
    nodes: {{{{d1: 200, d2: 100}}}}
    garp: {{{{count: 2, repeat_after: 0s}}}}
    addresses: [{LOCAL6}/64, {VIRTUAL6}/64]
  old:
    interface: eth0
    vrid: 11
    version: 2
    nodes: {{{{d1: 200, d2: 100}}}}
    addresses: [{OLD}/24]
"""
NAMES = ("web", "web6", "old")

INTERVALS = """
nodes: {{d1: 192.168.1.11}}
vrrp:
  web: {{interface: eth0, vrid: 1, version: {version}, interval: {interval},
        nodes: [d1], addresses: [192.168.1.200/32]}}
"""


class Scene:
    def __init__(self, net):
        self.net = net
        self.lan = net.lan(capture=False)
        self.behind = net.lan("behind", capture=False)
        self.d1, self.d2 = net.host("d1"), net.host("d2")
        self.client = net.host("client")
        for number, host in ((1, self.d1), (2, self.d2)):
            host.connect(self.lan, "eth0", f"192.168.1.1{number}/24",
                         f"2001:db8::{number}/64")
            host.connect(self.behind, "eth1", f"192.168.9.1{number}/24")
            # A director forwards, and its addresses are tested as usual.
            host.sysctls({"net.ipv4.ip_forward": 1,
                          "net.ipv6.conf.all.forwarding": 1,
                          "net.ipv6.conf.eth0.accept_dad": 1,
                          "net.ipv6.conf.eth0.dad_transmits": 1})
        self.client.connect(self.lan, "eth0", "192.168.1.50/24",
                            "2001:db8::50/64")
        self.macs = {host: host.mac("eth0") for host in (self.d1, self.d2)}
        self.sock = packet_socket(self.client, "eth0")
        net.defer(self.sock.close)
        self.capture = Capture(self.lan, "br0", "lan")
        net.defer(self.capture.stop)
        self.other = Capture(self.behind, "br0", "behind")
        net.defer(self.other.stop)
        self.one = Director(net, self.d1, CONFIG.format(interval="600ms"))
        self.two = Director(net, self.d2, CONFIG.format(interval="200ms"))

    def tshark(self, which, *fields):
        return tshark(self.capture.path, which, *fields)

    def solicit(self, target):
        """Asks the neighbours for an IPv6 address."""
        mac = self.client.mac("eth0")
        frame = (Ether(src=mac, dst=SOLICITED_MAC)
                 / IPv6(src="2001:db8::50", dst=SOLICITED, hlim=255)
                 / ICMPv6ND_NS(tgt=target) / ICMPv6NDOptSrcLLAddr(lladdr=mac))
        self.sock.send(bytes(frame))

    def solicited(self, target):
        """The MACs of those that have answered so far."""
        return {row[0] for row in self.tshark(
            f"icmpv6.nd.na.target_address == {target} && "
            "icmpv6.nd.na.flag.s == 1", "eth.src")}


def groups(host):
    return host.ip("maddr show dev eth0")


def elect(scene):
    scene.one.start()
    for name in NAMES:
        scene.one.wait_state(name, "master")
    scene.two.start()
    for name in NAMES:
        scene.two.wait_state(name, "backup")
    # A few adverts for the capture, and that they do not come back.
    wait_for(lambda: scene.two.instance("web")["adverts_rx"] >= 3, 5,
             "adverts")


def point_66_backup_is_silent(scene):
    """ARP requests and solicitations find the master alone."""
    seen = []
    for address in (VIRTUAL, OLD):
        equal(arp_owners(scene.client, "eth0", address),
              [scene.macs[scene.d1]], f"who has {address}")
    for target in (VIRTUAL6,):
        def answered(target=target):
            scene.solicit(target)
            return scene.solicited(target)
        wait_for(answered, 5, f"answer for {target}", interval=0.2)
        equal(scene.solicited(target), {scene.macs[scene.d1]},
              f"who has {target}")
        seen.append(target)
    return "the master alone answers ARP and NS"


def point_71_solicited_node_group(scene):
    expect(SOLICITED in groups(scene.d1), "the master is a member")
    expect(SOLICITED not in groups(scene.d2), "the backup is no member")
    return f"{SOLICITED}: the master alone"


def point_74_no_tentative_address(scene):
    text = scene.d1.ip("-6 addr show dev eth0")
    lines = {line.split()[1].split("/")[0]: line.split()
             for line in text.splitlines() if " inet6 " in line}
    for address in (VIRTUAL6, LOCAL6):
        expect("nodad" in lines[address] and "tentative" not in
               lines[address], " ".join(lines[address]))
    advert = scene.tshark(f"vrrp && ipv6 && eth.src == "
                          f"{scene.macs[scene.d1]}", "frame.time_epoch")[0]
    first = scene.tshark(
        f"icmpv6.nd.na.target_address == {VIRTUAL6} && eth.src == "
        f"{scene.macs[scene.d1]}", "frame.time_epoch")[0]
    waited = float(first[0]) - float(advert[0])
    # Duplicate address detection would take a second.
    expect(0 <= waited < 0.5, f"first advertisement after {waited:.3f} s")
    equal(scene.tshark(f"icmpv6.type == 135 && ipv6.src == :: && "
                       f"icmpv6.nd.ns.target_address == {VIRTUAL6}"), [],
          "probes for the virtual address")
    return f"nodad, announced {waited * 1000:.2f} ms after the first advert"


def point_77_never_forwarded(scene):
    """Both directors forward; none of the groups' packets leave eth0."""
    for host in (scene.d1, scene.d2):
        equal(host.sysctl("net.ipv4.conf.all.mc_forwarding"), "0",
              "multicast forwarding")
    equal(tshark(scene.other.path, "vrrp || ip.dst == 224.0.0.18 || "
                 "ipv6.dst == ff02::12"), [], "VRRP behind the directors")
    return "nothing on the other side"


def point_84_state_query(scene):
    one, two = (director.instance("web")
                for director in (scene.one, scene.two))
    equal((one["state"], one["master"], one["priority"]),
          ("master", "192.168.1.11", 200), "d1")
    equal((two["state"], two["master"], two["master_priority"],
           two["master_interval_ms"]),
          ("backup", "192.168.1.11", 200, 600), "d2")
    expect(0 <= one["next_ms"] <= 1000, f"next advert in {one['next_ms']} ms")
    down = 3 * 600 + 600 * 156 / 256
    expect(down - 1000 < two["next_ms"] <= down,
           f"d1 counts as lost in {two['next_ms']} ms")
    again = wait_for(
        lambda: (row := scene.two.instance("web"))["since_ms"]
        > two["since_ms"] and row, 5, "the state's age grows")
    return (f"{again['state']} since {again['since_ms']} ms, master "
            f"{again['master']} with {again['master_priority']}, next "
            f"{again['next_ms']} ms: {again['reason']}")


def point_78_split_brain_heals(scene):
    """Both are master while they do not hear each other; when the survivor
    hears the other one, it says again where the addresses are.

    (When its own advert comes first, the other yields without a word, as
    6.4.3 wants it, and nothing can be known of the split.)
    """
    names = ("web", "web6")
    scene.d1.cables["eth0"].mute()
    for name in names:
        scene.two.wait_state(name, "master")
    wait_for(lambda: all(scene.one.instance(name)["next_ms"] > 400
                         for name in names), 10, "a pause of d1")
    healed = time.time()
    scene.d1.cables["eth0"].unmute()
    for name in names:
        scene.two.wait_state(name, "backup")
        equal(scene.one.instance(name)["become_master"], 1,
              f"times that d1 became {name}")
        expect(scene.one.instance(name)["adverts_rx"] > 0, "d1 heard d2")
    seen = []
    for address in (VIRTUAL, "192.168.1.202", LOCAL6, VIRTUAL6):
        def announced(address=address):
            which = (f"icmpv6.nd.na.target_address == {address} && "
                     "icmpv6.nd.na.flag.s == 0" if ":" in address else
                     f"arp.isgratuitous && arp.src.proto_ipv4 == {address}")
            return [when for when, in scene.tshark(
                f"{which} && eth.src == {scene.macs[scene.d1]}",
                "frame.time_epoch") if float(when) > healed]
        times = wait_for(announced, 5, f"{address} announced again",
                         interval=0.2)
        seen.append(f"{address} {(float(times[0]) - healed) * 1000:.0f} ms")
    return ", ".join(seen)


# --- what the capture says of all that; d1's adverts and announcements ---

def ours(scene, which, *fields):
    macs = " || ".join(f"eth.src == {mac}" for mac in scene.macs.values())
    return scene.tshark(f"({which}) && ({macs})", *fields)


def point_01_17_ipv4_header(scene):
    found = ours(scene, "vrrp && ip", "eth.dst", "ip.dst", "ip.proto",
                 "ip.ttl", "ip.dsfield")
    for row in found:
        equal(row, ["01:00:5e:00:00:12", "224.0.0.18", "112", "255", "0xc0"],
              "an advert's header")
    return f"{len(found)} adverts: 224.0.0.18, 112, TTL 255, DSCP CS6"


def point_02_17_ipv6_header(scene):
    found = ours(scene, "vrrp && ipv6", "eth.dst", "ipv6.dst", "ipv6.nxt",
                 "ipv6.hlim", "ipv6.tclass")
    for *row, traffic in found:
        equal(row, ["33:33:00:00:00:12", "ff02::12", "112", "255"],
              "an advert's header")
        equal(int(traffic, 0), 0xc0, "traffic class")
    return f"{len(found)} adverts: ff02::12, 112, hop limit 255, CS6"


def point_03_source_ipv4(scene):
    """The interface's primary address, though a lower virtual one is there."""
    expect(VIRTUAL in scene.d1.ip("-4 addr show dev eth0"), "it is there")
    for host, address in ((scene.d1, "192.168.1.11"),
                          (scene.d2, "192.168.1.12")):
        sources = {row[0] for row in scene.tshark(
            f"vrrp && ip && eth.src == {scene.macs[host]}", "ip.src")}
        equal(sources, {address}, f"sources of {host.name}")
    return "192.168.1.11 and 192.168.1.12 only"


def point_04_source_ipv6(scene):
    seen = []
    for host in (scene.d1, scene.d2):
        sources = {row[0] for row in scene.tshark(
            f"vrrp && ipv6 && eth.src == {scene.macs[host]}", "ipv6.src")}
        expect(len(sources) == 1, f"{host.name}: {sources}")
        source = sources.pop()
        expect(source.startswith("fe80::") and source != LOCAL6
               and host.holds(source, "eth0"), f"{host.name}: {source}")
        seen.append(source)
    return ", ".join(seen)


def point_06_no_loop(scene):
    """What d1 sends does not come back as heard."""
    sent = 0
    for name in NAMES:
        row = scene.one.instance(name)
        expect(row["adverts_tx"] > 0, f"{name} has sent")
        equal((row["adverts_rx"], row["source_own"]), (0, 0), name)
        sent += row["adverts_tx"]
    return f"{sent} sent, none of them heard"


def point_08_default_version(scene):
    versions = {row[0] for row in ours(scene, "vrrp.virt_rtr_id == 10",
                                       "vrrp.version")}
    equal(versions, {"3"}, "version when none is configured")
    return "version 3"


def point_18_version_2(scene):
    found = ours(scene, "vrrp.version == 2", "vrrp.auth_type",
                 "vrrp.adver_int", "vrrp.virt_rtr_id")
    for row in found:
        equal([int(value) for value in row], [0, 1, 11], "version 2")
    return f"{len(found)} adverts: no authentication, 1 s"


def point_69_gratuitous_arp(scene):
    found = ours(scene, "arp.isgratuitous", "arp.src.proto_ipv4", "eth.src",
                 "eth.dst", "arp.opcode", "arp.src.hw_mac", "arp.dst.hw_mac",
                 "arp.dst.proto_ipv4")
    for address, mac, *rest in found:
        equal(rest, ["ff:ff:ff:ff:ff:ff", "1", mac, mac, address],
              "a gratuitous ARP")
    missing = {VIRTUAL, "192.168.1.202", OLD} - {row[0] for row in found}
    equal(missing, set(), "addresses never announced")
    return f"{len(found)}: broadcast, sender and target the same"


def point_70_unsolicited_advert(scene):
    found = ours(scene, "icmpv6.type == 136 && icmpv6.nd.na.flag.s == 0",
                 "icmpv6.nd.na.target_address", "eth.src", "ipv6.dst",
                 "ipv6.hlim", "icmpv6.nd.na.flag.r", "icmpv6.nd.na.flag.o",
                 "icmpv6.opt.linkaddr", "icmpv6.checksum.status")
    found = [row for row in found if row[0] in (LOCAL6, VIRTUAL6)]
    for _, mac, *rest in found:
        equal(rest, ["ff02::1", "255", "1", "1", mac, "1"],
              "an unsolicited advertisement")
    equal({row[0] for row in found}, {LOCAL6, VIRTUAL6}, "addresses")
    return f"{len(found)}: to ff02::1, R=1 S=0 O=1, own link-layer address"


def point_73_nothing_before_the_address(scene):
    """At boot neither ARP nor an advertisement for a virtual address comes
    before the first advert, which comes when the addresses are in."""
    seen = []
    for family, which in ((4, f"arp.src.proto_ipv4 == {VIRTUAL}"),
                          (6, f"icmpv6.nd.na.target_address == {VIRTUAL6}")):
        ip = "ip" if family == 4 else "ipv6"
        for mac in scene.macs.values():
            advert = scene.tshark(f"vrrp.virt_rtr_id == 10 && {ip} && "
                                  f"eth.src == {mac}", "frame.number")[0][0]
            first = scene.tshark(f"{which} && eth.src == {mac}",
                                 "frame.number")[0][0]
            expect(int(advert) < int(first), f"{mac}: announced in frame "
                   f"{first}, advert in frame {advert}")
            seen.append(f"{advert} < {first}")
    return f"frames {', '.join(seen)}"


def point_44_intervals(scene):
    """What `ipvsd -n' lets pass."""
    path = f"{scene.one.directory}/intervals.yaml"
    allowed = {3: ["10ms", "1s", "40950ms"], 2: ["1s", "255s"]}
    refused = {3: ["0s", "5ms", "15ms", "40960ms", "41s"],
               2: ["0s", "10ms", "1500ms", "256s"]}
    for wanted, table in ((0, allowed), (1, refused)):
        for version, intervals in table.items():
            for interval in intervals:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(INTERVALS.format(version=version,
                                                interval=interval))
                done = subprocess.run(
                    [binary("ipvsd"), "-n", "-f", path, "-N", "d1"],
                    check=False, capture_output=True, text=True)
                equal(done.returncode, wanted, f"version {version}, "
                      f"{interval}: {done.stderr}")
                expect(not wanted or "interval" in done.stderr, done.stderr)
    return f"allowed {allowed}, refused {refused}"


LIVE = [point_66_backup_is_silent, point_71_solicited_node_group,
        point_74_no_tentative_address, point_84_state_query,
        point_06_no_loop, point_78_split_brain_heals, point_44_intervals]
CAPTURED = [point_01_17_ipv4_header, point_02_17_ipv6_header,
            point_03_source_ipv4, point_04_source_ipv6,
            point_08_default_version, point_18_version_2,
            point_69_gratuitous_arp, point_70_unsolicited_advert,
            point_73_nothing_before_the_address, point_77_never_forwarded]


def main():
    with Net() as net:
        scene = Scene(net)
        elect(scene)
        step("elected")
        for point in LIVE:
            step(f"{point.__name__}: {point(scene)}")
        scene.capture.stop()
        step(f"{assert_no_malformed(scene.capture.path)} adverts, none "
             "malformed")
        for point in CAPTURED:
            step(f"{point.__name__}: {point(scene)}")


run(main, limit=0.2)
