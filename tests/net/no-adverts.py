#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A firewall on the preferred director drops the adverts that it sends.

It hears the other one and would take over again and again, each time as a
second owner. It must give way, say why, and come back when it is heard again.
"""

import os
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import arp_senders
from judge import AddressMonitor
from net import Net
from scenario import equal, expect, run, step
from suite import Director, one_instance
from waiting import wait_for

VIRTUAL = "10.0.0.100"
CONFIG = one_instance("200ms")
DROP = ("add table ip test; add chain ip test output "
        "{ type filter hook output priority 0; }; "
        "add rule ip test output ip protocol 112 drop")
WATCHED = 8


def main():
    with Net() as net:
        lan = net.lan()
        hosts = [net.host("d1"), net.host("d2")]
        for number, host in enumerate(hosts, 11):
            host.connect(lan, "eth0", f"10.0.0.{number}/24")
        first, second = (Director(net, host, CONFIG).start()
                         for host in hosts)
        first.wait_state("web", "master")
        hosts[0].run("nft", DROP)
        second.wait_state("web", "master")
        wait_for(lambda: not hosts[0].holds(VIRTUAL), 5, "d1 lets it go")
        reason = first.instance("web")["reason"]
        expect("no advert could be sent" in reason, reason)

        step(f"{WATCHED} s beside a master")
        announced = arp_senders(lan.capture.path, hosts[0].mac("eth0"))
        monitor = AddressMonitor(hosts[0])
        turns = first.instance("web")["become_master"]
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > WATCHED, WATCHED + 5,
                 "time to pass")
        more = first.instance("web")["become_master"] - turns
        # After 1.3, 2.6, 5.2 s and the Active_Down_Interval each.
        expect(more <= 3, f"it took over {more} times")
        changes = monitor.changes()
        equal(len(changes), 2 * more, f"changes of addresses: {changes}")
        equal(arp_senders(lan.capture.path, hosts[0].mac("eth0")), announced,
              "ARP announcements of d1")
        second.wait_state("web", "master")

        step("it may send again")
        hosts[0].run("nft", "delete table ip test")
        first.wait_state("web", "master", 60)
        second.wait_state("web", "backup")


run(main, limit=0.2)
