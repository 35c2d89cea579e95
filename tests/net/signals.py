#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Signals that scripts for other daemons send end none of ours."""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, run, step
from suite import Director, one_instance
from waiting import wait_for

SILENT = (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
          signal.SIGPWR, signal.SIGSTKFLT, signal.SIGRTMIN,
          signal.SIGRTMIN + 2, signal.SIGRTMAX)
HINTS = {
    "vrrpd": {signal.SIGUSR1: "vipctl status", signal.SIGHUP: "vipctl reload"},
    "checkd": {signal.SIGUSR1: "vipctl status",
               signal.SIGHUP: "vipctl reload"},
    "ipvsd": {signal.SIGUSR1: "vipctl status"},
}


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, one_instance()).start()
        director.wait_state("web", "master")
        row = director.instance("web")
        for name, hints in HINTS.items():
            pid = director.pid(name)
            for number in SILENT:
                os.kill(pid, number)
            for number, hint in hints.items():
                os.kill(pid, number)
                text = f"{signal.Signals(number).name} is ignored: to "

                def said(name=name, text=text, hint=hint):
                    lines = director.daemons[name].process.output()
                    return any(text in line and hint in line
                               for line in lines.splitlines())
                wait_for(said, 5, f"{name}: {text}")
            equal(director.pid(name), pid, f"{name} lives")
            step(f"{name}: {', '.join(s.name for s in hints)} with a hint")
        again = director.instance("web")
        equal((again["state"], again["term"], again["become_master"]),
              ("master", row["term"], row["become_master"]), "the instance")
        director.stop()


run(main)
