#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A master's own address goes while its link is up, as when a DHCP client or a
network manager sets the interface up anew.

It says priority 0 by the address that it has no more, so the other one takes
over within its Skew_Time: over IPv4 in both versions, over IPv6, and when it
is the configured source that goes.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, assert_no_malformed, tshark
from net import Net
from scenario import equal, expect, run, step
from suite import Director, link_local, two_hosts
from waiting import wait_for

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  three:
    interface: eth0
    vrid: 7
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
  two:
    interface: eth0
    vrid: 8
    version: 2
    nodes: [d1, d2]
    addresses: [10.0.0.101/24]
  six:
    interface: eth0
    vrid: 7
    nodes: [d1, d2]
    addresses: ["fe80::100/64", "2001:db8::100/64"]
  bound:
    interface: eth0
    vrid: 9
    nodes: [d1, d2]
    source: {d1: 10.0.0.21}
    addresses: [10.0.0.102/32]
"""
NAMES = ("three", "two", "six", "bound")
OWN, BOUND, OWN6 = "10.0.0.11", "10.0.0.21", "fe80::11"


def masters(one, two, *names):
    for name in names:
        one.wait_state(name, "master", 30)
        two.wait_state(name, "backup", 30)


def handed_over(two, name, source):
    """d2 took over as it was told to, not after silence."""
    two.wait_state(name, "master")
    equal(two.instance(name)["reason"], f"priority 0 heard from {source}",
          f"{name}: why d2 is master")


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        hosts = two_hosts(net, lan)
        link_local(hosts)
        hosts[0].ip(f"addr add {BOUND}/24 dev eth0")
        one, two = (Director(net, host, CONFIG) for host in hosts)
        one.start()
        two.start()
        masters(one, two, *NAMES)
        capture = Capture(lan, "br0", "own-address")
        net.defer(capture.stop)

        hosts[0].ip(f"addr del {BOUND}/24 dev eth0")
        handed_over(two, "bound", BOUND)
        masters(one, two, "three", "two", "six")
        hosts[0].ip(f"addr add {BOUND}/24 dev eth0")
        masters(one, two, "bound")
        step("the configured source went: handed over")

        # In this order OWN is never gone while BOUND is there to speak from.
        hosts[0].ip(f"addr del {BOUND}/24 dev eth0",
                    f"addr del {OWN}/24 dev eth0")
        for name in ("three", "two"):
            handed_over(two, name, OWN)
        handed_over(two, "bound", BOUND)
        expect("no IPv4 address" in one.instance("three")["reason"],
               one.instance("three")["reason"])
        hosts[0].ip(f"addr add {OWN}/24 dev eth0",
                    f"addr add {BOUND}/24 dev eth0")
        masters(one, two, *NAMES)
        step("all IPv4 addresses went: handed over, and back")

        hosts[0].ip("-6 addr flush dev eth0")
        handed_over(two, "six", OWN6)
        hosts[0].ip(f"addr add {OWN6}/64 dev eth0 nodad")
        masters(one, two, *NAMES)
        step("all IPv6 addresses went: handed over, and back")

        # Nothing can be said without a carrier: silence tells the other one.
        said = one.instance("three")["priority_zero_tx"]
        hosts[0].cables["eth0"].pull()
        two.wait_state("three", "master")
        equal(one.instance("three")["priority_zero_tx"], said,
              "priority 0 without a carrier")
        step("without a carrier nothing is said")

        path = capture.stop()
        assert_no_malformed(path)
        farewells = tshark(
            path, "vrrp.prio == 0 && ip", "ip.src", "ip.dst", "ip.ttl",
            "ip.dsfield")
        expect(all(row[1:] == ["224.0.0.18", "255", "0xc0"]
                   for row in farewells), f"headers: {farewells}")
        wait_for(lambda: {row[0] for row in farewells} == {OWN, BOUND}, 1,
                 "sources")


run(main)
