# SPDX-License-Identifier: ISC
"""A vrrpd or checkd that the test plays for a real ipvsd, at its rendezvous.

Peer is one end of a link, Client a process of a daemon's user that says HELLO.
"""

import contextlib
import os
import pwd
import signal
import socket
import struct

from fake_ipvsd import HEADER, MSG, MSG_VERSION, NAMES
from scenario import equal, expect

# rendezvous_name()
RENDEZVOUS = {"_vrrpd": "rendezvous", "_checkd": "rendezvous.checkd"}
# enum role
IPVSD, VRRPD, CHECKD = 0, 1, 2


class Shut(Exception):
    """ipvsd has closed the link."""


class Peer:
    """One end of a link."""

    def __init__(self, sock):
        self.sock = sock
        self.generation = 0

    def raw(self, packet):
        self.sock.send(packet)

    def say(self, name, body=b"", generation=None):
        if generation is None:
            generation = self.generation
        self.raw(HEADER.pack(MSG_VERSION, MSG[name], HEADER.size + len(body),
                             generation) + body)

    def hear(self, deadline=5):
        """The next message: name, generation, body, fd."""
        self.sock.settimeout(deadline)
        try:
            packet, fds, _, _ = socket.recv_fds(self.sock, 8192, 1)
        except ConnectionResetError:
            packet = b""
        if not packet:
            raise Shut
        _, kind, _, generation = HEADER.unpack_from(packet)
        return (NAMES[kind], generation, packet[HEADER.size:],
                fds[0] if fds else None)

    def skip(self):
        """What has come so far is of no interest."""
        self.sock.setblocking(False)
        try:
            while self.sock.recv(8192):
                pass
            raise Shut
        except BlockingIOError:
            self.sock.settimeout(5)

    def settle(self, quiet=0.3):
        """Hear until nothing has come for a while."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.hear(quiet)

    def expect(self, name, beside=()):
        """The next message that is none of those beside."""
        while True:
            found, generation, body, fd = self.hear()
            if found == name:
                return generation, body, fd
            expect(found in beside, f"{found} instead of {name}")

    def expect_shut(self):
        with contextlib.suppress(Shut):
            while True:
                self.hear()

    def prepared(self, beside=()):
        generation, body, fd = self.expect("PREPARE", beside)
        equal(struct.unpack("!I", body)[0], os.fstat(fd).st_size, "its size")
        os.close(fd)
        return generation

    def snapshot(self, beside=()):
        """COMMITTED and what is between the marks."""
        equal(self.expect("COMMITTED", beside)[0], self.generation, "COMMITTED")
        equal(self.expect("SNAPSHOT")[1], b"\1", "the begin of a snapshot")
        state = []
        while (message := self.hear())[0] != "SNAPSHOT":
            state.append(message)
        return state

    def join(self):
        """Into the generation that is in force; gives the snapshot."""
        self.generation = self.prepared()
        self.say("READY")
        equal(self.expect("COMMIT", beside=("FORMER", "SINCE"))[0], self.generation, "COMMIT")
        self.say("COMMITTED")
        return self.snapshot()


class Client:
    """A process of a daemon's user at the rendezvous."""

    def __init__(self, director, user):
        ours, theirs = socket.socketpair()
        self.child = os.fork()
        if self.child == 0:
            self._connect(f"{director.rundir}/{RENDEZVOUS[user]}", user,
                          theirs)
        theirs.close()
        _, fds, _, _ = socket.recv_fds(ours, 1, 1)
        expect(fds, f"{user} may not connect")
        self.control = ours
        self.peer = Peer(socket.socket(fileno=fds[0]))

    @staticmethod
    def _connect(path, user, channel):
        """Lives, so that it has a pid of its own, until the channel ends."""
        entry = pwd.getpwnam(user)
        # Not one end of what our parent holds stays open here.
        os.closerange(3, channel.fileno())
        os.closerange(channel.fileno() + 1, 4096)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        try:
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            client.connect(path)
            socket.send_fds(channel, [b"x"], [client.fileno()])
            client.close()
            channel.recv(1)
        finally:
            os._exit(0)

    def hello(self, level=1, oldest=1):
        self.peer.say("HELLO", struct.pack("!HH", level, oldest), 0)

    def link(self, role):
        """The end of the next pair to this role; others are left alone. Its
        level is the other end's protocol level, None if it was not told."""
        while True:
            _, body, fd = self.peer.expect("LINK")
            if body[0] == role:
                peer = Peer(socket.socket(fileno=fd))
                peer.level = (struct.unpack("!H", body[9:])[0] if body[9:]
                              else None)
                return peer
            os.close(fd)

    def close(self):
        self.peer.sock.close()
        self.control.close()
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
