#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Neighbours learn where the addresses are, whatever happened before.

A burst of garp.count frames is kept for each of many addresses. After a split
in which the loser hears the winner first, and the winner hears nothing of the
loser, the winner announces all the same.
"""

import collections
import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, tshark
from net import Net
from scenario import equal, expect, run, step
from suite import Director, two_hosts
from waiting import wait_for

MANY = [f"10.0.{1 + i // 100}.{1 + i % 100}" for i in range(200)]
COUNT = 5
# The adverts of d2 come seldom, so that it hears d1 first after a split.
CONFIG = """
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: {interval}
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
"""
BURST = f"""
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  many:
    interface: eth0
    vrid: 8
    interval: 100ms
    nodes: [d1, d2]
    garp: {{count: {COUNT}, repeat_after: 0s}}
    addresses: [{", ".join(f"{address}/32" for address in MANY)}]
"""


def announced(capture, mac):
    """How often each address was announced by that hardware address."""
    return collections.Counter(
        row[0] for row in tshark(
            capture.path, f"arp.isgratuitous && eth.src == {mac}",
            "arp.src.proto_ipv4"))


def each_address(net, lan, host):
    capture = Capture(lan, "br0", "burst")
    net.defer(capture.stop)
    director = Director(net, host, BURST).start()
    director.wait_state("many", "master")
    wait_for(lambda: sum(announced(capture, host.mac("eth0")).values())
             >= COUNT * len(MANY), 10, "the frames of the burst", interval=0.2)
    # One more round would be another COUNT at least.
    before = director.instance("many")["adverts_tx"]
    wait_for(lambda: director.instance("many")["adverts_tx"] > before + 2, 5,
             "time passes")
    equal(announced(capture, host.mac("eth0")),
          {address: COUNT for address in MANY}, "frames an address")
    director.stop()
    step(f"{len(MANY)} addresses: {COUNT} frames each")


def after_a_split(net, lan, hosts):
    one, two = (Director(net, host, CONFIG.format(interval=interval))
                for host, interval in zip(hosts, ("200ms", "4s")))
    one.start()
    one.wait_state("web", "master")
    two.start()
    two.wait_state("web", "backup")
    wait_for(lambda: two.instance("web")["adverts_rx"] > 2, 5, "adverts")
    cable = hosts[1].cables["eth0"]
    cable.mute()
    two.wait_state("web", "master")
    # What both announced when they became master is over.
    wait_for(lambda: two.instance("web")["since_ms"] > 2000, 5, "time passes")
    capture = Capture(lan, "br0", "split")
    net.defer(capture.stop)
    heard = two.instance("web")["adverts_rx"]
    cable.unmute()
    two.wait_state("web", "backup")
    wait_for(lambda: announced(capture, hosts[0].mac("eth0")), 5,
             "the winner announces", interval=0.2)
    expect(two.instance("web")["adverts_rx"] > heard, "d2 heard d1")
    one.wait_state("web", "master")
    step("a split heals: the winner announces")


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        hosts = two_hosts(net, lan)
        each_address(net, lan, hosts[0])
        after_a_split(net, lan, hosts)


run(main)
