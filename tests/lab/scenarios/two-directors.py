#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Two hosts, each director and real server of one directly routed address.

Half of the requests reach each web server whichever host is the master: the
backup does not balance again what the master sent it.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from machine import judged
from net import Net
from probe import arp_owners
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for
from web import Requester, WebServer, requests

CONFIG = """
nodes:
  netology1: 192.168.1.43
  netology2: 192.168.1.44
vrrp:
  web:
    interface: eth1
    vrid: 1
    interval: 1s
    nodes: [netology1, netology2]
    addresses:
      - {address: 192.168.1.200/32, label: "eth1:200"}
services:
  web:
    address: 192.168.1.200:80
    protocol: tcp
    scheduler: rr
    forward: direct
    vrrp: web
    check: {type: tcp, interval: 6s, timeout: 3s}
    servers:
      - {address: 192.168.1.43, weight: 50}
      - {address: 192.168.1.44, weight: 50}
"""
ADDRESS = "192.168.1.200"
SERVICE = f"TCP {ADDRESS}:80"
OWN = {"netology1": "192.168.1.43:80", "netology2": "192.168.1.44:80"}
UNRELATED = "TCP 192.168.1.99:8080"
LEASE_AND_MORE = 15
ROUNDS = int(os.environ.get("TRIUMVIR_ROUNDS", 3))


class Node:
    """A host with its web server and its daemons."""

    def __init__(self, net, lan, name, address):
        self.name = name
        self.host = net.host(name)
        self.host.connect(lan, "eth1", f"{address}/24")
        self.web = WebServer(self.host)
        self.director = Director(net, self.host, CONFIG)

    def counted(self):
        return ipvs.connections(self.host)[SERVICE]


def check_master(master, backup, client):
    """What both hosts' kernels and the wire say when master is the master."""
    wait_for(lambda: f"{ADDRESS}/32 eth1:200" in
             master.host.addresses("eth1", label=True), LEASE_AND_MORE,
             f"{master.name}: the labelled address")
    wait_for(lambda: not backup.host.holds(ADDRESS, "eth1"), LEASE_AND_MORE,
             f"{backup.name}: eth1 without the address")
    ipvs.wait_weights(master.host, SERVICE,
                      {"192.168.1.43:80": 50, "192.168.1.44:80": 50}, 10)
    service = ipvs.table(master.host)[SERVICE]
    equal(service.scheduler, "rr", "scheduler")
    equal({server.forward for server in service.servers.values()}, {"Route"},
          "forwarding")
    expect(f"{ADDRESS}/32" in backup.host.addresses("lo"),
           f"{backup.name}: no address on lo")
    ipvs.wait_weights(backup.host, SERVICE, {
        OWN[master.name]: 0, OWN[backup.name]: 50}, 10)
    equal(arp_owners(client, "eth0", ADDRESS), [master.host.mac("eth1")],
          "who answers ARP for the address")


def check_requests(master, backup, client):
    """50 of 50, 25 a server, none balanced twice."""
    logs = [node.web.accesses() for node in (master, backup)]
    was = {node.name: node.counted() for node in (master, backup)}
    answers = requests(client, f"http://{ADDRESS}/", 50)
    step(f"master {master.name}: {answers}")
    equal(answers.failures, [], "failures")
    equal(dict(answers.by_server), {master.name: 25, backup.name: 25},
          "who answered")
    equal([node.web.accesses() - before
           for node, before in zip((master, backup), logs)], [25, 25],
          "new lines in the access logs")
    for server in OWN.values():
        ipvs.wait_counted(master.host, SERVICE, server,
                          was[master.name].get(server, 0) + 25)
    ipvs.wait_counted(backup.host, SERVICE, OWN[backup.name],
                      was[backup.name].get(OWN[backup.name], 0) + 25)
    equal(backup.counted().get(OWN[master.name], 0),
          was[backup.name].get(OWN[master.name], 0),
          f"connections that {backup.name} sent back")


def check(master, backup, client):
    check_master(master, backup, client)
    check_requests(master, backup, client)


def resigned(one, two, client):
    step("resign")
    one.director.ask("resign", "web")
    two.director.wait_state("web", "master")
    one.director.wait_state("web", "backup")
    check(two, one, client)


def handed_back(one, two, client):
    one.director.wait_state("web", "master")
    two.director.wait_state("web", "backup")
    check(one, two, client)


def to_and_fro(one, two, client):
    """However many requests come meanwhile, hand-overs cost none but those
    under way, which the new master does not know: this cluster has no
    ipvs.sync. The two never balance at the same time, so none goes to and fro
    until its hops are used up."""
    step(f"{ROUNDS} hand-overs there and back under requests")
    requesters = [Requester(client, f"http://{ADDRESS}/", pause=0)
                  for _ in range(3)]
    for _ in range(ROUNDS):
        one.director.ask("resign", "web")
        two.director.wait_state("web", "master")
        one.director.wait_state("web", "backup")
        one.director.ask("enable", "-i", "web")
        one.director.wait_state("web", "master")
        two.director.wait_state("web", "backup")
    found = [requester.stop() for requester in requesters]
    step(f"{sum(len(answers.requests) for answers in found)} requests")
    for answers in found:
        reset = [text for text in answers.failures if "Errno 104" in text]
        equal(answers.failures, reset, "failures")
        expect(len(reset) <= 2 * ROUNDS, f"{len(reset)} requests were reset")


def killed(one, two, client):
    """The master's vrrpd and checkd die, its web server lives."""
    step("vrrpd and checkd killed: ipvsd sees the lease end")
    one.director.kill("vrrpd", "checkd")
    two.director.wait_state("web", "master")
    check(two, one, client)
    one.director.start("vrrpd", "checkd")
    one.director.wait_state("web", "master")
    two.director.wait_state("web", "backup")


def all_killed(one, two, client):
    """Until its address lapses the kernel goes on with what it is sent, so
    only then, and with ipvsd back, all is well."""
    step("all killed: the kernel lets the address go by itself")
    one.director.kill()
    two.director.wait_state("web", "master")
    wait_for(lambda: not one.host.holds(ADDRESS, "eth1"), LEASE_AND_MORE,
             "netology1 without the address on eth1")
    equal(arp_owners(client, "eth0", ADDRESS), [two.host.mac("eth1")],
          "who answers ARP for the address")
    step("ipvsd is back alone")
    one.director.start("ipvsd")
    # Its term of before is in its files, but another host is the master now.
    expect(not one.host.holds(ADDRESS, "eth1"),
           "netology1 has put the address back")
    check(two, one, client)
    one.director.start("vrrpd", "checkd")


def add_unrelated(node):
    node.host.run("ipvsadm", "-A", "-t", "192.168.1.99:8080", "-s", "rr")
    node.host.run("ipvsadm", "-a", "-t", "192.168.1.99:8080", "-r",
                  "192.168.1.43:8080", "-g")


def main():
    with Net() as net:
        lan = net.lan()
        one = Node(net, lan, "netology1", "192.168.1.43")
        two = Node(net, lan, "netology2", "192.168.1.44")
        client = net.host("netology3")
        client.connect(lan, "eth0", "192.168.1.45/24")
        step("the daemons")
        for node in (one, two):
            node.director.launch()
        for node in (one, two):
            node.director.wait_ready()
        step("the preferred director")
        handed_back(one, two, client)
        resigned(one, two, client)
        step("hand-back")
        one.director.ask("enable", "-i", "web")
        handed_back(one, two, client)
        # The new master balances 50 ms after it holds the address: by then
        # the former one has heard it, if both were there.
        with judged(0.05):
            to_and_fro(one, two, client)
        killed(one, two, client)

        step("both kernels hold another, unrelated service")
        for node in (one, two):
            add_unrelated(node)
        all_killed(one, two, client)
        step("hand-back")
        handed_back(one, two, client)
        resigned(one, two, client)
        for node in (one, two):
            expect(UNRELATED in ipvs.table(node.host),
                   f"{node.name}: the other service is gone")

        step("SIGTERM: everything as it was")
        for node in (one, two):
            node.director.stop(number=signal.SIGTERM)
            equal(list(ipvs.table(node.host)), [UNRELATED],
                  f"{node.name}: services")
            expect(not node.host.holds(ADDRESS), f"{node.name} holds it still")


if __name__ == "__main__":
    run(main)
