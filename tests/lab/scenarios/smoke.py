#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Does the lab itself work: does IPVS balance between namespaces?

No daemon of ours takes part; ipvsadm sets the table.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from web import WebServer, requests

SERVICE = "TCP 10.1.0.100:80"
MODULES = ("veth", "bridge", "macvlan", "dummy", "nf_tables", "sch_netem",
           "ipip", "ip_gre", "fou", *(f"ip_vs_{scheduler}" for scheduler in (
               "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed",
               "nq", "fo", "ovf", "mh")))


def main():
    with Net() as net:
        lan = net.lan()
        director, client = net.host("director"), net.host("client")
        servers = [net.host("s1"), net.host("s2")]
        director.connect(lan, "eth0", "10.1.0.1/24", "10.1.0.100/32")
        client.connect(lan, "eth0", "10.1.0.2/24")
        for number, server in enumerate(servers, 11):
            ipvs.direct_real_server(server, "10.1.0.100")
            server.connect(lan, "eth0", f"10.1.0.{number}/24")
        step("modules")
        for module in MODULES:
            director.run("modprobe", module)
        step("web servers")
        webs = [WebServer(server) for server in servers]
        answers = requests(client, "http://10.1.0.100/", 1, timeout=1)
        equal(len(answers.failures), 1, "failures without a service")
        step("service")
        director.run("ipvsadm", "-A", "-t", "10.1.0.100:80", "-s", "rr")
        for address in ("10.1.0.11", "10.1.0.12"):
            director.run("ipvsadm", "-a", "-t", "10.1.0.100:80", "-r", address,
                         "-g", "-w", "50")
        answers = requests(client, "http://10.1.0.100/", 50)
        step(str(answers))
        expect(not answers.failures, answers.failures)
        equal(dict(answers.by_server), {"s1": 25, "s2": 25}, "who answered")
        equal([web.accesses() for web in webs], [25, 25], "access logs")
        equal(ipvs.weights(director, SERVICE),
              {"10.1.0.11:80": 50, "10.1.0.12:80": 50}, "weights")
        equal(ipvs.table(director)[SERVICE].servers["10.1.0.11:80"].forward,
              "Route", "forwarding")
        for address in ("10.1.0.11", "10.1.0.12"):
            ipvs.wait_counted(director, SERVICE, f"{address}:80", 25)
        equal(ipvs.table(client), {}, "the client's own table")


if __name__ == "__main__":
    run(main)
