# SPDX-License-Identifier: ISC
"""A daemon's control socket, played by a test (common/ctl/ctl.h's framing)."""

import os
import re
import socket
import struct
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
VERSION = 1
STRING, UINT, BOOL = 1, 2, 4


def message_numbers():
    """The types' numbers, from the table that the daemons are built from."""
    with open(f"{HERE}/../../common/link/msg_table.h", encoding="utf-8") as header:
        table = header.read().split("#define MSG_TABLE(X)")[1]
    names = re.findall(r"X\((\w+), ", table.split("enum msg_type")[0])
    return {name: number for number, name in enumerate(names, 1)}


TYPES = message_numbers()


def packet(name, body, version=VERSION, generation=0):
    return struct.pack(">BBHQ", version, TYPES[name], 12 + len(body),
                       generation) + body


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">H", len(data)) + data


def value(number_or_text):
    """One value with its type."""
    if isinstance(number_or_text, bool):
        return struct.pack(">BQ", BOOL, number_or_text)
    if isinstance(number_or_text, int):
        return struct.pack(">BQ", UINT, number_or_text)
    return struct.pack(">B", STRING) + string(number_or_text)


def row(kind, values=(), **more):
    """A CTL_ROW; values may be pairs, for keys that are no identifiers."""
    pairs = [*values, *more.items()]
    return packet("CTL_ROW", string(kind) + struct.pack(">B", len(pairs))
                  + b"".join(string(key) + value(item)
                             for key, item in pairs))


def end(reason=""):
    return packet("CTL_END", struct.pack(">B", not reason) + string(reason))


class Fake:
    """Answers each command with the packets in `answers`.

    An answer is a list of packets or a function of the words that gives them.
    What it does not know it refuses. A list without an end() keeps the
    connection open.
    """

    def __init__(self, directory, name, answers, uid=None):
        self.path = f"{directory}/{name}.ctl"
        self.answers = answers
        self.requests = []
        self.subscribers = []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        # A client sees the credentials of the moment of listen().
        if uid is not None:
            os.seteuid(uid)
        try:
            self.listener.listen(16)
        finally:
            if uid is not None:
                os.seteuid(0)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        words = self._request(connection)
        if words is None:
            connection.close()
            return
        self.requests.append(words)
        answer = self.answers.get(words[0], [end(f"no command {words[0]}")])
        packets = answer(words) if callable(answer) else answer
        data = b""
        try:
            for data in packets:
                connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            connection.close()
            return
        if data[1:2] == bytes([TYPES["CTL_END"]]):
            connection.close()
        else:
            self.subscribers.append(connection)

    @staticmethod
    def _request(connection):
        """The words, None when the client went without any."""
        data = connection.recv(8193)
        if not data:
            return None
        version, kind, length, generation = struct.unpack(">BBHQ", data[:12])
        assert (version, kind, length, generation) == (
            VERSION, TYPES["CTL_REQUEST"], len(data), 0), data
        words, at = [], 13
        for _ in range(data[12]):
            size, = struct.unpack(">H", data[at:at + 2])
            words.append(data[at + 2:at + 2 + size].decode())
            at += 2 + size
        assert at == len(data), "something is left over"
        return words

    def broadcast(self, data):
        for connection in self.subscribers:
            connection.send(data)

    def close(self):
        """As if it had been killed: the path stays."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.subscribers:
            connection.close()
        self.subscribers = []
