#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Daemons that have no descriptor left for who wants to connect.

They wait for one, and go on meanwhile with all else: a loop that spins on
what it cannot accept would keep adverts and renewals waiting. Who waited is
answered as soon as there is one.
"""

import os
import pwd
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from net import Net
from scenario import equal, expect, run, step
from suite import DAEMONS, Director, cpu_seconds, one_instance
from waiting import wait_for

VIRTUAL = "10.0.0.100"
CONFIG = one_instance()
WATCHED = 2.0
# Of a second. What spins takes as much as the machine gives.
BUSY = 0.2


class NoMore:
    """While this lasts a daemon can open nothing more, whatever it closes. Its
    own user may do that, root without CAP_SYS_RESOURCE may not."""

    STDIO = 3

    def __init__(self, name, pid):
        self.user, self.pid = pwd.getpwnam(f"_{name}"), pid
        with open(f"/proc/{pid}/limits", encoding="ascii") as file:
            self.before = next(line.split()[3] for line in file
                               if line.startswith("Max open files"))

    def _limit(self, files):
        done = subprocess.run(
            ["setpriv", f"--reuid={self.user.pw_uid}",
             f"--regid={self.user.pw_gid}", "--clear-groups", "prlimit",
             f"--pid={self.pid}", f"--nofile={files}:"],
            capture_output=True, text=True, check=False)
        expect(done.returncode == 0, done.stderr)

    def __enter__(self):
        self._limit(self.STDIO)

    def __exit__(self, *_):
        self._limit(self.before)


def watch(pid, name, waits):
    """Somebody waits, and the daemon is idle all the same."""
    begin, used = time.monotonic(), cpu_seconds(pid)
    wait_for(lambda: time.monotonic() > begin + WATCHED, 10, "a while")
    passed, used = time.monotonic() - begin, cpu_seconds(pid) - used
    expect(used < BUSY * passed,
           f"{name}: {used:.2f} of {passed:.2f} s while {waits}")


def control(director, name):
    """vipctl's socket."""
    process = director.daemons[name].process
    path = f"{director.rundir}/{name}.ctl"
    term = director.instance("web")["term"]
    with NoMore(name, process.pid), socket.socket(
            socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.connect(path)
        watch(process.pid, name, "a client waits")
        expect("control: accept: Too many open files" in process.output(),
               f"{name} does not say why")
        expect(director.host.holds(VIRTUAL), "the address stays")
    equal(ctl(path, "summary")[0]["daemon"], name, "who answers")
    row = director.instance("web")
    equal((row["state"], row["term"]), ("master", term), "the term")
    step(f"{name}: its control socket")


def rendezvous(director):
    """A sibling that comes back meanwhile waits, too."""
    process = director.daemons["ipvsd"].process
    director.kill("checkd")
    with NoMore("ipvsd", process.pid):
        director.start("checkd")
        wait_for(lambda: "rendezvous: accept: Too many open files"
                 in process.output(), 10, "ipvsd says why")
        watch(process.pid, "ipvsd", "checkd waits")
        expect(not linked(director), "linked without a descriptor")
    wait_for(lambda: linked(director), 10, "linked")
    expect(director.host.holds(VIRTUAL), "the address stays")
    step("the rendezvous")


def linked(director):
    """Whether checkd has its link to ipvsd."""
    return any(row["peer"] == "ipvsd" and row["state"] == "up"
               for row in ctl(f"{director.rundir}/checkd.ctl", "links"))


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        director.wait_state("web", "master")
        for name in DAEMONS:
            control(director, name)
        rendezvous(director)
        director.stop(number=signal.SIGTERM)


run(main)
