# SPDX-License-Identifier: ISC
"""Packet capture on a host or switch, and tshark as the judge of it."""

import signal
import socket
import struct
import subprocess

from scenario import results
from waiting import wait_for

BUFFER = "32768"       # KiB: a burst of thousands of frames
SNAPLEN = 2048
CHECKSUM_GOOD = "1"
PCAP_MAGIC = 0xa1b2c3d4
ETHERTYPE_ARP = b"\x08\x06"


class Capture:
    """tcpdump, running from when this returns until stop()."""

    def __init__(self, namespace, interface, name):
        self.path = f"{results()}/{name}.pcap"
        self._tcpdump = namespace.popen(
            f"{name}.tcpdump", "tcpdump", "-i", interface, "-n", "-U",
            "--immediate-mode", "-B", BUFFER, "-s", SNAPLEN, "-Z", "root", "-w", self.path)
        wait_for(lambda: "listening on" in self._tcpdump.output(), 20,
                 f"tcpdump on {namespace.name} {interface}")

    def stop(self):
        """End it, everything seen so far is in the file then."""
        if self._tcpdump.alive():
            self._tcpdump.stop(signal.SIGINT)
        return self.path


def frames(pcap):
    """Time and bytes of each frame captured so far.

    For what needs no dissector: tshark takes a minute to start when it is
    emulated.
    """
    with open(pcap, "rb") as file:
        magic = file.read(24)[:4]
        assert magic == struct.pack("=I", PCAP_MAGIC), f"{pcap}: no pcap"
        while len(header := file.read(16)) == 16:
            seconds, micros, captured, _ = struct.unpack("=IIII", header)
            data = file.read(captured)
            if len(data) < captured:
                # tcpdump is just writing it.
                return
            yield seconds + micros / 1e6, data


def arp_senders(pcap, mac):
    """The IPv4 addresses that a MAC gave as its own in ARP packets."""
    wanted = bytes.fromhex(mac.replace(":", ""))
    return [socket.inet_ntoa(data[28:32]) for _, data in frames(pcap)
            if len(data) >= 42 and data[12:14] == ETHERTYPE_ARP
            and data[22:28] == wanted]


def tshark(pcap, display_filter, *fields, preferences=()):
    """The packets that match, each a list with the values of the fields.

    The capture may still be running.
    """
    command = ["tshark", "-n", "-r", pcap, "-Y", display_filter,
               "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"]
    for preference in preferences:
        command += ["-o", preference]
    for field in fields or ["frame.number"]:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # A file still being written may end in the middle of a packet.
    if done.returncode and "cut short" not in done.stderr:
        raise AssertionError(f"tshark: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def assert_no_malformed(pcap, which="vrrp", rfc9568_checksum=False):
    """Every VRRP packet that matches is well-formed with good checksums.

    Returns how many there were; none at all is a failure too. Version 3 over
    IPv4 is taken to be summed as RFC 5798 says unless rfc9568_checksum.
    """
    without_pseudo = "TRUE" if rfc9568_checksum else "FALSE"
    packets = tshark(
        pcap, f"vrrp && ({which})", "frame.number", "vrrp.checksum.status",
        "ip.checksum.status", "_ws.malformed", "_ws.expert.message",
        preferences=(f"vrrp.v3_checksum_as_in_v2:{without_pseudo}",
                     "ip.check_checksum:TRUE"))
    if not packets:
        raise AssertionError(f"{pcap}: no VRRP packet matches '{which}'")
    for number, vrrp, ip, malformed, expert in packets:
        if (vrrp != CHECKSUM_GOOD or ip not in (CHECKSUM_GOOD, "")
                or malformed or expert):
            raise AssertionError(
                f"{pcap}: frame {number}: vrrp checksum status {vrrp}, ip "
                f"checksum status {ip or '-'} {malformed} {expert}".rstrip())
    return len(packets)
