#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Somebody else's hand in the kernel's table, and what a kernel does not have.

What others change in our services is put right within seconds, though nobody
asks and the resync is far away, and told: a line and an event for each thing.
After `ipvsadm -C` status never says that servers are drained. A scheduler that the kernel lacks refuses a reload
by name; at a start it takes the other services nothing.
"""

import json
import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from fake_ipvsd import ctl
from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary
from waiting import wait_for

CONFIG = """
nodes: {d1: 10.0.0.11}
ipvs: {resync: 1h}
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
    servers: [10.0.0.21, 10.0.0.22]
"""
SECOND = """
  second:
    address: 10.0.0.100:81
    forward: direct
    scheduler: twos
    servers: [10.0.0.21, 10.0.0.22]
"""
SERVICE = "TCP 10.0.0.100:80"
KEY = "tcp 10.0.0.100:80"
DIRECT, FREE = "direct", "connections 0-0"
SOON = 6
TABLE = {"10.0.0.21:80": 1, "10.0.0.22:80": 1}


def output(director):
    return director.daemons["ipvsd"].process.output()


def row_of(director, kind, command="services"):
    return next(row for row in ctl(f"{director.rundir}/ipvsd.ctl", command)
                if row["kind"] == kind)


def events_of(monitor):
    return [event for line in monitor.output().splitlines()
            if (event := json.loads(line))["object"] == "ipvs"]


def ipvsadm(host, *words):
    host.run("ipvsadm", *words)


def put_right(director, monitor, words, name, from_, to):
    """A command of somebody else: soon undone, and told."""
    ipvsadm(director.host, *words)
    def told():
        event = (events_of(monitor) or [{"name": "", "from": "", "to": ""}])[-1]
        equal((event["name"], event["from"], event["to"]), (name, from_, to),
              "the event")
        return True
    wait_for(told, SOON, f"the event of {words[0]}")
    ipvs.wait_weights(director.host, SERVICE, TABLE, SOON)
    expect(f"ipvs {name}: {from_} -> {to}, put right, somebody else had "
           "changed it" in output(director), "the log says so")
    step(f"{name}: {from_} -> {to}")


def altered(director, monitor):
    """One thing after the other."""
    server = f"{KEY} -> 10.0.0.21:80"
    one = ("-t", "10.0.0.100:80", "-r", "10.0.0.21:80")
    put_right(director, monitor, ("-e", *one, "-g", "-w", "7"), server,
              f"{DIRECT} weight 7 {FREE}", f"{DIRECT} weight 1 {FREE}")
    put_right(director, monitor, ("-e", *one, "-m", "-w", "1"), server,
              f"nat weight 1 {FREE}", f"{DIRECT} weight 1 {FREE}")
    put_right(director, monitor, ("-d", *one), server, "absent",
              f"{DIRECT} weight 1 {FREE}")
    put_right(director, monitor,
              ("-a", *one[:3], "10.0.0.29:80", "-g", "-w", "3"),
              f"{KEY} -> 10.0.0.29:80", f"{DIRECT} weight 3 {FREE}", "absent")
    put_right(director, monitor, ("-E", *one[:2], "-s", "lc"), KEY,
              "scheduler lc, flags 0", "scheduler rr, flags 0")
    equal(ipvs.table(director.host)[SERVICE].scheduler, "rr", "scheduler")
    row = row_of(director, "kernel", "kernel")
    equal(row["repaired"], 5, "things put right")
    expect(f": {row['last_repair']} (5 in all)" in
           director.ask("status").stdout, "status tells the last")


def very_many(director, monitor):
    """A summary, and not a line for each."""
    before = len(events_of(monitor))
    rules = "".join(f"-a -t 10.0.0.100:80 -r 10.0.1.{i}:80 -g\n"
                    for i in range(1, 101))
    director.host.run("ipvsadm", "-R", text_input=rules)
    ipvs.wait_weights(director.host, SERVICE, TABLE, 20)
    def summed():
        new = events_of(monitor)[before:]
        return new and new[-1]["to"].endswith(" more")
    wait_for(summed, 20, "the summary")
    new = events_of(monitor)[before:]
    expect(len(new) <= 21, f"{len(new)} events")
    equal(len(new) - 1 + int(new[-1]["to"].split()[0]), 100, "things told")
    step(f"{len(new)} events of 100 things")


def cleared(director, monitor):
    """Nobody asks, and the resync is an hour away."""
    ipvsadm(director.host, "-C")
    ipvs.wait_weights(director.host, SERVICE, TABLE, SOON)
    wait_for(lambda: (events_of(monitor)[-1]["name"],
                      events_of(monitor)[-1]["from"]) == (KEY, "absent"),
             SOON, "the event")
    expect("ipvs: 1 of our services had been taken out by somebody else"
           in output(director), "the log says so")
    ipvsadm(director.host, "-C")
    out = director.ask("status").stdout
    expect("drained" not in out, out)
    ipvs.wait_weights(director.host, SERVICE, TABLE, SOON)
    def healed():
        out = director.ask("status").stdout
        return "2 of 2 servers up" in out and "->" not in out.split("\ntable")[0]
    wait_for(healed, SOON, "status")


def ages(director):
    """Of one service there is a read of its own, of all a bounded age."""
    wait_for(lambda: row_of(director, "kernel", "kernel")["last_resync_ms"] >
             3000, 10, "a while without a dump")
    target = ctl(f"{director.rundir}/ipvsd.ctl", "services", "http/10.0.0.21")
    equal([row["kind"] for row in target], ["service", "server"], "rows")
    expect(target[0]["read_ms"] < 1000, f"{target[0]}")
    expect(row_of(director, "kernel", "kernel")["last_resync_ms"] > 3000,
           "asking for one server made no dump")
    director.ask("status")
    first = row_of(director, "kernel", "kernel")["last_resync_ms"]
    expect(first < 3000, f"status made a dump {first} ms ago")
    director.write_config(CONFIG)
    wait_for(lambda: row_of(director, "kernel", "kernel")["last_resync_ms"] >
             2000, 10, "a while without a dump")
    director.ask("reload")
    wait_for(lambda: row_of(director, "kernel", "kernel")["last_resync_ms"] <
             2000, SOON, "a reload looks")


def refused_reload(director):
    """What the kernel lacks refuses a reload, before anything changes."""
    before = director.instance("front")["become_master"]
    director.write_config(CONFIG.replace("scheduler: rr", "scheduler: twos"))
    done = director.ask("reload", check=False)
    equal(done.returncode, 1, done.stdout)
    why = "service http: this kernel has no scheduler twos"
    expect(why in done.stderr, done.stderr)
    equal(list(ipvs.table(director.host)), [SERVICE], "services")
    equal(ipvs.weights(director.host, SERVICE), TABLE, "what was there goes on")
    # Also beside one that is as it was.
    director.write_config(CONFIG + SECOND)
    done = director.ask("reload", check=False)
    expect(why.replace("http", "second") in done.stderr, done.stderr)
    director.write_config(CONFIG.replace("scheduler: rr", "scheduler: lc"))
    director.ask("reload")
    equal(director.instance("front")["become_master"], before, "still master")
    step(why)


def refused_at_the_start(director):
    """There is nothing to go on with but the file: the others serve."""
    director.stop()
    director.write_config(CONFIG + SECOND)
    director.start()
    director.wait_state("front", "master", 30)
    ipvs.wait_weights(director.host, SERVICE, TABLE, 20)
    refused = ("ipvs tcp 10.0.0.100:81: add service with scheduler twos: "
               "No such file or directory")
    out = director.ask("status").stdout
    expect("\nrefused by the kernel " in out and refused in out, out)
    # Only the service: its servers follow from that.
    equal(output(director).count("add destination"), 0, "lines of servers")
    # Neither does a second fail-over end at it.
    director.ask("resign", "front")
    director.ask("enable", "front")
    director.wait_state("front", "master", 30)
    step("one of two services refused: the other serves")


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        director.wait_state("front", "master", 30)
        ipvs.wait_weights(host, SERVICE, TABLE, 20)
        monitor = host.popen("monitor", binary("vipctl"), "-j", "-r",
                             director.rundir, "monitor")
        step("one server asked for, status, a reload")
        ages(director)
        altered(director, monitor)
        very_many(director, monitor)
        step("ipvsadm -C")
        cleared(director, monitor)
        if host.run("modprobe", "-q", "ip_vs_twos", check=False).returncode:
            refused_reload(director)
            refused_at_the_start(director)
        else:
            step("not judged: this kernel has scheduler twos")


if __name__ == "__main__":
    run(main)
