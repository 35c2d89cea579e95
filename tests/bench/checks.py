#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a TCP check costs: 2,000 of them over 5 s.

Where the kernel has ip_vs checkd takes turns with keepalived's checker, which
checks nothing without; then 200 servers are in 10 services: how many
connections does each make? Elsewhere checkd takes turns with a bare loop of
connect, epoll and close. All in one network namespace, over loopback, against
one server program whose own time does not count.
"""

import contextlib
import os
import subprocess
import tempfile
import time

from measure import Limits, cpu_seconds, median, pairs, ratio
from checkd_peer import Checkd, tcp
from net import Net
from scenario import run, step
from suite import Director, binary, children, work_directory
from waiting import wait_for

PAIRS = int(os.environ.get("TRIUMVIR_PAIRS", "5"))
COUNT = int(os.environ.get("TRIUMVIR_COUNT", "2000"))
INTERVAL = 5
SECONDS = 2 * INTERVAL		# that a measurement takes
SERVICES, SHARED = 10, 200
PORT, TIMEOUT = 8000, 4
MOST = 1.1


def address(number):
    return f"10.99.{number >> 8}.{number & 255}"


def program(name):
    build = os.environ.get("TRIUMVIR_BUILD") or "build"
    return f"{os.path.realpath(build)}/tests/bench/{name}"


class Server:
    """checks_server on a host."""

    def __init__(self, host):
        self.popen = subprocess.Popen(
            [program("checks_server"), str(PORT)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, preexec_fn=host.enter)
        assert self.popen.stdout.readline() == "ready\n"

    def count(self):
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()
        return int(self.popen.stdout.readline())

    def close(self):
        self.popen.stdin.close()
        self.popen.wait()


@contextlib.contextmanager
def stage():
    """A host on which every 10.99.x.y answers."""
    with Net() as net:
        host = net.host("bench")
        host.ip("route add local 10.99.0.0/16 dev lo")
        # As on a real host of some years: time-waits are no limit.
        host.sysctls({"net.ipv4.ip_local_port_range": "10000 65000"})
        server = Server(host)
        try:
            yield net, host, server
        finally:
            server.close()


def cost(server, pid):
    """Microseconds of processor time for each check, once it is steady."""
    start = server.count()
    wait_for(lambda: server.count() >= start + 2 * COUNT, 20 * INTERVAL,
             "two rounds", 0.1)
    cpu, count, began = cpu_seconds(pid), server.count(), time.monotonic()
    wait_for(lambda: time.monotonic() - began >= SECONDS, SECONDS + 10,
             "the end of the measurement", 0.1)
    done = server.count() - count
    found = (cpu_seconds(pid) - cpu) * 1e6 / done
    rate = done / (COUNT * SECONDS / INTERVAL)
    # An emulated machine may be too slow for all; then each skips some.
    if not 0.3 < rate < 1.1:
        raise AssertionError(f"{done} checks in {SECONDS} s")
    if rate < 0.9:
        step(f"only {rate * 100:.0f} % of the checks were made")
    return found


def ours():
    with stage() as (_, host, server), \
            tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        checkd = Checkd(binary("checkd"), directory, verbose=False,
                        enter=host.enter)
        try:
            checkd.ipvsd.commit(1, [
                tcp(n, address(n), PORT, interval=INTERVAL * 1000,
                    timeout=TIMEOUT * 1000, warm_up=INTERVAL * 1000)
                for n in range(COUNT)])
            return cost(server, checkd.popen.pid)
        finally:
            checkd.stop()


def checker_config(services, servers):
    text = "global_defs {\n checker_log_all_failures no\n}\n"
    for service in range(services):
        text += (f"virtual_server 10.98.0.{service + 1} 80 {{\n delay_loop "
                 f"{INTERVAL}\n lb_algo wlc\n lb_kind NAT\n protocol TCP\n")
        for number in range(servers):
            text += (f" real_server {address(number)} {PORT} {{\n weight 1\n"
                     f"  TCP_CHECK {{\n connect_timeout {TIMEOUT}\n }}\n }}\n")
        text += "}\n"
    return text


def checker(net, host, services, servers):
    """keepalived's checker alone, without the dump that scenarios want."""
    directory = work_directory(net)
    path = f"{directory}/keepalived.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(checker_config(services, servers))
    return host.popen("keepalived", "/usr/sbin/keepalived", "--check",
                      "--dont-fork", "--log-console", "-f", path,
                      "-p", f"{directory}/pid", "-c", f"{directory}/check.pid")


def checker_pid(process):
    """keepalived's checker is the one child of its parent process."""
    found = wait_for(lambda: children(process.pid), 20,
                     "keepalived's checker", 0.1)
    assert len(found) == 1, f"{len(found)} children of keepalived"
    return found[0]


def theirs():
    with stage() as (net, host, server):
        return cost(server, checker_pid(checker(net, host, 1, COUNT)))


def bare():
    with stage() as (_, host, server):
        popen = subprocess.Popen(
            [program("checks_bare"), str(COUNT), str(INTERVAL * 1000),
             str(PORT)], preexec_fn=host.enter)
        try:
            return cost(server, popen.pid)
        finally:
            popen.kill()
            popen.wait()


def per_interval(server, least):
    """Connections in an interval, once each server was probed."""
    wait_for(lambda: server.count() >= least, 20 * INTERVAL, "first probes",
             0.1)
    start, began = server.count(), time.monotonic()
    wait_for(lambda: time.monotonic() - began >= SECONDS, SECONDS + 10,
             "the end of the count", 0.1)
    return (server.count() - start) * INTERVAL / SECONDS


def shared_config():
    servers = ", ".join(address(n) for n in range(SHARED))
    text = ("nodes: {d1: 10.98.1.1}\n"
            "vrrp:\n  v: {interface: d0, vrid: 1, nodes: {d1: 100},"
            f" addresses: [{', '.join(vips())}]}}\n"
            f"checks:\n  up: {{type: tcp, port: {PORT}, "
            f"interval: {INTERVAL}s}}\nservices:\n")
    for number, vip in enumerate(vips()):
        text += (f"  s{number}: {{address: \"{vip[:-3]}:{PORT}\", vrrp: v, "
                 "scheduler: wlc, forward: nat, check: up, "
                 f"servers: [{servers}]}}\n")
    return text


def vips():
    return [f"10.98.0.{n + 1}/32" for n in range(SERVICES)]


def our_connections():
    with stage() as (net, host, server):
        host.ip("link add d0 type dummy", "link set d0 up",
                "addr add 10.98.1.1/24 dev d0")
        Director(net, host, shared_config(), "d1").start()
        # After a start the second probe comes within the interval.
        return per_interval(server, 3 * SHARED)


def their_connections():
    with stage() as (net, host, server):
        checker(net, host, SERVICES, SHARED)
        return per_interval(server, SHARED * SERVICES)


def against_bare():
    mine, floor = pairs(PAIRS, ours, bare)
    step(f"checkd {median(mine):.1f} us a check, a bare loop "
         f"{median(floor):.1f} us: ratio {ratio(mine, floor):.3f}")


def against_keepalived(limits):
    mine, rival = pairs(PAIRS, ours, theirs)
    step(f"checkd {median(mine):.1f} us a check, keepalived "
         f"{median(rival):.1f} us")
    limits.most(ratio(mine, rival), MOST, "CPU a check, ours / keepalived's")
    limits.most(our_connections() / their_connections(),
                1.05 / SERVICES, f"connections for {SHARED} servers in "
                f"{SERVICES} services, ours / keepalived's")


def main():
    limits = Limits()
    subprocess.run(["modprobe", "-q", "ip_vs"], check=False,
                   stderr=subprocess.DEVNULL)
    if os.path.exists("/proc/net/ip_vs"):
        against_keepalived(limits)
    else:
        step("no ip_vs: keepalived checks nothing here; in the lab it does")
        against_bare()
    limits.judge()


run(main, limit=None)
