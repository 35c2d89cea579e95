# SPDX-License-Identifier: ISC
"""Real servers that speak HTTP, and clients that count who answered."""

import collections
import json
import os
import socket

from scenario import results
from waiting import wait_for

TOOLS = f"{os.path.dirname(os.path.realpath(__file__))}/tools"
# Clients' own ports, each used once: a director that sees only what the client
# sends (direct routing) takes one that comes again within two minutes for the
# old connection, and schedules nothing. Above 32767 are the kernel's choices.
PORTS = range(10000, 32768)
PORTS_IN_BACKGROUND = 4000
_next_port = PORTS.start


class WebServer:
    """An HTTP server on a host, answering with the host's name."""

    def __init__(self, host, port=80):
        self.host, self.port = host, port
        self.access_log = f"{results()}/{host.name}.{port}.access"
        self._sick = f"{results()}/{host.name}.{port}.sick"
        self._starts = 0
        self.start()

    def start(self):
        self._process = self.host.popen(
            f"web.{self.port}", f"{TOOLS}/webserver", self.host.name,
            self.port, self.access_log, self._sick)
        starts = self._starts = self._starts + 1
        wait_for(lambda: self._process.output().count("listening") == starts,
                 60, f"web server of {self.host.name}")

    def stop(self):
        """Its port is closed when this returns."""
        self._process.stop()

    def kill(self):
        """As stop(), and nobody says goodbye."""
        self._process.kill()

    def set_healthy(self, healthy):
        """What /healthz says."""
        if healthy:
            if os.path.exists(self._sick):
                os.unlink(self._sick)
        else:
            with open(self._sick, "w", encoding="ascii"):
                pass

    def accesses(self):
        """Lines in the access log."""
        try:
            with open(self.access_log, encoding="utf-8") as log:
                return len(log.readlines())
        except FileNotFoundError:
            return 0


class Answers:
    """What came of some requests."""

    def __init__(self, lines):
        self.requests = [json.loads(line) for line in lines
                         if line.startswith("{")]
        #: successes by the name of the server that answered
        self.by_server = collections.Counter(
            request["name"] for request in self.requests if "name" in request)
        #: texts of the failures
        self.failures = [request["error"] for request in self.requests
                         if "error" in request]

    def __str__(self):
        text = ", ".join(f"{name} {count}" for name, count
                         in sorted(self.by_server.items()))
        return f"{len(self.requests)} requests: {text or 'no answer'}" + (
            f", {len(self.failures)} failed ({self.failures[0]})"
            if self.failures else "")


def take_ports(count):
    """The first of so many ports that no client of this test has used."""
    global _next_port
    first, _next_port = _next_port, _next_port + count
    assert _next_port <= PORTS.stop, "out of ports"
    return first


def requests(host, url, count, timeout=3):
    """Do count requests one after the other; returns Answers."""
    done = host.run(f"{TOOLS}/webclient", url, count, timeout, 0,
                    take_ports(count), count,
                    timeout=30 + count * (timeout + 1))
    return Answers(done.stdout.splitlines())


class Requester:
    """Requests one after the other in the background, until stop().

    After PORTS_IN_BACKGROUND of them the ports come again: by then a director
    must have forgotten the old connections.
    """

    def __init__(self, host, url, timeout=3, pause=0.02):
        self._process = host.popen(f"requests.{len(host.processes)}",
                                   f"{TOOLS}/webclient", url, 0, timeout, pause,
                                   take_ports(PORTS_IN_BACKGROUND),
                                   PORTS_IN_BACKGROUND)
        wait_for(lambda: self.answers().requests, 20, "a first request")

    def answers(self):
        text = self._process.output()
        return Answers(text[:text.rfind("\n") + 1].splitlines())

    def stop(self):
        self._process.stop()
        return self.answers()


class Flow:
    """A request that takes as long as we want to finish it."""

    def __init__(self, client, address, port):
        with client.network():
            self._socket = socket.create_connection((address, port), 10)
        self.port = self._socket.getsockname()[1]
        self._socket.sendall(b"GET / HTTP/1.1\r\n")
        self._steps = 0

    def go_on(self):
        """The real server waits for the rest of the request at most 30 s."""
        self._steps += 1
        self._socket.sendall(f"X-Step: {self._steps}\r\n".encode())

    def finish(self):
        """Who answered."""
        with self._socket as connection:
            connection.settimeout(10)
            connection.sendall(b"\r\n")
            answer = b""
            while data := connection.recv(4096):
                answer += data
        return answer.decode().split()[-1]
