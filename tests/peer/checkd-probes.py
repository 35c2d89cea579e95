#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""checkd against servers that are well, sick and hostile, on loopback.

The test is checkd's ipvsd. Everything happens in a network namespace that the
test makes for itself. Usage: checkd-probes.py [checkd]
"""

import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, f"{HERE}/../lib")

from checkd_peer import (Checkd, control, digest, encode, http,  # noqa: E402
                         tcp)
from machine import judged  # noqa: E402
from scenario import equal, expect, run, step  # noqa: E402
from suite import binary  # noqa: E402
from waiting import wait_for  # noqa: E402

BINARY = sys.argv[1] if len(sys.argv) > 1 else binary("checkd")
CLONE_NEWNET = 0x40000000
TIMEOUT = 0.1	# s, of a probe that says nothing else
SLOW = 600	# ms, for probes that shall not time out
# A few MB of program, then each reply with all that may be kept of it.
PEAK_KB = 8000


def own_network():
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        raise OSError("unshare: not root?")
    for command in ("ip link set lo up",
                    "ip addr add 2001:db8::1/128 dev lo",
                    "ip route add unreachable 10.9.9.0/24",
                    "nft add table inet t",
                    "nft add chain inet t in { type filter hook input "
                    "priority 0; }",
                    "nft add rule inet t in tcp dport 9 drop"):
        subprocess.run(command.split(), check=True)


class Server:
    """Each connection is handed to talk(connection, request)."""

    def __init__(self, talk=None, host="127.0.0.1", port=0):
        self.talk = talk
        self.requests, self.connections = [], 0
        self.ends = []		# how each connection ended: b"" is in order
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(4096)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection = self.sock.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=[connection],
                             daemon=True).start()

    def _talk(self, connection):
        connection.settimeout(10)
        with connection, contextlib.suppress(OSError):
            if self.talk is None:
                try:
                    self.ends.append(connection.recv(1))
                except OSError as error:
                    self.ends.append(error)
                return
            request = b""
            while b"\r\n\r\n" not in request:
                data = connection.recv(4096)
                if not data:
                    return
                request += data
            self.requests.append(request.decode())
            self.talk(connection, self.requests[-1])

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def replies(data):
    return lambda connection, request: connection.sendall(data)


def page(status, body, header=b""):
    return replies(b"HTTP/1.1 " + status + b"\r\nContent-Length: " +
                   str(len(body)).encode() + b"\r\n" + header + b"\r\n" + body)


def closed_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def never(connection, request):
    """No reply, until the other side gives up."""
    connection.recv(1)


def header_only(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal")
    connection.recv(1)


def endless(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless_header(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Header: " + b"x" * 1000 + b"\r\n")


def chunked(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       b"3\r\nall\r\n6\r\n is we\r\n2\r\nll\r\n0\r\n\r\n")


def lines(count):
    """A header of so many lines, the empty one among them."""
    return replies(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                   + b"a:\r\n" * (count - 3) + b"\r\n")


def trailers(count):
    return replies(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   b"3\r\nall\r\n0\r\n" + b"a: b\r\n" * count + b"\r\n")


def continues(header, times):
    """That many times "100 Continue", then what is asked for."""
    def talk(connection, request):
        data = b"HTTP/1.1 100 Continue\r\n" + header + b"\r\n"
        for _ in range(times):
            connection.sendall(data)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        connection.recv(1)
    return talk


def at_once(status, header=b""):
    """Replies 1xx, the answer and the close in one segment."""
    def talk(connection, request):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        for number in status:
            connection.sendall(b"HTTP/1.1 %d Wait\r\n%s\r\n"
                               % (number, header))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")
    return talk


def in_chunks(*lines, header=b""):
    return replies(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                   + header + b"\r\n" + b"".join(
                       line + b"\r\n" for line in lines))


def endless_chunk_size(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"0" * 65536)


def reset(connection, request):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          b"\1\0\0\0\0\0\0\0")


# name, what the server does, the probe's fields, health, reason, detail
STORIES = (
    ("ok", page(b"200 OK", b"hello"), {}, "up", "ok", 200),
    ("body found", page(b"200 OK", b"hello"), {"body": "ell"}, "up", "ok",
     200),
    ("body in chunks", chunked, {"body": "all is well"}, "up", "ok", 200),
    ("status in the list", page(b"401 No", b""),
     {"status": [(200, 204), (401, 401)]}, "up", "ok", 401),
    ("until close", replies(b"HTTP/1.0 200 OK\r\n\r\nhello"),
     {"body": "hello"}, "up", "ok", 200),
    ("HEAD", replies(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
     {"method": "HEAD"}, "up", "ok", 200),
    ("no body, too much of it", endless, {}, "up", "ok", 200),
    ("wrong status", page(b"503 No", b"hello"), {}, "down",
     "unexpected HTTP status", 503),
    ("redirection", page(b"302 Go", b"", b"Location: /x\r\n"), {}, "down",
     "unexpected HTTP status", 302),
    ("missing body", page(b"200 OK", b"hello"), {"body": "bye"}, "down",
     "expected text not in the body", 200),
    ("oversize body", endless, {"body": "y"}, "down", "reply too large", 200),
    ("oversize body, the text is in its beginning", endless, {"body": "xx"},
     "up", "ok", 200),
    ("announced oversize, the text is in its beginning",
     page(b"200 OK", b"ready\n" + b"x" * 300000), {"body": "ready"}, "up", "ok",
     200),
    ("oversize chunk, the text is in its beginning",
     in_chunks(b"%x" % 300000, b"ready" + b"x" * 299995, b"0", b""),
     {"body": "ready"}, "up", "ok", 200),
    ("announced oversize, nobody looks", page(b"200 OK", b"x" * 300000), {},
     "up", "ok", 200),
    ("extensions of chunks",
     in_chunks(b"5;a=b", b"hello", b'6 ; c="d;e"', b" world", b"0;f", b""),
     {"body": "hello world"}, "up", "ok", 200),
    ("a chunk's size is no number", in_chunks(b"zz", b"hello", b"0", b""), {},
     "down", "not a valid reply", 0),
    ("a chunk has no size", in_chunks(b"", b"hello", b"0", b""), {},
     "down", "not a valid reply", 0),
    ("a chunk's size has a sign", in_chunks(b"-5", b"hello", b"0", b""), {},
     "down", "not a valid reply", 0),
    ("a chunk is longer than its size", in_chunks(b"4", b"hello", b"0", b""), {},
     "down", "not a valid reply", 0),
    ("chunked and a length",
     in_chunks(b"5", b"hello", b"0", b"", header=b"Content-Length: 2\r\n"),
     {"body": "hello"}, "up", "ok", 200),
    ("chunked without its end", in_chunks(b"5", b"hello"), {"body": "hello"},
     "down", "connection closed early", 0),
    ("102 and 103 before the answer", at_once([102, 103], b"Link: </a>\r\n"),
     {"body": "hello"}, "up", "ok", 200),
    ("103 and no answer", replies(b"HTTP/1.1 103 Hints\r\n\r\n"), {}, "down",
     "connection closed early", 0),
    ("announced oversize", page(b"200 OK", b"x" * 300000), {"body": "y"},
     "down", "reply too large", 200),
    ("oversize header", endless_header, {}, "down", "not a valid reply", 0),
    ("short lines of a header", lines(127), {}, "up", "ok", 200),
    ("too many lines of a header", lines(129), {}, "down",
     "not a valid reply", 0),
    ("a body of many lines", page(b"200 OK", b"\n" * 8000), {"body": "\n\n"},
     "up", "ok", 200),
    ("trailers", trailers(30), {"body": "all"}, "up", "ok", 200),
    ("too many trailers", trailers(10 ** 4), {"body": "all"}, "down",
     "not a valid reply", 0),
    ("garbage", replies(b"\0\1\2\3 hello\r\n\r\n"), {}, "down",
     "not a valid reply", 0),
    ("not HTTP", replies(b"SSH-2.0-OpenSSH\r\n"), {}, "down",
     "not a valid reply", 0),
    ("bad length", replies(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
     {}, "down", "not a valid reply", 0),
    ("early close", replies(b""), {}, "down", "connection closed early", 0),
    ("close in the header", replies(b"HTTP/1.1 200 OK\r\nContent-"), {},
     "down", "connection closed early", 0),
    ("close in the body",
     replies(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello"), {},
     "down", "connection closed early", 0),
    ("reset", reset, {}, "down", "connection closed early", None),
    ("continued", continues(b"", 3), {}, "up", "ok", 200),
    ("continued for ever", continues(b"X: " + b"x" * 15000 + b"\r\n", 10 ** 6),
     {}, "down", "not a valid reply", 0),
    ("endless size of a chunk", endless_chunk_size, {}, "down",
     "not a valid reply", 0),
    ("no reply", never, {"timeout": 100}, "down",
     "timed out waiting for the reply", 0),
    ("half a reply", header_only, {"timeout": 100}, "down",
     "timed out waiting for the reply", 0),
) + tuple(("all in one segment", at_once([100]), {"path": f"/{i}"}, "up", "ok",
            200) for i in range(16))


def check_peak(checkd):
    """Whatever servers sent, little of it was kept."""
    if os.environ.get("TRIUMVIR_SANITIZED"):
        return                      # its shadow memory is not ours
    with open(f"/proc/{checkd.popen.pid}/status", encoding="ascii") as file:
        peak, = (int(line.split()[1]) for line in file
                 if line.startswith("VmHWM"))
    step(f"  at most {peak} kB were resident")
    expect(peak < PEAK_KB, f"{peak} kB were resident")


def test_http(checkd):
    step("http: every kind of reply")
    servers = [Server(story[1]) for story in STORIES]
    probes = [http(i, "127.0.0.1", servers[i].port,
                   **{"timeout": SLOW, "interval": 1000, **story[2]})
              for i, story in enumerate(STORIES)]
    checkd.ipvsd.commit(10, probes)
    for i, (name, _, _, health, reason, detail) in enumerate(STORIES):
        verdict = checkd.ipvsd.reason(i, reason, health)
        if detail is not None:
            equal(verdict.detail, detail, f"{name}: detail")
        step(f"  {name}: {verdict}")
    check_peak(checkd)
    for server in servers:
        server.close()


def test_request(checkd):
    step("http: what is sent, over IPv4 and IPv6")
    four = Server(page(b"200 OK", b""))
    six = Server(page(b"200 OK", b""), "2001:db8::1")
    probes = [
        http(0, "127.0.0.1", four.port, path="/a?b=c", host="www.example.org",
             headers={"X-Probe": "triumvir"}, timeout=SLOW, interval=1000),
        http(1, "2001:db8::1", six.port, timeout=SLOW, interval=1000)]
    checkd.ipvsd.commit(11, probes)
    checkd.ipvsd.reason(0, "ok", "up")
    checkd.ipvsd.reason(1, "ok", "up")
    lines = four.requests[0].split("\r\n")
    equal(lines[0], "GET /a?b=c HTTP/1.1", "request line")
    for line in ("Host: www.example.org", "X-Probe: triumvir",
                 "Connection: close"):
        equal(lines.count(line), 1, line)
    expect(f"Host: [2001:db8::1]:{six.port}\r\n" in six.requests[0],
           six.requests[0])
    four.close()
    six.close()


def test_tcp(checkd):
    step("tcp: up, refused, dropped, unreachable, IPv6")
    server, six = Server(), Server(host="2001:db8::1")
    closed = closed_port()
    probes = [tcp(3, "127.0.0.1", server.port), tcp(5, "127.0.0.1", closed),
              tcp(6, "127.0.0.1", 9), tcp(8, "10.9.9.9", 80),
              tcp(9, "2001:db8::1", six.port), tcp(10, "192.0.2.1", 80),
              http(11, "127.0.0.1", closed), http(12, "127.0.0.1", 9),
              http(13, "10.9.9.9", 80), http(14, "192.0.2.1", 80),
              http(15, "2001:db8::1", closed)]
    checkd.ipvsd.commit(12, probes)
    for probe, reason, health in (
            (3, "ok", "up"), (5, "connection refused", "down"),
            (6, "timed out connecting", "down"), (8, "unreachable", "down"),
            (9, "ok", "up"), (10, "unreachable", "down"),
            (11, "connection refused", "down"),
            (12, "timed out connecting", "down"),
            (13, "unreachable", "down"), (14, "unreachable", "down"),
            (15, "connection refused", "down")):
        verdict = checkd.ipvsd.reason(probe, reason, health)
        step(f"  {probe}: {verdict}, {verdict.latency} us")
    expect(90000 <= checkd.ipvsd.verdicts[6].latency < 250000,
           f"latency of a time-out: {checkd.ipvsd.verdicts[6].latency} us")
    expect(0 < checkd.ipvsd.verdicts[3].latency < 90000, "latency")
    # closed in order, not by a reset
    checkd.ipvsd.until(lambda: len(server.ends) >= 3, 5, "three probes")
    equal(set(server.ends), {b""}, "ends of connections")
    server.close()
    six.close()


def test_rise_fall(checkd):
    step("rise 2, fall 3: a server goes and comes back")
    server = Server()
    port = server.port
    checkd.ipvsd.commit(13, [tcp(0, "127.0.0.1", port, check="web")])
    checkd.ipvsd.reason(0, "ok", "up")
    server.close()
    gone = time.monotonic()
    checkd.ipvsd.reason(0, "connection refused", "up")
    checkd.ipvsd.reason(0, "connection refused", "down")
    took = time.monotonic() - gone
    expect(0.35 < took < 3 * 0.2 + 0.1 + 0.1, f"down after {took} s")
    expect(f"check web 127.0.0.1:{port}: up -> down, connection refused, "
           "3 failures" in checkd.output(), "no line in the log")
    server = Server(port=port)
    back = time.monotonic()
    checkd.ipvsd.reason(0, "ok", "down")
    checkd.ipvsd.reason(0, "ok", "up")
    took = time.monotonic() - back
    expect(0.15 < took < 2 * 0.2 + 0.15, f"up after {took} s")
    wait_for(lambda: server.connections == 2, 5, "accept of two probes")
    server.close()


def test_reload(checkd, directory):
    step("reload: what did not change keeps its state")
    a, b = Server(), Server()
    closed = closed_port()
    slow = {"interval": 60000, "timeout": 1000}
    checkd.ipvsd.commit(14, [tcp(0, "127.0.0.1", a.port, **slow),
                             tcp(1, "127.0.0.1", closed, **slow)])
    checkd.ipvsd.reason(0, "ok", "up")
    checkd.ipvsd.reason(1, "connection refused", "down")
    # other ids, another name, one more, new times for the second
    checkd.ipvsd.commit(15, [
        tcp(2, "127.0.0.1", b.port, **slow),
        tcp(4, "127.0.0.1", closed, interval=50000, timeout=1000, rise=1),
        tcp(7, "127.0.0.1", a.port, check="named", **slow)])
    equal(checkd.ipvsd.verdicts[7].health, "up", "kept, in the snapshot")
    equal(checkd.ipvsd.verdicts[4].health, "down", "kept, other times")
    checkd.ipvsd.reason(2, "ok", "up")
    wait_for(lambda: a.connections and b.connections, 5, "both accepted")
    equal((a.connections, b.connections), (1, 1), "probes")
    rows = {row["id"]: row for kind, row in control(directory, "probes")
            if kind == "probe"}
    equal(sorted(rows), [2, 4, 7], "probes shown")
    equal(rows[7]["check"], "named", "name")
    equal((rows[7]["health"], rows[7]["successes"], rows[4]["failures"]),
          ("up", 1, 1), "history")
    # the very same generation once more, as after a restart of ipvsd
    checkd.ipvsd.commit(15, [])
    equal(len(checkd.ipvsd.verdicts), 3, "verdicts")
    equal((a.connections, b.connections), (1, 1), "probes")
    a.close()
    b.close()


def test_refused(checkd):
    step("a generation that cannot be, or that is aborted")
    peer = checkd.ipvsd
    server = Server()
    peer.commit(16, [tcp(0, "127.0.0.1", server.port)])
    for data, what in (
            (b"junk" * 20, "junk"),
            (encode(99, [])[:-2], "cut short"),
            (encode(98, []), "another generation"),
            (encode(99, [http(1, "127.0.0.1", 80, path="x")]), "path"),
            (encode(99, [tcp(1, "127.0.0.1", 0)]), "no port")):
        peer.prepare(99, data)
        name, generation, body = peer.message("REJECT")
        equal(generation, 99, what)
        step(f"  {what}: {body[2:]}")
        peer.send("COMMIT", 99)		# sent before REJECT came
    peer.prepare(97, encode(97, []))
    peer.message("READY")
    peer.send("ABORT", 97)
    # in force all the while: still probing, still 16
    server.close()
    peer.reason(0, "connection refused", "down")
    equal(peer.generation, 16, "generation")
    # PREPARE and COMMIT in one go
    peer.prepare(96, encode(96, [tcp(0, "127.0.0.1", closed_port())]))
    peer.send("COMMIT", 96)
    peer.message("READY")
    peer.until(lambda: peer.generation == 96 and peer.complete, 5, "96")


def test_former(checkd):
    step("FORMER: what is in force, of what is prepared alone")
    peer, server, closed = checkd.ipvsd, Server(), closed_port()
    peer.former(5, 0, "down")               # of nothing that it has heard of
    peer.prepare(20, encode(20, [tcp(2, "127.0.0.1", closed),
                                 tcp(4, "127.0.0.1", server.port)]))
    peer.message("READY")
    peer.former(19, 0, *["down"] * 5000)    # of another one
    peer.former(20, 0, "up", "down", "up")
    peer.former(20, 3, "down", "down", "up", *["down"] * 5000)
    peer.since(19, 0, *[7] * 2000)
    peer.since(20, 0, 100, 200, 300, None, 400, *[2 ** 32 - 2] * 1000)
    del peer.log[:]
    peer.send("COMMIT", 20)
    peer.until(lambda: peer.generation == 20 and peer.complete, 5, "20")
    peer.reason(2, "connection refused", "down")
    peer.reason(4, "ok", "up")
    for probe, words in ((2, ["unknown", "down"]), (4, ["unknown", "up"])):
        said = [verdict.health for _, number, verdict in peer.log
                if number == probe and verdict.reason != "not probed yet"]
        equal(list(dict.fromkeys(said)), words, f"probe {probe}: {said}")
    rows = {row["id"]: row for kind, row in control(checkd.directory, "probes")}
    expect(rows[2]["failures"] >= 3 and rows[4]["successes"] >= 2, rows)
    for probe in (2, 4):    # neither is as it was before
        expect(rows[probe]["since_ms"] < 60000, rows[probe])
    peer.prepare(21, encode(21, [tcp(1, "127.0.0.3", closed),
                                 tcp(2, "::1", closed),
                                 tcp(3, "127.0.0.2", closed)]))
    peer.message("READY")
    peer.former(21, 1, "down", "down", "down")
    peer.since(21, 1, 100, None, 2 ** 32 - 2)
    peer.send("COMMIT", 21)
    peer.until(lambda: peer.generation == 21 and peer.complete, 5, "21")
    for probe in (1, 2, 3):
        peer.reason(probe, "connection refused", "down")
    rows = {row["id"]: row for kind, row in control(checkd.directory, "probes")}
    expect(100000 <= rows[1]["since_ms"] < 160000, rows[1])
    for words, ids in ((("3,1",), [1, 3]), (("0,2,9,2",), [2]), (("x,,",), []),
                       ((str(2 ** 64),), []), (("2", "1"), [2])):
        equal([row["id"] for kind, row in control(
            checkd.directory, "probes", *words) if kind == "probe"], ids,
              f"probes {words}")
    for probe in (2, 3):    # not known, and longer than the machine runs
        expect(rows[probe]["since_ms"] < 60000, rows[probe])
    server.close()


def test_resync(checkd):
    step("RESYNC, DIGEST, and the second link")
    server = Server()
    checkd.ipvsd.commit(17, [tcp(i, "127.0.0.1", server.port,
                                 interval=60000, timeout=1000,
                                 tracked=i % 100 == 7)
                             for i in range(1000)])
    checkd.ipvsd.until(lambda: len(checkd.ipvsd.verdicts) == 1000 and
                       {v.health for v in checkd.ipvsd.verdicts.values()}
                       == {"up"}, 20, "all up")
    before = checkd.ipvsd.snapshots
    checkd.ipvsd.send("RESYNC", 17)
    checkd.ipvsd.until(lambda: checkd.ipvsd.snapshots > before, 5, "snapshot")
    equal(len(checkd.ipvsd.verdicts), 1000, "verdicts")
    checkd.ipvsd.messages.clear()
    _, _, body = checkd.ipvsd.message("DIGEST", 20)
    equal(int.from_bytes(body[:4], "big"), 1000, "count")
    equal(int.from_bytes(body[4:], "big"), digest(checkd.ipvsd.verdicts),
          "digest")
    step("vrrpd hears of what an instance follows")
    followed = {i: checkd.ipvsd.verdicts[i] for i in range(7, 1000, 100)}
    checkd.vrrpd.until(lambda: digest(checkd.vrrpd.verdicts) ==
                       digest(followed), 5, "the same at vrrpd")
    _, _, body = checkd.vrrpd.message("DIGEST", 20)
    equal(body, struct.pack("!IQ", len(followed), digest(followed)), "digest")
    equal(len([1 for _, probe, _ in checkd.vrrpd.log if probe % 100 != 7]), 0,
          "others")
    server.close()


def test_spread(checkd):
    step("first probes are spread over the warm-up")
    server = Server()
    probes = [tcp(i, f"127.0.1.{i + 1}", server.port, warm_up=1000,
                  interval=5000, timeout=1000) for i in range(200)]
    wide = Server(host="0.0.0.0")
    for probe in probes:
        probe["port"] = wide.port
    start = time.monotonic()
    del checkd.ipvsd.log[:]
    checkd.ipvsd.commit(18, probes)
    checkd.ipvsd.until(lambda: sum(v.health == "up" for v in
                                   checkd.ipvsd.verdicts.values()) == 200,
                       10, "all up")
    times = sorted(at - start for at, _, verdict in checkd.ipvsd.log
                   if verdict.health == "up")
    expect(times[-1] < 1.5, f"the last after {times[-1]} s")
    for tenth in range(10):
        found = sum(tenth / 10 <= at < tenth / 10 + 0.2 for at in times)
        expect(found >= 10, f"{found} of 200 around {tenth / 10} s")
    server.close()
    wide.close()


def test_limit(checkd, directory):
    step("many probes of one address: few are open at a time")
    held = Server(never)
    checkd.ipvsd.commit(19, [
        http(i, "127.0.0.1", held.port, path=f"/{i}", timeout=200,
             interval=1000) for i in range(100)])
    checkd.ipvsd.until(lambda: held.connections >= 32, 5, "32 probes")
    most = 0

    def all_down():
        nonlocal most
        (_, row), = control(directory, "counters")
        most = max(most, row["open"])
        return {v.health for v in checkd.ipvsd.verdicts.values()} == {"down"}
    checkd.ipvsd.until(all_down, 10, "all probed")
    expect(0 < most <= 32, f"{most} open")
    held.close()


def test_privileges(checkd):
    step("no capability, a user of its own, a small memory")
    with open(f"/proc/{checkd.popen.pid}/status", encoding="ascii") as file:
        status = dict(line.split(":\t", 1) for line in
                      file.read().splitlines())
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        equal(int(status[name], 16), 0, name)
    equal(status["NoNewPrivs"], "1", "NoNewPrivs")
    expect("0" not in status["Uid"].split(), f"uid {status['Uid']}")


def check_idle(checkd, directory):
    """Before any configuration."""
    test_privileges(checkd)
    (kind, row), = control(directory, "summary")
    equal((kind, row["daemon"], row["generation"], row["ready"]),
          ("daemon", "checkd", "0" * 16, True), "summary")
    equal(control(directory, "probes"), [], "probes")
    if os.environ.get("TRIUMVIR_SANITIZED"):
        return                      # its shadow memory is not ours
    with open(f"/proc/{checkd.popen.pid}/smaps_rollup",
              encoding="ascii") as file:
        dirty, = (int(line.split()[1]) for line in file
                  if line.startswith("Private_Dirty"))
    step(f"  Private_Dirty {dirty} kB")
    expect(dirty < 3072, f"Private_Dirty {dirty} kB")


TESTS = (test_tcp, test_http, test_request, test_rise_fall, test_reload,
         test_refused, test_former, test_limit, test_spread, test_resync)
ASKING = (test_reload, test_limit)


def main():
    own_network()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        checkd = Checkd(BINARY, directory, vrrpd=True)
        try:
            wait_for(lambda: "ready" in checkd.output(), 10, "ready")
            check_idle(checkd, directory)
            for test in TESTS:
                with judged(TIMEOUT):
                    test(checkd, *([directory] if test in ASKING else []))
            equal(control(directory, "links")[0][1]["lies"], 0, "lies")
        except BaseException:
            print(checkd.output()[-5000:], file=sys.stderr)
            raise
        finally:
            status = checkd.stop()
        equal(status, 0, f"exit status; {checkd.output()[-3000:]}")


run(main)
