#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""ipvsd with siblings that were taken over, at its links and its rendezvous,
and with operators that take all they can get.

Whatever they do, ipvsd goes on, the kernel holds what it held, and nothing
grows without bound.
"""

import contextlib
import grp
import os
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

import fake_ipvsd
from fake_ipvsd import MSG, MSG_LEVEL, ctl, request
from hostile import (NONSENSE, OTHER, Lie, Victim, Watch, babble,
                     half_closed, lie, lies, packet, text, written)
from net import Net
from scenario import equal, expect, run, step
from siblings import IPVSD, Client
from suite import ASKERS, Director, ensure_users, older_kernel
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  one: {interface: eth0, vrid: 1, interval: 100ms, nodes: [a, b],
        addresses: [192.168.1.100/32]}
  two: {interface: eth0, vrid: 2, interval: 100ms, nodes: [a, b],
        addresses: [192.168.1.101/24, 192.168.1.102/24]}
  not-ours: {interface: eth0, vrid: 3, nodes: [b],
             addresses: [192.168.1.103/32]}
services:
  web:
    address: 192.168.1.200:80
    vrrp: balanced
    forward: direct
    check: {type: tcp, interval: 1s}
    servers: [192.168.1.21, 192.168.1.22]
"""
BALANCED = """
  balanced: {interface: eth0, vrid: 4, nodes: [a, b],
             addresses: [192.168.1.200/32]}
services:
"""
ALLOWED = {"192.168.1.100/32", "192.168.1.101/24", "192.168.1.102/24",
           "192.168.1.200/32"}


def kernel(host):
    """All of it that ipvsd can change, beside leases."""
    return {command: host.run("sh", "-c", command, check=False).stdout
            for command in (
                "ip -o addr | sed 's/ valid_lft.*//'", "ip route show table all",
                "ip -o link", "ip rule", "ipvsadm -Ln 2>&1",
                "sysctl net.ipv4.conf net.ipv4.vs 2>&1")}


def unchanged(before, host, what):
    after = kernel(host)
    for command, found in before.items():
        equal(after[command], found, f"{what}: {command}")


def join(victim):
    """Both siblings into the generation in force."""
    for peer in victim.peers.values():
        peer.join()


def nonsense(net, host, path, before):
    """Good packets about anything: no more than configured is held."""
    victim = Victim(net, host, "ipvsd", "-f", path, "-N", "a")
    join(victim)
    watch = Watch(victim.popen.pid)
    own = set(host.addresses("eth0"))
    for sender, peer in victim.peers.items():
        generation = peer.generation
        for number, good in enumerate(
                babble(sender, "IPVSD", generation, NONSENSE, ("HELLO",))):
            peer.raw(good)
            peer.skip()
            if number % 1000 == 0:
                held = set(host.addresses("eth0")) - own
                expect(held <= ALLOWED, f"held: {held}")
    for sender, row in victim.links().items():
        expect(sender == "PARSER" or (row["state"], row["lies"]) == ("up", 0),
               f"link to {sender}: {row}")
    watch.unharmed("nonsense")
    victim.peers["VRRPD"].sock.close()
    wait_for(lambda: set(host.addresses("eth0")) == own, 15, "leases end")
    unchanged(before, host, "nonsense")
    victim.stop()


# enum health, and a reason that fits any
UP, DOWN, OK = 1, 2, 1


def verdict(probe, health):
    return "VERDICTS", struct.pack("!HIBBII", 1, probe, health, OK, 0, 0)


def disorder(net, host, path, before):
    """What is right by itself, in an order that is not: each counts for what
    it is, and whoever sums up wrong is asked to say all of it again."""
    begin, end = ("SNAPSHOT", b"\1"), ("SNAPSHOT", b"\0")
    wrong = ("DIGEST", struct.pack("!IQ", 7, 1))
    told = (verdict(0, UP), verdict(1, DOWN))
    victim = Victim(net, host, "ipvsd", "-f", path, "-N", "a")
    join(victim)
    checkd, vrrpd = victim.peers["CHECKD"], victim.peers["VRRPD"]
    checkd.say("RESYNC")
    checkd.snapshot()
    for what, said, asked in (
            ("an end that has no begin", (end,), False),
            ("a begin twice", (begin, begin, *told, end), False),
            ("no end", (begin, *told), False),
            ("an item before the begin", (*told, begin, end), False),
            ("a digest of nothing that was told", (begin, end, wrong), True),
            ("a count too many", (*told, wrong), True),
            ("a digest within", (begin, wrong, *told, end), True),
            ("READY, not asked", (("READY", b""),), False),
            ("READY twice", (("READY", b""),) * 2, False),
            ("REJECT, not asked", (("REJECT", text(b"x") * 2),), False)):
        for name, body in said:
            checkd.say(name, body)
        if asked:
            checkd.expect("RESYNC")
        # What comes next is the answer to this alone.
        checkd.say("RESYNC")
        equal([name for name, _, _, _ in checkd.snapshot()], [], what)
    # A generation that it is not in: dropped, not believed.
    checkd.say("COMMITTED", generation=OTHER)
    checkd.say(*verdict(0, DOWN), generation=OTHER)
    for name, body in (("SNAPSHOT", b"\0"), ("SNAPSHOT", b"\1"),
                       ("SNAPSHOT", b"\1"), ("READY", b"")):
        vrrpd.say(name, body)
    vrrpd.say("RELEASE", struct.pack("!IQ", 0, 99))
    vrrpd.say("RENEW", struct.pack("!IQQ", 0, 99, 1))
    equal(vrrpd.expect("ENDED", ("MAY_PREEMPT",))[1][:4], bytes(4), "ENDED")
    servers = {row["address"]: row["health"] for row in victim.ask("services")
               if row["kind"] == "server"}
    equal(sorted(servers.values()), ["down", "up"], f"health: {servers}")
    for sender in ("VRRPD", "CHECKD"):
        row = victim.links()[sender]
        equal((row["state"], row["lies"]), ("up", 0), sender)
    unchanged(before, host, "disorder")
    victim.stop()


def io(pid):
    """How often it has written to files."""
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(next(line for line in file
                        if line.startswith("syscw:")).split()[1])


HELLO_BURST = 6		# new processes ahead, ipvsd/broker.c
MANY = 150


def many_held(net, host):
    """A victim with MANY terms, its vrrpd, and the terms."""
    path = written(net, "nodes: {a: 192.168.1.11}\nvrrp:\n" + "".join(
        f"  i{number}: {{interface: eth0, vrid: {number + 1}, interval: 10s, "
        f"nodes: [a], addresses: [10.0.0.{number + 1}/32]}}\n"
        for number in range(MANY)))
    victim = Victim(net, host, "ipvsd", "-f", path, "-N", "a")
    vrrpd = victim.peers["VRRPD"]
    join(victim)
    terms = {}
    for number in range(MANY):
        vrrpd.say("ACQUIRE", struct.pack("!I", number))
    while len(terms) < MANY:
        number, term, _ = struct.unpack("!IQQ", vrrpd.expect("HELD")[1])
        terms[number] = term
    return victim, vrrpd, terms


def renewals(net, host):
    """Many in a message are answered by one, and the file of the terms has
    them by one write."""
    victim, vrrpd, terms = many_held(net, host)
    vrrpd.settle()
    pid, now = victim.popen.pid, time.monotonic_ns()
    body = struct.pack("!H", MANY) + b"".join(
        struct.pack("!IQQ", number, term, now)
        for number, term in terms.items())
    before = io(pid)
    vrrpd.say("RENEWALS", body)
    _, answer, _ = vrrpd.expect("RENEWED_MANY")
    equal(io(pid) - before, 1, "writes for all renewals")
    ends = {}
    for renewed in fake_ipvsd.renewals(answer):
        number, term, end = struct.unpack("!IQQ", renewed)
        equal(term, terms[number], f"term of {number}")
        expect(now + 29e9 <= end <= time.monotonic_ns() + 29e9, f"end {end}")
        ends[f"i{number}"] = end
    equal(len(ends), MANY, "renewed")
    with open(f"{victim.directory}/ipvsd/terms", encoding="ascii") as file:
        equal({name: int(end) for name, _, end in map(str.split, file)}, ends,
              "the file of the terms")
    victim.stop()


def resyncs(net, host):
    """Asked for often, a snapshot is told seldom, and whole."""
    victim, vrrpd, terms = many_held(net, host)
    # All of them lie there when it looks.
    victim.popen.send_signal(signal.SIGSTOP)
    vrrpd.sock.setblocking(False)
    for _ in range(200):
        vrrpd.say("RESYNC")
    victim.popen.send_signal(signal.SIGCONT)
    vrrpd.say("RELEASE", struct.pack("!IQ", MANY - 1, 0))
    begun = 0
    while (message := vrrpd.hear())[0] != "ENDED":
        begun += message[0] == "SNAPSHOT" and message[2] == b"\1"
    expect(begun <= 50, f"{begun} snapshots")
    del terms[MANY - 1]
    vrrpd.settle()
    vrrpd.say("RESYNC")
    told = {number: term for number, term, _ in (
        struct.unpack("!IQQ", body)
        for name, _, body, _ in vrrpd.snapshot() if name == "HELD")}
    equal(told, terms, "the terms of a snapshot")
    # With a vrrpd there, ipvsd would hand all of them over before it ends.
    vrrpd.sock.close()
    wait_for(lambda: victim.links()["VRRPD"]["state"] == "down", 5, "no vrrpd")
    victim.stop()


# --- the rendezvous ---

def hellos():
    """What is no HELLO, or one that cannot be."""
    body = struct.pack("!HH", 1, 1)
    for what, least, oldest in (("older than we understand", 0, 0),
                                ("newer than we speak", MSG_LEVEL + 9,
                                 MSG_LEVEL + 1),
                                ("impossible", 1, 2)):
        yield Lie(f"HELLO, {what}", packet(
            MSG["HELLO"], struct.pack("!HH", least, oldest)))
    yield Lie("HELLO with a descriptor", packet(MSG["HELLO"], body), 1)
    yield Lie("HELLO with 253", packet(MSG["HELLO"], body), 253)
    yield Lie("ACQUIRE", packet(MSG["ACQUIRE"], bytes(4), 1))
    yield Lie("READY", packet(MSG["READY"], b"", OTHER))
    yield from lies("VRRPD", "IPVSD")


def hello_lies(director, watch):
    """One connection each; many processes may not be there at once."""
    for told in hellos():
        client = Client(director, "_vrrpd")
        told.say(client.peer.sock)
        client.peer.expect_shut()
        client.close()
    watch.unharmed("lies at the rendezvous")


def hello_storm(director, watch):
    """However many ask how often: served once a second, but for the few new
    processes that may be ahead of that."""
    clients = [Client(director, "_vrrpd") for _ in range(8)]
    for client in clients:
        client.peer.sock.setblocking(False)
    began, links = time.monotonic(), 0
    while (took := time.monotonic() - began) < 2.5:
        for client in clients:
            with contextlib.suppress(BlockingIOError):
                for _ in range(50):
                    client.hello()
            with contextlib.suppress(BlockingIOError):
                while True:
                    _, fds, _, _ = socket.recv_fds(client.peer.sock, 8192, 1)
                    links += len(fds)
                    for fd in fds:
                        os.close(fd)
    expect(1 <= links <= HELLO_BURST + took + 1, f"{links} links in {took} s")
    # One more is one too many; others are still heard.
    ninth = Client(director, "_vrrpd")
    ninth.peer.expect_shut()
    ninth.close()
    checkd = Client(director, "_checkd")
    checkd.hello()
    checkd.link(IPVSD).join()
    checkd.close()
    for client in clients:
        client.close()
    watch.unharmed("a storm of HELLO")


def strangers(director, watch):
    """Operators have no business at the rendezvous, nor do they end it."""
    sockets = []
    for _ in range(200):
        stranger = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stranger.connect(f"{director.rundir}/rendezvous")
        with contextlib.suppress(OSError):
            stranger.send(packet(MSG["HELLO"], struct.pack("!HH", 1, 1)))
        sockets.append(stranger)
    for stranger in sockets:
        stranger.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            equal(stranger.recv(1), b"", "what a stranger hears")
        stranger.close()
    watch.unharmed("strangers")


# --- operators ---

def requests():
    """(what, data) that no operator may send; each has its client closed."""
    number = MSG["CTL_REQUEST"]
    for said in lies("CLIENT", "IPVSD"):
        yield said.what, said
    for what, body in (
            ("no words", b"\0\0\0"), ("seventeen", b"\x11" + b"\0\1x" * 17),
            ("more than it says", b"\1\0\1x\0\1y"), ("fewer", b"\2\0\1x"),
            ("a NUL", b"\1\0\3a\0b"), ("too long", b"\1" + text(b"x" * 4096)),
            ("255 words", b"\xff" + b"\0\0" * 255)):
        yield what, Lie(what, packet(number, body))


class Operator:
    """A child of another user, of the group: takes what it gets, and waits."""

    def __init__(self, director, user, what):
        self.ready, go = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            self._run(director, user, what, go)
        os.close(go)

    @staticmethod
    def _run(director, user, what, go):
        try:
            group = grp.getgrnam(ASKERS).gr_gid
            os.setgroups([group])
            os.setgid(group)
            os.setuid(user)
            held = what(director)
            os.write(go, b"x" if held is not None else b"")
            signal.pause()
        finally:
            os._exit(1)

    def wait_ready(self):
        equal(os.read(self.ready, 1), b"x", "an operator did all it wanted")

    def close(self):
        os.close(self.ready)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)


def connections(*words):
    """As many as one gets of 250, all asking this, none reading. Four of them
    are a thousand clients."""
    def take(director):
        held = []
        for _ in range(250):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                client.connect(f"{director.rundir}/ipvsd.ctl")
                client.send(request(*words))
            except OSError:
                continue
            held.append(client)
        return held
    return take


def changes(director):
    """What is root's alone."""
    for words in (("reload",), ("drain", "web/192.168.1.21"),
                  ("enable", "web/192.168.1.21"), ("drain",)):
        try:
            ctl(f"{director.rundir}/ipvsd.ctl", *words)
        except AssertionError as error:
            expect("only root" in str(error), str(error))
        else:
            raise AssertionError(f"an operator may {words[0]}")
    return []


def operators(director, watch, before, host):
    for what, told in requests():
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.connect(f"{director.rundir}/ipvsd.ctl")
            client.settimeout(5)
            told.say(client)
            with contextlib.suppress(ConnectionResetError):
                equal(client.recv(1), b"", what)
    watch.unharmed("requests that are none")
    operator = Operator(director, 62001, changes)
    operator.wait_ready()
    operator.close()
    unchanged(before, host, "changes")
    for words in (("config",), ("services",), ("leases",), ("monitor",),
                  ("nonsense",), ("x" * 4000,) * 2):
        many = [Operator(director, 62001 + number, connections(*words))
                for number in range(4)]
        for one in many:
            one.wait_ready()
        # Root is let in beside them.
        equal(director.ask("show", "links").returncode, 0, words[0])
        for one in many:
            one.close()
        watch.unharmed(f"operators that ask {words[0][:20]}")


def main():
    ensure_users()
    with Net() as net:
        lan, host = net.lan(capture=False), net.host("a")
        host.connect(lan, "eth0", "192.168.1.11/24")
        text_ = CONFIG.replace("\nservices:\n", BALANCED)
        before = kernel(host)
        path = written(net, text_)
        step("siblings that lie")
        lie(lambda: Victim(net, host, "ipvsd", "-f", path, "-N", "a"))
        unchanged(before, host, "lies")
        step("siblings that are half there")
        victim = Victim(net, host, "ipvsd", "-f", path, "-N", "a")
        join(victim)
        half_closed(victim)
        step("siblings in disorder")
        disorder(net, host, path, before)
        step("siblings that talk nonsense")
        nonsense(net, host, path, before)
        step("a storm of RESYNC")
        step("renewals")
        renewals(net, host)
        resyncs(net, host)
        unchanged(before, host, "a storm of RESYNC")
        director = Director(net, host, text_, before=older_kernel())
        director.start("ipvsd")
        watch, held = Watch(director.pid("ipvsd")), kernel(host)
        step("lies at the rendezvous")
        hello_lies(director, watch)
        step("a storm of HELLO")
        hello_storm(director, watch)
        step("strangers")
        strangers(director, watch)
        step("operators")
        operators(director, watch, held, host)
        unchanged(held, host, "all of it")
        director.stop("ipvsd")


run(main)
