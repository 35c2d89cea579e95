#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What an idle pair of directors costs: memory and processor time.

Two directors share an address at 1 s adverts for half a minute. keepalived
with the same instance is measured beside them.
"""

import time

from measure import Limits, cpu_seconds, private_dirty
from net import Net
from peers import keepalived
from scenario import run, step
from suite import DAEMONS, Director, children
from waiting import wait_for

SECONDS = 30
CONFIG = """
nodes: {d1: 10.9.0.1, d2: 10.9.0.2}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 1s
    nodes: [d1, d2]
    addresses: [10.9.0.100/32]
"""
KEEPALIVED = """
vrrp_instance web {
    interface eth0
    virtual_router_id 8
    priority 100
    version 3
    advert_int 1
    virtual_ipaddress { 10.9.0.101/32 }
}
"""


def pids_of(process):
    """A process and its children."""
    found = [process.pid]
    for pid in found:
        found += children(pid)
    return found


def main():
    limits = Limits()
    with Net() as net:
        lan = net.lan(capture=False)
        directors = []
        for number, name in enumerate(("d1", "d2"), 1):
            host = net.host(name)
            host.connect(lan, "eth0", f"10.9.0.{number}/24")
            directors.append(Director(net, host, CONFIG).start())
        wait_for(lambda: directors[0].host.holds("10.9.0.100"), 10,
                 "d1 is master")
        rival_host = net.host("k1")
        rival_host.connect(lan, "eth0", "10.9.0.3/24")
        rival = keepalived(net, rival_host, KEEPALIVED)
        wait_for(lambda: rival_host.holds("10.9.0.101"), 15,
                 "keepalived is master")

        groups = {f"{director.host.name} {name}": [director.pid(name)]
                  for director in directors for name in DAEMONS}
        groups["keepalived, all"] = pids_of(rival)
        before = {name: sum(map(cpu_seconds, pids))
                  for name, pids in groups.items()}
        step(f"idle for {SECONDS} s")
        time.sleep(SECONDS)         # what is measured, not a wait
        for name, pids in groups.items():
            used = sum(map(cpu_seconds, pids)) - before[name]
            percent = 100 * used / SECONDS
            dirty = sum(map(private_dirty, pids)) / 1024
            if name.startswith("keepalived"):
                step(f"{name}: {dirty:.2f} MiB, {percent:.3f} %")
                continue
            limits.most(dirty, 3, f"{name}: MiB Private_Dirty")
            limits.most(percent, 0.1, f"{name}: % of a processor")
    limits.judge()


if __name__ == "__main__":
    run(main, limit=None)
