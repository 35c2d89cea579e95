#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Interfaces that a container's kernel lacks: in a VRF, and a bond.

With net.ipv4.raw_l3mdev_accept=0 nothing of a VRF is heard: nobody becomes
master beside another one, and it is said. A bond that fails over to its other
port announces the addresses there.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

from capture import Capture, arp_senders
from net import Net
from scenario import Skip, equal, expect, run, step
from suite import Director, one_instance
from waiting import wait_for

DEAF = ("addresses not held: net.ipv4.raw_l3mdev_accept is 0: adverts in a "
        "VRF are not heard")
CONFIG = one_instance("1s")
VIRTUAL = "10.0.0.100"


def make(host, *commands):
    """With what ip(8) makes, if the kernel can."""
    done = host.run("ip", *commands, check=False)
    if done.returncode:
        raise Skip(f"{' '.join(commands)}: {done.stderr.strip()}")


def vrf():
    with Net() as net:
        lan = net.lan(capture=False)
        hosts = [net.host("d1"), net.host("d2")]
        for number, host in enumerate(hosts, 11):
            make(host, "link", "add", "red", "type", "vrf", "table", "10")
            host.connect(lan, "eth0")
            host.ip("link set red up", "link set eth0 master red",
                    f"addr add 10.0.0.{number}/24 dev eth0")
        hosts[1].sysctl("net.ipv4.raw_l3mdev_accept", 0)
        one, two = (Director(net, host, CONFIG) for host in hosts)
        one.start()
        one.wait_state("web", "master", 30)
        two.start()
        wait_for(lambda: two.instance("web")["reason"] == DEAF, 30, "d2 says it")
        expect(DEAF in two.ask("status").stdout, "status says it")
        equal((one.instance("web")["state"], hosts[1].holds(VIRTUAL)),
              ("master", False), "who has the address")
        text = ("eth0 is in a VRF, and no advert is heard there: sysctl -w "
                "net.ipv4.raw_l3mdev_accept=1 [warning: vrf-unheard]")
        for words in (["reload"], ["check", "-N", "d2", two.config]):
            said = two.ask(*words).stdout
            equal(said.count(text), 1, f"{words}: {said}")
        expect("vrf" not in one.ask("reload").stdout, "where it is heard")
        hosts[1].sysctl("net.ipv4.raw_l3mdev_accept", 1)
        wait_for(lambda: "heard" in two.instance("web")["reason"] and
                 two.instance("web")["master"] == "10.0.0.11", 30, "d2 hears")
        equal(one.instance("web")["become_master"], 1, "d1 all the time")
        step("a VRF that is not heard is said")


def bond():
    with Net() as net:
        lans = [net.lan("lan", capture=False), net.lan("other", capture=False)]
        host = net.host("d1")
        make(host, "link", "add", "eth0", "type", "bond", "mode",
             "active-backup", "miimon", "50")
        for place, lan in enumerate(lans):
            host.connect(lan, f"port{place}")
            host.ip(f"link set port{place} down",
                    f"link set port{place} master eth0")
        host.ip("link set eth0 up", "addr add 10.0.0.11/24 dev eth0")
        director = Director(net, host, CONFIG).start()
        director.wait_state("web", "master", 30)
        # The bursts of the new master are over.
        wait_for(lambda: director.instance("web")["since_ms"] > 6000, 20,
                 "time passes")
        capture = Capture(lans[1], "br0", "bond")
        net.defer(capture.stop)
        host.cables["port0"].pull()
        # The kernel announces an address once by itself.
        wait_for(lambda: arp_senders(capture.path, host.mac("eth0"))
                 .count(VIRTUAL) >= 5, 20, "a burst on the other port")
        equal(director.instance("web")["become_master"], 1, "master")
        step("a bond fails over: announced there")


def main():
    vrf()
    bond()


run(main)
