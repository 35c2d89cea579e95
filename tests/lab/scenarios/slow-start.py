#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Servers that come back begin with a tenth of their weight.

The judge is a tap on the host's netlink: the weights that the kernel was told.
Only those that were out begin so, whatever else starts or is reloaded.
"""

import os
import re
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from machine import judged
from net import Net
from nlmon import Netlink
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for
from web import WebServer

DURATION = 5
CONFIG = f"""
nodes: {{d1: 10.0.0.11}}
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
    scheduler: wrr
    slow_start: {DURATION}s
    check: {{type: tcp, interval: 500ms, timeout: 500ms, rise: 1, fall: 2}}
    servers:
      - {{address: 10.0.0.21, weight: 100}}
      - {{address: 10.0.0.22, weight: 1}}
      - {{address: 10.0.0.23, weight: 40}}
"""
ADDED = "      - {address: 10.0.0.24, weight: 20}\n"
ADDRESS = "10.0.0.100"
SERVICE = f"TCP {ADDRESS}:80"
WEIGHTS = {"10.0.0.21:80": 100, "10.0.0.22:80": 1, "10.0.0.23:80": 40}
# Of a wait that ends with its last step, perhaps under emulation.
MARGIN = 2


def ladder(weight):
    first = max(1, weight // 10)
    return [first + (weight - first) * done // 10 for done in range(11)]


class Lab:
    def __init__(self, net):
        lan = net.lan()
        self.host = net.host("d1")
        self.host.connect(lan, "eth0", "10.0.0.11/24")
        self.webs = {}
        for last in (21, 22, 23, 24):
            server = net.host(f"s{last}")
            ipvs.direct_real_server(server, ADDRESS)
            server.connect(lan, "eth0", f"10.0.0.{last}/24")
            self.webs[f"10.0.0.{last}:80"] = WebServer(server)
        self.tap = Netlink(self.host)
        net.defer(self.tap.close)
        self.director = Director(net, self.host, CONFIG)

    def weights(self):
        return ipvs.weights(self.host, SERVICE)

    def wait_weights(self, wanted, deadline=20):
        ipvs.wait_weights(self.host, SERVICE, wanted, deadline)

    def told(self):
        """{server: weights that the kernel was told}, and no removal."""
        told = {}
        for text in self.tap.take():
            match = re.fullmatch(
                rf"(?:new|set)-server {SERVICE} (\S+) (\d+)", text)
            if match:
                told.setdefault(match[1], []).append(int(match[2]))
        return told

    def wait_health(self, wanted):
        wait_for(lambda: {row["health"] for row in
                          self.director.vipctl("show", "checks")} == wanted,
                 20, f"checks {wanted}")

    def ramps(self, server, weight, others=None):
        """The server grows from a tenth, in time, and nothing else moves."""
        all_of_it = {**WEIGHTS, **(others or {}), server: weight}
        with judged(MARGIN / 2, work=True):
            self.climbs(server, weight, all_of_it)

    def climbs(self, server, weight, all_of_it):
        wait_for(lambda: self.weights().get(server), 20, f"{server} is in")
        began = time.monotonic()
        said = self.reason(server)
        self.wait_weights(all_of_it)
        took = time.monotonic() - began
        told = self.told()
        step(f"{server}: {told.get(server)} in {took:.1f} s, "
             f"at first \"{said}\"")
        equal(set(told), {server}, "servers that the kernel was told of")
        grown = told[server]
        rungs = ladder(weight)
        equal((grown[0], grown[-1]), (rungs[0], weight), "first and last")
        equal(grown, sorted(set(grown)), "grows")
        expect(set(grown) <= set(rungs), f"not of {rungs}")
        expect(len(grown) > 4, "hardly any step")
        expect(DURATION - MARGIN <= took <= DURATION + MARGIN,
               f"{took:.1f} s instead of {DURATION}")
        expect(re.search(r"slow start, \d+ %", said), "no reason shown")
        expect("slow start" not in self.reason(server), "it is over")

    def reason(self, server):
        lines = [line for line in self.director.ask(
            "show", "services").stdout.splitlines() if f" {server} " in line]
        equal(len(lines), 1, f"lines of {server}")
        return re.sub(" +", " ", lines[0]).strip()


def starts(lab):
    """The first start, and all that is no come-back."""
    step("start")
    lab.director.start()
    lab.director.wait_state("front", "master")
    lab.wait_health({"up"})
    lab.wait_weights(WEIGHTS)
    equal(lab.told(), {server: [weight]
                       for server, weight in WEIGHTS.items()}, "told")
    step("a new master, restarts and a reload move nothing")
    lab.director.stop("vrrpd")
    lab.director.start("vrrpd")
    lab.director.wait_state("front", "master")
    lab.director.stop("ipvsd", "checkd", number=signal.SIGUSR2)
    lab.director.start("ipvsd", "checkd")
    lab.wait_health({"up"})
    lab.director.kill("ipvsd", "checkd")
    lab.director.start("ipvsd", "checkd")
    lab.wait_health({"up"})
    lab.director.ask("reload")
    equal(lab.told(), {}, "told")
    equal(lab.weights(), WEIGHTS, "weights")


def comes_back(lab):
    step("a server fails and comes back")
    web = lab.webs["10.0.0.21:80"]
    web.stop()
    wait_for(lambda: "10.0.0.21:80" not in lab.weights(), 20, "it is out")
    lab.told()
    web.start()
    lab.ramps("10.0.0.21:80", 100)


def enabled(lab):
    step("a drain ends")
    lab.director.ask("drain", "10.0.0.23")
    lab.wait_weights({**WEIGHTS, "10.0.0.23:80": 0})
    lab.told()
    lab.director.ask("enable", "10.0.0.23")
    lab.ramps("10.0.0.23:80", 40)
    step("weight 1")
    lab.director.ask("drain", "10.0.0.22")
    lab.wait_weights({**WEIGHTS, "10.0.0.22:80": 0})
    lab.told()
    lab.director.ask("enable", "10.0.0.22")
    lab.wait_weights(WEIGHTS)
    equal(lab.told(), {"10.0.0.22:80": [1]}, "told")


def added(lab):
    step("a server is added; another reload goes by")
    lab.director.write_config(CONFIG + ADDED)
    lab.director.ask("reload")
    lab.director.write_config(CONFIG + ADDED + "# the same\n")
    lab.director.ask("reload")
    lab.ramps("10.0.0.24:80", 20)
    lab.director.write_config(CONFIG)
    lab.director.ask("reload")
    lab.wait_weights(WEIGHTS)


def restarted(lab):
    step("a restart in the middle gives the whole weight")
    lab.director.ask("drain", "10.0.0.21")
    lab.wait_weights({**WEIGHTS, "10.0.0.21:80": 0})
    lab.director.ask("enable", "10.0.0.21")
    wait_for(lambda: lab.weights()["10.0.0.21:80"] > 0, 10, "it begins")
    lab.director.stop("ipvsd", number=signal.SIGUSR2)
    expect(lab.weights()["10.0.0.21:80"] < 100, "it was over before")
    lab.told()
    lab.director.start("ipvsd")
    lab.wait_weights(WEIGHTS)
    equal(lab.told(), {"10.0.0.21:80": [100]}, "told")


def main():
    with Net() as net:
        lab = Lab(net)
        starts(lab)
        comes_back(lab)
        enabled(lab)
        added(lab)
        restarted(lab)
        lab.director.stop()


if __name__ == "__main__":
    run(main)
