#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A run-time directory without room.

A reload that a restart would undo is refused and says why. But a director is
never lost to it: an ipvsd that was killed goes on with what it has kept, and
one that starts anew runs its file.
"""

import grp
import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director, one_instance
from waiting import wait_for

VIRTUAL, SECOND = "10.0.0.100", "10.0.0.101"
# Not this host's, so that no ip_vs is needed.
SERVICE = """
  other:
    interface: eth0
    vrid: 8
    nodes: [d2]
    addresses: [10.0.0.102/32]
services:
  web:
    address: 10.0.0.102:80
    forward: direct
    servers: [10.0.0.21]
"""


def generations(director):
    """By vipctl, which sees the directory's mount; see judge.py."""
    return {row["daemon"]: row.get("generation")
            for row in director.vipctl("status")["daemons"]}


def fill(director):
    """No page is left, and none can be had by rewriting a file."""
    done = director.host.run("dd", "if=/dev/zero", "bs=1k", "oflag=append",
                             "conv=notrunc", f"of={director.rundir}/full",
                             check=False)
    expect("No space left" in done.stderr, done.stderr)


def nothing_half(director):
    """No file is left behind that could not be written to its end."""
    path = f"/proc/{director.host.holder.pid}/root{director.rundir}/ipvsd"
    wait_for(lambda: not [name for name in os.listdir(path)
                          if name.endswith(".new")], 5, "no half file is left")


def refused_reload(director):
    before = generations(director)
    director.write_config(one_instance(address=SECOND))
    done = director.ask("reload", check=False)
    equal(done.returncode, 1, "exit status of the reload")
    expect("kept for a restart: No space left on device" in done.stderr,
           done.stderr)
    equal(generations(director), before, "generations")
    expect(director.host.holds(VIRTUAL), "the address stays")
    nothing_half(director)


def unkept_drain(director):
    done = director.ask("drain", "10.0.0.21", check=False)
    equal(done.returncode, 1, "exit status of the drain")
    expect("10.0.0.21: drained, but that cannot be kept for a restart: "
           "No space left on device" in done.stderr, done.stderr)


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host,
                            one_instance(address=VIRTUAL) + SERVICE)
        group = grp.getgrnam("_triumvir").gr_gid
        host.run("mount", "-t", "tmpfs", "-o",
                 f"size=256k,mode=1775,gid={group}", "none", director.rundir)
        director.start()
        director.wait_state("web", "master")
        term = director.instance("web")["term"]
        fill(director)
        step("a reload")
        refused_reload(director)
        step("a drain")
        unkept_drain(director)

        step("ipvsd is killed and started again")
        director.kill("ipvsd")
        fill(director)
        director.start("ipvsd")
        wait_for(lambda: len(set(generations(director).values())) == 1, 10,
                 "one generation")
        expect(host.holds(VIRTUAL) and not host.holds(SECOND),
               "it runs what was committed")
        row = director.instance("web")
        equal((row["state"], row["term"]), ("master", term), "the instance")

        step("all leave and come back")
        director.stop(number=signal.SIGTERM)
        fill(director)
        director.start()
        director.wait_state("web", "master")
        expect(host.holds(SECOND), "it runs the file")
        expect("not kept" in director.daemons["ipvsd"].process.output(),
               "and says that a restart will read it again")
        expect("ipvsd/terms: No space left" in
               director.daemons["ipvsd"].process.output(),
               "and that the term is not kept")
        nothing_half(director)

        step("room again")
        host.run("rm", f"{director.rundir}/full")
        director.write_config(one_instance(address=VIRTUAL))
        director.ask("reload")
        wait_for(lambda: host.holds(VIRTUAL), 10, "the reload's address")


run(main)
