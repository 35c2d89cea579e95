#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What happens to held addresses and their interfaces, and what is said of it.

Somebody removes a held address; a reload takes an instance away; the link of a
second interface has no carrier, or is down; a hardware address changes.
"""

import os
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, tshark
from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 200ms
    nodes: [d1, d2]
    addresses: [10.0.0.100/32, {address: 10.0.1.100/24, interface: eth1}]
"""
SECOND = """
  second:
    interface: eth0
    vrid: 8
    interval: 200ms
    nodes: [d1, d2]
    addresses: [10.0.0.101/32]
"""
REMOVALS = 40
FAULT = "interface eth1 has no carrier"


def log(director, daemon):
    return director.daemons[daemon].process.output()


def removed_by_others(director, host):
    """Put back at once, each time; said, and not for ever."""
    before = log(director, "ipvsd")
    for _ in range(REMOVALS):
        host.ip("addr del 10.0.1.100/24 dev eth1")
        wait_for(lambda: host.holds("10.0.1.100"), 5, "it is put back")
    lines = [line for line in log(director, "ipvsd")[len(before):].splitlines()
             if "10.0.1.100" in line]
    equal(len(lines), 5, f"lines about {REMOVALS} removals: {lines}")
    expect(all(line.endswith("eth1: 10.0.1.100/24 was removed by somebody "
                             "else, and is put back") for line in lines),
           f"lines: {lines}")
    equal(director.instance("web")["become_master"], 1, "still master")
    step(f"removed by others {REMOVALS} times: put back, {len(lines)} lines")


def taken_by_a_reload(one, two):
    for director in (one, two):
        director.write_config(CONFIG + SECOND)
        director.ask("reload")
    one.wait_state("second", "master")
    two.wait_state("second", "backup")
    before = {director: log(director, "vrrpd") for director in (one, two)}
    one.write_config(CONFIG)
    one.ask("reload")
    two.wait_state("second", "master")
    lines = [line for line in log(one, "vrrpd")[len(before[one]):].splitlines()
             if "vrrp second: " in line]
    expect(any("master -> leaving, no longer configured so" in line
               for line in lines), f"why it leaves: {lines}")
    expect(not any("ipvsd is leaving" in line for line in lines),
           f"ipvsd stays: {lines}")
    step("an instance that a reload takes away says so")
    two.write_config(CONFIG)
    two.ask("reload")


def carrier_lost(one, two, hosts):
    """Of an address's interface, not of the instance's."""
    cable = hosts[0].cables["eth1"]
    cable.pull()
    two.wait_state("web", "master")
    one.wait_state("web", "backup")
    wait_for(lambda: one.instance("web")["reason"].endswith(
        f"heard, but {FAULT}"), 5, "why d1 stays backup")
    held = two.instance("web")["become_master"]
    # It leaves the other one alone for as long as that lasts.
    sent = two.instance("web")["adverts_tx"]
    wait_for(lambda: two.instance("web")["adverts_tx"] > sent + 20, 10,
             "time passes")
    equal(two.instance("web")["become_master"], held, "d2 stayed master")
    cable.plug()
    one.wait_state("web", "master")
    two.wait_state("web", "backup")
    step("no carrier on a second interface: handed over, and back")


def carrier_lost_of_backup(two, hosts):
    """It stays what it is, and says what would become of it as master."""
    cable = hosts[1].cables["eth1"]
    cable.pull()
    wait_for(lambda: two.instance("web")["reason"].endswith(
        f"heard from 10.0.0.11; {FAULT}"), 5, "what is wrong with the backup")
    equal(two.instance("web")["state"], "backup", "d2")
    cable.plug()
    wait_for(lambda: FAULT not in two.instance("web")["reason"], 5,
             "nothing is wrong with it any more")
    step("no carrier on a backup's second interface: told")


def carrier_lost_alone(one, two, hosts):
    """Nobody takes over: what is held on the other interface stays."""
    two.stop()
    removals = log(one, "ipvsd").count("removed")
    cable = hosts[0].cables["eth1"]
    cable.pull()
    wait_for(lambda: one.instance("web")["reason"]
             == f"nobody took over, though {FAULT}", 5, "d1 goes on")
    one.wait_state("web", "master")
    expect(FAULT in one.ask("status").stdout, "status says so")
    sent = one.instance("web")["adverts_tx"]
    wait_for(lambda: one.instance("web")["adverts_tx"] > sent + 20, 10,
             "time passes")
    equal(log(one, "vrrpd").count("master -> leaving, " + FAULT), 2,
          "attempts to hand over")
    equal(log(one, "ipvsd").count("removed"), removals, "removed addresses")
    cable.plug()
    step("the same alone: goes on as master, its addresses stay")


def interface_down(one, hosts):
    """Alone, and ipvsd refuses: it asks less and less often."""
    hosts[0].ip("link set eth1 down")
    times = []      # each attempt that is refused sends priority 0
    before = one.instance("web")["priority_zero_tx"]

    def attempts():
        while one.instance("web")["priority_zero_tx"] > before + len(times):
            times.append(time.monotonic())
        return len(times)
    wait_for(lambda: attempts() >= 5, 30, "refused again and again")
    times = times[1:]       # the first is that of the master itself
    waits = [b - a for a, b in zip(times, times[1:])]
    expect(waits[1] > 1.5 * waits[0] and waits[2] > 1.5 * waits[1],
           f"each waits longer: {waits}")
    hosts[0].ip("link set eth1 up")
    one.wait_state("web", "master", 4)
    step("a second interface is down: asks less and less, and at once when up")


def announced(capture, mac, address):
    return len(tshark(capture.path, f"arp.isgratuitous && eth.src == {mac} && "
                      f"arp.src.proto_ipv4 == {address}"))


def another_mac(net, one, lans, hosts):
    """Of either interface of an address: all is announced anew."""
    for place, mac in ((0, "02:00:00:00:77:01"), (1, "02:00:00:00:77:02")):
        capture = Capture(lans[place], "br0", f"mac{place}")
        net.defer(capture.stop)
        hosts[0].ip(f"link set eth{place} address {mac}")
        wait_for(lambda: announced(capture, mac, f"10.0.{place}.100") >= 5, 10,
                 f"eth{place}: a burst with the new address", interval=0.2)
    equal(one.instance("web")["state"], "master", "d1")
    step("another hardware address: announced anew")


def main():
    with Net() as net:
        lans = [net.lan("lan", capture=False), net.lan("second", capture=False)]
        hosts = [net.host("d1"), net.host("d2")]
        for number, host in enumerate(hosts, 11):
            for place, lan in enumerate(lans):
                host.connect(lan, f"eth{place}", f"10.0.{place}.{number}/24")
        one, two = (Director(net, host, CONFIG) for host in hosts)
        one.start()
        one.wait_state("web", "master")
        two.start()
        two.wait_state("web", "backup")
        removed_by_others(one, hosts[0])
        taken_by_a_reload(one, two)
        another_mac(net, one, lans, hosts)
        carrier_lost(one, two, hosts)
        carrier_lost_of_backup(two, hosts)
        carrier_lost_alone(one, two, hosts)
        interface_down(one, hosts)


run(main)
