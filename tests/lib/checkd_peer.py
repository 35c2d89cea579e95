# SPDX-License-Identifier: ISC
"""checkd's peer: an ipvsd (or vrrpd) on the other end of its link.

Speaks the messages of common/link/msg_table.h and encodes checkd's copy of a
configuration as common/conf/wire_form.h and common/conf/schema*.c say.
"""

import fcntl
import hashlib
import ipaddress
import os
import select
import socket
import struct
import subprocess
import time

from waiting import Deadline

VERSION = 1
IPVSD, VRRPD, CHECKD = 0, 1, 2
NAMES = ("NONE", "HELLO", "LINK", "PARSE", "PARSED", "CONF", "REPORT",
         "PREPARE", "READY", "REJECT", "COMMIT", "ABORT", "COMMITTED",
         "SNAPSHOT", "DIGEST", "RESYNC", "ACQUIRE", "RENEW", "RELEASE",
         "RETURNED", "HELD", "RENEWED", "FAILED", "ENDED", "MAY_PREEMPT",
         "VERDICTS", "CTL_REQUEST", "CTL_ROW", "CTL_END", "FORMER",
         "SINCE", "STATE", "RENEWALS", "RENEWED_MANY", "LISTEN",
         "BESIDE")
TYPES = {name: number for number, name in enumerate(NAMES)}
HEALTH = ("unknown", "up", "down")
REASON = ("not probed yet", "ok", "connection refused", "unreachable",
          "timed out connecting", "timed out waiting for the reply",
          "connection closed early", "socket error", "not a valid reply",
          "unexpected HTTP status", "expected text not in the body",
          "reply too large", "a limit of checkd's own")
MASK = (1 << 64) - 1


def string(text):
    data = (text or "").encode()
    return struct.pack("!H", len(data)) + data


def address(text):
    parsed = ipaddress.ip_address(text)
    return bytes([parsed.version]) + parsed.packed


def tcp(probe, addr, port, **more):
    """A row of the probes; times are in milliseconds."""
    return {"id": probe, "addr": addr, "port": port, "type": 0, "check": None,
            "interval": 200, "timeout": 100, "rise": 2, "fall": 3,
            "warm_up": 0, "method": "GET", "host": None, "path": "/",
            "headers": {}, "status": [(200, 299)], "body": None,
            "tracked": False, **more}


def http(probe, addr, port, **more):
    return tcp(probe, addr, port, **{"type": 1, **more})


def text(value):
    data = (value or "").encode()
    return struct.pack("!I", len(data)) + data


# What a configuration says of itself, common/conf/wire_form.h: of each schema
# the rows, {name: (enum wire_type, the rest)}.
BOOL, U16, U32, WORD, TEXT, ADDR, GROUP, ARRAY, U64 = \
    1, 3, 4, 5, 6, 7, 10, 11, 13


def default(kind, value):
    return kind, struct.pack("!I", len(value)) + value


def number(kind):
    return default(kind, bytes({U16: 2, U32: 4, U64: 8}[kind]))


def of(kind, schema):
    return kind, struct.pack("!H", schema)


SCHEMAS = (
    ("status", {"low": number(U16), "high": number(U16)}),
    ("headers", {"name": default(TEXT, text("")),
                 "value": default(TEXT, text(""))}),
    ("expect", {"status": of(ARRAY, 0), "body": default(TEXT, text(""))}),
    ("check", {
        "id": number(U32), "key": number(U64), "check": default(TEXT, text("")),
        "addr": default(ADDR, b"\0"),
        "type": (WORD, b"\2" + string("tcp") + string("http")
                 + struct.pack("!IB", 1, 0)),
        "port": number(U16), "interval": number(U32),
        "timeout": number(U32), "rise": number(U16), "fall": number(U16),
        "warm_up": number(U32), "tracked": default(BOOL, b"\0"), "method": default(TEXT, text("GET")),
        "host": default(TEXT, text("")), "path": default(TEXT, text("/")),
        "headers": of(ARRAY, 1), "expect": of(GROUP, 2)}),
    ("configuration", {"cluster": default(TEXT, text("")),
                       "self": default(TEXT, text("")),
                       "probes": of(ARRAY, 3)}),
)


def description():
    out = struct.pack("!H", len(SCHEMAS))
    for name, rows in SCHEMAS:
        out += string(name) + struct.pack("!H", len(rows))
        for row, (kind, rest) in rows.items():
            out += string(row) + bytes([kind]) + rest
    return out


def key(p):
    """Which probe it is: neither its name nor its times count."""
    target = repr([p[name] for name in (
        "addr", "port", "type", "method", "host", "path", "headers", "status",
        "body")])
    return hashlib.blake2b(target.encode(), digest_size=8).digest()


def encode_probe(p):
    out = struct.pack("!I", p["id"]) + p.get("key", key(p))
    out += text(p["check"]) + address(p["addr"])
    out += struct.pack("!BHIIHHI", p["type"], p["port"], p["interval"],
                       p["timeout"], p["rise"], p["fall"], p["warm_up"])
    out += bytes([p["tracked"]])
    out += text(p["method"]) + text(p["host"]) + text(p["path"])
    out += struct.pack("!I", len(p["headers"]))
    for name, value in p["headers"].items():
        out += text(name) + text(value)
    out += struct.pack("!I", len(p["status"]))
    for low, high in p["status"]:
        out += struct.pack("!HH", low, high)
    return out + text(p["body"])


def encode(generation, probes):
    body = description() + text("test") + text("d1")
    body += struct.pack("!I", len(probes))
    body += b"".join(map(encode_probe, probes))
    return struct.pack("!QHHQQ", 0x5456434f4e460a1a, 2, CHECKD, generation,
                       28 + len(body)) + body


def sealed(data):
    """A memfd that nobody can change any more."""
    fd = os.memfd_create("conf", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK
                | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    return fd


def _mix(number):
    number ^= number >> 33
    number = number * 0xff51afd7ed558ccd & MASK
    number ^= number >> 33
    number = number * 0xc4ceb9fe1a85ec53 & MASK
    return number ^ number >> 33


def digest(verdicts):
    """Of {probe: verdict}, as common/link/health.h says."""
    whole = 0
    for probe, verdict in verdicts.items():
        part = 0xcbf29ce484222325
        for byte in struct.pack("!II", probe, HEALTH.index(verdict.health)):
            part = (part ^ byte) * 0x100000001b3 & MASK
        whole ^= _mix(part)
    return whole


class Verdict:
    def __init__(self, health, reason, latency, detail):
        self.health, self.reason = HEALTH[health], REASON[reason]
        self.latency, self.detail = latency, detail

    def __repr__(self):
        return f"{self.health}, {self.reason} {self.detail}"


class Peer:
    """One end of a link; remembers the newest verdict of each probe."""

    def __init__(self):
        self.sock, self.other = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.generation = 0	# checkd's
        self.verdicts = {}
        self.snapshots = 0
        self.complete = False	# a snapshot has come since COMMITTED
        self.log = []		# every verdict: (time, probe, verdict)
        self.messages = []	# all others: (name, generation, body)

    def send(self, name, generation=0, body=b"", fd=None):
        data = struct.pack("!BBHQ", VERSION, TYPES[name], 12 + len(body),
                           generation) + body
        socket.send_fds(self.sock, [data], [] if fd is None else [fd])

    def prepare(self, generation, data):
        fd = sealed(data)
        self.send("PREPARE", generation, struct.pack("!I", len(data)), fd)
        os.close(fd)

    def _verdicts(self, body):
        count, = struct.unpack_from("!H", body)
        assert len(body) == 2 + 14 * count, "VERDICTS of a wrong length"
        for i in range(count):
            probe, *rest = struct.unpack_from("!IBBII", body, 2 + 14 * i)
            self.verdicts[probe] = Verdict(*rest)
            self.log.append((time.monotonic(), probe, self.verdicts[probe]))

    def _receive(self):
        data = self.sock.recv(8192)
        if not data:
            raise EOFError("checkd shut the link")
        version, number, length, generation = struct.unpack_from("!BBHQ", data)
        assert (version, length) == (VERSION, len(data)), "header"
        name, body = NAMES[number], data[12:]
        if name == "COMMITTED":
            self.generation, self.complete = generation, False
        elif name in ("SNAPSHOT", "VERDICTS", "DIGEST"):
            assert generation == self.generation, f"{name}: old generation"
        if name == "VERDICTS":
            self._verdicts(body)
            return
        if name == "SNAPSHOT" and body == b"\1":
            self.verdicts = {}
        elif name == "SNAPSHOT":
            self.snapshots += 1
            self.complete = True
        self.messages.append((name, generation, body))

    def until(self, condition, deadline, what):
        """Take messages until condition() holds; returns what it gave."""
        end = Deadline(deadline)
        while not (result := condition()):
            if end.over():
                raise AssertionError(f"{what}: not within {deadline} s; "
                                     f"verdicts {str(self.verdicts)[:500]}")
            if select.select([self.sock], [], [], 0.02)[0]:
                self._receive()
        return result

    def message(self, name, deadline=5):
        """The next message of this name, the ones before are forgotten."""
        def found():
            while self.messages:
                message = self.messages.pop(0)
                if message[0] == name:
                    return message
            return None
        return self.until(found, deadline, name)

    def former(self, generation, first, *health):
        """What is in force of probes, from the first on."""
        self.send("FORMER", generation, struct.pack("!I", first)
                  + bytes(map(HEALTH.index, health)))

    def since(self, generation, first, *seconds):
        """For how long that is so; None: not known."""
        self.send("SINCE", generation, struct.pack("!I", first) + b"".join(
            struct.pack("!I", 2 ** 32 - 1 if one is None else one)
            for one in seconds))

    def commit(self, generation, probes):
        """Bring probes into force, all the way to the snapshot."""
        self.commit_encoded(generation, encode(generation, probes))

    def commit_encoded(self, generation, data):
        self.complete = False
        self.prepare(generation, data)
        ready = self.message("READY")
        assert ready[1] == generation, f"READY for {ready[1]}"
        self.send("COMMIT", generation)
        self.until(lambda: self.generation == generation and self.complete,
                   10, "COMMITTED and a snapshot")
        self.send("COMMITTED", generation)

    def reason(self, probe, reason, health, deadline=5):
        """Wait until a probe is told to be so; returns the verdict."""
        def found():
            verdict = self.verdicts.get(probe)
            if verdict and (verdict.reason, verdict.health) == (reason, health):
                return verdict
            return None
        return self.until(found, deadline, f"probe {probe} {health}, {reason}")

    def close(self):
        self.sock.close()


class Checkd:
    """A checkd whose ipvsd (and, if asked, vrrpd) is this test."""

    def __init__(self, binary, directory, vrrpd=False, verbose=True,
                 enter=None):
        self.ipvsd = Peer()
        self.vrrpd = Peer() if vrrpd else None
        self.directory = directory
        self.log = f"{directory}/checkd.log"
        peers = {"ipvsd": self.ipvsd, "vrrpd": self.vrrpd}
        peers = {name: peer for name, peer in peers.items() if peer}
        argv = [binary, "-dv" if verbose else "-d", "-r", directory]
        for name, peer in peers.items():
            argv += ["-F", f"{name}={peer.other.fileno()}"]
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                argv, stderr=log, stdout=log, preexec_fn=enter,
                pass_fds=[peer.other.fileno() for peer in peers.values()])
        for peer in peers.values():
            peer.other.close()

    def output(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def stop(self, number=15):
        """End it; the exit status."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise


def control(directory, *words):
    """Ask checkd.ctl: a list of (kind, {name: value})."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.settimeout(10)
    sock.connect(f"{directory}/checkd.ctl")
    body = bytes([len(words)]) + b"".join(map(string, words))
    sock.send(struct.pack("!BBHQ", VERSION, TYPES["CTL_REQUEST"],
                          12 + len(body), 0) + body)
    rows = []
    while True:
        data = sock.recv(8192)
        if data[1] == TYPES["CTL_END"]:
            assert data[12] == 1, data[13:]
            sock.close()
            return rows
        rows.append(_row(data[12:]))


def _row(body):
    def text():
        nonlocal at
        length, = struct.unpack_from("!H", body, at)
        at += 2 + length
        return body[at - length:at].decode()
    at = 0
    kind, values = text(), {}
    at += 1
    while at < len(body):
        key, what = text(), body[at]
        at += 1
        if what == 1:
            values[key] = text()
        elif what == 4:
            values[key] = bool(struct.unpack_from("!Q", body, at)[0])
            at += 8
        else:
            values[key], at = struct.unpack_from("!Q", body, at)[0], at + 8
    return kind, values
