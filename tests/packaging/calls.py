#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What its unit's filter of system calls would refuse, no daemon needs.

The daemons run with strace(1) through a start, a reload, a restart and a stop.
A unit's filter is taken apart with systemd's own table of sets. The rest, what
systemd itself makes of a unit, is tests/lab/units.py, by hand.
"""

import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fault_matrix import realtime
from net import Net
from scenario import Skip, equal, expect, run, step
from suite import DAEMONS, Director, binary, checkout
from waiting import wait_for
from web import WebServer

CONFIG = """
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 100ms
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
  back:                 # not held here: this kernel may have no ip_vs
    interface: absent0
    vrid: 11
    nodes: [d1, d2]
    addresses: [10.0.0.101/32]
services:
  web:
    address: 10.0.0.101:80
    vrrp: back
    forward: direct
    check: {{type: http, interval: 1s, timeout: 800ms, rise: {rise}}}
    servers: [10.0.0.21]
"""
CALL = re.compile(r"(\d+) +([a-z_0-9]+)\((.*)")
CANNOT = re.compile(r"= -1 ENOSYS")


def calls_of(name):
    """The calls of a set, those of its sets among them."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", name],
                          check=True, text=True, stdout=subprocess.PIPE).stdout
    found = set()
    for word in map(str.strip, text.splitlines()[1:]):
        if word.startswith("@"):
            found |= calls_of(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


def settings(daemon, key):
    path = f"{checkout()}/packaging/systemd/{daemon}.service"
    with open(path, encoding="utf-8") as file:
        return [line.split("=", 1)[1].strip() for line in file
                if line.startswith(f"{key}=")]


def allowed(daemon):
    """As systemd.exec(5) has it: what comes first allows, `~' takes away."""
    found = calls_of("@default")
    lines = settings(daemon, "SystemCallFilter")
    expect(lines and not lines[0].startswith("~"), f"{daemon}: {lines}")
    for line in lines:
        calls = set()
        for word in line.lstrip("~").split():
            calls |= calls_of(word) if word.startswith("@") else {word}
        found = found - calls if line.startswith("~") else found | calls
    return found


class Traced(Director):
    """Who they are from the start on is as the units have it."""

    def trace(self, name):
        return f"{self.directory}/{name}.strace"

    def command(self, name):
        user, = settings(name, "User")
        group, = settings(name, "Group")
        capabilities = ",".join(
            "+" + word.removeprefix("CAP_").lower()
            for line in settings(name, "AmbientCapabilities")
            for word in line.split())
        become = ["setpriv", f"--reuid={user}", f"--regid={group}",
                  "--init-groups"]
        if capabilities:
            become += [f"--inh-caps={capabilities}",
                       f"--ambient-caps={capabilities}"]
        return ["strace", "-D", "-A", "-f", "-q", "-e", "signal=none",
                "-o", self.trace(name), *become, *super().command(name)]

    def lines(self, name):
        with open(self.trace(name), encoding="utf-8",
                  errors="replace") as file:
            return file.readlines()

    def made(self, name):
        """The calls that the kernel, or the daemon's own filter, let pass."""
        found, others = set(), set()
        for line in self.lines(name):
            match = CALL.match(line)
            if not match or CANNOT.search(line):
                continue
            pid, call, rest = match.groups()
            if call == "execve":
                ours = (f'"{binary(name)}"', f'"{binary(name)}-parser"')
                (others.discard if rest.startswith(ours)
                 else others.add)(pid)
            elif pid not in others:
                found.add(call)
        return found


class Refused(Director):
    """In real time, and its parser may not leave that."""

    def command(self, name):
        return [*realtime(), "strace", "-D", "-f", "-q", "-o", "/dev/null",
                "-e", "inject=sched_setscheduler:error=ENOSYS",
                *super().command(name)]


def traces():
    done = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"],
                          check=False, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def main():
    if not traces():
        raise Skip("tracing is forbidden here")
    with Net() as net:
        lan = net.lan(capture=False)
        d1, d2, s1 = (net.host(name) for name in ("d1", "d2", "s1"))
        d1.connect(lan, "eth0", "10.0.0.11/24")
        s1.connect(lan, "eth0", "10.0.0.21/24")
        WebServer(s1)
        director = Traced(net, d1, CONFIG.format(rise=1)).start()
        director.wait_state("front", "master")
        director.write_config(CONFIG.format(rise=2))
        director.vipctl("reload")
        for name in DAEMONS:
            director.stop(name, number=signal.SIGUSR2)
            director.start(name)
        director.wait_state("front", "master")
        director.ask("drain", "web/10.0.0.21")
        director.stop()
        for name in DAEMONS:
            wait_for(lambda n=name: "exited with 0" in director.lines(n)[-1],
                     10, f"{name}: its trace")
            made = director.made(name)
            expect("epoll_wait" in made or "epoll_pwait" in made,
                   f"{name}: nothing was traced: {sorted(made)}")
            equal(sorted(made - allowed(name)), [],
                  f"{name}: its unit refuses")
            step(f"{name}: {len(made)} calls, all in its unit's filter")
        if realtime():
            director = Refused(net, d2, CONFIG.format(rise=1)).start("ipvsd")
            log = director.daemons["ipvsd"].process.output()
            expect("parser: stays real-time" in log, log)
            step("a call that is refused: ipvsd says so and starts")


run(main)
