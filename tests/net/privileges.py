#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""After start-up each daemon has just the privilege it needs.

Started as root: vrrpd, checkd and ipvsd's parser without any capability, ipvsd
with CAP_NET_ADMIN alone, each with an empty bounding set, its own user and
groups and no_new_privs; so before, as and after being master, and after a
reload. vrrpd's raw sockets stay the same all the time.
"""

import grp
import os
import pwd
import resource
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import ASKERS, DAEMONS, GROUP, Director, children, limit, status
from waiting import wait_for

CAP_NET_ADMIN = 1 << 12
FILES = {"ipvsd": 1024, "parser": 64, "vrrpd": 4096 + 256,
         "checkd": 16384 + 128}
CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: 100ms
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
"""


def check(pid, name, capabilities, user, bounding=0):
    found = status(pid)
    uid, gid = pwd.getpwnam(user).pw_uid, grp.getgrnam(user).gr_gid
    ours = [gid, *(grp.getgrnam(name).gr_gid for name in (GROUP, ASKERS))]
    if user == "_ipvsd":
        ours += [grp.getgrnam(name).gr_gid for name in ("_vrrpd", "_checkd")]
    for kind, wanted in (("CapInh", 0), ("CapPrm", capabilities),
                         ("CapEff", capabilities), ("CapBnd", bounding),
                         ("CapAmb", 0)):
        equal(int(found[kind], 16), wanted, f"{name}: {kind}")
    equal(found["Uid"].split(), [str(uid)] * 4, f"{name}: uids")
    equal(found["Gid"].split(), [str(gid)] * 4, f"{name}: gids")
    equal(sorted(map(int, found["Groups"].split())), sorted(ours),
          f"{name}: groups")
    equal(found["NoNewPrivs"], "1", f"{name}: no_new_privs")
    # Two threads wait for all processors when the table of descriptors grows.
    if name in DAEMONS:
        expect(int(found["FDSize"]) >= int(limit(pid, "Max open files")[0]),
               f"{name}: a table of {found['FDSize']} descriptors")
    threads = [status(f"{pid}/task/{task}")
               for task in os.listdir(f"/proc/{pid}/task")]
    for thread in threads:
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Uid",
                     "Gid", "Groups", "NoNewPrivs", "Seccomp"):
            equal(thread[kind], found[kind], f"{name}: a thread's {kind}")
    step(f"{name}: uid {uid}, capabilities {capabilities:#x}, "
         f"{len(threads)} threads")


def limits(pids):
    """Soft and hard ones."""
    ours = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for name, files in FILES.items():
        files = min(files, ours)
        equal(limit(pids[name], "Max open files"), [str(files)] * 2,
              f"{name}: open files")
        # The sanitizers' own needs are not the daemons'.
        if name != "parser" and not os.environ.get("TRIUMVIR_SANITIZED"):
            equal(limit(pids[name], "Max processes"), ["0", "0"],
                  f"{name}: processes it may start")


def check_all(director):
    ipvsd = director.pid("ipvsd")
    parsers = children(ipvsd)
    equal(len(parsers), 1, "children of ipvsd")
    with open(f"/proc/{parsers[0]}/comm", encoding="ascii") as file:
        equal(file.read().strip(), "ipvsd-parser", "what ps(1) shows")
    with open(f"/proc/{parsers[0]}/environ", "rb") as file:
        equal(file.read(), b"", "the parser's environment")
    check(ipvsd, "ipvsd", CAP_NET_ADMIN, "_ipvsd")
    check(parsers[0], "ipvsd-parser", 0, "_ipvsd")
    check(director.pid("vrrpd"), "vrrpd", 0, "_vrrpd")
    check(director.pid("checkd"), "checkd", 0, "_checkd")
    for name in ("vrrpd", "checkd"):
        equal(children(director.pid(name)), [], f"children of {name}")
    limits({name: director.pid(name) for name in DAEMONS} |
           {"parser": parsers[0]})


def open_sockets(pid):
    """(family, type) of the raw and packet sockets a process has."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{fd}")
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = {}
    for table, column in (("raw", 9), ("raw6", 9), ("packet", 8)):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
            found[table] = sum(line.split()[column] in inodes
                               for line in file.read().splitlines()[1:])
    return found


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        check_all(director)
        wait_for(lambda: host.holds("10.0.0.100"), 10, "d1 is master")
        step("as master")
        check_all(director)
        sockets = open_sockets(director.pid("vrrpd"))
        equal(sockets, {"raw": 3, "raw6": 3, "packet": 2},
              "vrrpd: its fixed set of sockets")
        director.write_config(CONFIG.replace("vrid: 7", "vrid: 8"))
        director.vipctl("reload")
        step("after a reload")
        check_all(director)
        equal(open_sockets(director.pid("vrrpd")), sockets,
              "vrrpd: the same sockets after a reload")


run(main)
