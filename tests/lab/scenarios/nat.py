#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""NAT over TCP and UDP, IPv4 and IPv6, direct routing over IPv6; settings.

What vipctl shows of the table is compared with what ipvsadm shows, and so are
the time-outs, the options and the synchronisation daemons of both directors.
"""

import collections
import os
import socket
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from probe import answer_on
from scenario import equal, run, step
from suite import Director
from waiting import wait_for
from web import WebServer, requests, take_ports

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
ipvs:
  timeouts: {tcp: 20m, tcp_fin: 1m, udp: 3m}
  sync: {interface: eth0, id: 10, vrrp: front}
  options:
    expire_nodest_conn: false
    expire_quiescent_template: true
    conntrack: true
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: {d1: 200, d2: 100}
    addresses:
      - 10.0.0.100/24
      - {address: 10.0.1.1/24, interface: eth1}
  front6:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: {d1: 200, d2: 100}
    addresses:
      - "fe80::100/64"
      - "2001:db8::100/64"
      - "2001:db8::101/64"
      - {address: "2001:db8:1::1/64", interface: eth1}
checks:
  web: {type: tcp, port: 8080, interval: 1s, timeout: 800ms}
services:
  nat:
    address: 10.0.0.100:80
    scheduler: rr
    forward: nat
    check: web
    servers: ["10.0.1.21:8080", "10.0.1.22:8080"]
  hashed:
    address: 10.0.0.100:81
    scheduler: mh
    flags: [mh-port]
    forward: nat
    persistence: {timeout: 5m}
    check: web
    servers: ["10.0.1.21:8080", {address: "10.0.1.22", port: 8080, weight: 3}]
  datagrams:
    address: 10.0.0.100:53
    protocol: udp
    scheduler: rr
    forward: nat
    check: web
    servers: ["10.0.1.21:7007", "10.0.1.22:7007"]
  nat6:
    address: "[2001:db8::100]:80"
    scheduler: wrr
    forward: nat
    check: web
    servers: ["[2001:db8:1::21]:8080", "[2001:db8:1::22]:8080"]
  datagrams6:
    address: "[2001:db8::100]:53"
    protocol: udp
    scheduler: rr
    forward: nat
    check: web
    servers: ["[2001:db8:1::21]:7007", "[2001:db8:1::22]:7007"]
  direct6:
    address: "[2001:db8::101]:80"
    scheduler: rr
    forward: direct
    check: {type: tcp, interval: 1s, timeout: 800ms}
    servers: ["2001:db8::23", "2001:db8::24"]
"""
OPTIONS = {"expire_nodest_conn": "0", "expire_quiescent_template": "1",
           "conntrack": "1", "sloppy_tcp": "1"}
BACK, FRONT = {"s1": 5, "s2": 5}, {"s3": 5, "s4": 5}


def director(net, front, back, name, last):
    host = net.host(name)
    host.connect(front, "eth0", f"10.0.0.{last}/24", f"2001:db8::{last}/64")
    host.connect(back, "eth1", f"10.0.1.{last}/24", f"2001:db8:1::{last}/64")
    host.sysctls({"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1})
    return Director(net, host, CONFIG)


def natted_server(net, back, name, last):
    """Its way out is the director that translates."""
    host = net.host(name)
    host.connect(back, "eth0", f"10.0.1.{last}/24", f"2001:db8:1::{last}/64")
    host.ip("route add default via 10.0.1.1",
            "route add ::/0 via 2001:db8:1::1")
    WebServer(host, 8080)
    answer_on(host)


def direct_server(net, front, name, last):
    host = net.host(name)
    host.connect(front, "eth0", f"2001:db8::{last}/64")
    host.ip("addr add 2001:db8::101/128 dev lo")
    WebServer(host)


def datagrams(client, address, count):
    """Who answers, each datagram from a port of its own."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    answers = collections.Counter()
    first = take_ports(count)
    for port in range(first, first + count):
        with client.network():
            asker = socket.socket(family, socket.SOCK_DGRAM)
        with asker:
            asker.settimeout(5)
            asker.bind(("", port))
            asker.connect((address, 53))
            asker.send(b"who")
            answers[asker.recv(100).decode().split()[1]] += 1
    return dict(answers)


def forwarded(client):
    for url, wanted in (("http://10.0.0.100/", BACK),
                        ("http://[2001:db8::100]/", BACK),
                        ("http://[2001:db8::101]/", FRONT)):
        answers = requests(client, url, 10)
        step(f"{url}: {answers}")
        equal(answers.failures, [], f"{url}: failures")
        equal(dict(answers.by_server), wanted, f"{url}: who answered")
    for address in ("10.0.0.100", "2001:db8::100"):
        equal(datagrams(client, address, 10), BACK,
              f"{address}, UDP: who answered")
    answers = requests(client, "http://10.0.0.100:81/", 10)
    equal(len(answers.by_server), 1, "servers of a persistent client")
    equal(answers.failures, [], "failures")


def rows(text):
    """{service: {"": its words, server: its words}}, of either program."""
    found, current = {}, None
    for words in map(str.split, text.splitlines()):
        if words[:1] in (["TCP"], ["UDP"]):
            current = found[" ".join(words[:2])] = {"": words[2:]}
        elif words[:1] == ["->"] and current is not None:
            current[words[1]] = words[2:]
    return found


def judged(host, *options):
    """As ipvsadm says it."""
    return rows(host.run("ipvsadm", "-Ln", *options).stdout)


def ours(directed, *options):
    """Without what ipvsadm does not have: role and instance, health, why."""
    found = rows(directed.ask("show", "services", *options).stdout)
    if not options:
        for service in found.values():
            for name, words in service.items():
                service[name] = words[:4] if name else words[:-2]
    return found


def same_table(directed):
    host = directed.host
    heads = directed.ask("show", "services").stdout.splitlines()[:2]
    equal(heads[0].split()[:4],
          ["Prot", "LocalAddress:Port", "Scheduler", "Flags"], "columns")
    equal(heads[1].split()[:6],
          ["->", "RemoteAddress:Port", "Forward", "Weight", "ActiveConn",
           "InActConn"], "columns of servers")
    for words, theirs in (((), ()), (("--stats",), ("--stats", "--exact"))):
        def same():
            judge, found = judged(host, *theirs), ours(directed, *words)
            equal(len(judge), 6, "services")
            equal(found, judge, "the table")
            return True
        wait_for(same, 20, f"{host.name}: vipctl and ipvsadm agree")


def daemons(host):
    """The first word and the rest of each line of ipvsadm."""
    lines = host.run("ipvsadm", "-L", "--daemon").stdout.splitlines()
    return {line.split()[0]: line for line in lines}


def wait_daemons(master, backup):
    for directed, role in ((master, "master"), (backup, "backup")):
        def same():
            found = daemons(directed.host)
            equal(list(found), [role], "daemons")
            for part in ("mcast=eth0", "syncid=10"):
                assert part in found[role], found[role]
            return True
        wait_for(same, 20, f"{directed.host.name}: sync daemon {role}")


def settings(directed):
    host = directed.host
    equal(host.run("ipvsadm", "-Ln", "--timeout").stdout.split(":")[1].split(),
          ["1200", "60", "180"], f"{host.name}: time-outs")
    equal({name: host.sysctl(f"net.ipv4.vs.{name}") for name in OPTIONS},
          OPTIONS, f"{host.name}: options")


def wait_all_up(directed):
    wait_for(lambda: {row["health"] for row
                      in directed.vipctl("show", "checks")} == {"up"},
             30, f"{directed.host.name}: all up")


def main():
    with Net() as net:
        front, back = net.lan("front"), net.lan("back")
        one = director(net, front, back, "d1", 11)
        two = director(net, front, back, "d2", 12)
        client = net.host("client")
        client.connect(front, "eth0", "10.0.0.3/24", "2001:db8::3/64")
        for name, last in (("s1", 21), ("s2", 22)):
            natted_server(net, back, name, last)
        for name, last in (("s3", 23), ("s4", 24)):
            direct_server(net, front, name, last)
        before = {name: one.host.sysctl(f"net.ipv4.vs.{name}")
                  for name in OPTIONS}
        step("directors")
        for directed in (one, two):
            directed.launch()
        for directed in (one, two):
            directed.wait_ready()
        for name in ("front", "front6"):
            one.wait_state(name, "master")
            two.wait_state(name, "backup")
        for directed in (one, two):
            wait_all_up(directed)
        forwarded(client)
        equal(ipvs.table(one.host)["TCP 10.0.0.100:81"].flags,
              ["(mh-fallback,mh-port)", "persistent", "300"], "flags of mh")
        step("vipctl and ipvsadm")
        same_table(one)
        same_table(two)
        step("settings and synchronisation daemons")
        for directed in (one, two):
            settings(directed)
        wait_daemons(one, two)

        step("resign")
        for name in ("front", "front6"):
            one.ask("resign", name)
            two.wait_state(name, "master")
            one.wait_state(name, "backup")
        wait_daemons(two, one)
        forwarded(client)
        same_table(two)
        step("stop")
        for directed in (one, two):
            directed.stop()
            equal(ipvs.table(directed.host), {}, "services afterwards")
            equal(daemons(directed.host), {}, "daemons afterwards")
        equal({name: one.host.sysctl(f"net.ipv4.vs.{name}")
               for name in OPTIONS}, before, "options afterwards")


if __name__ == "__main__":
    run(main)
