#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A dead server gets nothing; a drained one what it has.

Flows of UDP and clients that persist are not new connections: in the kernel they
stay with their server for as long as they send. With one that is drained they
shall, and `drain --wait` waits for them. One that is dead they leave, whatever
the scheduler and `when_down` are.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary
from waiting import wait_for
from web import TOOLS, WebServer, requests

ADDRESS = "10.0.0.100"
SERVERS = {"s21": "10.0.0.21", "s22": "10.0.0.22"}
TIME_OVER = 4
UDP = {53: "rr", 54: "mh", 55: "sh"}
TCP = {80: "rr", 81: "mh"}
CONFIG = f"""
nodes: {{d1: 10.0.0.11, s21: 10.0.0.21, s22: 10.0.0.22}}
ipvs: {{timeouts: {{udp: 8s}}}}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: [d1]
    addresses: [{ADDRESS}/32]
checks:
  alive: {{type: http, port: 8080, path: /healthz, interval: 2s, rise: 1,
          fall: 2, timeout: 2s}}
services:
"""
SERVICE = """  {name}:
    address: {address}:{port}
    protocol: {protocol}
    scheduler: {scheduler}
    when_down: weight_zero
    forward: direct
    check: alive
    servers: [s21, s22]
"""


def config():
    text = CONFIG
    for ports, protocol, more in (
            (UDP, "udp", ""), (TCP, "tcp", "    persistence: {timeout: 5m}\n")):
        for port, scheduler in ports.items():
            text += more.join((SERVICE.format(
                name=f"{protocol}{port}", address=ADDRESS, port=port,
                protocol=protocol, scheduler=scheduler), ""))
    return text


class Stream:
    """One flow of UDP, some datagrams a second."""

    def __init__(self, client, port):
        self.port = port
        self._process = client.popen(f"ask.{port}.{len(client.processes)}",
                                     f"{TOOLS}/udpask", ADDRESS, port, 0.2)

    def lines(self):
        return [line.split() for line in
                self._process.output().splitlines()[1:] if line.count(" ") == 3]

    def answered_by(self, count=5):
        """Who answers the next ones."""
        before = len(self.lines())
        wait_for(lambda: len(self.lines()) >= before + count, 20,
                 f"answers of port {self.port}")
        return {line[3] for line in self.lines()[before + 1:]}

    def stop(self):
        self._process.stop()


def web(client, port):
    """Who answers three new connections of a client."""
    answers = requests(client, f"http://{ADDRESS}:{port}/", 3)
    return set(answers.by_server) | set(answers.failures)


class Lab:
    def __init__(self, net):
        lan = net.lan()
        self.host, self.client = net.host("d1"), net.host("client")
        self.host.connect(lan, "eth0", "10.0.0.11/24")
        self.client.connect(lan, "eth0", "10.0.0.3/24")
        self.health = {}
        for name, address in SERVERS.items():
            server = net.host(name)
            ipvs.direct_real_server(server, ADDRESS)
            server.connect(lan, "eth0", f"{address}/24")
            for port in UDP:
                server.popen(f"udp.{port}", f"{TOOLS}/udpanswer", name, port)
            for port in TCP:
                WebServer(server, port)
            self.health[name] = WebServer(server, 8080)
        self.director = Director(net, self.host, config()).start()
        self.director.wait_state("front", "master")
        self.wait_up(set(SERVERS))

    def wait_up(self, names):
        wanted = {f"{SERVERS[name]}" for name in names}

        def same():
            rows = self.director.vipctl("show", "services")
            found = {row["address"] for row in rows
                     if row.get("health") == "up"}
            weighed = {row["address"] for row in rows
                       if row.get("in_kernel") and row.get("weight")}
            return found == weighed == wanted
        wait_for(same, 30, f"{wanted} up")


def only(answers, what):
    equal(len(answers), 1, f"{what}: {answers}")
    return next(iter(answers))


def dead(lab):
    """Each server in turn, so that whichever a flow is with has died."""
    streams = [Stream(lab.client, port) for port in UDP]
    for victim, other in (("s21", "s22"), ("s22", "s21")):
        for port in TCP:
            web(lab.client, port)
        step(f"{victim} dies")
        lab.health[victim].set_healthy(False)
        lab.wait_up({other})
        for stream in streams:
            equal(stream.answered_by(), {other},
                  f"udp {UDP[stream.port]}: who answers")
        for port, scheduler in TCP.items():
            equal(web(lab.client, port), {other},
                  f"persistent {scheduler}: who answers")
        lab.health[victim].set_healthy(True)
        lab.wait_up(set(SERVERS))
    for stream in streams:
        stream.stop()


def drained(lab):
    """UDP: what it has stays, and the wait ends when that has ended."""
    stream = Stream(lab.client, 53)
    server = only(stream.answered_by(), "one flow")
    wait = lab.host.popen("drain", binary("vipctl"), "-r",
                          lab.director.rundir, "drain", f"udp53/{server}",
                          "--wait")
    wait_for(lambda: "waiting for 1 connections of UDP" in wait.output(), 20,
             "the wait")
    equal(stream.answered_by(10), {server}, "who answers a flow")
    expect(wait.alive(), "the wait has ended under packets")
    stream.stop()
    equal(wait.wait(40), 0, "exit status")
    row, = [row for row in lab.director.vipctl("show", "services")
            if row.get("service") == "udp53" and row.get("node") == server]
    equal((row["override"], row["inactive"]), ("drained", 0), "the row")


def persisting(lab):
    """Of TCP: a client comes back to a drained server, if the kernel is told
    so, and is waited for."""
    lab.director.write_config(config().replace(
        "ipvs: {", "ipvs: {options: {expire_quiescent_template: false}, "))
    lab.director.ask("reload")
    server = only(web(lab.client, 80), "persistent")
    done = lab.director.ask("drain", f"tcp80/{server}", "--wait", "--for",
                            "3s", check=False)
    equal(done.returncode, TIME_OVER, "exit status")
    expect(", 1 clients that persist are left" in done.stderr, done.stderr)
    equal(web(lab.client, 80), {server}, "who answers")


def main():
    with Net() as net:
        lab = Lab(net)
        dead(lab)
        step("drained")
        drained(lab)
        persisting(lab)
        lab.director.stop()


if __name__ == "__main__":
    run(main)
