#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A director's checks: what stays as it was while nobody knows better.

Real daemons and real servers on one host; what is in force is asked of vipctl.
Usage: checks.py
"""

import contextlib
import os
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
    """Answers every connection with an empty page, until close()."""

    def __init__(self, host, address, port):
        with host.network():
            self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        self.sock.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection = self.sock.accept()[0]
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                if connection.recv(4096):
                    connection.sendall(PAGE)

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


def falls_by_the_third(director, port):
    """Still up at its first failure, down at its third."""
    wait_for(lambda: probe(director, A, port)["failures"] > 0, 10, "a failure")
    rows = health(director)
    expect(probe(director, A, port)["failures"] < 3, "the test was too slow")
    equal(rows[A], "up", "after a failure")
    wait_health(director, {A: "down", B: "up"})
    expect(probe(director, A, port)["failures"] >= 3, "down before")


def restart(director, host):
    step("checkd restarts: who was up has `fall` failures")
    a, b = Server(host, A, 80), Server(host, B, 80)
    reload(director, config({"s": (80, check("tcp"))}))
    wait_health(director, {A: "up", B: "up"})
    director.kill("checkd")
    a.close()
    director.start("checkd")
    falls_by_the_third(director, 80)
    director.kill("checkd")
    a = Server(host, A, 80)
    director.start("checkd")
    wait_for(lambda: probe(director, A, 80)["successes"] > 0, 10, "a success")
    equal(health(director)[A], "down", "who was down, after a success")
    wait_health(director, {A: "up", B: "up"})
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


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        host.ip("route add local 10.99.0.0/16 dev lo")
        director = Director(net, host, config({"s": (80, check("tcp"))}))
        director.start()
        another_check(director, host, *restart(director, host))
        shared_check(director, host)
        director.stop()


run(main)
