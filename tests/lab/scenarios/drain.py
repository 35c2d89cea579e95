#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A server is taken out for work, and nobody is cut off.

Connections through it go on, new ones go elsewhere, and `drain --wait` tells
when the last has ended, whatever happens to ipvsd meanwhile.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary
from waiting import wait_for
from web import Flow, Requester, WebServer, requests

CONFIG = """
nodes: {d1: 10.0.0.11}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: [d1]
    addresses: [10.0.0.100/32]
services:
  http:
    address: 10.0.0.100:80
    forward: direct
    scheduler: rr
    check: {type: tcp, interval: 3s, timeout: 3s}  # no server fails here
    servers:
      - 10.0.0.21
      - 10.0.0.22
      - {address: 10.0.0.23, weight: 1}
"""
ADDRESS = "10.0.0.100"
SERVICE = f"TCP {ADDRESS}:80"
SERVERS = ("10.0.0.21", "10.0.0.22", "10.0.0.23")
TARGET = "http/10.0.0.21"
FLOWS = 6
TIME_OVER = 4


def table_of(first=1, third=1):
    return dict(zip((f"{address}:80" for address in SERVERS),
                    (first, 1, third)))


class Drain:
    """vipctl drain --wait in the background."""

    def __init__(self, director, *words):
        self._process = director.host.popen(
            f"drain.{len(director.host.processes)}", binary("vipctl"), "-r",
            director.rundir, "drain", *words, "--wait")

    def wait_said(self, text):
        def said():
            expect(self._process.alive(),
                   f"it has ended: {self._process.output()}")
            return text in self._process.output()
        wait_for(said, 20, f"drain: {text}")

    def waits(self):
        expect(self._process.alive(), "it waits no longer")

    def interrupt(self):
        self._process.stop(signal.SIGINT)

    def ended(self):
        """Its exit status and what it said."""
        status = self._process.wait(20)
        return status, self._process.output()


class Lab:
    def __init__(self, net):
        lan = net.lan()
        self.host, self.client = net.host("d1"), net.host("client")
        self.host.connect(lan, "eth0", "10.0.0.11/24")
        self.client.connect(lan, "eth0", "10.0.0.3/24")
        for address in SERVERS:
            server = net.host(f"s{address[-2:]}")
            ipvs.direct_real_server(server, ADDRESS)
            server.connect(lan, "eth0", f"{address}/24")
            WebServer(server)
        self.director = Director(net, self.host, CONFIG).start()
        self.director.wait_state("front", "master")
        self.wait_weights(1)
        self.flows = {address: [] for address in SERVERS}

    def wait_weights(self, first, third=1):
        ipvs.wait_weights(self.host, SERVICE, table_of(first, third), 20)

    def open_flows(self):
        """Two to each server, in turn."""
        flows = [Flow(self.client, ADDRESS, 80) for _ in range(FLOWS)]
        for flow in flows:
            server = ipvs.server_of(self.host, flow.port)
            self.flows[server.split(":")[0]].append(flow)
        equal([len(found) for found in self.flows.values()], [2, 2, 2],
              "connections of each server")

    def go_on(self):
        for flow in sum(self.flows.values(), []):
            flow.go_on()

    def finish(self, address):
        """The oldest connection of a server is served to its end."""
        equal(self.flows[address].pop(0).finish(), f"s{address[-2:]}",
              "who answered a connection that was open")

    def check_elsewhere(self):
        """Weight 0, and requests are for the others."""
        equal(ipvs.weights(self.host, SERVICE)[f"{SERVERS[0]}:80"], 0,
              "weight of the drained server")
        answers = requests(self.client, f"http://{ADDRESS}/", 6)
        equal(answers.failures, [], "failures")
        # Not in turn: the requests in the background take turns as well.
        expect("s21" not in answers.by_server, f"{answers}")
        row, = [row for row in self.director.vipctl("show", "services")
                if row.get("address") == SERVERS[0]]
        equal((row["override"], row["weight"]), ("drained", 0), "the row")


def survives(lab, drain, what, end_ipvsd):
    step(what)
    end_ipvsd()
    lab.check_elsewhere()
    lab.go_on()
    drain.waits()


def restart(lab, number):
    if number == signal.SIGKILL:
        lab.director.kill("ipvsd")
    else:
        lab.director.stop("ipvsd", number=number)
    equal(ipvs.weights(lab.host, SERVICE), table_of(0),
          "the table without ipvsd")
    lab.director.start("ipvsd")
    wait_for(lambda: lab.director.ask("show", "services",
                                      check=False).returncode == 0, 20,
             "services")


def reload(lab):
    lab.director.write_config(CONFIG.replace("weight: 1}", "weight: 2}"))
    lab.director.ask("reload")
    lab.wait_weights(0, 2)


def back_to_one(lab):
    lab.director.write_config(CONFIG)
    lab.director.ask("reload")
    lab.wait_weights(0)


def refusals(lab):
    done = lab.director.ask("drain", "10.0.0.99", "--wait", check=False)
    equal((done.returncode, done.stderr),
          (1, "vipctl: ipvsd: 10.0.0.99: no such server\n"), "no server")


def not_in_time(lab):
    step("a wait that is over before the connections, and one interrupted")
    done = lab.director.ask("drain", f"{SERVERS[1]}:80", "--wait", "--for",
                            "2s", check=False)
    equal(done.returncode, TIME_OVER, "exit status")
    expect("2 active connections are left" in done.stderr, done.stderr)
    drain = Drain(lab.director, SERVERS[1])
    drain.wait_said("2 active")
    drain.interrupt()
    equal(ipvs.weights(lab.host, SERVICE)[f"{SERVERS[1]}:80"], 0,
          "weight after the interrupted wait")


def main():
    with Net() as net:
        lab = Lab(net)
        refusals(lab)
        lab.open_flows()
        requester = Requester(lab.client, f"http://{ADDRESS}/")
        step("drain")
        drain = Drain(lab.director, TARGET)
        drain.wait_said("2 active")
        lab.wait_weights(0)
        lab.check_elsewhere()
        survives(lab, drain, "ipvsd: SIGUSR2 and started again",
                 lambda: restart(lab, signal.SIGUSR2))
        survives(lab, drain, "ipvsd: SIGKILL and started again",
                 lambda: restart(lab, signal.SIGKILL))
        step("a reload")
        reload(lab)
        drain.waits()
        back_to_one(lab)
        lab.check_elsewhere()
        step("the last connections end")
        lab.go_on()
        lab.finish(SERVERS[0])
        drain.wait_said("1 active")
        lab.finish(SERVERS[0])
        status, said = drain.ended()
        equal(status, 0, "exit status")
        expect(said.endswith(f"{TARGET}: no active connection is left\n"),
               said)
        equal(ipvs.table(lab.host)[SERVICE].servers[f"{SERVERS[0]}:80"].active,
              0, "ActiveConn in the kernel")
        lab.go_on()
        not_in_time(lab)
        step("enable")
        lab.director.ask("enable", TARGET)
        lab.director.ask("enable", SERVERS[1])
        lab.wait_weights(1)
        for address in SERVERS[1:] * 2:
            lab.finish(address)
        answers = requester.stop()
        step(str(answers))
        equal(answers.failures, [], "failed requests")
        answers = requests(lab.client, f"http://{ADDRESS}/", 6)
        equal(dict(answers.by_server), {"s21": 2, "s22": 2, "s23": 2},
              "who answers at last")
        lab.director.stop()


if __name__ == "__main__":
    run(main)
