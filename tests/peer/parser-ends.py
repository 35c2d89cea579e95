#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""ipvsd whose parser loses its worker, or itself, while a configuration is read.

At the start there is nothing to go on with: ipvsd says so and ends. At a reload
nothing changes, and the next one is taken. When ipvsd is lost all of them end.
"""

import contextlib
import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from machine import judged
from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary, children, status
from waiting import wait_for

SMALL = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  web: {interface: eth0, vrid: 1, nodes: [a, b],
        addresses: [192.168.1.100/32]}
"""
# Enough that each process can be met at its work.
SERVICES = 6000
DEADLINE = 60


def large():
    servers = ", ".join(f"10.2.0.{number}" for number in range(1, 11))
    return SMALL + "services:\n" + "".join(
        f"  s{number}: {{address: '192.168.1.100:{number + 1}', forward: nat, "
        f"servers: [{servers}]}}\n" for number in range(SERVICES))


def descendant(pid, depth):
    """The parser, or its worker; waited for closely."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        found = pid
        for _ in range(depth):
            found = next(iter(children(found)), None)
            if found is None:
                break
        if found is not None:
            return found
    raise AssertionError(f"no process {depth} below ipvsd")


def in_force(director):
    return next(row["generation"] for row in director.vipctl("status")["daemons"]
                if row["daemon"] == "ipvsd")


PARSER, WORKER = 1, 2
LOST = {
    WORKER: "the parser crashed on this configuration: signal 9",
    PARSER: "the parser is gone",
}


def held_up(ipvsd):
    """The parser and its worker, which is stopped."""
    parser = descendant(ipvsd, PARSER)
    worker = descendant(parser, WORKER - PARSER)
    os.kill(worker, signal.SIGSTOP)
    return parser, worker


def let_go(worker):
    """It may have been stopped before it asked to end with the parser."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGCONT)


def runs(pid):
    """No zombie, which whoever is its parent now may leave."""
    try:
        return status(pid)["State"][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def lose(ipvsd, depth):
    parser, worker = held_up(ipvsd)
    lost = {PARSER: parser, WORKER: worker}[depth]
    os.kill(lost, signal.SIGKILL)
    wait_for(lambda: not runs(lost), DEADLINE, "its end")
    let_go(worker)


def at_the_start(net, host, depth):
    director = Director(net, host, large())
    before = host.addresses("eth0")
    director.launch("ipvsd")
    lose(director.pid("ipvsd"), depth)
    process = director.daemons["ipvsd"].process
    equal(process.wait(DEADLINE), 1, "ipvsd's exit status")
    expect(LOST[depth] in process.output(), f"why: {process.output()[-500:]}")
    equal(host.addresses("eth0"), before, "addresses")


def at_a_reload(net, host, depth):
    director = Director(net, host, SMALL)
    director.start("ipvsd")
    generation = in_force(director)
    director.write_config(large())
    reload = host.popen("reload", binary("vipctl"), "-r", director.rundir,
                        "reload")
    lose(director.pid("ipvsd"), depth)
    equal(reload.wait(DEADLINE), 1, "vipctl reload's exit status")
    expect(LOST[depth] in reload.output(), f"why: {reload.output()}")
    equal(in_force(director), generation, "the generation in force")
    director.ask("reload")
    expect(in_force(director) != generation, "the next reload is taken")
    director.stop("ipvsd")


def held_up_at_a_reload(net, host):
    """As by a file system that does not answer: who drains is not kept
    waiting, and another reload says why it is."""
    director = Director(net, host, large())
    director.start("ipvsd")
    director.write_config(large() + "# read again\n")
    reload = host.popen("reload", binary("vipctl"), "-r", director.rundir,
                        "reload")
    _, worker = held_up(director.pid("ipvsd"))
    with judged(4, work=True):
        begun = time.monotonic()
        director.ask("drain", "s1/10.2.0.1")
        director.ask("enable", "s1/10.2.0.1")
        director.ask("drain", "s1/10.2.0.1")
        refused = director.ask("reload", check=False)
        equal((refused.returncode, refused.stderr),
              (1, "vipctl: ipvsd: another reload is going on, it waits for the "
               "parser\n"), "another reload")
        expect(time.monotonic() - begun < 20, "nobody is kept waiting")
    let_go(worker)
    equal(reload.wait(DEADLINE), 0, "vipctl reload's exit status")
    row, = [row for row in director.vipctl("show", "services", "s1/10.2.0.1")
            if row["kind"] == "server"]
    equal(row["override"], "drained", "what was drained meanwhile")
    director.stop("ipvsd")


def lost_at_a_reload(net, host):
    director = Director(net, host, SMALL)
    director.start("ipvsd")
    director.write_config(large())
    reload = host.popen("reload", binary("vipctl"), "-r", director.rundir,
                        "reload")
    pids = held_up(director.pid("ipvsd"))
    director.kill("ipvsd")
    wait_for(lambda: not runs(pids[0]), 5, "the parser ends")
    let_go(pids[1])
    wait_for(lambda: not runs(pids[1]), 5, "and its worker")
    reload.wait(DEADLINE)


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        for depth, what in ((WORKER, "worker"), (PARSER, "parser")):
            step(f"the {what} is killed at the start")
            at_the_start(net, host, depth)
        step("the worker is killed at a reload")
        at_a_reload(net, host, WORKER)
        step("the worker does not come to its end")
        held_up_at_a_reload(net, host)
        step("ipvsd is killed at a reload")
        lost_at_a_reload(net, host)


run(main)
