# SPDX-License-Identifier: ISC
"""Plays ipvsd for one real vrrpd, over a pair handed to it by -F.

It keeps the rules of leases as HACKING.md tells them: addresses go in before
HELD, a lease ends three intervals after the last advert, an address goes before
ENDED is said. What vrrpd says is kept in .heard, so that a test can judge it.
"""

import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time

from scenario import checkout, results
from suite import as_unit, binary, build, work_directory
from waiting import wait_for

MSG_VERSION = 1
HEADER = struct.Struct("!BBHQ")
# linux/fcntl.h: seal, shrink, grow, write
F_ADD_SEALS, ALL_SEALS = 1033, 15
# Where the generation is in an encoded configuration, common/conf/wire_form.h.
GENERATION_AT = 12
LEASE_REASONS = ("NONE", "EXPIRED", "RELEASED", "UNKNOWN", "INTERFACE",
                 "KERNEL", "RATE", "CONFIG", "LEAVING", "IP_VS")


def message_numbers():
    """The rows of MSG_TABLE, in common/link/msg_table.h, by name."""
    with open(f"{checkout()}/common/link/msg_table.h", encoding="utf-8") as header:
        table = header.read().split("#define MSG_TABLE(X)")[1]
    names = re.findall(r"^\tX\((\w+),", table.split("enum msg_type")[0],
                       re.MULTILINE)
    return {name: number for number, name in enumerate(names, 1)}


def message_level():
    """MSG_LEVEL, the protocol level that the daemons speak."""
    with open(f"{checkout()}/common/link/msg.h", encoding="utf-8") as header:
        return int(re.search(r"#define MSG_LEVEL\s+(\d+)", header.read())[1])


MSG = message_numbers()
MSG_LEVEL = message_level()
NAMES = {number: name for name, number in MSG.items()}


def encode(path, node):
    """vrrpd's rows of a configuration file, as its parser would send them."""
    tool = f"{build()}/tests/net/encode-conf"
    return subprocess.run([tool, path, node, "vrrpd"], check=True,
                          capture_output=True).stdout


def sealed(data):
    fd = os.memfd_create("configuration", os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, F_ADD_SEALS, ALL_SEALS)
    return fd


def _text(packet, at):
    length, = struct.unpack_from("!H", packet, at)
    at += 2
    return packet[at:at + length].decode(), at + length


def row_of(packet):
    """A CTL_ROW as common/ctl/ctl_row.c writes it."""
    kind, at = _text(packet, HEADER.size)
    row = {"kind": kind}
    count, at = packet[at], at + 1
    for _ in range(count):
        key, at = _text(packet, at)
        assert key not in row, f"{kind}: {key} comes twice"
        sort, at = packet[at], at + 1
        if sort == 1:
            row[key], at = _text(packet, at)
        else:
            number, = struct.unpack_from("!q" if sort == 3 else "!Q", packet,
                                         at)
            row[key], at = bool(number) if sort == 4 else number, at + 8
    return row


def request(*words):
    """The packet of a command."""
    body = bytes([len(words)]) + b"".join(
        struct.pack("!H", len(word)) + word.encode() for word in words)
    return HEADER.pack(MSG_VERSION, MSG["CTL_REQUEST"],
                       HEADER.size + len(body), 0) + body


def ctl(path, *words, deadline=10):
    """One command at a control socket; AssertionError when it is refused."""
    rows = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.settimeout(deadline)
        client.connect(path)
        client.send(request(*words))
        while True:
            packet = client.recv(8192)
            assert packet, "closed without an answer"
            if packet[1] == MSG["CTL_ROW"]:
                rows.append(row_of(packet))
            elif packet[1] == MSG["CTL_END"]:
                assert packet[HEADER.size], _text(packet, HEADER.size + 1)[0]
                return rows


def renewals(body):
    """The bodies of the RENEWs of a RENEWALS, or likewise of a RENEWED_MANY."""
    count, = struct.unpack_from("!H", body)
    assert count and len(body) == 2 + 20 * count, f"{count} in {len(body)}"
    return [body[at:at + 20] for at in range(2, len(body), 20)]


class Instance:
    """What ipvsd knows of an instance: id, interval, addresses."""

    def __init__(self, number, interval_ms, addresses):
        self.id = number
        self.interval = interval_ms * 1_000_000
        self.addresses = addresses	# (address with prefix, interface)


class FakeIpvsd:
    """One vrrpd on a host, with us as its ipvsd."""

    def __init__(self, net, host, config, instances, node=None,
                 answer=True):
        self.host = host
        self.answer = answer		# False: ACQUIRE is not answered
        self.fit = True			# False: MAY_PREEMPT is not said
        self.beginless = 0		# snapshots whose begin gets lost
        self.instances = {instance.id: instance for instance in instances}
        self.heard = []			# (time, name, fields)
        self.terms = {}			# id -> (term, end)
        self.last_term = 0
        self.generation = 0
        self.rejected = None
        self.committed = False
        self.lock = threading.RLock()
        self.thread = None
        self.directory = work_directory(net)
        self.rundir = f"{self.directory}/run"
        os.mkdir(self.rundir)
        self.log = f"{results()}/{host.name}.vrrpd.log"
        self.node = node or host.name
        self.config = config
        self.ours = self.process = None
        self.stopping = False
        net.defer(self.close)
        self.launch()

    # --- what the test does ---

    def launch(self):
        """Starts vrrpd, the first or another one; our terms go on."""
        with self.lock:
            if self.ours:
                self.ours.close()
            self.ours, theirs = socket.socketpair(socket.AF_UNIX,
                                                  socket.SOCK_SEQPACKET)
        command = [*as_unit("vrrpd"), binary("vrrpd"), "-dv", "-r",
                   self.rundir, "-F", f"ipvsd={theirs.fileno()}"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, preexec_fn=self.host.enter, stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()])
        theirs.close()
        if not self.thread:
            self.thread = threading.Thread(target=self._loop, daemon=True)
            self.thread.start()
        self.configure(self.config)

    def configure(self, text, instances=None):
        """Two-phase, as a reload is; waits until it is in force.

        False when vrrpd rejected it. Terms of the ids stay as they are.
        """
        self.config = text
        if instances is not None:
            self.instances.update(
                {instance.id: instance for instance in instances})
        path = f"{self.directory}/director.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        data = encode(path, self.node)
        generation, = struct.unpack_from("!Q", data, GENERATION_AT)
        fd = sealed(data)
        with self.lock:
            self.committed, self.rejected = False, None
            self._send("PREPARE", struct.pack("!I", len(data)), generation,
                       fd)
        os.close(fd)
        wait_for(lambda: self.committed or self.rejected, 10,
                 f"{self.host.name}: answer to PREPARE")
        return self.committed

    def close(self):
        self.stopping = True
        if self.process:
            self.process.kill()
            self.process.wait()
        if self.thread:
            self.thread.join()
        if self.ours:
            self.ours.close()

    def stop(self, number=signal.SIGTERM, deadline=20):
        """Ends vrrpd by a signal; its exit status."""
        self.process.send_signal(number)
        wait_for(lambda: self.process.poll() is not None, deadline,
                 f"{self.host.name}: end of vrrpd")
        return self.process.returncode

    def ask(self, *words):
        """A command at vrrpd.ctl; its rows as a list of dictionaries."""
        return ctl(f"{self.rundir}/vrrpd.ctl", *words)

    def state(self, number=0):
        """The row of an instance, or nothing."""
        return next((row for row in self.ask("instances")
                     if row["id"] == number), {"state": None})

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def says(self, text):
        return text in self.output()

    def master(self, number=0):
        return number in self.terms

    def end(self, number, reason="KERNEL"):
        """Ends the term that runs."""
        with self.lock:
            self._end(number, reason)

    # --- the protocol ---

    def _send(self, name, body=b"", generation=None, fd=None):
        if generation is None:
            generation = self.generation
        packet = HEADER.pack(MSG_VERSION, MSG[name],
                             HEADER.size + len(body), generation) + body
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if fd is None:
                self.ours.send(packet)
            else:
                socket.send_fds(self.ours, [packet], [fd])

    def _change(self, instance, verb):
        for address, interface in instance.addresses:
            words = ["ip", "addr", verb, address, "dev", interface]
            if verb == "add" and ":" in address:
                words += ["nodad", "preferred_lft", "0"]
            self.host.run(*words, check=False)

    def _end(self, number, reason):
        term, _ = self.terms.pop(number)
        self._change(self.instances[number], "del")
        self._send("ENDED", struct.pack("!IQB", number, term,
                                        LEASE_REASONS.index(reason)))

    def _lease(self, number, sent):
        now = time.monotonic_ns()
        interval = self.instances[number].interval
        return min(sent, now) + 3 * interval - max(interval // 10, 1_000_000)

    def _on_ready(self, generation):
        self.generation = generation
        self._send("COMMIT")
        self._send("COMMITTED")
        self._snapshot()
        self.committed = True

    def _snapshot(self):
        if self.beginless:
            self.beginless -= 1
        else:
            self._send("SNAPSHOT", b"\1")
        if self.fit:
            for number in self.instances:
                self._send("MAY_PREEMPT", struct.pack("!I", number))
        for number, (term, end) in self.terms.items():
            self._send("HELD", struct.pack("!IQQ", number, term, end))
        self._send("SNAPSHOT", b"\0")

    def _on_acquire(self, number):
        if not self.answer:
            return
        if number not in self.terms:
            self._change(self.instances[number], "add")
            self.last_term += 1
            self.terms[number] = (self.last_term,
                                  self._lease(number, time.monotonic_ns()))
        term, end = self.terms[number]
        self._send("HELD", struct.pack("!IQQ", number, term, end))

    def _on_renew(self, number, term, sent):
        if self.terms.get(number, (0, 0))[0] != term:
            self._send("ENDED", struct.pack("!IQB", number, term,
                                            LEASE_REASONS.index("UNKNOWN")))
            return
        end = max(self._lease(number, sent), self.terms[number][1])
        self.terms[number] = (term, end)
        self._send("RENEWED", struct.pack("!IQQ", number, term, end))

    def _on_release(self, number, term):
        if number in self.terms and term in (0, self.terms[number][0]):
            self._end(number, "RELEASED")

    def _on_returned(self, number):
        if self.fit:
            self._send("MAY_PREEMPT", struct.pack("!I", number))

    def _handle(self, packet):
        _, number, _, generation = HEADER.unpack_from(packet)
        body = packet[HEADER.size:]
        name = NAMES[number]
        formats = {"ACQUIRE": "!I", "RENEW": "!IQQ", "RELEASE": "!IQ",
                   "RETURNED": "!I", "BESIDE": "!I?"}
        if name == "RENEWALS":
            for renewal in renewals(body):
                self._handle(HEADER.pack(
                    MSG_VERSION, MSG["RENEW"], HEADER.size + len(renewal),
                    generation) + renewal)
            return
        fields = struct.unpack(formats[name], body) if name in formats else ()
        self.heard.append((time.monotonic_ns(), name, fields))
        if name == "READY":
            self._on_ready(generation)
        elif name == "RESYNC":
            self._snapshot()
        elif name == "REJECT":
            self.rejected = body
        elif name in formats:
            getattr(self, f"_on_{name.lower()}")(*fields)

    def _expire(self):
        now = time.monotonic_ns()
        for number, (_, end) in list(self.terms.items()):
            if end <= now:
                self._end(number, "EXPIRED")

    def _loop(self):
        while not self.stopping:
            ends = [end for _, end in self.terms.values()]
            wait = min([0.1, *[(end - time.monotonic_ns()) / 1e9
                               for end in ends]])
            with self.lock:
                ours = self.ours
            readable, _, _ = select.select([ours], [], [], max(wait, 0))
            with self.lock:
                if readable and ours is self.ours:
                    self._receive()
                self._expire()

    def _receive(self):
        try:
            packet = self.ours.recv(8192)
        except ConnectionResetError:
            packet = b""
        if packet:
            self._handle(packet)
        else:
            # vrrpd has gone: nothing will come, but leases still end.
            self.ours.close()
            self.ours, self.far = socket.socketpair(socket.AF_UNIX,
                                                    socket.SOCK_SEQPACKET)
