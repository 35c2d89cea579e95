#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Somebody else's hand in the kernel's table, and what a kernel does not have.

After `ipvsadm -C` status never says that servers are drained, the log says what
happened, and the table heals. A scheduler that the kernel lacks refuses a reload
by name; at a start it takes the other services nothing.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from suite import Director
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
TABLE = {"10.0.0.21:80": 1, "10.0.0.22:80": 1}


def output(director):
    return director.daemons["ipvsd"].process.output()


def cleared(director):
    director.host.run("ipvsadm", "-C")
    # It asks for a dump, so it is what ipvsd learns by, too.
    out = director.ask("status").stdout
    expect("drained" not in out, out)
    ipvs.wait_weights(director.host, SERVICE, TABLE, 20)
    expect("ipvs: 1 of our services had been taken out by somebody else"
           in output(director), "the log says so")
    out = director.ask("status").stdout
    expect("2 of 2 servers up" in out and "->" not in out, out)


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
        step("ipvsadm -C")
        cleared(director)
        if host.run("modprobe", "-q", "ip_vs_twos", check=False).returncode:
            refused_reload(director)
            refused_at_the_start(director)
        else:
            step("not judged: this kernel has scheduler twos")


if __name__ == "__main__":
    run(main)
