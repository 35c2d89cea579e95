# SPDX-License-Identifier: ISC
"""What a host tells its kernel: the netlink commands, from a tap.

Whoever sends them: our own counters are not the judge of what was written.
"""

import os
import socket
import struct

from waiting import wait_for

NETLINK_ROUTE, NETLINK_GENERIC = 0, 16
NLM_F_REQUEST, NLM_F_REPLACE = 0x1, 0x100
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
RTM_NEWADDR, RTM_DELADDR, IFA_LOCAL, IFA_ADDRESS = 20, 21, 2, 1
IPVS_SERVICE, IPVS_DEST = 1, 2
# linux/ip_vs.h: what changes the table, the daemons or the settings.
IPVS_WRITES = {1: "new-service", 2: "set-service", 3: "del-service",
               5: "new-server", 6: "set-server", 7: "del-server",
               9: "new-daemon", 10: "del-daemon", 12: "set-config",
               16: "zero", 17: "flush"}
# What ipvsd tries before a reload, and takes away (ipvsd/kernel/trial.c).
TRIAL_MARK = 0x54565fff
PROTOCOLS = {6: "TCP", 17: "UDP"}
ETH_P_ALL = 3
SO_RCVBUFFORCE, SOL_PACKET, PACKET_STATISTICS = 33, 263, 6
BUFFER = 16 << 20


def attributes(data):
    """{type: bytes} of a run of netlink attributes."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            break
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def messages(data):
    """Type, flags and body of each message of a datagram."""
    while len(data) >= 16:
        length, kind, flags = struct.unpack_from("=IHH", data)
        if length < 16:
            break
        yield kind, flags, data[16:length]
        data = data[(length + 3) & ~3:]


def address(family, data):
    size = 4 if family == socket.AF_INET else 16
    return socket.inet_ntop(family, data[:size])


def endpoint(family, data, port):
    text = address(family, data)
    number = int.from_bytes(port, "big")
    return f"[{text}]:{number}" if ":" in text else f"{text}:{number}"


def ipvs_family():
    """The number that the kernel gave IPVS, the same in all namespaces."""
    name = b"IPVS\0"
    attribute = struct.pack("=HH", 4 + len(name), CTRL_ATTR_FAMILY_NAME)
    body = struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + attribute + name
    body += bytes(-len(body) % 4)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       NETLINK_GENERIC) as ask:
        ask.settimeout(10)
        ask.send(struct.pack("=IHHII", 16 + len(body), GENL_ID_CTRL,
                             NLM_F_REQUEST, 1, 0) + body)
        _, _, body = next(messages(ask.recv(65536)))
    return int.from_bytes(attributes(body[4:])[CTRL_ATTR_FAMILY_ID], "little")


def ipvs_text(body):
    """ "set-server TCP 10.0.0.100:80 10.0.0.21:80 5", or None if it reads or
    tries."""
    name = IPVS_WRITES.get(body[0])
    if name is None:
        return None
    words = [name]
    found = attributes(body[4:])
    family = socket.AF_INET
    if IPVS_SERVICE in found:
        service = attributes(found[IPVS_SERVICE])
        if int.from_bytes(service.get(5, b""), "little") == TRIAL_MARK:
            return None
        family = int.from_bytes(service[1], "little")
        words += [PROTOCOLS[int.from_bytes(service[2], "little")],
                  endpoint(family, service[3], service[4])]
    if IPVS_DEST in found:
        server = attributes(found[IPVS_DEST])
        family = int.from_bytes(server.get(11, bytes([family])), "little")
        words.append(endpoint(family, server[1], server[2]))
        if 4 in server and name != "del-server":
            words.append(str(int.from_bytes(server[4], "little")))
    return " ".join(words)


def address_text(kind, flags, body):
    """ "new-address 10.0.0.100", "renew-address ..." or "del-address ..."."""
    family = body[0]
    found = attributes(body[8:])
    name = ("del" if kind == RTM_DELADDR else
            "renew" if flags & NLM_F_REPLACE else "new")
    return f"{name}-address " + address(
        family, found.get(IFA_LOCAL) or found[IFA_ADDRESS])


class Netlink:
    """A tap on a host's netlink, from now until close()."""

    def __init__(self, host):
        self._family = ipvs_family()
        self._texts = []
        self._marks = 0
        self._host = host
        host.ip("link add nlmon0 type nlmon", "link set nlmon0 up")
        with host.network():
            self._tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
            self._tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
            self._tap.bind(("nlmon0", ETH_P_ALL))
        self._tap.setblocking(False)

    def _read(self):
        """Take what has come, as text, in the order of its sending."""
        while True:
            try:
                data, source = self._tap.recvfrom(1 << 20)
            except BlockingIOError:
                break
            for kind, flags, body in messages(data):
                if not flags & NLM_F_REQUEST:
                    continue
                if source[1] == NETLINK_GENERIC and kind == self._family:
                    self._texts.append(ipvs_text(body))
                elif (source[1] == NETLINK_ROUTE
                      and kind in (RTM_NEWADDR, RTM_DELADDR)):
                    self._texts.append(address_text(kind, flags, body))
        lost = struct.unpack("=II", self._tap.getsockopt(
            SOL_PACKET, PACKET_STATISTICS, 8))[1]
        assert lost == 0, f"the tap has lost {lost}"
        self._texts = [text for text in self._texts if text]

    def take(self, renewals=False):
        """All writes since the last time, without those of lifetimes.

        A write of our own comes after them, so that none is still on its way.
        """
        self._marks += 1
        mark = f"192.0.2.{self._marks % 250 + 1}"
        self._host.ip(f"addr add {mark}/32 dev nlmon0")
        last = f"new-address {mark}"

        def here():
            self._read()
            return last in self._texts
        wait_for(here, 10, "our own command at the tap")
        end = self._texts.index(last)
        found, self._texts = self._texts[:end], self._texts[end + 1:]
        return [text for text in found
                if renewals or not text.startswith("renew-address")]

    def close(self):
        self._tap.close()
