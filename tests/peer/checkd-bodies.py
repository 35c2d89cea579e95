#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Hundreds of servers send checkd as much as it takes, and hold the connection.

It keeps next to nothing of it, and the checks of honest servers go on.
Everything happens in a network namespace that the test makes. Usage: checkd-bodies.py [checkd]
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, f"{HERE}/../lib")

from checkd_peer import Checkd, control, http  # noqa: E402
from scenario import equal, expect, run, step  # noqa: E402
from suite import binary  # noqa: E402
from waiting import wait_for  # noqa: E402

BINARY = sys.argv[1] if len(sys.argv) > 1 else binary("checkd")
CLONE_NEWNET = 0x40000000
SANITIZED = "TRIUMVIR_SANITIZED" in os.environ
# 160 MB, if all were kept. The sanitizers look at each byte, which takes time.
HOSTILE = 150 if SANITIZED else 600
PER_ADDRESS = 30            # at most 32 are open to one address
HOLD = 6                    # s
PROGRAM_KB = 8000           # checkd itself, with that many probes
OWN_KB = 24                 # of each probe; the text that is looked for has 4
BODY = 256 * 1024


def own_network():
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        raise OSError("unshare: not root?")
    subprocess.run("ip link set lo up".split(), check=True)


class Holder(threading.Thread):
    """A server on all addresses that sends `data`, and then nothing."""

    def __init__(self, data):
        super().__init__(daemon=True)
        self._data = memoryview(data)
        self._listener = socket.socket()
        self._listener.setblocking(False)
        self._listener.bind(("0.0.0.0", 0))
        self._listener.listen(4096)
        self.port = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._sent = {}
        self.start()

    def run(self):
        while True:
            for key, events in self._selector.select():
                if key.data is None:
                    self._accept()
                elif events & selectors.EVENT_WRITE:
                    self._send(key.fileobj)
                else:
                    self._read(key.fileobj)

    def _accept(self):
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        # Little of it lies in the kernel.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        self._sent[connection] = 0
        self._selector.register(
            connection, selectors.EVENT_READ | selectors.EVENT_WRITE, True)

    def _send(self, connection):
        at = self._sent[connection]
        try:
            self._sent[connection] += connection.send(
                self._data[at:at + 65536])
        except OSError:
            self._close(connection)
            return
        if self._sent[connection] == len(self._data):
            self._selector.modify(connection, selectors.EVENT_READ, True)

    def _read(self, connection):
        with contextlib.suppress(OSError):
            if connection.recv(65536):
                return
        self._close(connection)

    def _close(self, connection):
        self._selector.unregister(connection)
        del self._sent[connection]
        connection.close()


class Honest:
    """Answers each request with a page, and closes. A process of its own, which
    the others' many bytes do not keep waiting."""

    def __init__(self, body):
        self._page = (b"HTTP/1.1 200 OK\r\nContent-Length: "
                      + str(len(body)).encode() + b"\r\n\r\n" + body)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.child = os.fork()
        if self.child == 0:
            try:
                self._serve()
            finally:
                os._exit(1)
        self._listener.close()

    def close(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._talk, args=[connection],
                             daemon=True).start()

    def _talk(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._page)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)


def reply(length, sent, end=b""):
    return (b"HTTP/1.1 200 OK\r\nContent-Length: " + str(length).encode()
            + b"\r\n\r\n" + b"x" * sent + end)


def resident_kb(checkd):
    with open(f"/proc/{checkd.popen.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("VmRSS"))


def counters(directory):
    (_, row), = control(directory, "counters")
    return row


def rows(directory):
    return {row["id"]: row for kind, row in control(directory, "probes")
            if kind == "probe"}


def honest_probes(servers):
    """small with a text in it, big that nobody looks at, big with a text."""
    # One reply that does not come is enough; a busy machine has time for it.
    often = {"interval": 2000, "timeout": 1900, "fall": 1}
    small, big, looked_at = (server.port for server in servers)
    return [http(0, "127.0.0.1", small, body="ell", **often),
            http(1, "127.0.0.1", big, **often),
            http(2, "127.0.0.1", looked_at, body="bye", **often)]


def hostile_probes(port, **more):
    return [http(10 + i, f"127.1.0.{1 + i // PER_ADDRESS}", port,
                 path=f"/{i}", **{"interval": 4000, "timeout": 3000,
                                  "warm_up": 1000, **more})
            for i in range(HOSTILE)]


def flood(checkd, directory, generation, honest, hostile, what):
    """The most that is resident meanwhile, and what is counted."""
    peer = checkd.ipvsd
    peer.commit(generation, honest)
    for probe in honest:
        peer.until(lambda: peer.verdicts[probe["id"]].health == "up", 5, "up")
    peer.commit(generation + 1, honest + hostile)
    before, most = rows(directory), 0
    began = counters(directory)
    del peer.log[:]
    end = time.monotonic() + HOLD

    def over():
        nonlocal most
        most = max(most, resident_kb(checkd))
        return time.monotonic() > end
    peer.until(over, HOLD + 5, "the end")
    after = rows(directory)
    found = counters(directory)
    limited = found["limited"] - began["limited"]
    grown = [after[i]["successes"] - before[i]["successes"] for i in range(3)]
    step(f"{what}: at most {most} kB resident, {limited} probes limited, "
         f"successes of the honest {grown}")
    for _, probe, verdict in peer.log:
        expect(probe >= 10 or verdict.health == "up",
               f"honest probe {probe}: {verdict}")
    expect(min(grown[:2]) >= HOLD / 3, f"successes {grown}")
    return most, limited


def little(most, limited):
    equal(limited, 0, "limited")
    if not SANITIZED:
        expect(most < PROGRAM_KB + HOSTILE * OWN_KB, f"{most} kB resident")


def bodies(checkd, directory, honest):
    """Looked for in vain: so many times all but the last byte."""
    holder = Holder(reply(BODY, BODY - 1))
    hostile = hostile_probes(holder.port, body="z" * 4096)
    little(*flood(checkd, directory, 20, honest, hostile, "bodies"))
    # Who was read to the end did fail.
    expect(any(verdict.reason == "timed out waiting for the reply"
               for _, probe, verdict in checkd.ipvsd.log if probe >= 10),
           "time-outs")


def nobody_looks(checkd, directory, honest):
    """The same without `body'."""
    holder = Holder(reply(BODY, BODY - 1))
    little(*flood(checkd, directory, 30, honest, hostile_probes(holder.port),
                  "bodies, unlooked at"))


def headers(checkd, directory, honest):
    """As many lines as are taken."""
    holder = Holder(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 120)
    little(*flood(checkd, directory, 40, honest, hostile_probes(holder.port),
                  "headers"))


def cases(honest):
    for case in (nobody_looks, headers, bodies):
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            checkd = Checkd(BINARY, directory, verbose=False)
            try:
                wait_for(lambda: "ready" in checkd.output(), 10, "ready")
                case(checkd, directory, honest)
            except BaseException:
                print(checkd.output()[-3000:], file=sys.stderr)
                raise
            finally:
                status = checkd.stop()
            equal(status, 0, f"exit status; {checkd.output()[-3000:]}")


def main():
    own_network()
    big = b"y" * (BODY - 4096) + b"bye"
    servers = [Honest(b"hello"), Honest(big), Honest(big)]
    try:
        cases(honest_probes(servers))
    finally:
        for server in servers:
            server.close()


run(main)
