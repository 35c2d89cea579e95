#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A daemon that was taken over connects to the rendezvous without end. Its
sibling, started again meanwhile, and a new ipvsd get their links all the same.
"""

import contextlib
import os
import pwd
import signal
import socket
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from net import Net
from scenario import expect, run, step
from siblings import RENDEZVOUS
from suite import DAEMONS, Director, one_instance
from waiting import wait_for

FLOODERS = 4
# A rendezvous is tried once a second at least.
LINKED_S = 5


class Flood:
    """Processes of a daemon's user, outside of its sandbox."""

    def __init__(self, director, user):
        self.children = []
        for _ in range(FLOODERS):
            child = os.fork()
            if child == 0:
                try:
                    self._flood(director, pwd.getpwnam(user))
                finally:
                    os._exit(0)
            self.children.append(child)

    @staticmethod
    def _flood(director, entry):
        os.initgroups(entry.pw_name, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        paths = [f"{director.rundir}/{name}" for name in RENDEZVOUS.values()]
        while True:
            for path in paths:
                with socket.socket(socket.AF_UNIX,
                                   socket.SOCK_SEQPACKET) as sock:
                    sock.setblocking(False)
                    with contextlib.suppress(OSError):
                        sock.connect(path)

    def close(self):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def linked(director, *pair):
    """Whether both say so."""
    with contextlib.suppress(OSError, AssertionError):
        return all(row["state"] == "up" for name in pair
                   for row in ctl(f"{director.rundir}/{name}.ctl", "links")
                   if row["peer"] in pair)
    return False


def started_again(director, name, pair):
    director.kill(name)
    director.start(name)
    began = time.monotonic()
    wait_for(lambda: linked(director, *pair), 60, f"{pair} are linked")
    took = time.monotonic() - began
    step(f"  {name}: linked after {took:.1f} s")
    expect(took < LINKED_S, f"{name}: linked only after {took:.1f} s")


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, one_instance()).start()
        director.wait_state("web", "master")
        for user, sibling in (("_checkd", "vrrpd"), ("_vrrpd", "checkd")):
            flood = Flood(director, user)
            step(f"{user} floods")
            try:
                for name in (sibling, "ipvsd"):
                    started_again(director, name, ("ipvsd", sibling))
            finally:
                flood.close()
            wait_for(lambda: linked(director, *DAEMONS), 30, "all are linked")
            director.wait_state("web", "master")


run(main)
