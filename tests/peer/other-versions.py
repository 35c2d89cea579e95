#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Each daemon with siblings of other versions, which the test plays.

An older one is told things in the form that it knows. What only a newer one
has to say is no lie: a message is counted and dropped, a reason is another
reason. From a sibling of the daemon's own level both are lies, as ever.
"""

import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import MSG, MSG_LEVEL, ctl
from hostile import packet
from net import Net
from scenario import equal, expect, results, run, step
from siblings import CHECKD, IPVSD, RENDEZVOUS, VRRPD, Client, Peer
from suite import Director, binary
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11}
vrrp:
  web: {interface: eth0, vrid: 1, nodes: [a], addresses: [192.168.1.100/32]}
services:
  web:
    address: 192.168.1.100:80
    vrrp: web
    forward: direct
    check: {type: tcp, interval: 1s}
    servers: [192.168.1.21]
"""
NEWER = MSG_LEVEL + 1
UNKNOWN = (max(MSG.values()) + 1, 200, 255)     # messages
NO_REASON = 77
ANOTHER = "another reason"
# enum health
DOWN = 2


def row_of(path, peer):
    return next(row for row in ctl(path, "links") if row["peer"] == peer)


def verdicts(peer, reason):
    peer.say("VERDICTS", struct.pack("!HIBBII", 1, 0, DOWN, reason, 9, 0))


def failed(peer, reason):
    """Of an instance that there is not."""
    peer.say("FAILED", struct.pack("!IB", 7, reason))


def hears(path, name, peer, told):
    """What a newer peer alone says, and that the link goes on. told() says a
    reason; None: nobody tells any."""
    before = row_of(path, name)
    equal(before["level"], NEWER, f"level of {name}")
    for number in UNKNOWN:
        peer.raw(packet(number, bytes(number), peer.generation))
    if told:
        told(peer, NO_REASON)
    wait_for(lambda: row_of(path, name)["rx"] ==
             before["rx"] + len(UNKNOWN) + bool(told), 5, "all is read")
    after = row_of(path, name)
    equal((after["state"], after["lies"], after["dropped_newer"]),
          ("up", before["lies"], len(UNKNOWN)), f"link to {name}")


def refuses(path, name, peers, told):
    """The same from one that is not newer; peers() gives new ones."""
    lies = row_of(path, name)["lies"]
    for peer, lie in zip(peers, (
            lambda peer: peer.raw(packet(UNKNOWN[0])),
            lambda peer: (told(peer, NO_REASON) if told else
                          peer.raw(packet(UNKNOWN[1]))))):
        expect(row_of(path, name)["level"] < NEWER, "it is newer")
        lie(peer)
        peer.expect_shut()
        lies += 1
        equal(row_of(path, name)["lies"], lies, f"lies of {name}")


def client(director, user, level, oldest=1):
    found = Client(director, user)
    found.hello(level, oldest)
    return found


def of_ipvsd(net, host):
    director = Director(net, host, CONFIG).start("ipvsd")
    path = f"{director.rundir}/ipvsd.ctl"
    step("ipvsd: who is told the level of whom")
    old = client(director, "_vrrpd", 1)
    equal(old.link(IPVSD).level, None, "what an older vrrpd is told")
    new = client(director, "_checkd", NEWER)
    to_ipvsd = new.link(IPVSD)
    equal(to_ipvsd.level, MSG_LEVEL, "ipvsd's level")
    equal((old.link(CHECKD).level, new.link(VRRPD).level), (None, 1),
          "levels of the third edge")
    same = client(director, "_vrrpd", MSG_LEVEL)
    equal(same.link(IPVSD).level, MSG_LEVEL, "ipvsd's level")
    equal((same.link(CHECKD).level, new.link(VRRPD).level),
          (NEWER, MSG_LEVEL), "levels of the third edge")
    old.close()
    too_new = client(director, "_vrrpd", NEWER + 2, NEWER)
    too_new.peer.expect_shut()
    said = (f"it speaks protocol levels {NEWER} to {NEWER + 2}, "
            f"we 1 to {MSG_LEVEL}")
    expect(said in director.daemons["ipvsd"].process.output(), "why is not said")
    too_new.close()
    step("ipvsd: a newer checkd")
    to_ipvsd.join()
    hears(path, "checkd", to_ipvsd, verdicts)
    server, = [row for row in director.vipctl("show", "services")
               if row["kind"] == "server"]
    equal((server["health"], server["reason"]), ("down", ANOTHER), "the server")
    expect(ANOTHER in director.ask("show", "services").stdout, "why it is down")
    new.close()
    step("ipvsd: a checkd of its own level, and an older one")

    def checkds():
        for level in (MSG_LEVEL, 1):
            one = client(director, "_checkd", level)
            peer = one.link(IPVSD)
            peer.join()
            yield peer
            one.close()
    refuses(path, "checkd", checkds(), verdicts)
    director.stop("ipvsd")


class Rendezvous:
    """The server, and vrrpd or checkd at it."""

    def __init__(self, net, host, name):
        director = Director(net, host, "")
        path = f"{director.rundir}/{RENDEZVOUS[f'_{name}']}"
        self.path = f"{director.rundir}/{name}.ctl"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(16)
        self.listener.settimeout(20)
        with open(f"{results()}/{name}.log", "ab") as log:
            self.popen = subprocess.Popen(
                [binary(name), "-d", "-r", director.rundir],
                preexec_fn=host.enter, stdout=log, stderr=log)
        net.defer(self.popen.wait)
        net.defer(self.popen.kill)
        self.client = None
        self.accept()

    def accept(self):
        """Its next connection, and what its HELLO says."""
        self.client, _ = self.listener.accept()
        self.client.settimeout(20)
        hello = self.client.recv(8192)
        equal(struct.unpack("!HH", hello[12:]), (MSG_LEVEL, 1), "its HELLO")

    def hand(self, role, tail):
        """An end to who plays this role; the other one."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(self.client, [packet(
            MSG["LINK"], struct.pack("!BQ", role, time.monotonic_ns()) + tail)],
            [theirs.fileno()])
        theirs.close()
        return Peer(ours)

    def end(self, role, name, level):
        """One that is taken, with a generation; level None: it is not told."""
        peer = self.hand(role, b"" if level is None else
                         struct.pack("!H", level))
        wait_for(lambda: (row := row_of(self.path, name))["state"] == "up" and
                 row["level"] == (level or 1), 5, f"a link of level {level}")
        peer.generation = 5
        peer.say("COMMITTED")
        return peer


def of_siblings(net, host, name, role, peer_name, told):
    step(f"{name}: {peer_name}s of other versions")
    server = Rendezvous(net, host, name)
    for tail in (b"\0", b"\0\0", b"\0\2\0"):
        server.hand(role, tail)
        equal(server.client.recv(8192), b"", f"LINK with {tail}")
        server.accept()
    hears(server.path, peer_name, server.end(role, peer_name, NEWER), told)
    refuses(server.path, peer_name,
            (server.end(role, peer_name, level) for level in
             (MSG_LEVEL, None)), told)
    equal(server.popen.poll(), None, f"{name} lives")


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        of_ipvsd(net, host)
        of_siblings(net, host, "vrrpd", IPVSD, "ipvsd", failed)
        of_siblings(net, host, "vrrpd", CHECKD, "checkd", verdicts)
        of_siblings(net, host, "checkd", IPVSD, "ipvsd", None)
        of_siblings(net, host, "checkd", VRRPD, "vrrpd", None)


run(main)
