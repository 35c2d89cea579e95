#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The kernel's answers to ipvsd get lost, as there is no room for them.

What was not answered was not done, as far as ipvsd knows: it says of no address
that it was added, and of no term that it is held, before it has seen so.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from inject import NETLINK_ROUTE, room
from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

COUNT = 40
CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 300ms
    nodes: [d1, d2]
    addresses: [%s]
""" % ", ".join(f"{{address: '2001:db8::1:{number:x}/128', interface: eth1}}"
                for number in range(1, COUNT + 1))


def lost(director):
    row, = ctl(f"{director.rundir}/ipvsd.ctl", "kernel")
    return row["overruns"]


def main():
    with Net() as net:
        host = net.host("d1")
        for number, name in enumerate(("eth0", "eth1")):
            host.connect(net.lan(f"lan{number}", capture=False), name,
                         f"10.0.{number}.11/24")
        # All of them are refused.
        host.sysctl("net.ipv6.conf.eth1.disable_ipv6", 1)
        director = Director(net, host, CONFIG).start("ipvsd", "checkd")
        room(director.pid("ipvsd"), NETLINK_ROUTE, 1)
        director.start("vrrpd")
        wait_for(lambda: lost(director) > 0, 20, "answers are lost")
        wait_for(lambda: director.instance("web")["reason"] ==
                 "addresses not held: the kernel refused", 20,
                 "the term is refused")
        log = director.daemons["ipvsd"].process.output()
        equal([line for line in log.splitlines() if line.endswith("added")],
              [], "addresses that were added")
        expect("held" not in log, "no term was held")
        step("lost: nothing is said to be done")
        host.sysctl("net.ipv6.conf.eth1.disable_ipv6", 0)
        director.wait_state("web", "master")
        for number in range(1, COUNT + 1):
            expect(host.holds(f"2001:db8::1:{number:x}"), f"address {number}")
        room(director.pid("ipvsd"), NETLINK_ROUTE, 1 << 20)
        step("done: held")


run(main)
