#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""VRRP on the wire: two of our vrrpd, each with a played ipvsd, and keepalived.

In each form (version 2 and 3, IPv4 in both checksum dialects, IPv6) two routers
elect a master, the other takes over when the master is killed, and the wire is
judged by tshark: nothing malformed, no bad checksum, TTL 255, DSCP CS6, the
announcements as the RFCs have them.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, assert_no_malformed, tshark
from fake_ipvsd import FakeIpvsd, Instance
from net import Net
from peers import keepalived
from scenario import equal, expect, run, step
from waiting import wait_for

ADDRESS = {4: "192.168.1.200", 6: "2001:db8::200"}
LOCAL = "fe80::200"

CONFIG = """
nodes:
  d1: 192.168.1.1
  d2: 192.168.1.2
vrrp:
  web:
    interface: eth0
    vrid: 7
    version: {version}
    checksum: {checksum}
    interval: {interval}
    nodes: {{d1: 200, d2: 100}}
    garp: {{count: 2, repeat_after: 0s}}
    addresses: {addresses}
"""

KEEPALIVED = """
vrrp_instance web {{
    interface eth0
    virtual_router_id 7
    priority {priority}
    advert_int {seconds}
    version {version}
    virtual_ipaddress {{
        {addresses}
    }}
}}
"""


class Form:
    """A kind of advert, and the words for it in each program's language."""

    def __init__(self, name, version, family, milliseconds,
                 checksum="rfc5798"):
        self.name = name
        self.version, self.family = version, family
        self.milliseconds, self.checksum = milliseconds, checksum
        addresses = [f"{ADDRESS[family]}/{32 if family == 4 else 128}"]
        if family == 6:
            addresses.insert(0, f"{LOCAL}/64")
        self.addresses = addresses
        self.address = ADDRESS[family]
        self.instances = [Instance(0, milliseconds, [
            (address, "eth0") for address in addresses])]
        self.config = CONFIG.format(
            version=version, checksum=checksum,
            interval=f"{milliseconds}ms", addresses=str(addresses))

    def keepalived(self, priority):
        return KEEPALIVED.format(
            priority=priority, seconds=self.milliseconds / 1000
            if self.version == 3 else self.milliseconds // 1000,
            version=self.version, addresses="\n        ".join(
                f"{address} dev eth0" for address in self.addresses))

    def active_down(self, priority):
        """Active_Down_Interval in seconds, RFC 9568 6.1 and RFC 3768 6.1."""
        interval = self.milliseconds / 1000
        skew = ((256 - priority) / 256 *
                (interval if self.version == 3 else 1))
        return 3 * interval + skew


FORMS = [
    Form("v3-ipv4", 3, 4, 200),
    Form("v3-ipv4-rfc9568", 3, 4, 200, "rfc9568"),
    Form("v3-ipv6", 3, 6, 200),
    Form("v2-ipv4", 2, 4, 1000),
]


def hosts(net):
    lan = net.lan()
    found = []
    for number in (1, 2):
        host = net.host(f"d{number}")
        host.connect(lan, "eth0", f"192.168.1.{number}/24",
                     f"2001:db8::{number}/64")
        found.append(host)
    return lan, *found


def wait_master(fake, form, other=None, deadline=10):
    """It is master, holds the address, and the other one does not."""
    def settled():
        return (fake.master() and fake.host.holds(form.address)
                and fake.state()["state"] == "master"
                and (other is None or not other.host.holds(form.address)))
    wait_for(settled, deadline, f"{fake.host.name} is master")


def judge_adverts(pcap, form):
    """Points 1 to 4, 9 to 11 and 17 of the checklist; how many there were."""
    count = assert_no_malformed(
        pcap, rfc9568_checksum=form.checksum == "rfc9568")
    fields = (("ip.ttl", "ip.dst", "ip.dsfield") if form.family == 4 else
              ("ipv6.hlim", "ipv6.dst", "ipv6.tclass"))
    group = "224.0.0.18" if form.family == 4 else "ff02::12"
    for ttl, destination, dscp, version in tshark(
            pcap, "vrrp", *fields, "vrrp.version"):
        equal((ttl, destination, int(dscp, 0), version),
              ("255", group, 0xc0, str(form.version)), "an advert's header")
    return count


def judge_arp(pcap, form, macs):
    """Points 69: broadcast, sender IP = target IP, both MACs the sender's."""
    frames = tshark(pcap, f"arp.src.proto_ipv4 == {form.address} && "
                    "arp.isgratuitous", "eth.src", "eth.dst", "arp.opcode",
                    "arp.src.hw_mac", "arp.dst.hw_mac", "arp.dst.proto_ipv4")
    for mac in macs:
        mine = [frame for frame in frames if frame[0] == mac]
        expect(len(mine) >= 2, f"gratuitous ARP of {mac}: {frames}")
        for frame in mine:
            equal(frame, [mac, "ff:ff:ff:ff:ff:ff", "1", mac, mac,
                          form.address], "a gratuitous ARP")


def judge_advertisements(pcap, form, macs):
    """Point 70: to all nodes, R=1 S=0 O=1, target link-layer address."""
    frames = tshark(
        pcap, f"icmpv6.nd.na.target_address == {form.address}", "eth.src",
        "ipv6.dst", "ipv6.hlim", "icmpv6.nd.na.flag.r",
        "icmpv6.nd.na.flag.s", "icmpv6.nd.na.flag.o",
        "icmpv6.opt.linkaddr", "icmpv6.checksum.status")
    for mac in macs:
        mine = [frame for frame in frames if frame[0] == mac]
        expect(len(mine) >= 2, f"advertisements of {mac}: {frames}")
        for frame in mine:
            equal(frame, [mac, "ff02::1", "255", "1", "0", "1", mac, "1"],
                  "an unsolicited advertisement")


def adverts_before_announcing(pcap, form, mac):
    """Point 54: the first advert, then the first announcement."""
    announced = ("arp.isgratuitous" if form.family == 4 else
                 f"icmpv6.nd.na.target_address == {form.address}")
    adverts = tshark(pcap, f"vrrp && eth.src == {mac}", "frame.number")
    frames = tshark(pcap, f"{announced} && eth.src == {mac}", "frame.number")
    expect(int(adverts[0][0]) < int(frames[0][0]),
           "announced before the first advert")


def pair(form):
    """Two of ours: election, the master killed, back, and a clean leave."""
    with Net() as net:
        lan, d1, d2 = hosts(net)
        capture = Capture(lan, "br0", form.name)
        two = FakeIpvsd(net, d2, form.config, form.instances)
        wait_master(two, form)
        step(f"{form.name}: alone, d2 is master")
        one = FakeIpvsd(net, d1, form.config, form.instances)
        wait_master(one, form, two)
        wait_for(lambda: two.state()["state"] == "backup", 5, "d2 is backup")
        equal(two.state()["master_priority"], 200, "the master's priority")
        expect(capability_free(one.process.pid), "capabilities are gone")
        step(f"{form.name}: d1 has preempted")
        one.process.kill()
        wait_master(two, form, one, form.active_down(100) + 2)
        step(f"{form.name}: d1 killed, d2 has taken over")
        equal(two.stop(), 0, "exit status after SIGTERM")
        wait_for(lambda: not d2.holds(form.address), 2, "address gone")
        path = capture.stop()
        step(f"{form.name}: {judge_adverts(path, form)} adverts are good")
        judge = judge_arp if form.family == 4 else judge_advertisements
        macs = [d1.mac("eth0"), d2.mac("eth0")]
        judge(path, form, macs)
        for mac in macs:
            adverts_before_announcing(path, form, mac)
        priorities = [row[0] for row in tshark(
            path, f"vrrp && eth.src == {macs[1]}", "vrrp.prio")]
        equal(priorities[-1], "0", "the last advert's priority")


def capability_free(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        lines = dict(line.split(":\t", 1) for line in status)
    return (all(int(lines[name], 16) == 0 for name in
                ("CapPrm", "CapEff", "CapInh", "CapAmb", "CapBnd"))
            and lines["NoNewPrivs"].strip() == "1"
            and "0" not in lines["Uid"].split())


def listening(host, form):
    """keepalived has just joined the group."""
    group = "224.0.0.18" if form.family == 4 else "ff02::12"
    return group in host.ip("maddr show dev eth0")


def with_keepalived(form):
    """keepalived as the stronger peer takes over, and we after it."""
    with Net() as net:
        lan, d1, d2 = hosts(net)
        capture = Capture(lan, "br0", f"{form.name}-keepalived")
        ours = FakeIpvsd(net, d2, form.config, form.instances)
        wait_master(ours, form)
        keepalived(net, d1, form.keepalived(150))
        wait_for(lambda: d1.holds(form.address)
                 and not d2.holds(form.address), 20, "keepalived took over")
        wait_for(lambda: ours.state()["state"] == "backup", 5,
                 "d2 is backup")
        step(f"{form.name}: keepalived has taken over")
        # All at once, else a child tidies up after its parent.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in d1.members():
                os.kill(pid, number)
        d1.ip(*[f"addr del {address} dev eth0"
                for address in form.addresses])
        wait_master(ours, form)
        step(f"{form.name}: keepalived fell silent, we have taken over")
        wait_for(lambda: not listening(d1, form), 5, "the group is left")
        peer = keepalived(net, d1, form.keepalived(50))
        wait_for(lambda: listening(d1, form), 20, "keepalived listens")
        expect(ours.master() and not d1.holds(form.address),
               "d2 is still master")
        equal(ours.stop(), 0, "exit status after SIGTERM")
        wait_for(lambda: d1.holds(form.address), 20,
                 "keepalived took over after priority 0")
        step(f"{form.name}: keepalived has followed our priority 0")
        peer.stop()
        path = capture.stop()
        assert_no_malformed(path, f"eth.src == {d2.mac('eth0')}",
                            form.checksum == "rfc9568")


def restart():
    """SIGUSR2 leaves the term: the next vrrpd goes on as master."""
    form = Form("restart", 3, 4, 1000)
    with Net() as net:
        _, d1, _ = hosts(net)
        ours = FakeIpvsd(net, d1, form.config, form.instances)
        wait_master(ours, form)
        equal(ours.stop(signal.SIGUSR2), 0, "exit status after SIGUSR2")
        expect(d1.holds(form.address), "the address stays")
        expect("RELEASE" not in [name for _, name, _ in ours.heard],
               "nothing was released")
        step("restart: the address stayed")


def main():
    wanted = sys.argv[1:]
    for form in FORMS:
        if not wanted or form.name in wanted:
            pair(form)
            if form.checksum == "rfc5798":
                with_keepalived(form)
    if not wanted or "restart" in wanted:
        restart()


run(main)
