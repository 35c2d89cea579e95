# SPDX-License-Identifier: ISC
"""Adverts of somebody else, sent again and again.

For what needs good ones only, and quickly: scapy takes long to start where
processors are emulated. What is wrong in a field is tests/net/vrrp_rig.py's.
"""

import socket
import struct
import threading

PROTOCOL, TTL = 112, 255
GROUP = {4: ("224.0.0.18", "01:00:5e:00:00:12"),
         6: ("ff02::12", "33:33:00:00:00:12")}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


def _sum(data):
    """RFC 1071"""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("!H", ~total & 0xffff)


def advert(source, vrid, priority, addresses, interval):
    """A packet of version 3 (RFC 9568, 5) by that source to the group; seconds.
    It is summed as in RFC 5798."""
    family = 6 if ":" in source else 4
    ours, group = (socket.inet_pton(FAMILY[family], address)
                   for address in (source, GROUP[family][0]))
    message = struct.pack("!BBBBHH", 0x31, vrid, priority, len(addresses),
                          round(interval * 100), 0)
    message += b"".join(socket.inet_pton(FAMILY[family], address)
                        for address in addresses)
    pseudo = ours + group + struct.pack("!IBBBB", len(message), 0, 0, 0,
                                        PROTOCOL)
    message = message[:6] + _sum(pseudo + message) + message[8:]
    if family == 6:
        return struct.pack("!IHBB", 6 << 28, len(message), PROTOCOL,
                           TTL) + ours + group + message
    header = struct.pack("!BBHHHBBH", 0x45, 0xc0, 20 + len(message), 0, 0, TTL,
                         PROTOCOL, 0) + ours + group
    return header[:10] + _sum(header) + header[12:] + message


class Router:
    """Sends adverts from a host's interface, each interval, until stop()."""

    def __init__(self, host, interface, packet, interval):
        with host.network():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self._socket.bind((interface, 0))
        family = packet[0] >> 4
        self._frame = (bytes.fromhex(GROUP[family][1].replace(":", ""))
                       + self._socket.getsockname()[4]
                       + (b"\x08\x00" if family == 4 else b"\x86\xdd") + packet)
        self._interval, self._over = interval, threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self):
        while True:
            self._socket.send(self._frame)
            if self._over.wait(self._interval):
                return

    def stop(self):
        """The last one has been sent when this returns."""
        self._over.set()
        self._thread.join()
        self._socket.close()
