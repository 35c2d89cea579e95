#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A director's checks: what stays as it was while nobody knows better.

Real daemons and real servers on one host; what is in force is asked of vipctl.
Usage: checks.py
"""

import contextlib
import errno
import os
import re
import socket
import sys
import threading
from signal import SIGKILL, SIGUSR2

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, f"{HERE}/../lib")

from net import Net  # noqa: E402
from scenario import equal, expect, run, step  # noqa: E402
from suite import Director  # noqa: E402
from waiting import wait_for  # noqa: E402

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
A, B = "10.99.0.1", "10.99.0.2"
TIMES = "interval: 600ms, timeout: 300ms, warm_up: 1ms, rise: 2, fall: 3"


class Server:
    """Answers every request with an empty page, until close()."""

    def __init__(self, host, address, port):
        self.peers = set()      # who has connected
        self.ends = set()       # and how that ended: b"" is in order
        with host.network():
            self.sock = socket.socket(
                socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        self.sock.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, peer = self.sock.accept()
            except OSError:
                return
            self.peers.add(peer[0])
            with connection:
                self._answer(connection)

    def _answer(self, connection):
        connection.settimeout(5)
        try:
            if connection.recv(4096):
                connection.sendall(PAGE)
            self.ends.add(connection.recv(1))
        except OSError as error:
            self.ends.add(error.errno)

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def config(services, checks=""):
    """services: {name: (port, check)}, each with the servers A and B."""
    text = ("nodes: {d1: 10.0.0.11}\n"
            "vrrp:\n  web: {interface: eth0, vrid: 7, nodes: [d1], "
            "addresses: [10.0.0.100/32]}\n"
            + (f"checks: {{{checks}}}\n" if checks else "") + "services:\n")
    for name, (port, check) in services.items():
        text += (f"  {name}: {{address: \"10.0.0.100:{port}\", vrrp: web, "
                 f"forward: nat, check: {check}, servers: [{A}, {B}]}}\n")
    return text


def check(kind, port="", times=TIMES):
    port = f"port: {port}, " if port else ""
    return f"{{type: {kind}, {port}{times}}}"


def health(director, service="s"):
    """{address: health in force} of a service."""
    return {row["address"]: row["health"]
            for row in director.vipctl("show", "services")
            if row.get("kind") == "server" and row["service"] == service}


def probe(director, address, port):
    """checkd's row of a probe."""
    return next(row for row in director.vipctl("show", "checks")
                if (row.get("address"), row.get("port")) == (address, port))


def wait_health(director, wanted, service="s"):
    def same():
        found = health(director, service)
        assert found == wanted, f"{service}: {found}"
        return True
    wait_for(same, 15, f"{service}: {wanted}")


def reload(director, text):
    director.write_config(text)
    director.ask("reload")


def saved(director):
    """The generation, its probes' health, and its servers' before that."""
    with open(f"{director.rundir}/ipvsd/health", encoding="ascii") as file:
        return file.read().split()


def verdict(director, port):
    """The newest of A's, as checkd logs it."""
    lines = [line for line in director.daemons["checkd"].process.output()
             .splitlines() if f" {A}:{port}: " in line]
    return lines[-1].split(": ", 2)[2] if lines else "none"


def falls_by_the_third(director, port):
    """Who was up is down by its third failure, not by its first."""
    wait_health(director, {A: "down", B: "up"})
    equal(verdict(director, port),
          "unknown -> down, connection refused, 3 failures", "A")


def restart(director, host):
    step("checkd restarts: who was up has `fall` failures")
    a, b = Server(host, A, 80), Server(host, B, 80)
    reload(director, config({"s": (80, check("tcp"))}))
    wait_health(director, {A: "up", B: "up"})
    director.kill("checkd")
    a.close()
    director.start("checkd")
    falls_by_the_third(director, 80)
    step("who was down has `rise` successes")
    director.kill("checkd")
    a = Server(host, A, 80)
    director.start("checkd")
    wait_health(director, {A: "up", B: "up"})
    expect(probe(director, A, 80)["streak"] >= 2, "up by one success")
    return a, b


def another_check(director, host, a, b):
    step("another type, another port: who was up has `fall` failures")
    reload(director, config({"s": (80, check("tcp", 81))}))
    other = Server(host, B, 81)
    falls_by_the_third(director, 81)
    step("who is down stays down, whatever its check becomes")
    slow = "interval: 30s, timeout: 1s, warm_up: 30s"
    for text in (check("http", 81, slow), check("tcp", 82, slow),
                 check("http", "", slow)):
        reload(director, config({"s": (80, text)}))
        equal(health(director), {A: "down", B: "up"}, text)
    step("over a restart of ipvsd, of checkd, of both, and their sudden end")
    wait_for(lambda: len(saved(director)) == 3, 5, "saved")
    for names, number in ((["ipvsd"], SIGKILL), (["checkd"], SIGUSR2),
                          (["ipvsd", "checkd"], SIGUSR2),
                          (["ipvsd", "checkd"], SIGKILL)):
        director.send(number, *names)
        for name in names:
            director.daemons[name].process.wait()
        director.start(*names)
        wait_for(lambda: health(director), 5, "services")
        equal(health(director), {A: "down", B: "up"}, names)
    for server in (a, b, other):
        server.close()


def shared_check(director, host):
    step("two services of one server, of different health, and a check of both")
    servers = [Server(host, A, 443), Server(host, B, 443), Server(host, B, 80)]
    reload(director, config({"s": (80, check("tcp")), "t": (443, check("tcp"))}))
    wait_health(director, {A: "down", B: "up"})
    wait_health(director, {A: "up", B: "up"}, "t")
    text = check("tcp", 22, "interval: 2s, timeout: 1s, warm_up: 2s")
    reload(director, config({"s": (80, text), "t": (443, text)}))
    equal(health(director), {A: "down", B: "up"}, "s")
    equal(health(director, "t"), {A: "up", B: "up"}, "t")
    servers += [Server(host, A, 22), Server(host, B, 22)]
    wait_health(director, {A: "up", B: "up"})
    for server in servers:
        server.close()


def from_where(net, lan):
    """The only address of the director in the servers' network is a virtual
    one, which it holds."""
    inner = net.lan("inner", capture=False)
    d1, s1 = net.host("d2"), net.host("s1")
    d1.connect(lan, "eth0", "10.0.0.11/24", "10.0.0.12/24")
    d1.connect(inner, "eth1", "172.16.0.11/24")
    s1.connect(inner, "eth0", "192.0.2.21/24", "2001:db8:2::21/64")
    s1.ip("route add 10.0.0.0/24 dev eth0")
    text = """
nodes: {d1: 10.0.0.11, s1: 192.0.2.21}
vrrp:
  in4: {interface: eth1, vrid: 8, interval: 100ms, nodes: [d1],
    addresses: [192.0.2.100/24]}
  in6: {interface: eth1, vrid: 8, interval: 100ms, nodes: [d1],
    addresses: ["fe80::100/64", "2001:db8:2::100/64"]}
  web: {interface: eth0, vrid: 7, nodes: [d1], addresses: [10.0.0.100/32]}
  web6: {interface: eth0, vrid: 7, nodes: [d1],
    addresses: ["fe80::200/64", "2001:db8:1::200/128"]}
checks:
  route: {type: tcp, port: 80, TIMES}
  route6: {type: http, port: 80, TIMES}
  given: {type: tcp, port: 81, source: {d1: 10.0.0.12}, close: reset, TIMES}
  page: {type: http, port: 82, source: 10.0.0.12, close: reset, TIMES}
services:
  a: {address: "10.0.0.100:80", forward: nat, servers: [s1],
    checks: [route, given, page]}
  b: {address: "[2001:db8:1::200]:80", forward: nat, check: route6,
    servers: ["2001:db8:2::21"]}
""".replace("TIMES", TIMES)
    servers = [Server(s1, "192.0.2.21", port) for port in (80, 81, 82)]
    six = Server(s1, "2001:db8:2::21", 80)
    director = Director(net, d1, text, node="d1").start()
    for name in ("in4", "in6"):
        director.wait_state(name, "master")
    wait_for(lambda: d1.holds("192.0.2.100") and d1.holds("2001:db8:2::100"),
             10, "the virtual addresses")
    director.kill("checkd")     # what was open before
    for server in (*servers, six):
        server.peers.clear()
        server.ends.clear()
    director.start("checkd")
    wait_health(director, {"192.0.2.21": "up"}, "a")
    wait_health(director, {"2001:db8:2::21": "up"}, "b")
    equal([server.peers for server in servers],
          [{"10.0.0.11"}, {"10.0.0.12"}, {"10.0.0.12"}], "where checks come from")
    own, = six.peers
    expect(own.startswith("fe80::") and not own.startswith("fe80::100"), own)
    for address in ("192.0.2.100", "2001:db8:2::100"):
        # The one before may have said it too.
        said = director.daemons["checkd"].process.output().rpartition(
            "checkd: ready")[2]
        equal(said.count(
            f"come from the virtual address {address}, by the route"), 1,
              f"warnings of {address}")
    step("a check closes as it says")
    wait_for(lambda: all(server.ends for server in servers), 5, "ends")
    equal([server.ends for server in servers],
          [{b""}, {errno.ECONNRESET}, {errno.ECONNRESET}], "ends")
    director.stop()


def counted(director, name):
    """Lines of a daemon's log that name a probe that went down, and how many
    went so beside them."""
    text = director.daemons[name].process.output()
    return (len(re.findall(r"10\.99\.9\.\d+:80: .* -> down", text)),
            sum(map(int, re.findall(r"s: (\d+) more went down", text))))


def many(director, host):
    step("250 fail at once: the first are named, the others counted")
    text = config({"s": (80, check("tcp"))}).replace(
        f"[{A}, {B}]", "[%s]" % ", ".join(f"10.99.9.{n}" for n in range(250)))
    reload(director, text)
    for name in ("ipvsd", "checkd"):
        wait_for(lambda n=name: sum(counted(director, n)) == 250, 10, name)
        named, _ = counted(director, name)
        expect(80 < named < 130, f"{named} named by {name}")
    step("the next that changes alone is named")
    server = Server(host, "10.99.9.7", 80)
    wait_health(director, {f"10.99.9.{n}": "up" if n == 7 else "down"
                           for n in range(250)})
    wait_for(lambda: "probe 10.99.9.7:80: down -> up, ok" in
             director.daemons["ipvsd"].process.output(), 5, "its line")
    server.close()


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        step("where checks come from")
        from_where(net, lan)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        host.ip("route add local 10.99.0.0/16 dev lo")
        director = Director(net, host, config({"s": (80, check("tcp"))}))
        director.start()
        another_check(director, host, *restart(director, host))
        shared_check(director, host)
        many(director, host)
        director.stop()


run(main)
