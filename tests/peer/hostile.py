# SPDX-License-Identifier: ISC
"""What a sibling that was taken over can put on a link, from MSG_TABLE.

lies() are the packets that break the table: each has its link shut. A daemon
is then looked at from outside: it lives, has no more descriptors and little
more memory than before.
"""

import os
import random
import re
import socket
import struct
from time import monotonic_ns

from fake_ipvsd import HEADER, MSG, MSG_VERSION
from scenario import checkout, equal, expect
from waiting import wait_for

ROLES = {"IPVSD": "I", "VRRPD": "V", "CHECKD": "K", "PARSER": "P",
         "CLIENT": "C"}
MSG_MAX = 8192
# Of a generation that there is not.
OTHER = 0x7777777777777777
ANY_GENERATION = ("GEN_LINK", "GEN_ANY")


class Row:
    """A row of MSG_TABLE."""

    def __init__(self, name, senders, receivers, least, most, fds, generation):
        self.name = name
        self.senders, self.receivers = self._roles(senders), \
            self._roles(receivers)
        self.least, self.most, self.fds = int(least), int(most), int(fds)
        self.generation = OTHER if generation in ANY_GENERATION else 0

    @staticmethod
    def _roles(text):
        return text.replace("MD", "IVK").replace("M", "").replace("|", "")

    def goes(self, sender, receiver):
        return (ROLES[sender] in self.senders and
                ROLES[receiver] in self.receivers)


def table():
    with open(f"{checkout()}/common/msg_table.h", encoding="utf-8") as file:
        text = file.read().split("#define MSG_TABLE(X)")[1]
    rows = re.findall(r"^\tX\((.+)\)", text.split("enum msg_type")[0],
                      re.MULTILINE)
    return [Row(*row.replace(" ", "").split(",")) for row in rows]


def packet(number, body=b"", generation=0, version=MSG_VERSION, length=None):
    if length is None:
        length = HEADER.size + len(body)
    return HEADER.pack(version, number, length, generation) + body


class Lie:
    def __init__(self, what, data, fds=0):
        self.what, self.data, self.fds = what, data, fds

    def say(self, sock):
        """With that many descriptors of a file that is of no use."""
        fd = os.open("/dev/null", os.O_RDONLY)
        try:
            socket.send_fds(sock, [self.data], [fd] * self.fds)
        finally:
            os.close(fd)


def _of_row(row, sender, receiver):
    number, generation = MSG[row.name], row.generation
    least = bytes(row.least)
    if not row.goes(sender, receiver):
        yield Lie(f"{row.name}, not {sender}'s",
                  packet(number, least, generation), row.fds)
        return
    if row.least:
        yield Lie(f"{row.name}, a byte too short",
                  packet(number, least[1:], generation), row.fds)
    if row.most < MSG_MAX - HEADER.size:
        yield Lie(f"{row.name}, a byte too long",
                  packet(number, bytes(row.most + 1), generation), row.fds)
    yield Lie(f"{row.name}, a descriptor too many",
              packet(number, least, generation), row.fds + 1)
    if row.fds:
        yield Lie(f"{row.name}, no descriptor",
                  packet(number, least, generation))
    yield Lie(f"{row.name}, wrong kind of generation",
              packet(number, least, 0 if generation else OTHER), row.fds)


def lies(sender, receiver):
    """All that the table alone forbids on this edge."""
    good = next(row for row in table() if row.name == "RESYNC")
    number = MSG[good.name]
    yield Lie("one byte", b"x")
    yield Lie("half a header", packet(number)[:-1])
    yield Lie("another version", packet(number, b"", OTHER, version=9))
    yield Lie("shorter than it says", packet(number, b"", OTHER, length=13))
    yield Lie("longer than it says", packet(number, b"x", OTHER, length=12))
    yield Lie("no type", packet(0, b"", OTHER))
    yield Lie("a type past the end", packet(len(MSG) + 1, b"", OTHER))
    yield Lie("type 255", packet(255, b"", OTHER))
    yield Lie("longer than a packet", packet(number, bytes(MSG_MAX), OTHER,
                                             length=MSG_MAX))
    yield Lie("253 descriptors", packet(number, b"", OTHER), 253)
    for row in table():
        yield from _of_row(row, sender, receiver)


def _body(name, choice):
    """Of its form, about anything."""
    number = choice.choice((0, 1, 2, 3, 4095, 4096, 2 ** 31, 2 ** 32 - 1))
    # A term is never 0.
    term = choice.choice((1, 2, choice.getrandbits(64) | 1, 2 ** 64 - 1))
    time = choice.choice((0, 1, monotonic_ns(), monotonic_ns() + 10 ** 9,
                          2 ** 63, 2 ** 64 - 1))
    if name in ("RENEW", "HELD", "RENEWED"):
        return struct.pack("!IQQ", number, term, time)
    if name == "VERDICTS":
        count = choice.choice((1, 2, 583))
        return struct.pack("!H", count) + b"".join(struct.pack(
            "!IBBII", choice.choice((number, choice.randrange(4))),
            choice.randrange(3), choice.randrange(13), choice.getrandbits(32),
            choice.getrandbits(32)) for _ in range(count))
    return {"SNAPSHOT": lambda: bytes([choice.randrange(2)]),
            "DIGEST": lambda: struct.pack("!IQ", number, term),
            "ACQUIRE": lambda: struct.pack("!I", number),
            "MAY_PREEMPT": lambda: struct.pack("!I", number),
            "RELEASE": lambda: struct.pack("!IQ", number,
                                           choice.choice((0, term))),
            "FAILED": lambda: struct.pack("!IB", number, choice.randrange(9)),
            "ENDED": lambda: struct.pack("!IQB", number, term,
                                         choice.randrange(9)),
            "REJECT": lambda: text(choice.randbytes(9).replace(b"\0", b"\n")) +
            text(b"\x1b[2J" * 50)}.get(name, bytes)()


def babble(sender, receiver, generation, count, but=()):
    """That many good packets, of all kinds that may be said but some."""
    choice = random.Random(count)
    rows = [row for row in table() if row.goes(sender, receiver) and
            row.name not in but]
    of = (generation,) * 6 + (OTHER, 1)
    for _ in range(count):
        row = choice.choice(rows)
        yield packet(MSG[row.name], _body(row.name, choice), choice.choice(of))
    # All that follows counts again.
    yield packet(MSG["COMMITTED"], b"", generation)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    """KiB of memory, 0 under a sanitizer, whose memory is not the daemon's."""
    if os.environ.get("TRIUMVIR_SANITIZED"):
        return 0
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("VmRSS"))


class Watch:
    """A daemon before what is done to it; unharmed() is what it is after."""

    GROWTH_KB = 8192

    def __init__(self, pid):
        self.pid = pid
        self.descriptors, self.resident = descriptors(pid), resident(pid)

    def unharmed(self, what):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            expect(file.read().rsplit(")", 1)[1].split()[0] not in "ZX",
                   f"{what}: the daemon ended")
        wait_for(lambda: descriptors(self.pid) <= self.descriptors, 5,
                 f"{what}: descriptors are closed")
        grown = resident(self.pid) - self.resident
        expect(grown < self.GROWTH_KB, f"{what}: grown by {grown} kB")


def text(value):
    return struct.pack("!H", len(value)) + value
