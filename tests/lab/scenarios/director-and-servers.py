#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A director pair in front of hosts that are real servers only.

There ipvsd puts the virtual address on lo, as /32 whatever its prefix, and
keeps it from ARP, until it is stopped.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from capture import arp_senders
from net import Net
from probe import arp_owners
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for
from web import Requester, WebServer, requests

CONFIG = """
nodes:
  d1: 10.0.0.11
  d2: 10.0.0.12
  s1: 10.0.0.21
  s2: 10.0.0.22
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: {d1: 200, d2: 100}
    addresses: [10.0.0.100/24]
services:
  http:
    address: 10.0.0.100:80
    forward: direct
    scheduler: mh
    vrrp: front
    check:
      type: http
      path: /healthz
      expect: {status: [200, 204], body: "ok"}
      interval: 1s
      timeout: 500ms
      rise: 2
      fall: 3
    servers: [s1, s2]
"""
ADDRESS = "10.0.0.100"
SERVICE = f"TCP {ADDRESS}:80"
URL = f"http://{ADDRESS}/"
SERVER_OF = {"s1": "10.0.0.21:80", "s2": "10.0.0.22:80"}
SERVERS = {address: 1 for address in SERVER_OF.values()}
# Of s2, to be seen again afterwards; announce is higher than asked for.
BEFORE = {"arp_ignore": "0", "arp_announce": "1"}


def arp_settings(host, interface):
    """What the kernel uses is the maximum of "all" and the interface's."""
    return {name: max(int(host.sysctl(f"net.ipv4.conf.{scope}.{name}"))
                      for scope in ("all", interface)) for name in BEFORE}


def check_real_server(host, client, master):
    equal([address for address in host.addresses("lo", family="inet")
           if address.startswith(ADDRESS)], [f"{ADDRESS}/32"],
          f"{host.name}: the address on lo")
    equal(arp_settings(host, "eth0"), {"arp_ignore": 1, "arp_announce": 2},
          f"{host.name}: ARP settings")
    # Sending from the address, with nothing in the cache, makes it ask.
    host.ip("neigh flush all")
    host.run("ping", "-c1", "-W1", "-I", ADDRESS, "10.0.0.3", check=False)
    equal(arp_owners(client, "eth0", ADDRESS), [master.mac("eth0")],
          "who answers ARP for the address")


def no_arp_from(lan, host):
    """In no ARP packet did the host say that the address is its own."""
    senders = arp_senders(lan.capture.path, host.mac("eth0"))
    expect(senders, f"{host.name} sent no ARP at all")
    expect(ADDRESS not in senders, f"{host.name} used it in ARP")


def later_interface(net, lan, host):
    """An interface that comes later gets the settings too."""
    host.connect(lan, "eth7", "10.0.7.1/24")
    wait_for(lambda: arp_settings(host, "eth7") ==
             {"arp_ignore": 1, "arp_announce": 2}, 10,
             f"{host.name}: ARP settings of eth7")


def check_service(directors, client, master):
    for director in directors:
        ipvs.wait_weights(director.host, SERVICE, SERVERS, 20)
        service = ipvs.table(director.host)[SERVICE]
        equal(service.scheduler, "mh", "scheduler")
        equal(service.flags, ["(mh-fallback)"], "flags")
    answers = requests(client, URL, 20)
    step(f"{master}: {answers}")
    equal(answers.failures, [], "failures")


def a_sick_server(directors, client, webs):
    """One that says 503 but still answers: no request is lost.

    It is the one that mh sends this client to.
    """
    sick, = requests(client, URL, 1).by_server
    well, = set(webs) - {sick}
    requester = Requester(client, URL)
    webs[sick].set_healthy(False)
    for director in directors:
        ipvs.wait_weights(director.host, SERVICE,
                          {**SERVERS, SERVER_OF[sick]: 0}, 20)
    answers = requests(client, URL, 10)
    equal(dict(answers.by_server), {well: 10}, f"who answers without {sick}")
    webs[sick].set_healthy(True)
    for director in directors:
        ipvs.wait_weights(director.host, SERVICE, SERVERS, 20)
    equal(dict(requests(client, URL, 10).by_server), {sick: 10},
          "who answers afterwards")
    equal(requester.stop().failures, [], "failures meanwhile")


def leave(host, server, before):
    server.stop("ipvsd", number=signal.SIGTERM)
    expect(not host.holds(ADDRESS), f"{host.name}: the address is still there")
    for name, value in before.items():
        equal(host.sysctl(f"net.ipv4.conf.eth0.{name}"), value,
              f"{host.name}: {name} afterwards")


def main():
    with Net() as net:
        lan = net.lan()
        hosts = {name: net.host(name) for name in ("d1", "d2", "s1", "s2")}
        for name, last in (("d1", 11), ("d2", 12), ("s1", 21), ("s2", 22)):
            hosts[name].connect(lan, "eth0", f"10.0.0.{last}/24")
        client = net.host("client")
        client.connect(lan, "eth0", "10.0.0.3/24")
        for name, value in BEFORE.items():
            hosts["s2"].sysctl(f"net.ipv4.conf.eth0.{name}", value)
        webs = {name: WebServer(hosts[name]) for name in ("s1", "s2")}

        step("real servers: ipvsd alone on s1, all three daemons on s2")
        suites = {name: Director(net, host, CONFIG)
                  for name, host in hosts.items()}
        suites["s1"].start("ipvsd")
        suites["s2"].start()
        step("directors")
        directors = [suites["d1"].launch(), suites["d2"].launch()]
        for director in directors:
            director.wait_ready()
        suites["d1"].wait_state("front", "master")
        expect(f"{ADDRESS}/24" in hosts["d1"].addresses("eth0"),
               "d1: not with the file's prefix")
        check_service(directors, client, "d1")

        step("no ARP from the real servers")
        for name in ("s1", "s2"):
            check_real_server(hosts[name], client, hosts["d1"])
        later_interface(net, lan, hosts["s1"])
        step("a sick server")
        a_sick_server(directors, client, webs)

        step("d1 loses its cable")
        hosts["d1"].cables["eth0"].pull()
        suites["d2"].wait_state("front", "master")
        answers = requests(client, URL, 20)
        step(f"d2: {answers}")
        equal(answers.failures, [], "failures")
        hosts["d1"].cables["eth0"].plug()
        suites["d1"].wait_state("front", "master")
        check_service(directors, client, "d1 again")

        step("SIGTERM on the real servers")
        for name in ("s1", "s2"):
            no_arp_from(lan, hosts[name])
        leave(hosts["s1"], suites["s1"], {"arp_ignore": "0",
                                          "arp_announce": "0"})
        leave(hosts["s2"], suites["s2"], BEFORE)


if __name__ == "__main__":
    run(main)
