#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Somebody else's hand in the kernel's table, and what a kernel does not have.

After `ipvsadm -C` status never says that servers are drained, the log says what
happened, and the table heals. A scheduler that the kernel lacks is named.
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


def no_scheduler(director):
    host = director.host
    if host.run("modprobe", "-q", "ip_vs_twos", check=False).returncode == 0:
        step("this kernel has it")
        return
    director.write_config(CONFIG.replace("scheduler: rr", "scheduler: twos"))
    director.ask("reload")
    refused = ("ipvs tcp 10.0.0.100:80: edit service with scheduler twos: "
               "No such file or directory")
    wait_for(lambda: refused in output(director), 20, refused)
    out = director.ask("status").stdout
    expect("\nrefused by the kernel " in out and refused in out, out)
    equal(ipvs.weights(host, SERVICE), TABLE, "what was there goes on")
    director.write_config(CONFIG)
    director.ask("reload")


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        director.wait_state("front", "master", 30)
        ipvs.wait_weights(host, SERVICE, TABLE, 20)
        step("ipvsadm -C")
        cleared(director)
        step("a scheduler that is not there")
        no_scheduler(director)


if __name__ == "__main__":
    run(main)
