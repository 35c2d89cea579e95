#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What persistence outlives, and what it does not.

A client stays with its server through a restart and a crash of each daemon and
through a reload. With `ipvs.sync` also through a change of director: the
kernel's templates are synchronised. Without it the director that takes over
has none, and clients may land elsewhere.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from suite import DAEMONS, Director
from waiting import wait_for
from web import WebServer, requests

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
ipvs:
  resync: 60s
SYNC
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
services:
  web:
    address: 10.0.0.100:80
    scheduler: rr
    forward: direct
    persistence: {timeout: 5m}
    check: {type: tcp, interval: 1s, timeout: 800ms}
    servers: [10.0.0.21, 10.0.0.22]
"""
ADDRESS = "10.0.0.100"
SERVICE = f"TCP {ADDRESS}:80"
BOTH = {"10.0.0.21:80": 1, "10.0.0.22:80": 1}


def config(sync):
    return CONFIG.replace("SYNC\n", "  sync: {interface: eth0, id: 1, "
                          "vrrp: front}\n" if sync else "")


class Lab:
    def __init__(self, net):
        lan = net.lan()
        self.one, self.two = [self._director(net, lan, name, last)
                              for name, last in (("d1", 11), ("d2", 12))]
        for last in (21, 22):
            server = net.host(f"s{last}")
            ipvs.direct_real_server(server, ADDRESS)
            server.connect(lan, "eth0", f"10.0.0.{last}/24")
            WebServer(server)
        self.clients = [net.host(f"client{last}") for last in (3, 4, 5, 6)]
        for last, client in zip((3, 4, 5, 6), self.clients):
            client.connect(lan, "eth0", f"10.0.0.{last}/24")
        for director in (self.one, self.two):
            director.launch()
        for director in (self.one, self.two):
            director.wait_ready()
            ipvs.wait_weights(director.host, SERVICE, BOTH, 20)
        self.master(self.one, self.two)

    @staticmethod
    def _director(net, lan, name, last):
        host = net.host(name)
        host.connect(lan, "eth0", f"10.0.0.{last}/24")
        return Director(net, host, config(True))

    @staticmethod
    def master(master, backup):
        master.wait_state("front", "master")
        backup.wait_state("front", "backup")

    @staticmethod
    def served(clients):
        """{client: its server}, asking in this order."""
        found = {}
        for client in clients:
            answers = requests(client, f"http://{ADDRESS}/", 1)
            equal(answers.failures, [], f"{client.name}: failures")
            found[client.name], = answers.by_server
        return found

    def reload(self, text):
        for director in (self.one, self.two):
            director.write_config(text)
            director.ask("reload")


def has_template(host, client):
    """Whether the kernel keeps the client with a server."""
    address, = [found.split("/")[0] for found in
                client.addresses("eth0", family="inet")]
    return any(f" {address}:0 " in f" {line} " for line in
               host.run("ipvsadm", "-Lnc").stdout.splitlines())


def restarts(lab, clients):
    served = lab.served(clients)
    step(f"served: {served}")
    equal(len(set(served.values())), 2, "servers in use")
    for name in DAEMONS:
        for number in (signal.SIGUSR2, signal.SIGKILL):
            if number == signal.SIGKILL:
                lab.one.kill(name)
            else:
                lab.one.stop(name, number=number)
            lab.one.start(name).wait_state("front", "master")
            equal(lab.served(clients), served,
                  f"after {number.name} of {name}")
    step("each daemon was restarted and killed: it holds")
    # A server more, which is down: nobody may move.
    lab.reload(config(True).replace("servers: [", "servers: [10.0.0.23, "))
    equal(lab.served(clients), served, "after a reload")
    step("a reload: it holds")
    return served


def fail_over(lab, clients):
    """They ask in the other order: rr alone has them change places."""
    lab.one.ask("resign", "front")
    lab.master(lab.two, lab.one)
    return lab.served(list(reversed(clients)))


def hand_back(lab):
    lab.one.ask("enable", "-i", "front")
    lab.master(lab.one, lab.two)


def main():
    with Net() as net:
        lab = Lab(net)
        clients, others = lab.clients[:2], lab.clients[2:]
        served = restarts(lab, clients)
        for client in clients:
            wait_for(lambda: has_template(lab.two.host, client), 20,
                     f"d2: the template of {client.name}")
        equal(fail_over(lab, clients), served, "with sync, after a fail-over")
        step("fail-over with sync: it holds")
        hand_back(lab)

        lab.reload(config(False))
        before = lab.served(others)
        for client in others:
            expect(not has_template(lab.two.host, client),
                   f"d2 has a template of {client.name}")
        after = fail_over(lab, others)
        step(f"fail-over without sync: {before} before, {after} after")
        expect(after != before, "without sync it held by chance only: the "
               "clients asked in another order")


if __name__ == "__main__":
    run(main)
