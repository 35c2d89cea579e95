#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Why an instance does not hold its addresses: the reason is the cause.

Not "the kernel refused" for a kernel without ip_vs, an interface that is not
there, or a lifetime that nobody renewed; and what is no refusal counts as none.
"""

import os
import re
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from judge import kernel
from net import Net
from scenario import equal, expect, run, step
from suite import Director, one_instance
from waiting import wait_for

VIRTUAL = "10.0.0.100"
CONFIG = one_instance("200ms")
SERVICE = f"""
services:
  web:
    address: {VIRTUAL}:80
    servers: [10.0.0.21]
"""


def said(director, text, daemon="ipvsd"):
    wait_for(lambda: text in director.daemons[daemon].process.output(), 20,
             f"{director.host.name}: {daemon} logs {text!r}")


def start(net, config):
    host = net.host("d1")
    host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
    return Director(net, host, config).start()


def no_ip_vs():
    with Net() as net:
        director = start(net, CONFIG + SERVICE)
        if kernel(director)["ip_vs"] != "no":
            step("this kernel has ip_vs")
            return
        said(director, "lease web: releasing -> none, the kernel has no ip_vs")
        reason = "addresses not held: the kernel has no ip_vs"
        wait_for(lambda: director.instance("web")["reason"] == reason, 10,
                 reason)


def no_interface():
    with Net() as net:
        director = start(net, CONFIG)
        director.wait_state("web", "master")
        director.write_config(CONFIG.replace("eth0", "eth9"))
        director.ask("reload")
        reason = "interface eth9 does not exist"
        wait_for(lambda: director.instance("web")["reason"] == reason, 10,
                 reason)
        wait_for(lambda: not director.host.holds(VIRTUAL), 10, "it is gone")
        equal(kernel(director)["netlink_errors"], 0, "errors")
        expect("refused" not in director.ask("status").stdout, "in status")


def lifetime_over():
    """ipvsd comes back and finds a term, but vrrpd has been stopped."""
    with Net() as net:
        director = start(net, CONFIG)
        director.wait_state("web", "master")
        director.send(signal.SIGSTOP, "vrrpd")
        director.kill("ipvsd")
        director.start("ipvsd")
        expect(director.host.holds(VIRTUAL), "the address is there still")
        wait_for(lambda: not director.host.holds(VIRTUAL), 15, "its end")
        said(director, "lease web: releasing -> none, the lease ran out")
        expect("the kernel refused" not in
               director.daemons["ipvsd"].process.output(), "it refused nothing")
        director.send(signal.SIGCONT, "vrrpd")
        director.wait_state("web", "master")


def never_held():
    """It asks less and less often, and the log says it once."""
    with Net() as net:
        host = net.host("d2")   # whose logs begin here
        host.connect(net.lan(capture=False), "eth0", "10.0.0.12/24")
        director = Director(net, host, CONFIG.replace(
            "200ms", "10ms").replace(
            f"{VIRTUAL}/32", f"{{address: {VIRTUAL}/32, interface: eth9}}"))
        director.start()
        # After 30, 60, 120 ms and so on: the ninth waits for 8 s.
        def attempts():
            return director.instance("web")["priority_zero_tx"]
        wait_for(lambda: attempts() == 8, 20, "refused eight times")
        begin = time.monotonic()
        wait_for(lambda: time.monotonic() - begin > 2, 5, "it waits")
        equal(attempts(), 8, "attempts")
        for daemon, subject in (("vrrpd", "vrrp"), ("ipvsd", "lease")):
            found = re.findall(rf": {subject} web: .* -> acquiring",
                               director.daemons[daemon].process.output())
            equal(len(found), 1, f"{daemon}: lines")
        wait_for(lambda: director.instance("web")["reason"] ==
                 "addresses not held: an interface is missing or down; "
                 "interface eth9 does not exist", 5,
                 "the reason")
        wait_for(lambda: "nobody heard" in director.ask("status").stdout, 5,
                 "its master")
        director.send(signal.SIGSTOP, "ipvsd")
        out = director.ask("status").stdout
        expect(re.search(r"^web .* unknown$", out, re.MULTILINE),
               f"addresses that nobody knows: {out}")
        director.send(signal.SIGCONT, "ipvsd")


def removed():
    with Net() as net:
        director = start(net, CONFIG)
        director.wait_state("web", "master")
        director.write_config(CONFIG[:CONFIG.index("vrrp:")])
        director.ask("reload")
        said(director, "-> initialize, no longer configured so", "vrrpd")
        wait_for(lambda: not director.host.holds(VIRTUAL), 5, "its end")


def main():
    for part in (no_ip_vs, no_interface, lifetime_over, never_held, removed):
        step(part.__name__)
        part()


run(main, limit=0.01)
