#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How late adverts are at an interval of 10 ms (conformance point 16).

Our director and keepalived 2.2.7 (advert_int 0.01) are masters on one switch
at the same time, so that both meet the same machine. The judge is
the time that the kernel gave each frame in the capture: lateness is what the
gap to the advert before has over the interval. The limit is for an idle
machine; the load is printed.
"""

import os
import time

from measure import Limits   # first: it knows where the others are
from capture import frames
from net import Net
from peers import keepalived
from scenario import run, step
from suite import Director
from waiting import wait_for

SECONDS = 30
INTERVAL_MS = 10
LIMIT_MS = 1
OURS, THEIRS = 7, 8     # VRIDs
CONFIG = f"""
nodes: {{d1: 10.9.0.1, d2: 10.9.0.2}}
vrrp:
  web:
    interface: eth0
    vrid: {OURS}
    interval: {INTERVAL_MS}ms
    nodes: [d1, d2]
    addresses: [10.9.0.100/32]
"""
KEEPALIVED = f"""
global_defs {{
    vrrp_version 3
}}
vrrp_instance web {{
    interface eth0
    state MASTER
    virtual_router_id {THEIRS}
    priority 100
    version 3
    advert_int {INTERVAL_MS / 1000}
    virtual_ipaddress {{ 10.9.0.101/32 }}
}}
"""
ETHERTYPE_IPV4 = b"\x08\x00"
IPPROTO_VRRP = 112


def adverts(pcap, vrid, begin, end):
    """The times of the adverts of one virtual router."""
    for when, data in frames(pcap):
        if (len(data) < 42 or data[12:14] != ETHERTYPE_IPV4
                or data[23] != IPPROTO_VRRP):
            continue
        header = 14 + 4 * (data[14] & 15)
        if data[header + 1] == vrid and begin <= when < end:
            yield when


def lateness(times):
    """Sorted, in ms; a gap that is too short is a lateness below zero."""
    times = list(times)
    if len(times) < 0.9 * SECONDS * 1000 / INTERVAL_MS:
        raise AssertionError(f"only {len(times)} adverts in {SECONDS} s")
    return sorted((after - before) * 1000 - INTERVAL_MS
                  for before, after in zip(times, times[1:]))


def percentile(values, percent):
    return values[min(len(values) - 1, int(len(values) * percent / 100))]


def main():
    limits = Limits()
    with Net() as net:
        lan = net.lan()
        host = net.host("d1")
        host.connect(lan, "eth0", "10.9.0.1/24")
        Director(net, host, CONFIG).start()
        rival_host = net.host("k1")
        rival_host.connect(lan, "eth0", "10.9.0.3/24")
        keepalived(net, rival_host, KEEPALIVED)
        wait_for(lambda: host.holds("10.9.0.100"), 10, "d1 is master")
        wait_for(lambda: rival_host.holds("10.9.0.101"), 15,
                 "keepalived is master")
        time.sleep(1)               # both are past their announcements
        step(f"adverts every {INTERVAL_MS} ms for {SECONDS} s, load average "
             f"{os.getloadavg()[0]:.2f}")
        begin = time.time()
        time.sleep(SECONDS)         # what is measured, not a wait
        end = time.time()
        pcap = lan.capture.stop()
        found = {}
        for name, vrid in (("vrrpd", OURS), ("keepalived", THEIRS)):
            late = lateness(adverts(pcap, vrid, begin, end))
            found[name] = percentile(late, 99)
            step(f"{name}: {len(late)} gaps, late by ms: " + ", ".join(
                f"p{p:g} {percentile(late, p):.3f}" for p in (50, 99, 99.9))
                + f", max {late[-1]:.3f}; earliest {late[0]:.3f}")
        step(f"p99, keepalived's / ours: "
             f"{found['keepalived'] / found['vrrpd']:.2f}")
        limits.most(found["vrrpd"], LIMIT_MS, "vrrpd: p99 lateness, ms")
    limits.judge()


run(main, limit=None)
