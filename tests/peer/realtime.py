#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Real-time daemons under their units' limits, and others who never let them
sleep: a vrrpd that was taken over, operators.

By LimitRTTIME the kernel ends a real-time process that has not slept for 2 s.
A sibling or an operator that can keep a loop awake may not end it by that. What
ipvsd starts is ordinary, whatever ipvsd is.
"""

import os
import select
import socket
import struct
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import HEADER, MSG, MSG_VERSION, ctl, request
from net import Net
from scenario import Skip, equal, run, step
from siblings import IPVSD, Client
from suite import Director, as_unit, children, cpu_seconds
from waiting import wait_for

SECONDS = 5         # LimitRTTIME is 2
FLOODERS, CONNECTIONS = 2, 15    # one user may have 32
PRIORITY = 1        # below the daemons', above what is ordinary
INSTANCES, SERVERS = 200, 200
CONFIG = "nodes: {d1: 10.0.0.11, d2: 10.0.0.12}\nvrrp:\n" + "".join(
    f"  i{number}: {{interface: eth0, vrid: {number}, interval: 1s, "
    f"nodes: [d1, d2], addresses: [10.1.0.{number}/32]}}\n"
    for number in range(1, INSTANCES + 1)) + (
    # Of an instance that never comes up: there may be no ip_vs.
    "  more: {interface: absent0, vrid: 201, nodes: [d1, d2], "
    "addresses: [10.1.1.1/32]}\nservices:\n"
    "  web: {address: \"10.1.1.1:80\", vrrp: more, forward: nat, "
    "start: up, servers: [" + ", ".join(
        f"10.0.1.{number}" for number in range(1, SERVERS + 1)) + "]}\n")


def in_child(do, *args):
    """Before all that is ordinary, so that nothing but the daemon is waited
    for; its pid."""
    child = os.fork()
    if child == 0:
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
            do(*args)
        finally:
            os._exit(0)
    return child


def says(link):
    """RENEWs of no term, as fast as the link takes them."""
    packet = HEADER.pack(MSG_VERSION, MSG["RENEW"], HEADER.size + 20,
                         link.generation) + struct.pack("!IQQ", 0, 1, 1)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            while True:
                link.sock.send(packet)
        except BlockingIOError:
            select.select([], [link.sock], [], 0.1)


def asks(path, word):
    """All connections ask, and ask again when they are answered."""
    asked = request(word)
    clients = []
    for _ in range(CONNECTIONS):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.connect(path)
        client.send(asked)
        clients.append(client)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for client in select.select(clients, [], [], 0.1)[0]:
            if client.recv(8192)[1] == MSG["CTL_END"]:
                client.send(asked)


def flooded(director, name, word, link=None):
    pid = director.pid(name)
    before = cpu_seconds(pid)
    found = [in_child(asks, f"{director.rundir}/{name}.ctl", word)
             for _ in range(FLOODERS)]
    if link:
        found.append(in_child(says, link))
    for child in found:
        os.waitpid(child, 0)
    equal(ctl(f"{director.rundir}/{name}.ctl", "summary")[0]["pid"], pid,
          f"{name} is the same")
    used = (cpu_seconds(pid) - before) / SECONDS
    step(f"{name}: {100 * used:.0f} % of a processor for {SECONDS} s")


def policy(pid):
    """With the flag that what it starts is ordinary."""
    return os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK


def main():
    if not as_unit("ipvsd"):
        raise Skip("no real-time scheduling here")
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/16")
        director = Director(net, host, CONFIG).start()
        director.wait_state("i1", "master")
        order = [os.sched_getparam(director.pid(name)).sched_priority
                 for name in ("vrrpd", "ipvsd", "checkd")]
        equal(order, sorted(set(order), reverse=True), "who comes first")
        parser, = children(director.pid("ipvsd"))
        equal([policy(pid) for pid in (director.pid("ipvsd"), parser)],
              [os.SCHED_RR, os.SCHED_OTHER], "ipvsd and its parser")

        for name, word in (("ipvsd", "services"), ("vrrpd", "instances")):
            flooded(director, name, word)
        director.stop("vrrpd")
        client = Client(director, "_vrrpd")
        client.hello()
        link = client.link(IPVSD)
        link.join()
        link.sock.setblocking(False)
        flooded(director, "ipvsd", "services", link)
        client.close()
        director.start("vrrpd")
        wait_for(lambda: director.instance("i1")["state"] == "master", 10,
                 "master again")


run(main)
