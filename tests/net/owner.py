#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The owner of an address (priority 255) goes away and comes back.

The backup holds the owner's own address meanwhile, and the owner's adverts come
from that address: the kernel takes them for martians unless accept_local is
set, and both would stay master. ipvsd sets it while the address is held, and
puts it back. The owner's address itself is never touched.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

OWN = "192.168.1.11"
SETTING = "net.ipv4.conf.eth0.accept_local"
CONFIG = f"""
nodes: {{d1: {OWN}, d2: 192.168.1.12}}
vrrp:
  own:
    interface: eth0
    vrid: 12
    interval: 200ms
    nodes: {{d1: 255, d2: 100}}
    addresses: [{OWN}/24]
"""


def main():
    with Net() as net:
        lan = net.lan()
        hosts = {}
        for number, name in enumerate(("d1", "d2"), 11):
            hosts[name] = net.host(name)
            hosts[name].connect(lan, "eth0", f"192.168.1.{number}/24")
        owner, backup = (Director(net, host, CONFIG).start()
                         for host in hosts.values())
        owner.wait_state("own", "master")
        backup.wait_state("own", "backup")
        was = hosts["d2"].sysctl(SETTING)
        equal(was, "0", "accept_local before")
        for number in range(2):
            step(f"the owner is cut off, time {number + 1}")
            hosts["d1"].cables["eth0"].mute()
            backup.wait_state("own", "master")
            expect(hosts["d2"].holds(OWN), "the backup holds the address")
            equal(hosts["d2"].sysctl(SETTING), "1", "accept_local meanwhile")
            expect(hosts["d1"].holds(OWN), "the owner keeps its own")
            step("and back")
            hosts["d1"].cables["eth0"].unmute()
            backup.wait_state("own", "backup", 5)
            owner.wait_state("own", "master")
            wait_for(lambda: not hosts["d2"].holds(OWN), 5,
                     "the backup lets the address go")
            wait_for(lambda: hosts["d2"].sysctl(SETTING) == was, 5,
                     "accept_local as it was")
        owner.stop()
        expect(hosts["d1"].holds(OWN), "the owner's address outlives us")


run(main)
