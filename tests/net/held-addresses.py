#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What happens to held addresses and their interfaces, and what is said of it.

Somebody removes a held address; a reload takes an instance away.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

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


run(main)
