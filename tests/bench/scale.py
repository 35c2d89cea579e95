#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""10,000 services of 10 servers in the kernel: what it costs to ask.

All in ipvsd's time of a processor, against one whole dump of the table in the
same run. A whole dump costs more than programming the table, so nothing that is
asked again and again may make one: one service, the round of a `drain --wait`;
`status` from several screens at once; and the resync, which reads every service
once in its time.
"""

import socket
import time

from measure import Limits  # first: it finds the others
from loops import SERVERS, SERVICES, large
import ipvs
from fake_ipvsd import ctl, request, row_of
from net import Net
from scenario import equal, run, step
from suite import Director
from waiting import wait_for

DEADLINE = 600
QUIET = "24h"      # the resync reads one service a second
CYCLE = 60         # seconds in which it reads all
TARGET = "s5000/10.2.0.1"


class Suite:
    def __init__(self, director):
        self.director = director
        self.socket = f"{director.rundir}/ipvsd.ctl"

    def cpu(self):
        """Seconds of a processor that ipvsd has had."""
        with open(f"/proc/{self.director.pid('ipvsd')}/schedstat",
                  encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9

    def kernel(self):
        return ctl(self.socket, "kernel", deadline=60)[0]

    def cost(self, do):
        before = self.cpu()
        do()
        return self.cpu() - before

    def configure(self, resync):
        """The interval keeps a slow machine from losing the address."""
        text = large().replace("interval: 100ms", "interval: 10s")
        self.director.write_config(f"ipvs: {{resync: {resync}}}\n{text}")

    def wait_quiet(self):
        wait_for(lambda: self.cost(lambda: time.sleep(1)) < 0.1, DEADLINE,
                 "ipvsd is idle")

    def dump(self):
        """A reload of what is in force compares the whole table."""
        before = self.kernel()["last_resync_ms"]
        self.director.ask("reload")
        wait_for(lambda: self.kernel()["last_resync_ms"] < before, DEADLINE,
                 "a whole dump")
        self.wait_quiet()

    def first_row(self):
        """Of all services, as `status` asks for them; how old it is in ms."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(DEADLINE)
            client.connect(self.socket)
            client.send(request("services"))
            return row_of(client.recv(8192))["read_ms"]

    def screens(self):
        """Ten screens within the age that a table may have."""
        ages = [self.first_row() for _ in range(10)]
        step(f"{len(ages)} screens saw tables of {ages[0]} to {max(ages)} ms")
        equal(ages, sorted(ages), "one table for all")

    def ask_one(self):
        for _ in range(10):
            rows = ctl(self.socket, "services", TARGET, deadline=60)
            equal([row["kind"] for row in rows], ["service", "server"],
                  "rows of one server")

    def cycle(self):
        time.sleep(CYCLE)


def whole(host):
    found = ipvs.table(host)
    return len(found) == SERVICES and \
        sum(len(one.servers) for one in found.values()) == SERVICES * SERVERS


def main():
    limits = Limits()
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, "")
        suite = Suite(director)
        suite.configure(QUIET)
        director.start()
        wait_for(lambda: suite.kernel()["waiting"] == 0 and
                 suite.kernel().get("last_resync_ms") is not None and
                 whole(host), DEADLINE, "the table")
        suite.wait_quiet()
        step(f"the table is whole, {suite.cpu():.2f} s of ipvsd")
        dump = min(suite.cost(suite.dump) for _ in range(3))
        step(f"a whole dump and its comparison: {dump:.3f} s")
        idle = suite.cost(lambda: time.sleep(10)) / 10
        step(f"idle: {1000 * idle:.2f} ms a second")
        suite.ask_one()
        began = time.monotonic()
        one = suite.cost(suite.ask_one) - idle * (time.monotonic() - began)
        limits.most(one / dump, 0.01,
                    "one service asked for ten times, of a whole dump")
        limits.most(suite.cost(suite.screens) / dump, 1.3,
                    "ten screens of all, of a whole dump")
        suite.configure(f"{CYCLE}s")
        director.ask("reload")
        wait_for(lambda: suite.kernel()["last_resync_ms"] < 5000, DEADLINE,
                 "the reload")
        time.sleep(5)
        limits.most(suite.cost(suite.cycle) / dump, 2,
                    "the resync of all, a share each second, of a whole dump")
        equal(suite.kernel()["repaired"], 0, "things put right")
        director.stop()
    limits.judge()


if __name__ == "__main__":
    run(main)
