#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A sibling that was taken over says something well-made without end.

Each kind of message on each link: the link is shut as after any other lie, and
the daemon's processor is little used until then. A master whose siblings both
flood it sends its adverts in time.
"""

import contextlib
import os
import random
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, frames
from checkd_peer import encode as encode_checkd, tcp
from fake_ipvsd import MSG, encode as encode_vrrpd, sealed
from hostile import SIBLINGS, Victim, body_of, packet, table, written
from machine import TooEarly
from net import Net
from scenario import expect, run, step
from suite import as_unit, cpu_seconds, ensure_users
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  web: {interface: eth0, vrid: 1, interval: 100ms, nodes: [a, b],
        addresses: [192.168.1.100/32]}
services:
  web:
    address: 192.168.1.100:80
    vrrp: web
    forward: direct
    check: {type: tcp, interval: 1s}
    servers: [192.168.1.21, 192.168.1.22]
"""
GENERATION_AT = 12
INTERVAL_S = 0.1
# An honest sibling's snapshot, and what waits while a daemon is stopped.
HONEST = 300
FLOOD_S = 5
# What a flood costs a daemon until it is shut out, and of the time of one that
# is flooded again and again.
MOST_S = 0.5
LATE_S = 0.03
# What these say they say of what is prepared, or before all else.
NOT_FLOODED = ("HELLO", "LINK", "COMMIT")


class Flooded:
    """A daemon in a generation, whose siblings are the test."""

    def __init__(self, net, host, name, data, path):
        more = ("-f", path, "-N", "a") if name == "ipvsd" else ()
        self.victim = Victim(net, host, name, *more, before=as_unit(name))
        self.data = data
        if name == "ipvsd":
            for peer in self.victim.peers.values():
                peer.join()
            return
        self.generation, = struct.unpack_from("!Q", data, GENERATION_AT)
        peer = self.victim.peers["IPVSD"]
        self.prepare()
        peer.expect("READY")
        for message in ("COMMIT", "COMMITTED"):
            peer.raw(packet(MSG[message], b"", self.generation))
        for peer in self.victim.peers.values():
            peer.generation = self.generation
        wait_for(lambda: int(self.victim.generation(), 16) == self.generation,
                 5, "COMMIT")

    def prepare(self):
        fd = sealed(self.data)
        socket.send_fds(self.victim.peers["IPVSD"].sock, [packet(
            MSG["PREPARE"], struct.pack("!I", len(self.data)),
            self.generation)], [fd])
        os.close(fd)

    def link(self, sender):
        return self.victim.links()[sender]


def say_on(peer, say, count=sys.maxsize, seconds=FLOOD_S):
    """Says it that often, and hears nothing; whether the link was shut."""
    end = time.monotonic() + seconds
    peer.sock.settimeout(1)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for number in range(count):
            with contextlib.suppress(TimeoutError):
                say(number)
            if number % 64 == 0:
                skip(peer)
                if time.monotonic() >= end:
                    return False
        return False
    return True


def skip(peer):
    peer.sock.setblocking(False)
    try:
        while peer.sock.recv(8192):
            pass
        raise BrokenPipeError
    except BlockingIOError:
        peer.sock.settimeout(1)


def sayer(flooded, peer, row):
    """What says this kind of message, about many objects."""
    if row.name == "PREPARE":
        return lambda number: flooded.prepare()
    choice = random.Random(1)
    generation = peer.generation if row.generation else 0
    packets = [packet(MSG[row.name], body_of(row.name, choice), generation)
               for _ in range(32)]
    return lambda number: peer.raw(packets[number % len(packets)])


def flood(net, host, name, sender, row, data, path):
    flooded = Flooded(net, host, name, data, path)
    victim, peer = flooded.victim, flooded.victim.peers[sender]
    peer.say("COMMITTED")
    say = sayer(flooded, peer, row)
    what = f"{row.name} of {sender} to {name}"
    # Those about very many objects are many in one packet.
    expect(not say_on(peer, say, HONEST), f"{what}: honest, and yet shut")
    before = cpu_seconds(victim.popen.pid)
    expect(say_on(peer, say), f"{what}: it can be said without end")
    used = cpu_seconds(victim.popen.pid) - before
    wait_for(lambda: flooded.link(sender)["state"] == "down", 5,
             f"{what}: shut")
    # Descriptors may come faster than they can be closed, which is no lie.
    expect(row.fds or flooded.link(sender)["lies"] == 1, f"{what}: no lie")
    expect(used <= MOST_S, f"{what}: {used} s of a processor")
    # Its answers to what was said before that are on their way.
    victim.popen.kill()
    victim.popen.wait()
    return used


def each_kind(net, host, name, data, path):
    found = {}
    for sender in SIBLINGS[name]:
        for row in table():
            if row.goes(sender, name.upper()) and row.name not in NOT_FLOODED:
                found[sender, row.name] = flood(net, host, name, sender, row,
                                                data, path)
    (sender, kind), most = max(found.items(), key=lambda item: item[1])
    step(f"  {name}: {len(found)} floods; the dearest, of {sender}'s {kind}, "
         f"{most:.2f} s of a processor")


def adverts(path):
    """When they were sent."""
    return [when for when, data in frames(path) if data[23] == 112]


def in_time(net, host, data, path):
    """Both siblings flood a master, again and again by new links."""
    flooded = Flooded(net, host, "vrrpd", data, path)
    ipvsd = flooded.victim.peers["IPVSD"]
    for mark in (b"\1", b"\0"):
        ipvsd.say("SNAPSHOT", mark)
    ipvsd.expect("ACQUIRE", ("COMMITTED", "SNAPSHOT", "STATE"))
    # Without an ipvsd a term goes on until its end.
    ipvsd.say("HELD", struct.pack(
        "!IQQ", 0, 7, time.monotonic_ns() + 60 * 10 ** 9))
    capture = Capture(host, "eth0", "adverts")
    wait_for(lambda: len(adverts(capture.path)) > 5, 10, "adverts")
    pid = flooded.victim.popen.pid
    began, used = time.monotonic(), cpu_seconds(pid)
    threads = []
    for sender, name in (("IPVSD", "RENEWED"), ("CHECKD", "VERDICTS")):
        peer = flooded.victim.peers[sender]
        peer.say("COMMITTED")
        row = next(row for row in table() if row.name == name)
        threads.append(threading.Thread(target=say_on, args=(
            peer, sayer(flooded, peer, row), sys.maxsize, 2), daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: time.monotonic() > began + 2, 5, "two seconds")
    share = (cpu_seconds(pid) - used) / (time.monotonic() - began)
    times = adverts(capture.stop())
    gaps = [b - a for a, b in zip(times, times[1:])]
    step(f"  {len(times)} adverts, at most {max(gaps) * 1000:.1f} ms apart, "
         f"{share * 100:.0f} % of a processor")
    if min(gaps) < INTERVAL_S - LATE_S:
        raise TooEarly(f"adverts {min(gaps)} s apart")
    expect(max(gaps) <= INTERVAL_S + LATE_S, f"adverts {max(gaps)} s apart")
    expect(share <= MOST_S, f"{share} of a processor")


def main():
    ensure_users()
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        path = written(net, CONFIG)
        probes = [tcp(1, "127.0.0.1", 9, check="web", interval=60000)]
        data = {"vrrpd": encode_vrrpd(path, "a"),
                "checkd": encode_checkd(5, probes), "ipvsd": None}
        step("a master is flooded")
        in_time(net, host, data["vrrpd"], path)
        for name in SIBLINGS:
            step(f"{name}: all that its siblings can say without end")
            each_kind(net, host, name, data[name], path)


run(main)
