#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Daemons in the background, and a syslogd that does not read or is not there.

Anybody may write to /dev/log, and fill it: what a daemon has to say is lost
then, and it says so later, but it waits for nobody.
"""

import contextlib
import os
import re
import signal
import socket
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from net import Net
from scenario import equal, expect, run, step
from suite import DAEMONS, Director, one_instance
from waiting import wait_for

NODES = ("null", "zero", "full", "random", "urandom", "tty")
QUEUE = 100     # lines that nobody has read


def own_dev(host):
    """A /dev of this host's own, in which a log may be bound."""
    host.run("sh", "-ec", f"""
        mount -t tmpfs -o mode=755 dev /mnt
        for node in {' '.join(NODES)}; do
            touch /mnt/$node
            mount --bind /dev/$node /mnt/$node
        done
        mount --move /mnt /dev""")


class Syslogd:
    """Reads when it is asked to."""

    def __init__(self, host):
        self.path = f"/proc/{host.holder.pid}/root/dev/log"
        host.sysctl("net.unix.max_dgram_qlen", QUEUE)
        with host.network():
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind(self.path)
        os.chmod(self.path, 0o666)

    def read(self):
        lines = []
        with contextlib.suppress(BlockingIOError):
            while True:
                lines.append(self.sock.recv(65536).decode())
        return lines

    def wait_line(self, pattern):
        """A line that matches, of those that come."""
        def found():
            return next(filter(None, (re.search(pattern, line)
                                      for line in self.read())), None)
        return wait_for(found, 5, f"a line like {pattern}")

    def fill(self):
        """As a stranger may: no line has room any more."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.setblocking(False)
            stranger.connect(self.path)
            with contextlib.suppress(BlockingIOError):
                while True:
                    stranger.send(b"<30>stranger: words")

    def close(self):
        self.sock.close()
        os.unlink(self.path)


def pids(director):
    return {name: ctl(f"{director.rundir}/{name}.ctl", "summary")[0]["pid"]
            for name in DAEMONS}


def changes(director):
    """vrrpd and ipvsd have something to log, and go on at once: nobody takes
    over from one that resigns, so it comes back."""
    began, before = time.monotonic(), director.instance("web")
    director.ask("resign", "web")
    wait_for(lambda: director.instance("web")["become_master"]
             > before["become_master"], 5, "master again")
    sent = director.instance("web")["adverts_tx"]
    wait_for(lambda: director.instance("web")["adverts_tx"] >= sent + 3, 2,
             "adverts")
    director.ask("enable", "web")
    pids(director)
    step(f"changed and back in {time.monotonic() - began:.1f} s")


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        own_dev(host)
        syslogd = Syslogd(host)
        director = Director(net, host, one_instance())
        for name in DAEMONS:
            host.run(*[word for word in director.command(name)
                       if word != "-d"], timeout=20)
        director.wait_state("web", "master")
        said = syslogd.wait_line(r"^<30>vrrpd\[(\d+)\]: vrrp web: .*-> master")
        equal(int(said[1]), pids(director)["vrrpd"], "who says it")

        step("a syslogd that does not read")
        syslogd.fill()
        changes(director)
        changes(director)
        expect(all("stranger" in line for line in syslogd.read()),
               "the queue was full")
        changes(director)
        syslogd.wait_line(r"^<30>vrrpd\[.*\((\d+) lines of the log were lost\)$")

        step("none, and another one")
        syslogd.close()
        changes(director)
        syslogd = Syslogd(host)
        time.sleep(1.1)
        changes(director)
        syslogd.wait_line(r"^<30>vrrpd\[.* lines of the log were lost\)$")
        for pid in pids(director).values():
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda p=pid: not os.path.exists(f"/proc/{p}/exe"), 20,
                     "its end")
        syslogd.close()


run(main)
