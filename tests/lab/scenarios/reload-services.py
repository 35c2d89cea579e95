#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Reloads of services, servers and checks change what changed and no more.

The judge is a tap on the host's netlink: the commands that the kernel was sent.
A connection that was made before the first reload goes on through all.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from nlmon import Netlink
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for
from web import Flow, WebServer

HEAD = """nodes: {d1: 10.0.0.11}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: [d1]
    addresses: [10.0.0.100/32]
services:
"""
DEFAULT = {
    "web": {"address": "10.0.0.100:80", "scheduler": "rr",
            "servers": {"10.0.0.21": 1, "10.0.0.22": 1}},
    "more": {"address": "10.0.0.100:81", "scheduler": "wrr",
             "servers": {"10.0.0.21": 1, "10.0.0.22": 1}},
    "third": {"address": "10.0.0.100:82", "scheduler": "wlc",
             "servers": {"10.0.0.21": 1}},
}
SERVERS = ("10.0.0.21", "10.0.0.22", "10.0.0.23")
FOREIGN = "TCP 10.0.0.99:8080"
# A check of a server that is only slow must not fail: its connections would end.
INTERVAL = "3s"


def service_text(name, service):
    servers = "".join(f"      - {{address: {address}, weight: {weight}}}\n"
                      for address, weight in service["servers"].items())
    return (f"  {name}:\n    address: {service['address']}\n"
            f"    scheduler: {service['scheduler']}\n    forward: direct\n"
            f"    check: {{type: tcp, port: {service.get('port', 80)}, "
            f"interval: {service.get('interval', INTERVAL)}, timeout: 1900ms}}\n"
            f"    servers:\n{servers}")


def text(services):
    return HEAD + "".join(service_text(name, service)
                          for name, service in services.items())


def changed(services, name, **fields):
    """The services with some fields of one of them changed."""
    return {**services, name: {**services[name], **fields}}


def table_of(services):
    """What the kernel's table is to be; servers have the service's port."""
    table = {}
    for service in services.values():
        port = service["address"].split(":")[1]
        table[f"TCP {service['address']}"] = {
            f"{address}:{port}": weight
            for address, weight in service["servers"].items()}
    return table


class Lab:
    """The director that is reloaded, its tap, and a flow through it."""

    def __init__(self, net):
        lan = net.lan()
        self.host, client = net.host("d1"), net.host("client")
        self.host.connect(lan, "eth0", "10.0.0.11/24")
        client.connect(lan, "eth0", "10.0.0.3/24")
        for address in SERVERS:
            server = net.host(f"s{address[-2:]}")
            for virtual in ("10.0.0.100", "10.0.0.99"):
                ipvs.direct_real_server(server, virtual)
            server.connect(lan, "eth0", f"{address}/24")
            for port in (80, 81):
                WebServer(server, port)
        self.tap = Netlink(self.host)
        net.defer(self.tap.close)
        self.director = Director(net, self.host, text(DEFAULT))
        self.services = DEFAULT
        self.host.run("ipvsadm", "-A", "-t", "10.0.0.99:8080", "-s", "rr")
        self.host.run("ipvsadm", "-a", "-t", "10.0.0.99:8080", "-r",
                      "10.0.0.21:8080", "-g")
        self.director.start().wait_state("front", "master")
        self.wait_table()
        self.wait_all_up()
        self.flow = Flow(client, "10.0.0.100", 80)

    def wait_table(self):
        """The services are as configured, and the other one is there."""
        def same():
            equal({name: {server: row.weight for server, row
                          in service.servers.items()}
                   for name, service in ipvs.table(self.host).items()},
                  {FOREIGN: {"10.0.0.21:8080": 1}, **table_of(self.services)},
                  "the table")
            equal(self.director.vipctl("status")["kernel"]["waiting"], 0,
                  "what ipvsd has not written yet")
            return True
        wait_for(same, 20, "the table")

    def probes(self):
        return self.director.vipctl("show", "checks")

    def wait_all_up(self):
        wait_for(lambda: {row["health"] for row in self.probes()} == {"up"},
                 20, "all probes up")

    def generations(self):
        return {row["generation"] for row
                in self.director.vipctl("status")["daemons"]
                if row["state"] == "running"}

    def reload(self, what, services, *expected):
        """Put the services in force; exactly these commands are sent."""
        if self.flow:
            self.flow.go_on()
        self.tap.take()
        self.director.write_config(text(services))
        self.director.ask("reload")
        self.services = services
        self.wait_table()
        found = self.tap.take()
        step(f"{what}: {found or 'nothing'}")
        equal(sorted(found), sorted(expected), f"{what}: commands")
        equal(len(self.generations()), 1, "generations in force")

    def refuse(self, what, config, *complaints):
        """A bad file: nothing happens, and it says where and why."""
        if self.flow:
            self.flow.go_on()
        self.tap.take()
        generations = self.generations()
        self.director.write_config(config)
        done = self.director.ask("reload", check=False)
        expect(done.returncode != 0, f"{what}: it was taken")
        said = done.stdout + done.stderr
        for complaint in complaints:
            expect(f"director.yaml:{complaint}" in said,
                   f"{what}: not said: {complaint}\n{said}")
        self.wait_table()
        equal(self.generations(), generations, f"{what}: generations")
        equal(self.tap.take(), [], f"{what}: commands")
        step(f"{what}: {said.splitlines()[0]}")


def services_and_servers(lab):
    lab.reload("unchanged", DEFAULT)
    heavy = changed(DEFAULT, "web",
                    servers={"10.0.0.21": 5, "10.0.0.22": 1})
    lab.reload("a weight", heavy,
               "set-server TCP 10.0.0.100:80 10.0.0.21:80 5")
    lab.reload("one more server", changed(DEFAULT, "web", servers={
        "10.0.0.21": 5, "10.0.0.22": 1, "10.0.0.23": 1}),
               "new-server TCP 10.0.0.100:80 10.0.0.23:80 1")
    lab.reload("a server less", heavy,
               "del-server TCP 10.0.0.100:80 10.0.0.23:80")
    lab.reload("a scheduler", changed(heavy, "web", scheduler="wrr"),
               "set-service TCP 10.0.0.100:80")
    lab.reload("as at first", DEFAULT,
               "set-service TCP 10.0.0.100:80",
               "set-server TCP 10.0.0.100:80 10.0.0.21:80 1")
    less = {name: service for name, service in DEFAULT.items()
            if name != "more"}
    lab.reload("a service less", less, "del-service TCP 10.0.0.100:81")
    lab.reload("one more service", DEFAULT,
               "new-service TCP 10.0.0.100:81",
               "new-server TCP 10.0.0.100:81 10.0.0.21:81 1",
               "new-server TCP 10.0.0.100:81 10.0.0.22:81 1")


def checks(lab):
    """Another check is a new probe; that of other services goes on."""
    def ages():
        return {row["address"]: row["since_ms"] for row in lab.probes()}

    def of(address):
        return [row for row in lab.probes() if row["address"] == address]
    before = ages()
    lab.reload("an equal check", changed(DEFAULT, "more", interval="3000ms"))
    equal(len(lab.probes()), 2, "probes")
    for address, age in ages().items():
        expect(age >= before[address], f"{address} has begun anew")
    lab.reload("another check", changed(DEFAULT, "more", interval="2s"))
    for address in SERVERS[:2]:
        equal(sorted(row["interval_ms"] for row in of(address)), [2000, 3000],
              f"{address}: intervals")
        old = max(row.get("since_ms", 0) for row in of(address))
        expect(old >= before[address], f"{address} has begun anew")
    lab.wait_all_up()
    lab.reload("the check as before", DEFAULT)
    equal(lab.tap.take(), [], "commands when the probes were up")
    step("a check that fails")
    lab.director.write_config(text(changed(DEFAULT, "third", port=9)))
    lab.director.ask("reload")
    ipvs.wait_weights(lab.host, "TCP 10.0.0.100:82", {}, 20)
    lab.director.write_config(text(DEFAULT))
    lab.director.ask("reload")
    lab.wait_table()
    equal(lab.tap.take(), ["del-server TCP 10.0.0.100:82 10.0.0.21:82",
                           "new-server TCP 10.0.0.100:82 10.0.0.21:82 1"],
          "commands")


def bad_files(lab):
    good = text(DEFAULT)

    def line_of(what):
        return good[:good.index(what)].count("\n") + 1

    lab.refuse("an unknown scheduler",
               good.replace("scheduler: rr", "scheduler: rrr"),
               f"{line_of('scheduler: rr')}:16: scheduler: \"rrr\" is not")
    lab.refuse("several errors",
               good.replace("scheduler: rr", "shceduler: rr")
               .replace("weight: 1}", "weight: -1}"),
               f"{line_of('scheduler: rr')}:5: unknown key",
               *[f"{line_of('- {address') + more}:38: weight: \"-1\" is not"
                 for more in (0, 1)])
    last = good.count("\n") + 1
    lab.refuse("no YAML", good + "services: [\n",
               f"{last + 1}:1: not valid YAML")


def siblings_away(lab):
    """A host without checkd, and then without vrrpd too, reloads."""
    lab.director.stop("checkd")
    services = changed(DEFAULT, "web",
                       servers={"10.0.0.21": 1, "10.0.0.22": 7})
    lab.reload("without checkd", services,
               "set-server TCP 10.0.0.100:80 10.0.0.22:80 7")
    expect(lab.flow.finish() in ("s21", "s22"), "nobody finished the request")
    lab.flow = None
    lab.director.stop("vrrpd")
    services = changed(services, "third", servers={"10.0.0.21": 7})
    lab.reload("without vrrpd", services,
               "set-server TCP 10.0.0.100:82 10.0.0.21:82 7")
    lab.director.start("vrrpd", "checkd")
    lab.director.wait_state("front", "master")
    lab.wait_all_up()
    wait_for(lambda: len(lab.generations()) == 1, 10, "one generation")
    lab.reload("with both again", DEFAULT,
               "set-server TCP 10.0.0.100:80 10.0.0.22:80 1",
               "set-server TCP 10.0.0.100:82 10.0.0.21:82 1")


def main():
    with Net() as net:
        lab = Lab(net)
        services_and_servers(lab)
        checks(lab)
        bad_files(lab)
        siblings_away(lab)
        lab.director.stop()
        equal(list(ipvs.table(lab.host)), [FOREIGN], "services afterwards")


if __name__ == "__main__":
    run(main)
