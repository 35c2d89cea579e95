#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What befalls a pair with services in the field, at random, under requests.

As tests/net/field-soak.py, with real servers behind the address: the kernel's
tables are emptied, altered and shared by others as well (lib/field_soak.py).
"""

import os
import sys

# Of few acts, as fit into a minute where processors are emulated, many are
# of the kinds that are played here alone.
os.environ.setdefault("TRIUMVIR_SEED", "13944")
sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

import field_story as story
import ipvs
from field_soak import FieldSoak, Limits, go_on
from net import Net
from scenario import equal, expect, run
from waiting import wait_for
from web import Requester, WebServer

SECONDS = float(os.environ.get("TRIUMVIR_SOAK_SECONDS", 60))
INTERVAL = 0.5
# Seconds: who returns waits for its checks; others' hand is seen. Emulated.
RETURNING, SETTLING = 10, 15
SERVERS = {"s1": "10.0.0.21", "s2": "10.0.0.22"}
ADDRESS = "10.0.0.100"
SERVICE, THEIRS = f"{ADDRESS}:80", "10.0.0.99:81"
ONE = f"{SERVERS['s1']}:80"
TABLE = {f"{server}:80": 1 for server in SERVERS.values()}
TIMEOUT, PAUSE = 2, 0.1
# The resync is far away: what others do is seen at once.
SERVICES = f"""ipvs: {{resync: 1h}}
checks:
  port: {{type: tcp, interval: 1s, timeout: 500ms, rise: 2, fall: 2}}
services:
  http:
    address: {SERVICE}
    scheduler: rr
    forward: direct
    check: port
    servers: [{", ".join(SERVERS.values())}]
"""
# What others do to a table, and how they undo it.
HANDS = {
    story.EMPTY: (["-C"], None),
    story.WEIGHT: (["-e", "-t", SERVICE, "-r", ONE, "-g", "-w", "7"], None),
    story.SERVER_GONE: (["-d", "-t", SERVICE, "-r", ONE], None),
    story.OTHERS: (["-A", "-t", THEIRS, "-s", "rr"], ["-D", "-t", THEIRS]),
}


class WithServices(FieldSoak):
    kinds = story.WITH_IPVS

    def prepare(self):
        for name, address in SERVERS.items():
            host = self.hosts[name] = self.net.host(name)
            ipvs.direct_real_server(host, ADDRESS)
            host.connect(self.lans["eth0"], "eth0", f"{address}/24")
            WebServer(host)

    def config(self):
        return super().config() + SERVICES

    def begin_requests(self):
        super().begin_requests()
        self.requester = Requester(self.hosts["client"], f"http://{SERVICE}/",
                                   timeout=TIMEOUT, pause=PAUSE)

    def tables_as_configured(self):
        """Ours as the file has them; what is others' is not touched."""
        for name in story.DIRECTORS:
            found = {service: {server: row.weight for server, row
                               in entry.servers.items()} for service, entry
                     in ipvs.table(self.hosts[name]).items()}
            wanted = {f"TCP {SERVICE}": TABLE}
            if any((event.kind, event.who) == (story.OTHERS, name)
                   for event in self.world.lasting):
                wanted[f"TCP {THEIRS}"] = {}
            equal(found, wanted, f"{name}: the table")
        return True

    def told_while_it_lasts(self):
        if all(event.kind in story.TABLE for event in self.world.lasting):
            self.tables_as_configured()
        return super().told_while_it_lasts()

    def all_is_well(self, since, announced=True):
        wait_for(self.tables_as_configured, self.limits.settled, "the tables",
                 0.1)
        super().all_is_well(since, announced)
        wait_for(lambda: self.served(since), self.limits.settled,
                 "requests to the service", 0.1)

    def served(self, since):
        last = self.requester.answers().requests[-1]
        return last["at"] > since and "name" in last

    def silence_is_allowed(self, begin, end, act):
        super().silence_is_allowed(begin, end, act)
        if any(event.kind in HANDS or story.may_cost(
                "d1", event, story.INSTANCES["web"]) for event in act.events):
            return
        lost = [one for one in self.requester.answers().requests
                if one["at"] > begin and one["at"] < end and "error" in one]
        expect(not lost, f"requests lost for nothing: {lost}")

    def hand(self, event):
        """While something else lasts a server may be out of the table."""
        self.hosts[event.who].run("ipvsadm", *HANDS[event.kind][0],
                                  check=self.world.lasting in ([], [event]))

    def undo(self, event):
        self.hosts[event.who].run("ipvsadm", *HANDS[event.kind][1])

    BEGIN = {**FieldSoak.BEGIN, **dict.fromkeys(HANDS, hand)}
    END = {**FieldSoak.END, story.OTHERS: undo}


def main():
    with Net() as net:
        go_on(WithServices(net, Limits(INTERVAL, RETURNING, SETTLING, 0.05,
                                      0.4)),
              SECONDS)


if __name__ == "__main__":
    run(main)
