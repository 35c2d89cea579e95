# SPDX-License-Identifier: ISC
"""Judges of what the daemons do that ask none of them.

The kernel tells of each address that comes and goes (ip monitor), the wire of
each advert.
"""

import itertools
import json
import re
import struct

from capture import frames
from fake_ipvsd import ctl
from waiting import Late, wait_for

ADDRESS_LINE = re.compile(
    r"^(?P<gone>Deleted )?\d+: (?P<interface>\S+)\s+inet6?\s+(?P<address>\S+)"
    r".* scope (?P<scope>\S+)")
MARK = "127.255.255."
VRRP = 112


class AddressMonitor:
    """Each address that comes to a host or goes from it, from now on.

    That the lifetime of an address is set again is not a change.
    """

    def __init__(self, host):
        self._host = host
        self._process = host.popen("monitor", "ip", "-o", "monitor", "address")
        self._marks = itertools.cycle(range(1, 250))
        # An earlier part of the test may have had a host of this name.
        self._read = len(self._process.output())
        self._held = set()
        self.renewals = 0
        wait_for(self._hears, 10, f"ip monitor on {host.name}")

    def _hears(self):
        """Marks made before it listened never come: try another."""
        try:
            return self._mark(0.2)
        except Late:
            return False

    def _mark(self, deadline=10):
        """All that has happened before is in the monitor's output then."""
        mark = f"{MARK}{next(self._marks)}/32"
        self._host.ip(f"addr add {mark} dev lo", f"addr del {mark} dev lo")
        before = self._read
        wait_for(lambda: re.search(f"Deleted .*{re.escape(mark)}",
                                   self._process.output()[before:]),
                 deadline, f"{mark} in ip monitor's output")
        return True

    def changes(self):
        """Those since the last call, in order: "+eth0 10.0.0.1/24"."""
        self._mark()
        text = self._process.output()
        lines = text[self._read:].splitlines()
        self._read = len(text)
        found = []
        for match in filter(None, map(ADDRESS_LINE.match, lines)):
            if match["address"].startswith(MARK):
                continue
            place = f"{match['interface']} {match['address']}"
            if match["gone"]:
                self._held.discard(place)
                found.append(f"-{place}")
            elif place in self._held:
                self.renewals += 1
            else:
                self._held.add(place)
                found.append(f"+{place}")
        return found


def adverts(pcap, vrid, source=None):
    """(time, priority, interval in ms) of each version 3 IPv4 advert."""
    found = []
    for when, data in frames(pcap):
        if data[12:14] != b"\x08\x00" or data[23] != VRRP:
            continue
        if source and data[26:30] != bytes(map(int, source.split("."))):
            continue
        header = data[14 + (data[14] & 15) * 4:]
        if header[0] == 0x31 and header[1] == vrid:
            centiseconds, = struct.unpack("!H", header[4:6])
            found.append((when, header[2], (centiseconds & 0xfff) * 10))
    return found


def longest_gap(pcap, vrid, begin, end):
    """Seconds without an advert of that virtual router between two times."""
    times = [begin, *(when for when, _, _ in adverts(pcap, vrid)
                      if begin < when < end), end]
    return max(after - before for before, after in itertools.pairwise(times))


def kernel(director):
    """The counters of ipvsd's kernel half."""
    return ctl(f"{director.rundir}/ipvsd.ctl", "kernel")[0]


def generations(director):
    """The generation that each running daemon is in, by its name."""
    return {name: ctl(f"{director.rundir}/{name}.ctl",
                      "summary")[0]["generation"]
            for name, daemon in director.daemons.items()
            if daemon.process.alive()}


def address_info(host, address):
    """What `ip -j addr` has of an address (without prefix), and "dev"."""
    for link in json.loads(host.run("ip", "-j", "addr").stdout):
        for entry in link.get("addr_info", []):
            if entry["local"] == address:
                return {**entry, "dev": link["ifname"]}
    return None
