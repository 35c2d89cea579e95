#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The kernel's answers about services get lost, as there is no room for them.

All services are refused, for the module of their scheduler is kept away. The
term is not held as long as ipvsd does not know that they are in. It tries again
every second, not as fast as it can; when the module is there again, the table
and the term come by themselves. Of addresses
tests/net/lost-answers.py has the same.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from fake_ipvsd import ctl
from inject import NETLINK_GENERIC, room
from net import Net
from scenario import Skip, equal, expect, run, step
from suite import Director
from waiting import wait_for

PORTS = range(80, 96)
ADDRESS = "10.0.0.100"
CONFIG = f"""
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 1s
    nodes: [d1, d2]
    addresses: [{ADDRESS}/32]
services:
""" + "".join(f"""
  s{port}:
    address: {ADDRESS}:{port}
    forward: direct
    scheduler: ovf
    servers: [10.0.0.21]
""" for port in PORTS)
SCHEDULER = "ovf"
MODPROBE = "/proc/sys/kernel/modprobe"
TRY_AGAIN = 5           # seconds
TABLE = {f"TCP {ADDRESS}:{port}": {f"10.0.0.21:{port}": 1} for port in PORTS}




def output(director):
    return director.daemons["ipvsd"].process.output()


def lost(director):
    row, = ctl(f"{director.rundir}/ipvsd.ctl", "kernel")
    return row["overruns"]


def set_modprobe(path):
    with open(MODPROBE, "w", encoding="ascii") as file:
        file.write(path + "\n")


def keep_away(net):
    """The scheduler's module, until what is returned is called."""
    if subprocess.run(["modprobe", "-r", f"ip_vs_{SCHEDULER}"],
                      check=False).returncode != 0:
        raise Skip(f"ip_vs_{SCHEDULER} cannot be unloaded")
    with open(MODPROBE, encoding="ascii") as file:
        path = file.read().strip()

    def back():
        set_modprobe(path)
    net.defer(back)
    set_modprobe("")
    return back


def complete(host):
    found = {name: {server: row.weight for server, row
                    in service.servers.items()}
             for name, service in ipvs.table(host).items()}
    assert found == TABLE, f"is {found}"
    return True


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        come_back = keep_away(net)
        director = Director(net, host, CONFIG).start("ipvsd", "checkd")
        room(director.pid("ipvsd"), NETLINK_GENERIC, 1)
        before = lost(director)
        director.start("vrrpd")
        wait_for(lambda: lost(director) > before and director.instance(
            "web")["reason"].startswith("addresses not held"), 60,
            "the term is not held")
        begin = lost(director)
        time.sleep(TRY_AGAIN)
        tries = lost(director) - begin
        expect(0 < tries <= 3 * TRY_AGAIN, f"{tries} times it tried again")
        expect("held" not in output(director), "a term was held")
        equal(ipvs.table(host), {}, "services")
        step("lost: nothing is said to be done")
        come_back()
        director.wait_state("web", "master", 60)
        wait_for(lambda: complete(host), 60, "the table")
        step("done: held")


if __name__ == "__main__":
    run(main)
