# SPDX-License-Identifier: ISC
"""A whole director on a host, and a router of our own making beside it.

    with Net() as net:
        rig = Rig(net, [Instance("web", 7, 100), ...])
        rig.send(V3.packet(7, 200))

The director d1 runs all daemons; `peer` is a host without any, from which
frames are sent byte by byte, so that every field can be wrong. IPv4 is
10.0.0.0/24 on eth0 and 10.0.1.0/24 on eth1, d1 is .5 and the peer .2.
"""

import ctypes
import socket
import threading
import time
from dataclasses import dataclass, field

from capture import Capture, tshark
from machine import TooEarly
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum
from scenario import equal, expect
from suite import Director
from waiting import wait_for

GROUP = {4: "224.0.0.18", 6: "ff02::12"}
GROUP_MAC = {4: "01:00:5e:00:00:12", 6: "33:33:00:00:00:12"}
OWN = {4: "10.0.0.5", 6: "fe80::5"}
PEER = {4: "10.0.0.2", 6: "fe80::2"}
PROTOCOL = 112
NET_OF_THREAD = 0x40000000	# CLONE_NEWNET
# What the kernel, vipctl and this program may need, in seconds.
DEADLINE = 20


@dataclass
class Instance:
    """A virtual router of d1; its addresses follow from its VRID."""
    name: str
    vrid: int
    priority: int
    version: int = 3
    family: int = 4
    interval_ms: int = 1000
    interface: str = "eth0"
    more: dict = field(default_factory=dict)
    addresses: list = None

    def __post_init__(self):
        if self.addresses is None:
            self.addresses = ([f"10.0.0.{self.vrid}/32"] if self.family == 4
                              else [f"fe80::100:{self.vrid}/64",
                                    f"2001:db8::{self.vrid}/128"])

    def plain(self):
        """Its addresses without prefix length."""
        return [address.split("/")[0] for address in self.addresses]

    def text(self):
        rows = {"interface": self.interface, "vrid": self.vrid,
                "interval": f"{self.interval_ms}ms",
                "nodes": "{d1: %d, d2: %d}" % (
                    self.priority, 1 if self.priority > 1 else 2),
                "garp": "{count: 2, repeat_after: 0s}",
                "addresses": str(self.addresses), **self.more}
        if self.version != 3:
            rows["version"] = self.version
        return f"  {self.name}:\n" + "".join(
            f"    {key}: {value}\n" for key, value in rows.items())

    def active_down(self, interval=None):
        """Seconds, RFC 9568 6.1 and RFC 3768 6.1."""
        interval = interval or self.interval_ms / 1000
        skew = (256 - self.priority) / 256
        return 3 * interval + skew * (interval if self.version == 3 else 1)


def config(instances):
    """A file for d1 (and a d2 that is not there)."""
    return ("nodes:\n  d1: {address: 10.0.0.5, addresses: [10.0.1.5]}\n"
            "  d2: 10.0.0.3\nvrrp:\n"
            + "".join(instance.text() for instance in instances))


class Kind:
    """A form of advert: version and family."""

    def __init__(self, name, version, family):
        self.name, self.version, self.family = name, version, family

    def _pseudo(self, source, destination, length):
        packed = socket.inet_pton(
            socket.AF_INET if self.family == 4 else socket.AF_INET6, source)
        packed += socket.inet_pton(
            socket.AF_INET if self.family == 4 else socket.AF_INET6,
            destination)
        return packed + length.to_bytes(4, "big") + bytes([0, 0, 0, PROTOCOL])

    def list_of(self, addresses):
        family = socket.AF_INET if self.family == 4 else socket.AF_INET6
        return b"".join(socket.inet_pton(family, address)
                        for address in addresses)

    def packet(self, vrid, priority, addresses=None, interval=None, *,
               version=None, packet_type=1, count=None, reserved=0, auth=0,
               dialect="rfc5798", damage=False, cut=0, tail=b"", ttl=255,
               source=None, destination=None):
        """An Ethernet frame. interval in cs, or in s for version 2."""
        version = self.version if version is None else version
        if addresses is None:
            addresses = Instance("", vrid, 1, family=self.family).plain()
        if interval is None:
            interval = 1 if version == 2 else 100
        source = source or PEER[self.family]
        destination = destination or GROUP[self.family]
        data = bytearray([version << 4 | packet_type, vrid, priority,
                          len(addresses) if count is None else count])
        data += (bytes([auth, interval]) if version == 2 else
                 (reserved << 12 | interval).to_bytes(2, "big"))
        data += b"\0\0" + self.list_of(addresses)
        if version == 2:
            data += bytes(8)
        covered = bytes(data)
        if self.family == 6 or (version == 3 and dialect == "rfc5798"):
            covered = self._pseudo(source, destination, len(data)) + covered
        data[6:8] = checksum(covered).to_bytes(2, "big")
        if damage:
            data[7] ^= 0x55
        return self.frame(bytes(data[:len(data) - cut]) + tail, ttl, source,
                          destination)

    def frame(self, payload, ttl=255, source=None, destination=None):
        source = source or PEER[self.family]
        destination = destination or GROUP[self.family]
        if self.family == 4:
            header = IP(src=source, dst=destination, ttl=ttl, proto=PROTOCOL)
        else:
            header = IPv6(src=source, dst=destination, hlim=ttl, nh=PROTOCOL)
        return Ether(dst=GROUP_MAC[self.family]) / header / Raw(payload)


V2 = Kind("version 2", 2, 4)
V3 = Kind("version 3 over IPv4", 3, 4)
V6 = Kind("version 3 over IPv6", 3, 6)


def packet_socket(host, interface):
    """A socket that sends frames from there, although we are elsewhere."""
    found = []

    def enter_and_open():
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{host.holder.pid}/ns/net", "rb") as file:
            if libc.setns(file.fileno(), NET_OF_THREAD) != 0:
                return
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sock.bind((interface, 0))
        found.append(sock)

    thread = threading.Thread(target=enter_and_open)
    thread.start()
    thread.join()
    assert found, f"no packet socket on {host.name} {interface}"
    return found[0]


@dataclass
class Advert:
    """One of d1's (mine) or another's, as tshark has it."""
    frame: int
    time: float
    mine: bool
    version: int
    vrid: int
    priority: int
    interval: float		# s
    family: int


class Rig:
    def __init__(self, net, instances):
        self.net = net
        self.instances = {one.name: one for one in instances}
        self.lan = net.lan(capture=False)
        self.other_lan = net.lan("other", capture=False)
        self.d1, self.peer = net.host("d1"), net.host("peer")
        self.d1.connect(self.lan, "eth0", "10.0.0.5/24")
        self.d1.connect(self.other_lan, "eth1", "10.0.1.5/24")
        self.peer.connect(self.lan, "eth0", "10.0.0.2/24")
        self.peer.connect(self.other_lan, "eth1", "10.0.1.2/24")
        # Link-local addresses of our choice, so that they can be compared.
        for host, family in ((self.d1, OWN), (self.peer, PEER)):
            host.ip("addr flush dev eth0 scope link",
                    f"addr add {family[6]}/64 dev eth0 nodad")
        self.mac = self.d1.mac("eth0")
        self.ports = {name: (packet_socket(self.peer, name),
                             self.peer.mac(name)) for name in ("eth0", "eth1")}
        for sock, _ in self.ports.values():
            net.defer(sock.close)
        self.director = Director(net, self.d1, config(instances))
        self.capture = Capture(self.lan, "br0", "lan")
        net.defer(self.capture.stop)

    def send(self, *frames, interface="eth0"):
        """From the peer; frames of scapy."""
        sock, mac = self.ports[interface]
        for frame in frames:
            frame[Ether].src = mac
            sock.send(bytes(frame))

    def rows(self):
        """Rows of all instances by name; the receive row under "receive"."""
        began = time.monotonic()
        rows = self.director.vipctl("show", "vrrp", "--stats")
        ended = time.monotonic()
        found = {}
        for row in rows:
            if row["kind"] == "instance":
                row["due"] = (began + row["next_ms"] / 1000,
                              ended + (row["next_ms"] + 1) / 1000)
            found[row.get("instance", row["kind"])] = row
        return found

    def wait(self, name, state, deadline=DEADLINE, **more):
        """Until the instance is so; its row."""
        def reached():
            row = self.rows()[name]
            found = {key: row[key] for key in ("state", *more)}
            assert found == {"state": state, **more}, f"is {found}"
            return row
        return wait_for(reached, deadline, f"{name} {state} {more or ''}")

    def wait_all(self, state, *names, deadline=DEADLINE):
        def reached():
            rows = self.rows()
            off = [name for name in names
                   if rows.get(name, {}).get("state") != state]
            assert not off, f"not {state}: {off}"
            return True
        wait_for(reached, deadline, f"all {state}")


def adverts(pcap, mac, extra=""):
    """All adverts that d1 (of this MAC) and others sent, in order."""
    text = "vrrp" + (f" && ({extra})" if extra else "")
    found = []
    for row in tshark(pcap, text, "frame.number", "frame.time_epoch",
                      "eth.src", "vrrp.version", "vrrp.virt_rtr_id",
                      "vrrp.prio", "vrrp.adver_int", "vrrp.short_adver_int",
                      "ipv6.src"):
        number, when, source, version, vrid, priority = row[:6]
        interval = float(row[6] or 0) or int(row[7] or 0) / 100
        found.append(Advert(int(number), float(when), source == mac,
                            int(version), int(vrid), int(priority or 0),
                            interval, 6 if row[8] else 4))
    return found


def near(found, wanted, late, what, early=0.005):
    """A time is as the rule says: never early, late only by the machine."""
    text = f"{what}: {found * 1000:.1f} ms, expected {wanted * 1000:.1f} ms"
    if found < wanted - early:
        raise TooEarly(text)
    expect(found <= wanted + late, text)


def same(before, after, keys, what):
    for key in keys:
        equal(after[key], before[key], f"{what}: {key}")


def same_due(before, after, what, slack=0.02):
    """The instance's timer still ends when it would have."""
    one, two = before["due"], after["due"]
    if one[0] > two[1] + slack or two[0] > one[1] + slack:
        raise AssertionError(f"{what}: the timer moved from {one} to {two}")
