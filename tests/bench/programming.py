#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""1,000 services of 4 servers into an empty kernel table, from the start.

Ours (ipvsd, vrrpd and checkd) and keepalived's checker take turns in namespaces
of their own; what counts is the time from the start of the first process until
the kernel's table is whole. Before that ipvsd's programming alone is held
against the floor, a program that sends the same commands 100 a packet.

Both sides do the same job: one VRRP instance with 100 addresses, in which the
other host is preferred, 1,000 services, real servers that answer and a TCP
check for each server and service every 60 s. Ours does not repeat what is the
default (wlc, TCP, weight 1, start up, the instance that has the address);
keepalived's does, as its manual's examples do. Both log to a file.
Their first processes stand ready to exec and are let go at once, so that no
time of this program's is in the figures. vrrpd and checkd follow when ipvsd
says that it is ready, as their units have it; how long it takes until the VRRP
instance is up as well is told beside it. The first pair, which reads all
programs from the lab's file system, does not count.
"""

import ctypes
import os
import re
import socket
import struct
import subprocess
import time
from contextlib import ExitStack
from datetime import datetime

from measure import Limits, median, pairs, ratio
from net import Net
from scenario import run, step
from suite import Director, work_directory
from waiting import wait_for

PAIRS = int(os.environ.get("TRIUMVIR_PAIRS", "7"))
SERVICES, SERVERS = 1000, 4
HEAD = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 1s
    nodes: [d2, d1]
    addresses: [%s]
checks:
  alive: {type: tcp, interval: 60s, timeout: 3s}
services:
"""
# linux/ip_vs.h: struct ip_vs_get_services by getsockopt; in words of 32 bits
# where its entries begin, how large each is and where it has num_dests.
IP_VS_SO_GET_INFO = 64 + 1024 + 64 + 1
IP_VS_SO_GET_SERVICES = 64 + 1024 + 64 + 2
ENTRIES, ENTRY, NUM_DESTS = 2, 26, 11
CLONE_NEWNET = 0x40000000
PORTS = SERVICES // 100
SERVE = f"""
import selectors, socket
chosen = selectors.DefaultSelector()
for port in range(1000, 1000 + {PORTS}):
    listener = socket.create_server(("", port), backlog=4096)
    chosen.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in chosen.select():
        key.fileobj.accept()[0].close()
"""


def services():
    """(address, port, servers) of each."""
    for number in range(SERVICES):
        yield (f"10.1.0.{number % 100 + 1}", 1000 + number // 100,
               [f"10.2.{number % 250}.{n + 1}" for n in range(SERVERS)])


def ours_config():
    addresses = ", ".join(f"10.1.0.{n + 1}/32" for n in range(100))
    text = HEAD % addresses
    for number, (address, port, servers) in enumerate(services()):
        text += (f"  s{number}: {{address: \"{address}:{port}\", forward: "
                 f"nat, check: alive, servers: [{', '.join(servers)}]}}\n")
    return text


def rival_config():
    addresses = "\n".join(f"  10.1.0.{n + 1}/32" for n in range(100))
    text = ("vrrp_instance web {\n state BACKUP\n interface eth0\n"
            " virtual_router_id 7\n priority 180\n advert_int 1\n"
            " version 3\n virtual_ipaddress {\n"
            f"{addresses}\n }}\n}}\n")
    for address, port, servers in services():
        text += (f"virtual_server {address} {port} {{\n lb_algo wlc\n"
                 " lb_kind NAT\n protocol TCP\n delay_loop 60\n")
        for server in servers:
            text += (f" real_server {server} {port} {{\n weight 1\n"
                     "  TCP_CHECK {\n   connect_timeout 3\n  }\n }\n")
        text += "}\n"
    return text


def entries(host):
    """Services and servers in the kernel's table."""
    with open(f"/proc/{host.holder.pid}/net/ip_vs", encoding="ascii") as file:
        lines = file.read().splitlines()[3:]
    return len(lines)


def socket_of(host):
    """A raw socket in the host's network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", "rb") as own:
        with open(f"/proc/{host.holder.pid}/ns/net", "rb") as theirs:
            if libc.setns(theirs.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        try:
            return socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                 socket.IPPROTO_RAW)
        finally:
            libc.setns(own.fileno(), CLONE_NEWNET)


def servers(asking):
    """Servers of all services, at less cost than /proc/net/ip_vs."""
    words = (ctypes.c_uint32 * (ENTRIES + ENTRY * SERVICES))(SERVICES)
    size = ctypes.c_uint32(ctypes.sizeof(words))
    if ctypes.CDLL(None, use_errno=True).getsockopt(
            asking.fileno(), socket.IPPROTO_IP, IP_VS_SO_GET_SERVICES, words,
            ctypes.byref(size)) != 0:
        raise OSError(ctypes.get_errno(), "IP_VS_SO_GET_SERVICES")
    return sum(words[ENTRIES + NUM_DESTS::ENTRY])


def until_whole(host, asking, began, deadline=180):
    """Ask for the number of services, which costs nothing; then for that of
    servers."""
    def count():
        if time.monotonic() - began > deadline:
            raise AssertionError(f"{entries(host)} entries")
        info = asking.getsockopt(socket.IPPROTO_IP, IP_VS_SO_GET_INFO, 12)
        return struct.unpack("=III", info)[2]

    while count() != SERVICES:
        time.sleep(0.005)           # how fine the measurement is
    while servers(asking) != SERVICES * SERVERS:
        count()
    took = time.monotonic() - began
    if entries(host) != SERVICES * (SERVERS + 1):
        raise AssertionError(f"{entries(host)} entries")
    return took


def in_namespace(measured):
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        # All servers are here, and answer.
        host.ip("route add local 10.2.0.0/16 dev lo")
        host.popen("servers", "/usr/bin/python3", "-c", SERVE)
        wait_for(lambda: len(host.run("ss", "-Hltn").stdout.splitlines()) ==
                 PORTS, 30, "listening servers")
        with socket_of(host) as asking:
            return measured(net, host, asking)


def split(log, began, took):
    """Where the time went, by ipvsd's own log: until it asked the parser,
    until the generation was in force, until the table was whole."""
    found = re.findall(r"(\d+:\d+:\d+\.\d+) ipvsd: configuration: "
                       r".*in force after (\d+) ms", log)
    if not found:
        raise AssertionError(f"ipvsd did not say when: {log[-2000:]}")
    clock, read_ms = found[-1]      # the log has the pairs before too
    when = datetime.strptime(clock, "%H:%M:%S.%f")
    into = (when - began.replace(year=when.year, month=when.month,
                                 day=when.day)).total_seconds() % 86400
    read = int(read_ms) / 1000
    return (f"ours: start {into - read:.2f} s, read and switch {read:.2f} s, "
            f"program {took - into:.2f} s")


class Gate:
    """Commands that wait behind it, and all begin when it is opened."""

    WAIT = 'read -r go <"$0" && exec "$@"'

    def __init__(self, directory):
        self.directory = directory
        self.fifos = []

    def behind(self, command):
        """The command, to be started at once and to wait."""
        self.fifos.append(f"{self.directory}/gate{len(self.fifos)}")
        os.mkfifo(self.fifos[-1])
        return ["/bin/sh", "-c", self.WAIT, self.fifos[-1], *command]

    def open(self):
        """Let them go once all wait; the moment of that."""
        with ExitStack() as stack:
            ends = [stack.enter_context(open(fifo, "wb", buffering=0))
                    for fifo in self.fifos]
            began, wall = time.monotonic(), datetime.now()
            for end in ends:
                end.write(b"go\n")
        return began, wall


class WaitingDirector(Director):
    """A director whose daemons wait behind a gate."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.gate = Gate(self.directory)

    def command(self, name):
        command = super().command(name)
        return self.gate.behind(command) if self.gate else command


def ours(net, host, asking):
    director = WaitingDirector(net, host, ours_config())
    director.launch("ipvsd")
    began, wall = director.gate.open()
    took = until_whole(host, asking, began)
    director.wait_ready()
    director.gate = None
    director.start("vrrpd", "checkd")
    director.wait_state("web", "backup", 60)
    step(split(director.daemons["ipvsd"].process.output(), wall, took) +
         f", all up {time.monotonic() - began:.2f} s")
    kernel = director.vipctl("status")["kernel"]
    if kernel["netlink_errors"] != 0:
        raise AssertionError(f"{kernel['netlink_errors']} netlink errors")
    return took


def rival(net, host, asking):
    """keepalived, its two processes."""
    directory = work_directory(net)
    with open(f"{directory}/conf", "w", encoding="utf-8") as file:
        file.write(rival_config())
    gate = Gate(directory)
    process = host.popen(
        "keepalived", *gate.behind([
            "/usr/sbin/keepalived", "--dont-fork", "--log-console",
            "-f", f"{directory}/conf", "-p", f"{directory}/pid",
            "-r", f"{directory}/vrrp.pid", "-c", f"{directory}/check.pid"]))
    began, _ = gate.open()
    took = until_whole(host, asking, began)
    wait_for(lambda: "Entering BACKUP STATE" in process.output(), 60,
             "keepalived's VRRP instance")
    step(f"keepalived: all up {time.monotonic() - began:.2f} s")
    return took


def printed_seconds(program, *arguments):
    """Runs a program that makes its own namespace and prints its seconds."""
    build = os.environ.get("TRIUMVIR_BUILD") or "build"
    done = subprocess.run(
        [f"{os.path.realpath(build)}/tests/{program}", *map(str, arguments)],
        check=True, timeout=120, capture_output=True, text=True)
    words = done.stdout.split()
    found = dict(zip(words[::2], words[1::2]))
    if float(found.get("errors", 0)) != 0:
        raise AssertionError(f"{program}: {done.stdout}")
    return float(found["seconds"])


def against_floor(limits):
    """ipvsd's kernel half alone, and the same commands sent raw."""
    def ours_alone():
        return printed_seconds("unit/kernel-test", "bench", SERVICES, SERVERS)
    ours_alone()                # loads the kernel's module
    # Short, so more of them.
    mine, floor = pairs(
        3 * PAIRS, ours_alone,
        lambda: printed_seconds("bench/ipvs_floor", SERVICES, SERVERS))
    step(f"ipvsd's programming {median(mine):.3f} s, "
         f"the floor {median(floor):.3f} s")
    limits.most(ratio(mine, floor), 2, "ipvsd's programming / the floor")


def main():
    limits = Limits()
    against_floor(limits)
    in_namespace(ours)
    in_namespace(rival)
    mine, theirs = pairs(PAIRS, lambda: in_namespace(ours),
                         lambda: in_namespace(rival))
    step(f"ours {median(mine):.2f} s, keepalived {median(theirs):.2f} s")
    limits.least(ratio(theirs, mine), 5, "keepalived's time / ours")
    limits.judge()


run(main, limit=None)
