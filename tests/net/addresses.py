#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Virtual addresses beside the host's own, and how long they stay.

Same subnet and prefix in either order, label, scope, another interface, IPv6;
addresses that were there before and addresses of others; lifetimes while the
daemons live, after their death, and across a restart.
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from judge import AddressMonitor, address_info, kernel
from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

LIFETIME = 10
# The kernel looks for ended lifetimes about once a second.
KERNEL_SLACK = 1.5
OWN, OTHER = "10.0.0.11", "10.0.0.12"
VIRTUAL, VIRTUAL6 = "10.0.0.100", "2001:db8::100"


def config(addresses, priority=150, top="", interval="300ms",
           leftover="remove"):
    own = ", addresses: [10.0.0.200]" if priority == 255 else ""
    return f"""
nodes:
  d1: {{address: {OWN}{own}}}
  d2: {OTHER}
{top}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: {interval}
    nodes: {{d1: {priority}, d2: 100}}
    leftover: {leftover}
    addresses:
{"".join(f"      - {address}" + chr(10) for address in addresses)}"""


def make_host(net, *addresses, capture=False):
    lan = net.lan(capture=capture)
    host = net.host("d1")
    host.connect(lan, "eth0", *addresses)
    return host


def lost(director, host, address=VIRTUAL):
    """Lose mastership: alone, only by an end."""
    director.stop("vrrpd")
    wait_for(lambda: not host.holds(address), 5, f"{address} is gone")


def regained(director, host, address=VIRTUAL):
    director.start("vrrpd")
    director.wait_state("web", "master")
    expect(host.holds(address), f"{address} is there")


def own_first():
    """The host's own is primary, the virtual one secondary."""
    with Net() as net:
        host = make_host(net, f"{OWN}/24")
        promote = host.sysctl("net.ipv4.conf.eth0.promote_secondaries")
        director = Director(net, host, config([f"{VIRTUAL}/24"])).start()
        director.wait_state("web", "master")
        expect(address_info(host, VIRTUAL).get("secondary"), "secondary")
        equal(host.sysctl("net.ipv4.conf.eth0.promote_secondaries"), "1",
              "promote_secondaries")
        for _ in range(2):
            lost(director, host)
            expect(host.holds(OWN), "the host's own stays")
            regained(director, host)
        # Without an own one there is nothing to send adverts from; afterwards
        # the own one is there to stay again.
        host.ip(f"addr del {OWN}/24 dev eth0")
        director.wait_state("web", "initialize")
        wait_for(lambda: not host.holds(VIRTUAL), 5, "let go")
        host.ip(f"addr add {OWN}/24 dev eth0")
        director.wait_state("web", "master")
        expect(host.holds(VIRTUAL), "held again")
        step("own first, then last, while held")
        director.stop()
        equal(host.addresses("eth0", family="inet"), [f"{OWN}/24"], "left")
        equal(host.sysctl("net.ipv4.conf.eth0.promote_secondaries"), promote,
              "promote_secondaries as it was")
        step("own first: stays")


def own_last():
    """The virtual one is primary, whose deletion would take the own one."""
    with Net() as net:
        host = make_host(net, "10.9.9.9/32")
        host.sysctl("net.ipv4.conf.eth0.promote_secondaries", 0)
        director = Director(net, host, config([f"{VIRTUAL}/24"])).start()
        director.wait_state("web", "master")
        for _ in range(2):
            host.ip(f"addr add {OWN}/24 dev eth0")
            expect(address_info(host, OWN).get("secondary"), "secondary")
            lost(director, host)
            expect(host.holds(OWN), "the host's own stays")
            expect(not address_info(host, OWN).get("secondary"), "promoted")
            host.ip(f"addr del {OWN}/24 dev eth0")
            regained(director, host)
        host.ip(f"addr add {OWN}/24 dev eth0")
        director.stop()
        expect(host.holds(OWN), "the host's own outlives the stop")
        equal(sorted(host.addresses("eth0", family="inet")),
              sorted(["10.9.9.9/32", f"{OWN}/24"]), "left")
        equal(host.sysctl("net.ipv4.conf.eth0.promote_secondaries"), "0",
              "promote_secondaries as it was")
        step("own last: stays")
        # Set by the host: not ours to take back.
        host.sysctl("net.ipv4.conf.eth0.promote_secondaries", 1)
        director.start()
        director.wait_state("web", "master")
        director.stop()
        equal(host.sysctl("net.ipv4.conf.eth0.promote_secondaries"), "1",
              "promote_secondaries as it was")


def own_outlives_death():
    """The dead-man's switch removes the primary, and the own one stays."""
    with Net() as net:
        host = make_host(net, "10.9.9.9/32")
        host.sysctl("net.ipv4.conf.eth0.promote_secondaries", 0)
        director = Director(net, host, config([f"{VIRTUAL}/24"])).start()
        director.wait_state("web", "master")
        host.ip(f"addr add {OWN}/24 dev eth0")
        expect(address_info(host, OWN).get("secondary"), "secondary")
        director.kill()
        wait_for(lambda: not host.holds(VIRTUAL), LIFETIME + KERNEL_SLACK,
                 "ended by itself")
        expect(host.holds(OWN), "the host's own stays")
        step("all killed: the virtual address ended, the own one stays")


def places():
    """Label, scope, prefix and another interface of each address."""
    with Net() as net:
        host = make_host(net, f"{OWN}/24")
        host.connect(net.lans[0], "eth1", "10.1.0.11/24")
        director = Director(net, host, config([
            f"{VIRTUAL}/32",
            '{address: 10.0.0.101/24, label: "eth0:200"}',
            "{address: 10.1.0.100/32, interface: eth1, scope: link}",
            '{address: 10.1.0.101/24, interface: eth1, label: "eth1:x"}',
        ])).start()
        director.wait_state("web", "master")
        wanted = {VIRTUAL: ("eth0", 32, "eth0", "global"),
                  "10.0.0.101": ("eth0", 24, "eth0:200", "global"),
                  "10.1.0.100": ("eth1", 32, "eth1", "link"),
                  "10.1.0.101": ("eth1", 24, "eth1:x", "global")}
        for address, (device, prefix, label, scope) in wanted.items():
            found = address_info(host, address)
            equal((found["dev"], found["prefixlen"], found["label"],
                   found["scope"]), (device, prefix, label, scope), address)
        lost(director, host)
        equal(sorted(host.addresses(family="inet")),
              sorted(["127.0.0.1/8", f"{OWN}/24", "10.1.0.11/24"]), "left")
        step("label, scope, prefix, interface")


def version_6():
    """Never a source, usable at once, and gone with the lease."""
    with Net() as net:
        host = make_host(net, f"{OWN}/24", "2001:db8::11/64")
        host.sysctls({f"net.ipv6.conf.{scope}.accept_dad": 1
                      for scope in ("all", "eth0")})
        text = config([f"{VIRTUAL}/32"]) + f"""
  web6:
    interface: eth0
    vrid: 8
    interval: 300ms
    nodes: [d1, d2]
    addresses: [fe80::100/64, {VIRTUAL6}/64]
"""
        director = Director(net, host, text).start()
        director.wait_state("web6", "master")
        for address in (VIRTUAL6, "fe80::100"):
            found = address_info(host, address)
            expect(found.get("deprecated"), f"{address}: {found}")
            expect(not found.get("tentative"), f"{address}: {found}")
            expect(found.get("nodad"), f"{address}: {found}")
            equal(found["preferred_life_time"], 0, "preferred lifetime")
            expect(0 < found["valid_life_time"] <= LIFETIME, f"{found}")
        route = host.ip("-6 route get 2001:db8::7")
        expect("src 2001:db8::11 " in route, f"source: {route}")
        # Nearest to it of all, and still not chosen.
        route = host.ip("-6 route get 2001:db8::101")
        expect("src 2001:db8::11 " in route, f"source: {route}")
        host.run("ping", "-6", "-c", 1, "-W", 2, VIRTUAL6)
        lost(director, host, VIRTUAL6)
        wait_for(lambda: not host.holds("fe80::100"), 5, "gone")
        expect(host.holds("2001:db8::11"), "the host's own")
        step("IPv6: deprecated, no duplicate address detection")


def lifetimes():
    """Renewed while held; ended by the kernel when all are dead."""
    with Net() as net:
        host = make_host(net, f"{OWN}/24", "2001:db8::11/64")
        monitor = AddressMonitor(host)
        text = config([f"{VIRTUAL}/24"], interval="1s") + f"""
  web6:
    interface: eth0
    vrid: 8
    nodes: [d1, d2]
    addresses: [fe80::100/64, {VIRTUAL6}/64]
"""
        director = Director(net, host, text).start()
        for name in ("web", "web6"):
            director.wait_state(name, "master")
        monitor.changes()
        commands = kernel(director)["netlink_commands"]
        lives = []
        until = time.monotonic() + LIFETIME + 3

        def watched():
            for address in (VIRTUAL, VIRTUAL6, "fe80::100"):
                found = address_info(host, address)
                expect(found is not None, f"{address} has ended")
                lives.append(found["valid_life_time"])
            return time.monotonic() > until
        wait_for(watched, LIFETIME + 10, "longer than a lifetime", 0.1)
        # Renewed every 3 s; what is left is told in whole seconds.
        expect(LIFETIME - 5 <= min(lives) <= max(lives) <= LIFETIME,
               f"lifetimes left: {min(lives)} to {max(lives)} s")
        equal(monitor.changes(), [], "changes while it is held")
        equal(kernel(director)["netlink_commands"], commands, "commands")
        expect(monitor.renewals >= 9, f"{monitor.renewals} renewals")
        step(f"held: {min(lives)} to {max(lives)} s left, "
             f"{monitor.renewals} renewals")
        director.kill()
        killed = time.monotonic()
        wait_for(lambda: not any(map(host.holds, (
            VIRTUAL, VIRTUAL6, "fe80::100"))), LIFETIME + KERNEL_SLACK,
            "the end of the lifetimes", 0.1)
        took = time.monotonic() - killed
        expect(took < LIFETIME + 1, f"{took:.1f} s")
        expect(host.holds(OWN) and host.holds("2001:db8::11"), "the own ones")
        step(f"all killed: gone after {took:.1f} s")


def adopted():
    """An owner's address, and one that is there and to be kept, are the
    host's."""
    with Net() as net:
        # What an owner needs is listed as its own under nodes.
        virtual = "10.0.0.200"
        host = make_host(net, f"{OWN}/24", f"{virtual}/24")
        monitor = AddressMonitor(host)

        def as_it_was():
            found = address_info(host, virtual)
            expect(found is not None, "still there")
            expect(found["valid_life_time"] > 1 << 31, f"for ever: {found}")

        for priority in (255, 150):
            director = Director(
                net, host, config([f"{virtual}/24"], priority,
                                  leftover="keep")).start()
            director.wait_state("web", "master")
            as_it_was()
            director.stop("vrrpd")
            as_it_was()
            director.start("vrrpd")
            director.wait_state("web", "master")
            director.stop("ipvsd", number=signal.SIGUSR2)
            director.start("ipvsd")
            director.wait_state("web", "master")
            as_it_was()
            director.stop()
            as_it_was()
            equal(monitor.changes(), [], "changes")
            equal(monitor.renewals, 0, "lifetimes that were set")
            step(f"priority {priority}: adopted, not touched")
        # Another prefix, another interface: still the host's.
        director = Director(net, host, config([f"{virtual}/32"])).start()
        director.wait_state("web", "master")
        as_it_was()
        director.stop()
        as_it_was()
        equal(monitor.changes(), [], "changes")
        step("with another prefix: adopted")


def foreign():
    """What others have there, before or later, is theirs; what is ours is put
    right at once."""
    with Net() as net:
        host = make_host(net, f"{OWN}/24", "10.0.0.50/24")
        monitor = AddressMonitor(host)
        director = Director(net, host, config([f"{VIRTUAL}/24"])).start()
        director.wait_state("web", "master")
        host.ip("addr add 10.0.0.51/24 dev eth0",
                "addr add 10.0.0.101/32 dev lo",
                "addr add 10.0.0.52/24 dev eth0 valid_lft 100 "
                "preferred_lft 100")
        monitor.changes()
        row = director.instance("web")
        begin = time.monotonic()
        host.ip(f"addr del {VIRTUAL}/24 dev eth0")
        wait_for(lambda: host.holds(VIRTUAL), 2, "put right", 0.005)
        step(f"put right after {(time.monotonic() - begin) * 1000:.0f} ms")
        equal(monitor.changes(), [f"-eth0 {VIRTUAL}/24", f"+eth0 {VIRTUAL}/24"],
              "changes")
        director.wait_state("web", "master")
        equal(director.instance("web")["term"], row["term"], "the same term")
        host.ip("addr flush dev eth0 label eth0")
        wait_for(lambda: host.holds(VIRTUAL) or
                 director.instance("web")["state"] == "initialize", 5,
                 "put right, or without a source")
        host.ip(f"addr add {OWN}/24 dev eth0", "addr add 10.0.0.50/24 dev eth0",
                "addr add 10.0.0.51/24 dev eth0")
        director.wait_state("web", "master")
        expect(host.holds(VIRTUAL), "after a flush")
        lost(director, host)
        director.stop()
        equal(sorted(host.addresses("eth0", family="inet")),
              sorted([f"{OWN}/24", "10.0.0.50/24", "10.0.0.51/24"]), "left")
        expect(host.holds("10.0.0.101", "lo"), "foreign on lo")
        step("foreign ones are untouched")


def refused():
    """What the kernel refuses again and again keeps nothing else from being
    put right."""
    text = config([f"{VIRTUAL}/24"], top="ipvs: {resync: 2s}") + """
  stuck:
    interface: eth0
    vrid: 8
    interval: 100ms
    nodes: [d1, d2]
    addresses: [fe80::100/64, {address: 2001:db8:9::1/64, interface: eth1}]
"""
    setting = "net.ipv4.conf.eth0.promote_secondaries"
    with Net() as net:
        host = make_host(net, f"{OWN}/24", "2001:db8::11/64")
        host.connect(net.lan(capture=False), "eth1", "10.1.0.11/24")
        host.sysctls({"net.ipv6.conf.eth1.disable_ipv6": 1, setting: 0})
        director = Director(net, host, text).start()
        director.wait_state("web", "master")
        equal(host.sysctl(setting), "1", setting)
        errors = kernel(director)["netlink_errors"]
        wait_for(lambda: kernel(director)["netlink_errors"] > errors + 3, 10,
                 "refused again")
        # The kernel tells nobody.
        host.sysctls({setting: 0})
        wait_for(lambda: host.sysctl(setting) == "1", 5, "put right")
        expect(not host.holds("2001:db8:9::1"), "what was refused")
        director.stop()
        step("what is refused does not keep the rest waiting")


def link_local():
    """Each interface may have an IPv6 link-local address of its own."""
    text = "nodes: {d1: 10.0.0.11, d2: 10.0.0.12}\nvrrp:\n" + "".join(
        f"""  {name}:
    interface: {name}
    vrid: 7
    interval: 100ms
    nodes: [d1, d2]
    addresses: ["fe80::1/64"]
""" for name in ("eth0", "eth1"))
    with Net() as net:
        host = make_host(net, f"{OWN}/24", "2001:db8::11/64")
        host.connect(net.lan(capture=False), "eth1", "10.1.0.11/24")
        director = Director(net, host, text).start()
        for name in ("eth0", "eth1"):
            director.wait_state(name, "master")
            expect(host.holds("fe80::1", name), f"on {name}")
        director.write_config(text[:text.index("  eth1:")])
        director.ask("reload")
        wait_for(lambda: not host.holds("fe80::1", "eth1"), 5, "it goes")
        expect(host.holds("fe80::1", "eth0"), "the other stays")
        director.write_config(text)
        director.ask("reload")
        director.wait_state("eth1", "master")
        expect(host.holds("fe80::1", "eth1"), "it comes back")
        director.stop()
        expect(not host.holds("fe80::1"), "after the stop")
        step("fe80::1 is on two interfaces")


def stop_and_restart():
    """on_stop; SIGUSR2; a crash."""
    with Net() as net:
        host = make_host(net, f"{OWN}/24")
        monitor = AddressMonitor(host)
        director = Director(net, host,
                            config([f"{VIRTUAL}/24"], interval="1s")).start()
        director.wait_state("web", "master")
        equal(monitor.changes(), [f"+eth0 {VIRTUAL}/24"], "at start")
        row = director.instance("web")
        for number, how in ((signal.SIGUSR2, "SIGUSR2"),
                            (signal.SIGKILL, "SIGKILL")):
            director.send(number, "ipvsd")
            director.daemons["ipvsd"].process.wait()
            director.start("ipvsd")
            wait_for(lambda: kernel(director)["waiting"] == 0, 5, "at rest")
            equal(kernel(director)["netlink_commands"], 0, "commands")
            equal(monitor.changes(), [], "changes")
            again = director.instance("web")
            equal([again[key] for key in ("term", "become_master", "state")],
                  [row[key] for key in ("term", "become_master", "state")],
                  "the term")
            step(f"{how} of ipvsd and start: nothing written")
        for name in ("vrrpd", "checkd"):
            director.stop(name, number=signal.SIGUSR2)
            director.start(name)
        director.wait_state("web", "master")
        equal(director.instance("web")["term"], row["term"], "the term")
        equal(monitor.changes(), [], "changes")
        step("SIGUSR2 of the siblings: nothing written")
        # What was taken up again is still renewed, and still let go.
        until = time.monotonic() + LIFETIME + 2
        wait_for(lambda: host.holds(VIRTUAL) and time.monotonic() > until,
                 LIFETIME + 5, "longer than a lifetime")
        equal(monitor.changes(), [], "changes")
        director.stop("ipvsd")
        equal(monitor.changes(), [f"-eth0 {VIRTUAL}/24"], "on_stop flush")
        director.stop()
        step("on_stop flush: gone")
        keep(net, host, monitor)


def keep(net, host, monitor):
    """Services and what is on lo may stay; what is held is handed over."""
    director = Director(net, host, config(
        [f"{VIRTUAL}/24"], top="ipvs: {on_stop: keep}")).start()
    director.wait_state("web", "master")
    monitor.changes()
    director.stop("ipvsd")
    equal(monitor.changes(), [f"-eth0 {VIRTUAL}/24"], "on_stop keep")
    expect(director.instance("web")["state"] != "master", "no master")
    director.stop()
    step("on_stop keep: what was held is handed over all the same")


PARTS = [own_first, own_last, own_outlives_death, places, version_6, lifetimes,
         adopted, foreign, refused, link_local, stop_and_restart]


def main():
    for part in PARTS:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            step(part.__name__)
            part()


run(main)
