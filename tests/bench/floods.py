#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How long the daemons' loops are away while others flood them.

The test plays a vrrpd and a checkd that have been taken over, and two users
of the operators' group that ask for all there is at all the connections they
may have. loopwatch.so measures the turns of the real daemons' loops meanwhile.

A thread's processor time has in it what the host took of the processor, where
this is a virtual machine: some milliseconds at times. So a flood whose longest
turn is over its limit comes twice more, and both must be within it.
"""

import contextlib
import grp
import os
import select
import socket
import struct
import time

from measure import Limits, median  # first: it knows where the others are
from fake_ipvsd import HEADER, MSG, MSG_VERSION, ctl
from loops import LIMIT_MS, watched
from net import Net
from scenario import run, step
from siblings import IPVSD, Client
from suite import ASKERS, Director
from waiting import wait_for

INSTANCES, SERVICES, SERVERS = 250, 400, 50
SECONDS = 3
MORE = 2
UP, DOWN, OK = 1, 2, 1
# Users who are nobody else, each with as many connections as one may have.
OPERATORS, CONNECTIONS = (62001, 62002), 32


def config():
    lines = ["nodes: {d1: 10.0.0.11, d2: 10.0.0.12}\nvrrp:\n"]
    for number in range(INSTANCES):
        lines.append(f"  i{number}: {{interface: eth0, vrid: {number + 1}, "
                     f"nodes: [d1, d2], addresses: [10.1.{number}.1/32]}}\n")
    lines.append("  s: {interface: eth0, vrid: 255, nodes: [d1, d2], "
                 "addresses: [10.1.255.1/32]}\nservices:\n")
    for number in range(SERVICES):
        servers = ", ".join(f"10.2.{number % 250}.{n + 1}"
                            for n in range(SERVERS))
        lines.append(f"  s{number}: {{address: \"10.1.255.1:{1000 + number}\","
                     " forward: nat, vrrp: s, check: {type: tcp, interval: "
                     f"2s}}, servers: [{servers}]}}\n")
    return "".join(lines)


def packet(link, name, body=b""):
    return HEADER.pack(MSG_VERSION, MSG[name], HEADER.size + len(body),
                       link.generation) + body


def read_all(link):
    try:
        while link.sock.recv(8192):
            pass
    except BlockingIOError:
        pass


def flood(link, packets, reads):
    """Says this again and again, until it is shut out; whether it reads what it
    is answered."""
    sent, end = 0, time.monotonic() + SECONDS
    link.sock.setblocking(False)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while time.monotonic() < end:
            for data in packets:
                try:
                    link.sock.send(data)
                    sent += 1
                except BlockingIOError:
                    time.sleep(0)
            if reads:
                read_all(link)
    return sent


def verdicts(health):
    """Bodies of VERDICTS: so are all probes."""
    count = SERVICES * SERVERS
    for first in range(0, count, 500):
        probes = range(first, min(first + 500, count))
        yield struct.pack("!H", len(probes)) + b"".join(
            struct.pack("!IBBII", probe, health, OK, 1, 0) for probe in probes)


@contextlib.contextmanager
def sibling(director, user):
    """A link to ipvsd of a new process: nothing is held against it."""
    client = Client(director, user)
    client.hello()
    link = client.link(IPVSD)
    link.join()
    yield link
    client.close()


def terms_floods(link, word):
    """What a vrrpd with all instances says."""
    for number in range(INSTANCES):
        link.say("ACQUIRE", struct.pack("!I", number))
    terms = {}
    while len(terms) < INSTANCES:
        _, body, _ = link.expect("HELD", ["ENDED", "MAY_PREEMPT"])
        number, term, _ = struct.unpack("!IQQ", body)
        terms[number] = term
    renew = [packet(link, "RENEW", struct.pack("!IQQ", number, term, 2**63))
             for number, term in terms.items()]
    return renew if word == "RENEW" else [packet(link, "RESYNC"), *renew[:3]]


def siblings(director, judge):
    def terms(word, reads):
        with sibling(director, "_vrrpd") as link:
            packets = terms_floods(link, word)
            return (f"{flood(link, packets, reads)} {word}, "
                    f"{'' if reads else 'not '}read")

    def flips():
        with sibling(director, "_checkd") as link:
            packets = [packet(link, "VERDICTS", body)
                       for health in (UP, DOWN) for body in verdicts(health)]
            return f"{flood(link, packets, True)} VERDICTS of 500"

    for word in ("RENEW", "RESYNC"):
        for reads in (True, False):
            judge(lambda: terms(word, reads), "ipvsd")
    judge(flips, "ipvsd")


def operator(path, word, user):
    """In a child: all connections ask, and ask again when answered."""
    group = grp.getgrnam(ASKERS).gr_gid
    os.setgroups([group])
    os.setgid(group)
    os.setuid(user)
    request = struct.pack("!BH", 1, len(word)) + word.encode()
    request = HEADER.pack(MSG_VERSION, MSG["CTL_REQUEST"],
                          HEADER.size + len(request), 0) + request
    clients = []
    for _ in range(CONNECTIONS):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.connect(path)
        client.send(request)
        clients.append(client)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for client in select.select(clients, [], [], 0.1)[0]:
            if client.recv(8192)[1] == MSG["CTL_END"]:
                client.send(request)


def operators(director, name, word):
    children = []
    for user in OPERATORS:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                operator(f"{director.rundir}/{name}.ctl", word, user)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0, f"an operator's {word}"
    return f"{len(OPERATORS) * CONNECTIONS} operators ask {name} for its {word}"


def main():
    limits = Limits()
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/8")
        director = Director(net, host, config())
        loops = watched(director, net, ["ipvsd"])

        def longest(once, name):
            loops[name].reset()
            step(once())
            return loops[name].percentiles("cpu")[0][100]

        def judge(once, name):
            found = [longest(once, name)]
            if found[0] > LIMIT_MS[name]:
                found += [longest(once, name) for _ in range(MORE)]
            limits.most(median(found), LIMIT_MS[name],
                        f"  {name}: longest turn, ms of a processor, of "
                        f"{len(found)} floods")

        wait_for(lambda: not ctl(f"{director.rundir}/ipvsd.ctl",
                                 "kernel")[0]["waiting"], 60, "the table")
        siblings(director, judge)
        director.start("vrrpd")
        wait_for(lambda: len(director.vipctl("show", "vrrp")) > INSTANCES, 20,
                 "vrrpd's instances")
        for name, word in (("vrrpd", "instances"), ("ipvsd", "services"),
                           ("ipvsd", "leases"), ("ipvsd", "config")):
            judge(lambda: operators(director, name, word), name)
    limits.judge()


run(main, limit=None)
