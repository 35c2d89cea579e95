# SPDX-License-Identifier: ISC
"""What a sibling that was taken over can put on a link, from MSG_TABLE.

lies() are the packets that break the table: each has its link shut. A daemon
is then looked at from outside: it lives, has no more descriptors and little
more memory than before.
"""

import contextlib
import grp
import os
import pwd
import random
import re
import socket
import struct
import subprocess
from time import monotonic_ns

from fake_ipvsd import HEADER, MSG, MSG_VERSION, ctl
from scenario import checkout, equal, expect, results, step
from siblings import Peer
from suite import GROUP, binary, older_kernel, work_directory
from waiting import wait_for

ROLES = {"IPVSD": "I", "VRRPD": "V", "CHECKD": "K", "PARSER": "P",
         "CLIENT": "C"}
MSG_MAX = 8192
# What babble() says at once and is no lie, common/link/pace.h.
NONSENSE = 4000
LEAST = 60      # lies to each daemon
# Of a generation that there is not.
OTHER = 0x7777777777777777
ANY_GENERATION = ("GEN_LINK", "GEN_ANY")
SIBLINGS = {"ipvsd": ("VRRPD", "CHECKD"), "vrrpd": ("IPVSD", "CHECKD"),
            "checkd": ("IPVSD", "VRRPD")}


class Row:
    """A row of MSG_TABLE."""

    def __init__(self, name, senders, receivers, least, most, fds, generation,
                 pace, _since):
        self.name = name
        self.senders, self.receivers = self._roles(senders), \
            self._roles(receivers)
        self.least, self.most, self.fds = int(least), int(most), int(fds)
        self.generation = OTHER if generation in ANY_GENERATION else 0
        self.pace = pace

    @staticmethod
    def _roles(text):
        return text.replace("MD", "IVK").replace("M", "").replace("|", "")

    def goes(self, sender, receiver):
        return (ROLES[sender] in self.senders and
                ROLES[receiver] in self.receivers)


def table():
    with open(f"{checkout()}/common/link/msg_table.h", encoding="utf-8") as file:
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


def body_of(name, choice):
    """Of its form, about anything."""
    number = choice.choice((0, 1, 2, 3, 4095, 4096, 2 ** 31, 2 ** 32 - 1))
    # A term is never 0.
    term = choice.choice((1, 2, choice.getrandbits(64) | 1, 2 ** 64 - 1))
    time = choice.choice((0, 1, monotonic_ns(), monotonic_ns() + 10 ** 9,
                          2 ** 63, 2 ** 64 - 1))
    if name in ("RENEW", "HELD", "RENEWED"):
        return struct.pack("!IQQ", number, term, time)
    if name in ("RENEWALS", "RENEWED_MANY"):
        count = choice.choice((1, 2, 3, 5, 8, 408))
        return struct.pack("!H", count) + b"".join(struct.pack(
            "!IQQ", choice.choice((number, choice.randrange(4))), term, time)
            for _ in range(count))
    if name == "VERDICTS":
        count = choice.choice((1, 2, 3, 5, 8, 583))
        return struct.pack("!H", count) + b"".join(struct.pack(
            "!IBBII", choice.choice((number, choice.randrange(4))),
            choice.randrange(3), choice.randrange(13), choice.getrandbits(32),
            choice.getrandbits(32)) for _ in range(count))
    if name == "FORMER":
        return struct.pack("!I", number) + bytes(
            choice.randrange(3) for _ in range(choice.choice((1, 3, 8000))))
    if name == "SINCE":
        return struct.pack("!I", number) + bytes(choice.choice((4, 8000)))
    return {"SNAPSHOT": lambda: bytes([choice.randrange(2)]),
            "DIGEST": lambda: struct.pack("!IQ", number, term),
            "ACQUIRE": lambda: struct.pack("!I", number),
            "MAY_PREEMPT": lambda: struct.pack("!I", number),
            "RETURNED": lambda: struct.pack("!I", number),
            "STATE": lambda: struct.pack("!IBQ", number, choice.randrange(9),
                                         choice.choice((1, time or 1))),
            "LISTEN": lambda: struct.pack("!I", number),
            "BESIDE": lambda: struct.pack("!I?", number, choice.randrange(2)),
            "RELEASE": lambda: struct.pack("!IQ", number,
                                           choice.choice((0, term))),
            "FAILED": lambda: struct.pack("!IB", number, choice.randrange(11)),
            "ENDED": lambda: struct.pack("!IQB", number, term,
                                         choice.randrange(11)),
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
        yield packet(MSG[row.name], body_of(row.name, choice), choice.choice(of))
    # All that follows counts again.
    yield packet(MSG["COMMITTED"], b"", generation)


def verdicts(count, *entries, rest=b""):
    return packet(MSG["VERDICTS"], struct.pack("!H", count) + b"".join(
        struct.pack("!IBBII", 0, health, reason, 0, 0)
        for health, reason in entries) + rest, OTHER)


COMMITTED = packet(MSG["COMMITTED"], b"", OTHER)


def refused(sender, receiver):
    """What is in order by the table, and no handler takes."""
    def lie(what, name, body):
        return Lie(what, packet(MSG[name], body, OTHER))
    yield lie("SNAPSHOT neither begins nor ends", "SNAPSHOT", b"\2")
    if sender == "CHECKD":
        for what, data in (
                ("fewer VERDICTS than it says", verdicts(2, (1, 1))),
                ("more VERDICTS than it says", verdicts(1, (1, 1), (1, 1))),
                ("no VERDICTS", verdicts(0, rest=bytes(14))),
                ("65535 VERDICTS", verdicts(65535, (1, 1))),
                ("half of VERDICTS", verdicts(1, (1, 1), rest=b"x")),
                ("an unknown health", verdicts(1, (3, 1))),
                ("an unknown reason", verdicts(1, (1, 254)))):
            yield Lie(what, data)
    elif receiver == "IPVSD":
        yield lie("STATE since ever", "STATE", bytes(13))
        yield lie("COMMIT, not vrrpd's", "COMMIT", b"")
        yield lie("no RENEWALS", "RENEWALS", bytes(22))
        yield lie("RENEWALS, fewer than it says", "RENEWALS",
                  struct.pack("!HIQQ", 2, 0, 1, 1))
        yield lie("BESIDE that is neither", "BESIDE", b"\0\0\0\0\2")
    elif receiver == "VRRPD":
        yield lie("HELD of no term", "HELD", struct.pack("!IQQ", 0, 0, 1))
        yield lie("RENEWED of no term", "RENEWED", struct.pack("!IQQ", 0, 0, 1))
        yield lie("RENEWED_MANY of no term", "RENEWED_MANY",
                  struct.pack("!HIQQIQQ", 2, 0, 1, 1, 0, 0, 1))
        yield lie("RENEWED_MANY, fewer than it says", "RENEWED_MANY",
                  struct.pack("!HIQQ", 2, 0, 1, 1))
        yield lie("ENDED of no term", "ENDED", struct.pack("!IQB", 0, 0, 1))
        yield lie("FAILED for no reason", "FAILED", struct.pack("!IB", 0, 254))
        yield lie("ENDED for no reason", "ENDED", struct.pack("!IQB", 0, 1, 254))
    if receiver == "CHECKD":
        yield lie("half of SINCE", "SINCE", bytes(10))
        yield lie("FORMER of an unknown health", "FORMER", b"\0\0\0\0\1\3")
    if sender == "IPVSD":
        yield lie("COMMIT of nothing", "COMMIT", b"")


def all_lies(name):
    """By sibling: lists of equal length, so that both lie at once."""
    lists = {sender: [*lies(sender, name.upper()),
                      *refused(sender, name.upper())]
             for sender in SIBLINGS[name]}
    longest = max(map(len, lists.values()))
    return {sender: found + found[:longest - len(found)]
            for sender, found in lists.items()}


def written(net, config):
    """A configuration as a file that ipvsd may read."""
    path = f"{work_directory(net)}/director.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(config)
    os.chown(path, 0, pwd.getpwnam("_ipvsd").pw_gid)
    os.chmod(path, 0o640)
    return path


class Victim:
    """A real daemon whose two siblings are the test. It gets the descriptors
    that it does not want: where the kernel lets it, nobody can send it any."""

    def __init__(self, net, host, name, *more, before=()):
        self.name = name
        self.directory = f"{work_directory(net)}/run"
        os.mkdir(self.directory)
        os.chown(self.directory, 0, grp.getgrnam(GROUP).gr_gid)
        os.chmod(self.directory, 0o1775)
        argv, ends = [*before, *older_kernel(), binary(name), "-d", "-r",
                      self.directory, *more], []
        self.peers = {}
        for role in SIBLINGS[name]:
            ours, theirs = socket.socketpair(socket.AF_UNIX,
                                             socket.SOCK_SEQPACKET)
            self.peers[role] = Peer(ours)
            argv += ["-F", f"{role.lower()}={theirs.fileno()}"]
            ends.append(theirs)
        with open(f"{results()}/{name}.log", "ab") as log:
            self.popen = subprocess.Popen(
                argv, preexec_fn=host.enter, stdout=log, stderr=log,
                pass_fds=[end.fileno() for end in ends])
        for end in ends:
            end.close()
        net.defer(self.popen.kill)
        wait_for(self.answers, 20, f"{name} answers")

    def answers(self):
        expect(self.popen.poll() is None, f"{self.name} ended")
        with contextlib.suppress(OSError):
            return self.ask("summary")
        return None

    def ask(self, *words):
        return ctl(f"{self.directory}/{self.name}.ctl", *words)

    def links(self):
        return {row["peer"].upper(): row for row in self.ask("links")}

    def generation(self):
        return self.ask("summary")[0]["generation"]

    def stop(self):
        self.popen.terminate()
        equal(self.popen.wait(20), 0, f"{self.name}: exit status")
        for peer in self.peers.values():
            peer.sock.close()


def lie(start):
    """All lies, by all siblings at once, each to a victim of its own that
    start() gives: an end that is shut is not given anew."""
    victim = start()
    name, lists = victim.name, all_lies(victim.name)
    victim.stop()
    for told in zip(*lists.values()):
        victim = start()
        for sender, said in zip(lists, told):
            peer = victim.peers[sender]
            peer.raw(COMMITTED)
            said.say(peer.sock)
        for sender, said in zip(lists, told):
            victim.peers[sender].expect_shut()
            row = victim.links()[sender]
            equal((row["state"], row["lies"]), ("down", 1),
                  f"{sender} to {name}: {said.what}")
        victim.stop()
    count = sum(map(len, lists.values()))
    expect(count >= LEAST, f"no more than {count} lies to {name}")
    step(f"  {count} lies to {name}")


def half_closed(victim):
    """One that has ended to speak, one that has ended to hear, in a generation
    so that they are spoken to."""
    for way, (sender, peer) in zip((socket.SHUT_WR, socket.SHUT_RD),
                                   victim.peers.items()):
        peer.sock.shutdown(way)

        def down():
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.say("RESYNC")
            return victim.links()[sender]["state"] == "down"
        wait_for(down, 10, f"{victim.name}: half a link to {sender} is none")
    expect(victim.answers(), f"{victim.name} goes on")
    victim.stop()


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
