#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The table in SECURITY.md, found in the live daemons.

User, capabilities and limits are the kernel's word; the filter of system calls
is read from each process and run; what files can be opened is tried from
inside; the exposure of the units is systemd's. keepalived, as Debian has it,
runs beside them. A cell that says something else fails, and the row as it
should be is printed.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from inject import Inside
from net import Net
from peers import keepalived
from scenario import Skip, checkout, equal, expect, run, step
from seccomp import allows
from suite import (DAEMONS, Director, build, children, limit, status,
                   work_directory)
from waiting import wait_for

COLUMNS = ("ipvsd", "parser", "vrrpd", "checkd", "keepalived")
CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 1s
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
"""
KEEPALIVED = """
vrrp_instance rival {
 state BACKUP
 interface eth0
 virtual_router_id 8
 priority 100
 virtual_ipaddress {
  10.0.0.200/32
 }
}
"""
# asm/unistd_64.h; the last one that Linux 6.1 has, and what is missing.
LAST, GAP = 450, range(335, 424)
LISTEN, SETSOCKOPT = 50, 54
# What takes apart what others wrote: files, keys.
LIBRARIES = ("libyaml", "libcrypto", "libssl")
MMAP, SOCKET, CLONE, FORK, VFORK, OPENAT, CLONE3 = 9, 41, 56, 57, 58, 257, 435
AT_FDCWD, PROT_EXEC, CAP_NET_ADMIN = -100, 4, 1 << 12
NETLINK_ROUTE, NETLINK_GENERIC = 0, 16
SOCKETS = {
    "generic netlink": (socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC),
    "rtnetlink": (socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE),
    "TCP": (socket.AF_INET, socket.SOCK_STREAM, 0),
    "UDP": (socket.AF_INET, socket.SOCK_DGRAM, 0),
    "siblings": (socket.AF_UNIX, socket.SOCK_SEQPACKET, 0),
    "syslog": (socket.AF_UNIX, socket.SOCK_DGRAM, 0),
}
# asm-generic/socket.h, linux/in.h, linux/tcp.h, linux/udp.h, linux/in6.h,
# linux/icmpv6.h, raw, linux/if_packet.h, linux/netlink.h
LEVELS, NAMES = (1, 0, 6, 17, 41, 58, 255, 263, 270), range(100)
# Every family and type is tried: what is in no row above must not pass.
FAMILIES, TYPES, PROTOCOLS = range(46), range(1, 11), range(0, 256)


def documented():
    """{row: cells} of the first table with these columns."""
    with open(f"{checkout()}/SECURITY.md", encoding="utf-8") as file:
        lines = [line for line in file if line.startswith("|")]
    rows = {}
    for line in lines:
        name, *cells = (cell.strip(' `') for cell in line.strip("|\n ").split("|"))
        rows[name] = dict(zip(COLUMNS, cells))
    return rows


def capabilities(mask):
    # What a container was not given itself keepalived has not got either.
    names = {0: "none", CAP_NET_ADMIN: "CAP_NET_ADMIN",
             int(status("self")["CapEff"], 16): "all"}
    return names.get(mask, f"{mask:#x}")


def bounding(mask):
    return {0: "empty", int(status("self")["CapBnd"], 16): "full"}.get(
        mask, f"{mask:#x}")


def mapped(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        names = {os.path.basename(line.split()[5]) for line in file
                 if len(line.split()) > 5}
    expect(any(name.startswith("libc.so") for name in names),
           f"its libraries: {names}")
    return [library for library in LIBRARIES
            if any(name.startswith(library) for name in names)]


def opened(inside, paths):
    """Which of them the process can open to read."""
    return [what for what, path in paths
            if inside.call(OPENAT, AT_FDCWD, path.encode() + b"\0", 0) >= 0]


def sockets(steps):
    """By name; each that passes has to have one."""
    found = [name for name, words in SOCKETS.items()
             if allows(steps, SOCKET, words)]
    for family in FAMILIES:
        for kind in TYPES:
            if not allows(steps, SOCKET, (family, kind)):
                continue
            passing = {(family, kind, protocol) for protocol in PROTOCOLS
                       if allows(steps, SOCKET, (family, kind, protocol))}
            if family == socket.AF_INET6:
                passing = {(socket.AF_INET, kind, protocol)
                           for _, kind, protocol in passing}
            expect(passing <= set(SOCKETS.values()),
                   f"sockets that have no name here: {passing}")
    return found


def options(steps):
    """How many of the kernel's; by those that a filter could know."""
    return sum(allows(steps, SETSOCKOPT, (0, level, name))
               for level in LEVELS for name in NAMES)


def of_filter(steps):
    forks = [allows(steps, call) for call in (CLONE, FORK, VFORK, CLONE3)]
    return {
        "system calls, of some 360": str(sum(
            allows(steps, call) for call in range(LAST + 1)
            if call not in GAP)),
        "sockets it may still make": ", ".join(sockets(steps)) or "none",
        "options of a socket it may still set": str(options(steps) or "none"),
        "may listen anew": "yes" if allows(steps, LISTEN) else "no",
        "memory made executable": "yes" if allows(
            steps, MMAP, (0, 4096, PROT_EXEC)) else "no",
        "may start a process": "yes" if any(forks) else "no",
    }


def of_process(pid):
    found = status(pid)
    return {
        "user": pwd.getpwuid(int(found["Uid"].split()[1])).pw_name,
        "capabilities": capabilities(int(found["CapEff"], 16)),
        "bounding set (started as root)": bounding(int(found["CapBnd"], 16)),
        "maps, of libyaml, libcrypto and libssl":
            ", ".join(mapped(pid)) or "none",
        "no_new_privs": {"0": "no", "1": "yes"}[found["NoNewPrivs"]],
    }


def of_ours(pid, paths):
    with Inside(pid) as inside:
        steps = inside.filter()
        files = opened(inside, paths) if allows(steps, OPENAT) else []
    return {**of_process(pid), **of_filter(steps),
            "reads files": ", ".join(files) or "none",
            "open files, at most": limit(pid, "Max open files")[1]}


def of_theirs(pid):
    found = status(pid)
    equal(found["Seccomp"], "0", "keepalived: a filter")
    return {**of_process(pid), "system calls, of some 360": "all",
            "sockets it may still make": "any",
            "memory made executable": "yes", "may start a process": "yes",
            "options of a socket it may still set": "any",
            "may listen anew": "yes",
            "reads files": "all"}


def exposure(directory, name):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true",
         f"--root={directory}", f"{name}.service"], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    expect(found, f"{name}: {done.stdout}")
    return found[1]


def exposures():
    with tempfile.TemporaryDirectory(prefix="triumvir-root.") as root:
        subprocess.run(["cmake", "--install", build(), "--prefix", "/usr"],
                       env={**os.environ, "DESTDIR": root}, check=True,
                       capture_output=True)
        shutil.copy("/lib/systemd/system/keepalived.service",
                    f"{root}/usr/lib/systemd/system")
        os.makedirs(f"{root}/etc")
        found = {name: exposure(root, name)
                 for name in (*DAEMONS, "keepalived")}
    return found | {"parser": found["ipvsd"]}


def same(rows, column, name, cell):
    """The cell, or what it begins with: words may follow."""
    said = rows[name][column]
    expect(said == cell or said.startswith(f"{cell}, ") or
           said.startswith(f"{cell} ("),
           f"SECURITY.md: {name}: {column}: says {said!r}, is {cell!r}")


def main():
    if not shutil.which("systemd-analyze"):
        raise Skip("no systemd-analyze")
    rows = documented()
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG)
        # Not beside the state: who reads the one must not reach the other.
        director.config = f"{work_directory(net)}/director.yaml"
        director.write_config(CONFIG)
        director.start()
        rival = keepalived(net, host, KEEPALIVED)
        wait_for(lambda: "Entering BACKUP" in rival.output(), 20, "keepalived")
        pids = {name: director.pid(name) for name in DAEMONS}
        pids["parser"], = children(pids["ipvsd"])
        paths = (("the configuration", director.config),
                 ("certificates", "/etc/ssl"),
                 ("its state", f"{director.rundir}/ipvsd/generation"),
                 ("/proc/sys", "/proc/sys/net/ipv4/ip_forward"),
                 ("others", "/etc/passwd"), ("others", "/etc/shadow"))
        found = {name: of_ours(pid, paths) for name, pid in pids.items()}
        found["keepalived"] = of_theirs(rival.pid)
    for name, score in exposures().items():
        found[name]["exposure of its unit, of 10"] = score
    for column, cells in found.items():
        step(f"{column}: {cells}")
        for name, cell in cells.items():
            same(rows, column, name, cell)


run(main)
