#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Adverts to each node by itself: three directors, one of them behind a router.

In both versions and both families one is master at a time, and hands over;
nothing is sent to the group and no group is joined. A node behind a translator
of addresses is heard by what the translator makes of it. A node that cannot be
reached keeps nobody from being master. Who is no node, or comes from farther
away than the file says, is dropped and counted, and a flood of that from afar
loses no advert of the master.
"""

import os
import signal
import socket
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, assert_no_malformed, tshark
from net import Net
from scenario import equal, expect, run, step
from suite import Director
from vrrp_rig import V3
from waiting import wait_for

CONFIG = """
nodes:
  d1: {addresses: [10.0.0.11, "fd00:0:0:a::11"]}
  d2: {addresses: [10.0.0.12, "fd00:0:0:a::12"]}
  d3: {addresses: [10.0.1.13, "fd00:0:0:b::13"]}
vrrp:
  three:
    interface: eth0
    vrid: 7
    interval: 300ms
    nodes: [d1, d2, d3]
    unicast: {hops: 1}
    addresses: [10.0.0.100/32]
  two:
    interface: eth0
    vrid: 8
    version: 2
    nodes: [d1, d2, d3]
    unicast: {hops: 1}
    addresses: [10.0.0.101/32]
  six:
    interface: eth0
    vrid: 7
    interval: 300ms
    nodes: [d1, d2, d3]
    unicast: {hops: 1}
    addresses: ["fe80::100/64", "fd00:0:0:a::100/128"]
  near:
    interface: eth0
    vrid: 9
    interval: 300ms
    nodes: [d2, d1]
    unicast: true
    addresses: [10.0.0.102/32]
  translated:
    interface: eth0
    vrid: 10
    interval: 300ms
    nodes: [d3, d1]
    checksum: rfc9568
    source: {d3: 10.0.1.14}
    unicast: {hops: 1, sources: {d3: [10.0.0.1]}}
    addresses: [10.0.0.103/32]
"""
# Without a state of connections, so that it depends on nothing.
NAT = """
table ip nat {
    chain prerouting {
        type filter hook prerouting priority raw;
        ip protocol 112 notrack
    }
    chain postrouting {
        type filter hook postrouting priority 100;
        ip saddr 10.0.1.14 oifname "eth0" ip saddr set 10.0.0.1
    }
}
"""
FLOOD = 20000


class Lab:
    def __init__(self, net):
        self.lan, beyond = net.lan(), net.lan(capture=False)
        self.router, self.stranger = net.host("r"), net.host("x")
        self.router.connect(self.lan, "eth0", "10.0.0.1/24",
                            "fd00:0:0:a::1/64")
        self.router.connect(beyond, "eth1", "10.0.1.1/24",
                            "fd00:0:0:b::1/64")
        self.router.sysctls({"net.ipv4.ip_forward": 1,
                             "net.ipv6.conf.all.forwarding": 1})
        self.router.run("nft", "-f", "-", text_input=NAT)
        self.stranger.connect(self.lan, "eth0", "10.0.0.66/24")
        hosts = [net.host(name) for name in ("d1", "d2", "d3")]
        for host, letter, number in zip(hosts, "aab", (11, 12, 13)):
            lan = self.lan if letter == "a" else beyond
            third = 0 if letter == "a" else 1
            host.connect(lan, "eth0", f"10.0.{third}.{number}/24",
                         f"fd00:0:0:{letter}::{number}/64",
                         *(["10.0.1.14/24"] if letter == "b" else []))
            host.ip(f"route add default via 10.0.{third}.1",
                    f"route add default via fd00:0:0:{letter}::1")
        self.one, self.two, self.three = self.directors = [
            Director(net, host, CONFIG) for host in hosts]

    def wait(self, name, *states):
        for director, state in zip(self.directors, states):
            if state is not None:
                director.wait_state(name, state, 30)


def hand_over(lab):
    for director in lab.directors:
        director.start()
    for name in ("three", "two", "six"):
        lab.wait(name, "master", "backup", "backup")
    lab.wait("near", "backup", "master")
    lab.wait("translated", "backup", None, "master")
    equal(lab.one.instance("translated")["master"], "10.0.0.1",
          "the master as the translator shows it")
    equal(lab.one.instance("near")["master"], "10.0.0.12", "near's master")
    step("three directors elect one master of each")
    for name, source in (("three", "10.0.0.11"), ("two", "10.0.0.11"),
                         ("six", "fd00:0:0:a::11")):
        equal(lab.three.instance(name)["master"], source, f"{name}'s master")
        lab.one.ask("resign", name)
        lab.wait(name, "backup", "master", "backup")
        # Who took part in the race may ask for the address once an interval.
        wait_for(lambda name=name: all(
            director.instance(name)["since_ms"] > 1000
            for director in (lab.two, lab.three)), 10, "calm")
        equal(lab.two.instance(name)["reason"],
              f"priority 0 heard from {source}", f"{name}: why")
        lab.two.ask("resign", name)
        lab.wait(name, "backup", "backup", "master")
        for director in (lab.one, lab.two):
            director.ask("enable", name)
        lab.wait(name, "master", "backup", "backup")
    step("it goes round, to the one behind the router as well")
    for director in lab.directors:
        groups = director.host.run("ip", "maddr", "show", "dev",
                                   "eth0").stdout
        expect("224.0.0.18" not in groups and "ff02::12" not in groups,
               f"joined: {groups}")


def on_the_wire(lab, path):
    equal(tshark(path, "vrrp && (ip.dst == 224.0.0.0/4 || "
                 "ipv6.dst == ff00::/8)", "frame.number"), [], "multicast")
    macs = [director.host.mac("eth0") for director in (lab.one, lab.two)]
    own = " || ".join(f"eth.src == {mac}" for mac in macs)
    counts = [assert_no_malformed(
        path, f"({own}) && vrrp.virt_rtr_id == {vrid}") for vrid in (7, 8, 9)]
    odd = tshark(path, f"({own}) && vrrp && !(ip.ttl == 255 || "
                 "ipv6.hlim == 255)", "frame.number")
    equal(odd, [], "TTL")
    expect(all(count > 3 for count in counts), f"adverts: {counts}")
    step(f"{counts} adverts, none to a group, none malformed, TTL 255")


def one_is_not_reached(lab):
    """One that was sent to is enough, and the log names who was not."""
    lab.three.stop()
    before = lab.one.instance("three")
    lab.one.host.ip("route del default")
    after = wait_for(lambda: [
        row for row in [lab.one.instance("three")]
        if row["send_errors"] > before["send_errors"] + 2], 10,
        "adverts that do not go out")[0]
    expect(after["adverts_tx"] > before["adverts_tx"], "no advert counts")
    equal((after["state"], after["term"]), ("master", before["term"]),
          "three without a way to d3")
    expect("vrrp three: advert on eth0 to 10.0.1.13 not sent"
           in lab.one.daemons["vrrpd"].process.output(), "the log's line")
    lab.one.host.ip("route add default via 10.0.0.1")
    lab.three.start()
    lab.wait("three", "master", "backup", "backup")
    lab.wait("translated", "backup", None, "master")
    step("one node that is not reached keeps nobody from being master")


class Sender:
    """Adverts of IPv4 from a host, by whatever source."""

    def __init__(self, host):
        with host.network():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                         socket.IPPROTO_RAW)

    def send(self, vrid, source, destination, *, ttl, priority=254,
             times=1):
        frame = V3.packet(vrid, priority, source=source, ttl=ttl,
                          destination=destination, interval=30,
                          addresses=["10.0.0.100"])
        data = bytes(frame.payload)
        for _ in range(times):
            self._socket.sendto(data, (destination, 0))


def strangers_are_dropped(lab):
    sender = Sender(lab.stranger)
    cases = [
        ("three", 7, "10.0.0.66", "10.0.0.11", 255, "refused"),
        ("near", 9, "10.0.0.12", "10.0.0.11", 64, "ttl"),
        ("near", 9, "10.0.0.12", "10.0.0.11", 254, "ttl"),
        ("three", 7, "10.0.0.12", "10.0.0.11", 253, "ttl"),
    ]
    for name, vrid, source, to, ttl, counter in cases:
        before = lab.one.instance(name)
        sender.send(vrid, source, to, ttl=ttl)
        wait_for(lambda name=name, counter=counter, before=before:
                 lab.one.instance(name)[counter] == before[counter] + 1,
                 5, f"{name}: an advert from {source}, TTL {ttl}, {counter}")
        equal(lab.one.instance(name)["become_master"],
              before["become_master"], f"{name}: is what it was")
    step("who is no node, or comes from too far away, is dropped")


def flood_from_afar(lab):
    """It fills no queue that the adverts of near's master wait in."""
    one, pid = lab.one, lab.one.pid("vrrpd")
    sender, before = Sender(lab.stranger), one.instance("near")
    sent = lab.two.instance("near")["adverts_tx"]
    os.kill(pid, signal.SIGSTOP)
    try:
        sender.send(9, "10.0.0.12", "10.0.0.11", ttl=64, times=FLOOD)
        wait_for(lambda: lab.two.instance("near")["adverts_tx"] >= sent + 2,
                 5, "two adverts of the master")
    finally:
        os.kill(pid, signal.SIGCONT)
    after = wait_for(lambda: [
        row for row in [one.instance("near")]
        if row["adverts_rx"] >= before["adverts_rx"] + 2
        and row["ttl"] > before["ttl"]], 0.4, "they are heard")[0]
    equal(after["become_master"], before["become_master"], "become_master")
    step(f"beside {FLOOD} packets from afar the master's adverts are heard")


def main():
    with Net() as net:
        lab = Lab(net)
        capture = Capture(lab.lan, "br0", "unicast")
        net.defer(capture.stop)
        hand_over(lab)
        on_the_wire(lab, capture.stop())
        one_is_not_reached(lab)
        strangers_are_dropped(lab)
        flood_from_afar(lab)


run(main)
