#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Every row of every command of a suite that runs, against the table of rows.

Both ways: what comes is listed, with its type, and what is listed comes, or is
marked as what may be absent. As the sockets tell it, and as `vipctl -j` does.
"""

import json
import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from net import Net
from rows import Table, check
from scenario import equal, expect, run, step
from suite import DAEMONS, Director, binary, one_instance
from waiting import wait_for

CONFIG = one_instance("200ms") + """
services:
  web:
    address: 10.0.0.100:80
    scheduler: mh
    servers: [10.0.0.11, {address: 10.0.0.21, weight: 3}]
    checks: [{type: tcp, interval: 300ms}]
  dns:
    address: 10.0.0.100:53
    protocol: udp
    servers: [{address: 10.0.0.22, max_connections: 9}]
"""
# Not to be seen on every kernel, or in every run.
ABSENT = {"instance.odd", "instance.odd_ms",
          "instance.rival", "instance.rival_ms", "server.slow_start_percent",
          "kernel.last_error", "kernel.last_error_ms", "kernel.last_resync_ms",
          "report.lint", "kernel.last_repair", "kernel.last_repair_ms", "service.read_ms",
          "address.leftover"}
# What vipctl adds to the rows of `status`.
ADDED = {"daemon": {"state"}, "server": {"streak"}, "instance": {"addresses", "lease"},
         "service": {"servers", "servers_up", "servers_down", "stale",
                     "servers_unknown", "servers_out", "out", "servers_in",
                     "servers_drained", "servers_missing", "servers_full"},
         "configuration": {"on_disk"}}


def ask_all(director, table):
    for daemon in DAEMONS:
        for command in table.commands(daemon):
            rows = ctl(f"{director.rundir}/{daemon}.ctl", command)
            expect(rows, f"{daemon} {command}: no row")
            for row in rows:
                table.take(row, daemon, command)
            step(f"{daemon} {command}: {len(rows)} rows")


def own(row):
    """A row of `status` without what vipctl has added."""
    return {name: value for name, value in row.items()
            if name not in ADDED.get(row["kind"], ())}


def by_vipctl(director, table):
    for words in ("show vrrp", "show vrrp --stats", "show services",
                  "show checks", "show links", "show config"):
        rows = director.vipctl(*words.split())
        expect(rows, f"{words}: no row")
        for row in rows:
            table.take(row)
    status = director.vipctl("status")
    for section in ("daemons", "instances", "services", "overrides",
                    "links"):
        expect(status[section], f"status: no {section}")
        for row in status[section]:
            table.take(own(row))
    table.take(status["kernel"])
    table.take(own(status["configuration"]))
    for instance in status["instances"]:
        for row in (instance["lease"], *instance["addresses"]):
            table.take(row)


def changes(director, table):
    """The rows of what changes something: events, and findings."""
    monitor = director.host.popen("monitor", binary("vipctl"), "-j", "-r",
                                  director.rundir, "monitor")

    def events():
        return [json.loads(line) for line in monitor.output().splitlines()
                if line.startswith("{") and line.endswith("}")]

    def resigned():
        director.vipctl("resign", "web", "--for", "1s")
        return {row["daemon"] for row in events()} >= {"vrrpd", "ipvsd"}

    wait_for(resigned, 20, "events of vrrpd and ipvsd")
    for row in events():
        table.take(row)
    director.write_config(CONFIG + "nonsense: true\n")
    rows = director.host.run(binary("vipctl"), "-j", "-r", director.rundir,
                             "reload", check=False).stdout
    for row in json.loads(rows):
        table.take(row)


def refuses(table):
    """What is wrong is found."""
    good = {"kind": "text", "text": "x"}
    table.take(good)
    for bad in ({"kind": "nonsense"}, {"kind": "text"}, {**good, "more": 1},
                {**good, "text": 1}):
        try:
            table.take(bad)
        except AssertionError:
            continue
        raise AssertionError(f"is let pass: {bad}")
    for kind, key, value in (("daemon", "ready", 1), ("daemon", "pid", True),
                             ("link", "state", "sideways"),
                             ("daemon", "generation", "c0ffee")):
        try:
            check(table.kinds[kind][key], value)
        except AssertionError:
            continue
        raise AssertionError(f"is let pass: {key} {value}")


def main():
    refuses(Table())
    table = Table()
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        wait_for(lambda: any("since_ms" in row for row in
                             director.vipctl("show", "services")), 20,
                 "ipvsd has a verdict")
        director.ask("drain", "10.0.0.22")
        director.write_config(CONFIG.replace("10.0.0.22", "10.0.0.23"))
        director.ask("reload")
        ask_all(director, table)
        by_vipctl(director, table)
        changes(director, table)
    equal(sorted(set(table.unseen()) - ABSENT), [], "keys that never came")
    equal(sorted(ABSENT - table.optional()), [], "absent, but always there")


run(main)
