#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""vrrpd and checkd with siblings that were taken over, ipvsd among them.

Whatever breaks the message table has that link shut and nothing else; what a
handler refuses, too; a configuration that is none is rejected. The daemon goes
on, with what it had.
"""

import fcntl
import itertools
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from checkd_peer import encode as encode_checkd, http, tcp
from fake_ipvsd import MSG, encode as encode_vrrpd, sealed
from hostile import (NONSENSE, OTHER, Victim, Watch, babble, half_closed, lie,
                     packet)
from net import Net
from scenario import equal, expect, run, step
from suite import ensure_users, work_directory
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  web: {interface: eth0, vrid: 1, nodes: [a, b],
        addresses: [{address: 192.168.1.100/32, label: "eth0:1"}]}
  six: {interface: eth0, vrid: 2, nodes: [a, b],
        addresses: [fe80::100/64, 2001:db8::1/64]}
"""
# Of one router on two interfaces, which a liar makes one interface.
TWINS = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  one: {interface: eth0, vrid: 1, nodes: [a, b], addresses: [192.168.1.100/32]}
  two: {interface: eth1, vrid: 1, nodes: [a, b], addresses: [192.168.1.101/32]}
"""
# Of what babble() says, these need a configuration, or are lies without one.
NOT_SAID = ("PREPARE", "COMMIT", "LINK")
# Where things are in an encoded configuration, common/conf/wire_form.h.
VERSION_AT, ROLE_AT, GENERATION_AT, SIZE_AT = 8, 10, 12, 20


# --- configurations ---

def memory(data, seals=True, flags=os.MFD_ALLOW_SEALING):
    fd = os.memfd_create("x", flags)
    os.write(fd, data)
    if seals:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, 15 if seals is True else seals)
    return fd


def sparse(size):
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.truncate(fd, size)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, 15)
    return fd


def with_number(data, at, form, value):
    packed = struct.pack(form, value)
    return data[:at] + packed + data[at + len(packed):]


def files(data):
    """(what, fd) that are no configuration."""
    reading, writing = os.pipe()
    yield "a pipe's end", reading
    yield "a pipe's other end", writing
    yield "a socket", socket.socket(socket.AF_UNIX).detach()
    for path in ("/dev/zero", "/dev/null", "/proc/self/mem", "/etc/passwd"):
        yield path, os.open(path, os.O_RDONLY)
    yield "a directory", os.open("/", os.O_RDONLY)
    yield "without seals", memory(data, seals=False)
    yield "it may still shrink", memory(data, fcntl.F_SEAL_GROW |
                                        fcntl.F_SEAL_WRITE |
                                        fcntl.F_SEAL_SEAL)
    yield "it may still be written", memory(data, fcntl.F_SEAL_GROW |
                                            fcntl.F_SEAL_SHRINK |
                                            fcntl.F_SEAL_SEAL)
    yield "empty", sparse(0)
    yield "zeros", sparse(4096)
    yield "a terabyte", sparse(2 ** 40)
    yield "half a gigabyte of nothing", sparse(512 << 20)
    yield "cut", memory(data[:-1])
    yield "more than it says", memory(data + b"\0")
    yield "another's", memory(with_number(data, ROLE_AT, "!H", 0))
    yield "another version", memory(with_number(data, VERSION_AT, "!H", 9))
    yield "another generation", memory(
        with_number(data, GENERATION_AT, "!Q", OTHER + 1))


def size(data):
    return with_number(data, SIZE_AT, "!Q", len(data))


def mutants(data):
    """Each byte of the body to something else, and some cut or longer."""
    choice = random.Random(1)
    for at in range(28, len(data)):
        for value in {0, 255, data[at] ^ 0x80, choice.randrange(256)}:
            yield data[:at] + bytes([value]) + data[at + 1:]
    for _ in range(500):
        at, length = choice.randrange(28, len(data)), choice.randrange(1, 9)
        yield size(data[:at] + data[at + length:])
        yield size(data[:at] + choice.randbytes(length) + data[at:])


def prepare(peer, generation, fd, length):
    """PREPARE, and the answer to it."""
    socket.send_fds(peer.sock, [packet(
        MSG["PREPARE"], struct.pack("!I", length), generation)], [fd])
    os.close(fd)
    while True:
        name, of, _, _ = peer.hear()
        if name in ("READY", "REJECT"):
            equal(of, generation, name)
            return name


def in_force(victim, data):
    """Brings it there; its generation."""
    peer = victim.peers["IPVSD"]
    generation, = struct.unpack_from("!Q", data, GENERATION_AT)
    equal(prepare(peer, generation, sealed(data), len(data)), "READY",
          "what is in order")
    for name in ("COMMIT", "COMMITTED"):
        peer.raw(packet(MSG[name], b"", generation))
    wait_for(lambda: int(victim.generation(), 16) == generation, 5, "COMMIT")
    return generation


def configurations(net, host, name, data):
    victim = Victim(net, host, name)
    peer = victim.peers["IPVSD"]
    generation = in_force(victim, data)
    watch = Watch(victim.popen.pid)
    for what, fd in files(with_number(data, GENERATION_AT, "!Q", OTHER)):
        equal(prepare(peer, OTHER, fd, 100), "REJECT", what)
    equal(int(victim.generation(), 16), generation, "the generation in force")
    equal(victim.links()["IPVSD"]["lies"], 0, "lies")
    watch.unharmed("what is none")
    victim.stop()
    found = [mutants_in_force(net, host, name, data, part)
             for part in batches(mutants(data))]
    expect(sum(found) > 0, "no mutant could be")
    step(f"  {name}: {sum(found)} mutants were in force")


def batches(items):
    """As many as one ipvsd may hand out at once, common/link/pace.h."""
    items = iter(items)
    while batch := list(itertools.islice(items, 3000)):
        yield batch


def mutants_in_force(net, host, name, data, part):
    """How many of these could be: they come into force, and have to be lived
    with."""
    victim = Victim(net, host, name)
    peer = victim.peers["IPVSD"]
    in_force(victim, data)
    watch, ready = Watch(victim.popen.pid), 0
    for other, mutant in enumerate(part, OTHER):
        mutant = with_number(mutant, GENERATION_AT, "!Q", other)
        if prepare(peer, other, memory(mutant), len(mutant)) == "READY":
            ready += 1
            peer.raw(packet(MSG["COMMIT"], b"", other))
    in_force(victim, data)
    watch.unharmed("configurations")
    equal(victim.links()["IPVSD"]["lies"], 0, "lies")
    victim.stop()
    return ready


def commits(net, host, name, data):
    """COMMIT of what is not prepared: nothing comes of it, and it is a lie if
    ipvsd cannot honestly say so."""
    other = with_number(data, GENERATION_AT, "!Q", OTHER)

    def begin():
        victim = Victim(net, host, name)
        return victim, victim.peers["IPVSD"], in_force(victim, data)

    def said(generation):
        peer.raw(packet(MSG["COMMIT"], b"", generation))

    def honest(what):
        row = victim.links()["IPVSD"]
        equal((row["state"], row["lies"]), ("up", 0), what)

    victim, peer, generation = begin()
    said(generation)
    honest("of what is in force")
    equal(prepare(peer, OTHER, sealed(other), len(other)), "READY", "another")
    said(generation)
    honest("of what is in force while another is prepared")
    said(OTHER)
    wait_for(lambda: int(victim.generation(), 16) == OTHER, 5, "COMMIT")
    in_force(victim, data)
    # READY was said to an earlier PREPARE of it.
    equal(prepare(peer, OTHER, sparse(0), 100), "REJECT", "nothing")
    said(OTHER)
    honest("of what was rejected")
    equal(int(victim.generation(), 16), generation, "the generation in force")
    equal(prepare(peer, OTHER + 1, sparse(0), 100), "REJECT", "nothing")
    said(OTHER)
    peer.expect_shut()
    victim.stop()
    victim, peer, generation = begin()
    equal(prepare(peer, OTHER, sealed(other), len(other)), "READY", "another")
    for message in ("ABORT", "COMMIT"):
        peer.raw(packet(MSG[message], b"", OTHER))
    peer.expect_shut()
    equal(int(victim.generation(), 16), generation, "the generation in force")
    victim.stop()


def twins(net, host, path):
    """Two instances of one name, which would both be the one that runs: they
    are refused, and vrrpd outlives what is said of them."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(TWINS)
    apart = encode_vrrpd(path, "a").replace(b"\0\0\0\4eth1", b"\0\0\0\4eth0")
    same = apart.replace(b"\0\0\0\3two", b"\0\0\0\3one")
    gone = apart.replace(b"\0\0\0\3one", b"\0\0\0\3new")
    victim = Victim(net, host, "vrrpd")
    peer = victim.peers["IPVSD"]
    in_force(victim, apart)
    answers = []
    for generation, data in enumerate((same, same, gone), OTHER):
        data = with_number(data, GENERATION_AT, "!Q", generation)
        answers.append(prepare(peer, generation, memory(data), len(data)))
        peer.raw(packet(MSG["COMMIT"], b"", generation))
        if data[GENERATION_AT + 8:] == same[GENERATION_AT + 8:]:
            peer.raw(packet(MSG["COMMITTED"], b"", generation))
    wait_for(lambda: int(victim.generation(), 16) == OTHER + 2, 5, "COMMIT")
    # Of those that were one, when it has ended.
    for number in (0, 1):
        peer.raw(packet(MSG["HELD"], struct.pack("!IQQ", number, 7, 2 ** 63),
                        OTHER + 1))
    equal(victim.links()["IPVSD"]["lies"], 0, "lies")
    equal(answers, ["REJECT", "REJECT", "READY"], "two of one name")
    victim.stop()


def other_types(net, host):
    """A check that waits for its reply is of another type from now on, by its
    key the same one."""
    victim = Victim(net, host, "checkd")
    peer = victim.peers["IPVSD"]
    # Nobody is there, which the kernel takes longer to find out.
    times = {"key": b"samesame", "interval": 700, "timeout": 600}
    there = "192.168.1.99", 80
    for number, form in enumerate((tcp, http, tcp), OTHER):
        in_force(victim, encode_checkd(number, [form(1, *there, **times)]))
        # Long enough for it to time out, as whatever it is.
        time.sleep(2 * times["interval"] / 1000)
        equal(victim.popen.poll(), None, f"checkd as {form.__name__}")
        wait_for(lambda: host.run("ss", "-Htn", "state", "syn-sent").stdout, 5,
                 "it waits")
    equal(victim.links()["IPVSD"]["lies"], 0, "lies")
    peer.skip()
    victim.stop()


def nonsense(net, host, name, data):
    """Good packets of all kinds, in no order, about anything."""
    victim = Victim(net, host, name)
    generation = in_force(victim, data)
    watch = Watch(victim.popen.pid)
    for sender, peer in victim.peers.items():
        peer.raw(packet(MSG["COMMITTED"], b"", generation))
        for good in babble(sender, name.upper(), generation, NONSENSE, NOT_SAID):
            peer.raw(good)
            peer.skip()
    in_force(victim, data)
    watch.unharmed("nonsense")
    for sender, row in victim.links().items():
        equal((row["state"], row["lies"]), ("up", 0), f"link to {sender}")
    victim.stop()


def main():
    ensure_users()
    with Net() as net:
        lan, host = net.lan(capture=False), net.host("a")
        host.connect(lan, "eth0", "192.168.1.11/24")
        path = f"{work_directory(net)}/director.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG)
        probes = [tcp(1, "127.0.0.1", 9, check="web", interval=60000),
                  http(2, "2001:db8::7", 80, host="a.example", body="well",
                       headers={"X-Probe": "1"}, interval=60000)]
        for name, data in (("vrrpd", encode_vrrpd(path, "a")),
                           ("checkd", encode_checkd(5, probes))):
            step(f"{name}: configurations that are none")
            configurations(net, host, name, data)
            step(f"{name}: COMMIT of what is not prepared")
            commits(net, host, name, data)
            step(f"{name}: siblings that lie")
            lie(lambda: Victim(net, host, name))
            step(f"{name}: siblings that are half there")
            victim = Victim(net, host, name)
            in_force(victim, data)
            half_closed(victim)
            step(f"{name}: siblings that talk nonsense")
            nonsense(net, host, name, data)
        step("checkd: checks that become others")
        other_types(net, host)
        step("vrrpd: two instances of one name")
        twins(net, host, path)


run(main)
