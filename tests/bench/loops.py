#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How long the daemons' loops are away while 10,000 services are loaded.

A director runs with one small configuration and is then given 10,000 services
of 10 servers by a reload; after that a check of each, until all of its verdicts
have been told anew; then the small one again. loopwatch.so measures every turn of the daemons' loops from the reload's
begin to its end. Where the kernel has no ip_vs, ipvsd computes the table all the
same, and programs nothing.
"""

import os
import subprocess
import time

from measure import Limits, Loop
from net import Net
from scenario import run, step
from suite import LOOPWATCH, Director, binary, programs, work_directory
from waiting import wait_for

SERVICES, SERVERS = 10000, 10
CHECK = "check: {type: tcp, interval: 1h}, "
# LINK_DIGEST_SEC, and a little more.
DIGEST_S = 17
LIMIT_MS = {"vrrpd": 1, "ipvsd": 5, "checkd": 20}
HEAD = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 100ms
    nodes: [d1, d2]
    addresses: [%s]
"""


def address(service):
    return f"10.1.{service // 250}.{service % 250 + 1}"


def small():
    return HEAD % "10.1.0.1/32"


def large(check=""):
    """Ten services an address, so that an advert holds the addresses."""
    lines = [HEAD % ", ".join(f"{address(n)}/32" for n in range(100))]
    lines.append("services:\n")
    for number in range(SERVICES):
        servers = ", ".join(f"10.2.{number % 250}.{n + 1}"
                            for n in range(SERVERS))
        lines.append(f"  s{number}: {{address: \"{address(number % 100)}:"
                     f"{1000 + number // 100}\", forward: nat, vrrp: web, "
                     f"{check}servers: [{servers}]}}\n")
    return "".join(lines)


def loopwatch():
    return f"{programs()}/{LOOPWATCH}"


def watched(director, net, start=()):
    """Start the director's daemons (all) with their loops watched."""
    directory = work_directory(net)
    loops = {}
    command = director.command
    for name in LIMIT_MS:
        loops[name] = Loop(f"{directory}/{name}")

    def wrapped(name):
        if name not in loops:
            return command(name)
        return ["env", f"LOOPWATCH={loops[name].path}",
                f"LD_PRELOAD={loopwatch()}", *command(name)]

    director.command = wrapped
    director.start(*start)
    return loops


def reload(director, host, last):
    done = subprocess.run(
        [binary("vipctl"), "-r", director.rundir, "reload"],
        check=False, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"reload: {done.stderr[-2000:]}")
    wait_for(lambda: host.holds(last), 60, "the new addresses")
    wait_for(lambda: len({daemon["generation"] for daemon in
                          director.vipctl("status")["daemons"]}) == 1, 60,
             "all are in one generation")


def judge(limits, loops, names):
    for name, loop in loops.items():
        for kind in ("wall", "cpu"):
            found, turns = loop.percentiles(kind)
            step(f"{name}: {turns} turns of the loop, away for ms "
                 f"({kind}): " + ", ".join(
                     f"p{p:g} {ms:.3f}" for p, ms in found.items()))
        if name in names:
            limits.most(found[100], LIMIT_MS[name],
                        f"{name}: longest time away, ms of a processor")


def main():
    limits = Limits()
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        director = Director(net, host, small())
        loops = watched(director, net)
        wait_for(lambda: host.holds("10.1.0.1"), 10, "d1 is master")
        for what, config, last, names in (
                (f"{SERVICES} services of {SERVERS} servers", large(),
                 address(99), LIMIT_MS),
                ("a check of each", large(CHECK), address(99), ["checkd"]),
                ("none any more", small(), address(0), LIMIT_MS)):
            director.write_config(config)
            for loop in loops.values():
                loop.reset()
            step(f"reload: {what}")
            reload(director, host, last)
            if config == large(CHECK):
                time.sleep(DIGEST_S)
            judge(limits, loops, names)
    limits.judge()


if __name__ == "__main__":
    run(main, limit=None)
