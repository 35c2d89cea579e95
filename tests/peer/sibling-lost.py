#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The loss and return of checkd leaves the link of vrrpd and ipvsd alone, and
the loss and return of vrrpd that of checkd and ipvsd."""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

CONFIG = """
nodes: {d1: 192.168.1.1}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 200ms
    nodes: [d1]
    addresses: [192.168.1.200/32]
"""
# A lost daemon's siblings try again every second.
TRIES_MS = 2500


def links(director):
    return {(row["daemon"], row["peer"]): row
            for row in director.vipctl("show", "links") if "since_ms" in row}


def loss(director, lost, other):
    """Kill one, wait for some tries, start it again."""
    director.kill(lost)

    def down_for_long():
        row = links(director)["ipvsd", lost]
        return row["state"] == "down" and row["since_ms"] > TRIES_MS
    wait_for(down_for_long, 20, f"{lost} lost")
    found = links(director)
    for pair in (("ipvsd", other), (other, "ipvsd")):
        equal(found[pair]["state"], "up", f"link {pair}")
        expect(found[pair]["since_ms"] > found["ipvsd", lost]["since_ms"],
               f"link {pair} was made anew")
    # What the log says of an end it says of the return, too.
    log = director.daemons[other].process.output
    ups = log().count(f"link {lost}: up\n")
    director.start(lost)
    wait_for(lambda: log().count(f"link {lost}: up\n") == ups + 1, 20,
             f"{other} logs that {lost} is back")
    wait_for(lambda: all(row["state"] == "up" for row
                         in links(director).values()), 20, "all links up")
    found = links(director)
    for pair in (("ipvsd", other), (other, "ipvsd")):
        expect(found[pair]["since_ms"] > TRIES_MS, f"link {pair} is new")


def main():
    with Net() as net:
        lan, d1 = net.lan(), net.host("d1")
        d1.connect(lan, "eth0", "192.168.1.1/24")
        director = Director(net, d1, CONFIG)
        director.start()
        director.wait_state("web", "master")
        term = director.instance("web")["term"]
        loss(director, "checkd", "vrrpd")
        row = director.instance("web")
        equal((row["state"], row["term"], row["become_master"]),
              ("master", term, 1), "the instance")
        step("checkd lost and back: link and term of vrrpd as before")
        loss(director, "vrrpd", "checkd")
        step("vrrpd lost and back: link of checkd as before")


run(main)
