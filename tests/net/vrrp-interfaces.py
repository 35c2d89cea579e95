#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""vrrpd while interfaces, configurations and vrrpd itself come and go.

Interfaces that come late, lose carrier or address, are renamed or made anew; a
25th one; a reload that adds, changes and removes; a restart within the lease; a
vrrpd that was stopped for longer than its lease.
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import Capture, frames
from fake_ipvsd import FakeIpvsd, Instance
from machine import judged
from net import Net
from scenario import equal, expect, run, step
from suite import cpu_seconds
from waiting import wait_for

INTERVAL_MS = 100
MANY = 25
# Addresses and deletions that overflow rtnetlink's receive buffer.
FLOOD = 4000
# Others that change addresses: what they cost, with so many instances.
CHURN_INSTANCES, CHURN_S, CHURN_SHARE = 2000, 2, 0.35


def config(instances, interval=INTERVAL_MS):
    """(name, interface, vrid, priority, address, more) of each."""
    text = "nodes: {d1: 192.168.1.1, d2: 192.168.1.2}\nvrrp:\n"
    for name, interface, vrid, priority, address, more in instances:
        text += (f"  {name}:\n    interface: {interface}\n    vrid: {vrid}\n"
                 f"    interval: {interval}ms\n"
                 f"    nodes: {{d1: {priority}, d2: 150}}\n"
                 f"    addresses: [{address}/32]\n{more}")
    return text


def known(instances, interval=INTERVAL_MS):
    return [Instance(number, interval, [(f"{row[4]}/32", row[1])])
            for number, row in enumerate(instances)]


WEB = ("web", "eth0", 7, 100, "192.168.1.200", "")


def wait_state(fake, state, number=0, reason=""):
    def reached():
        row = fake.state(number)
        assert row["state"] == state and reason in row["reason"], row
        return row
    return wait_for(reached, 10, f"{state} {reason}")


def joined(host, interface):
    return "224.0.0.18" in host.ip(f"maddr show dev {interface}")


def life_of_an_interface():
    with Net() as net:
        lan = net.lan()
        d1 = net.host("d1")
        ours = FakeIpvsd(net, d1, config([WEB]), known([WEB]))
        wait_state(ours, "initialize", reason="eth0 does not exist")
        cable = d1.connect(lan, "eth0", "192.168.1.1/24")
        wait_state(ours, "master")
        step("late: master")
        cable.pull()
        wait_state(ours, "initialize", reason="no carrier")
        cable.plug()
        wait_state(ours, "master")
        step("carrier lost and back: master")
        d1.ip("link set eth0 down")
        wait_state(ours, "initialize", reason="eth0 is down")
        d1.ip("link set eth0 up")
        wait_state(ours, "master")
        step("down and up: master")
        d1.ip("addr del 192.168.1.1/24 dev eth0")
        wait_state(ours, "initialize", reason="no IPv4 address")
        d1.ip("addr add 192.168.1.1/24 dev eth0")
        wait_state(ours, "master")
        step("address lost and back: master")
        d1.ip("link set eth0 down", "link set eth0 name other")
        wait_state(ours, "initialize", reason="eth0 does not exist")
        d1.ip("link set other name eth0", "link set eth0 up")
        wait_state(ours, "master")
        step("renamed and back: master")
        d1.ip("link del eth0")
        wait_state(ours, "initialize", reason="eth0 does not exist")
        d1.cables.clear()
        d1.connect(lan, "eth0", "192.168.1.1/24")
        wait_state(ours, "master")
        expect(joined(d1, "eth0"), "a member of the group again")
        step("made anew: master")
        flood(ours)


def flood(ours):
    """More notifications than the socket holds: all is read again."""
    d1 = ours.host
    ours.process.send_signal(signal.SIGSTOP)
    d1.ip("link add many type bridge")
    addresses = [f"10.{n // 250}.{n % 250}.1/32" for n in range(FLOOD)]
    d1.ip(*[f"addr add {address} dev many" for address in addresses])
    d1.ip("link del many", "addr del 192.168.1.1/24 dev eth0")
    ours.process.send_signal(signal.SIGCONT)
    wait_for(lambda: ours.says("notifications lost"), 10, "an overflow")
    wait_state(ours, "initialize", reason="no IPv4 address")
    d1.ip("addr add 192.168.1.1/24 dev eth0")
    wait_state(ours, "master")
    step("notifications lost: read anew, master")


def churn():
    """Another program changes addresses without end, and very many instances
    look at each change: a small part of a processor, and adverts in time."""
    with Net() as net:
        d1 = net.host("d1")
        d1.connect(net.lan(capture=False), "eth0", "192.168.1.1/24")
        others = [(f"i{n}", f"none{n // 250}", n % 250 + 1, 100,
                   f"10.9.{n // 250}.{n % 250 + 1}", "")
                  for n in range(CHURN_INSTANCES)]
        ours = FakeIpvsd(net, d1, config([WEB, *others]), known([WEB]))
        wait_state(ours, "master")
        d1.ip("link add many type bridge")
        capture = Capture(d1, "eth0", "adverts")
        for number in range(2):
            path = f"{ours.directory}/batch{number}"
            with open(path, "w", encoding="utf-8") as batch:
                for n in range(5000):
                    address = f"10.{number}.{n // 250}.{n % 250 + 1}/32"
                    batch.write(f"addr add {address} dev many\n"
                                f"addr del {address} dev many\n")
            d1.popen(f"churn{number}", "sh", "-c",
                     f"while :; do ip -batch {path}; done")
        began, before = time.monotonic(), cpu_seconds(ours.process.pid)
        wait_for(lambda: time.monotonic() > began + CHURN_S, 2 * CHURN_S, "")
        share = ((cpu_seconds(ours.process.pid) - before) /
                 (time.monotonic() - began))
        times = [when for when, data in frames(capture.stop())
                 if data[23] == 112]
        longest = max(b - a for a, b in zip(times, times[1:]))
        step(f"addresses without end: {share * 100:.0f} % of a processor, "
             f"adverts at most {longest * 1000:.1f} ms apart")
        expect(share <= CHURN_SHARE, f"{share} of a processor")
        expect(longest < 2 * INTERVAL_MS / 1000, f"adverts {longest} s apart")
        d1.ip("addr del 192.168.1.1/24 dev eth0")
        wait_state(ours, "initialize", reason="no IPv4 address")


def many_interfaces():
    with Net() as net:
        lan = net.lan()
        d1, d2 = net.host("d1"), net.host("d2")
        rows = [(f"i{n}", f"eth{n}", n + 1, 100, f"10.9.{n}.200", "")
                for n in range(MANY)]
        for n in range(MANY):
            d1.connect(lan, f"eth{n}", f"10.9.{n}.1/24")
        last = MANY - 1
        # d2 knows the last instance alone, at the same interface.
        peer = [(f"i{last}", "eth0", MANY, 100, f"10.9.{last}.200", "")]
        d2.connect(lan, "eth0", f"10.9.{last}.2/24")
        # Slow enough for addresses to be put in by one ip(8) after another.
        ours = FakeIpvsd(net, d1, config(rows[:last], 1000),
                         known(rows[:last], 1000))
        for n in range(last):
            wait_state(ours, "master", n)
        step(f"{last} interfaces: master on each")
        expect(not joined(d1, f"eth{last}"), "not yet joined")
        ours.configure(config(rows, 1000), known(rows, 1000))
        expect(wait_for(lambda: joined(d1, f"eth{last}"), 5, "joined"),
               f"eth{last} is joined without any privilege")
        wait_state(ours, "master", last)
        other = FakeIpvsd(net, d2, config(peer, 1000), known(peer, 1000))
        wait_state(other, "master")
        step("the other one has taken the last over")
        row = wait_state(ours, "backup", last)
        equal(row["master_priority"], 150, "the master that was heard")
        # One switch for all: their adverts come in at every interface.
        for n in range(last):
            equal(ours.state(n)["state"], "master", f"eth{n}")
        expect(ours.ask("receive")[0]["wrong_interface"] >= last,
               "counted as heard on the wrong interface")


def reload():
    with Net() as net:
        lan = net.lan()
        d1 = net.host("d1")
        for n in range(3):
            d1.connect(lan, f"eth{n}", f"192.168.{n + 1}.1/24")
        kept = ("a-kept", "eth0", 1, 100, "192.168.1.200", "")
        removed = ("b-removed", "eth1", 2, 100, "192.168.2.200", "")
        added = ("c-added", "eth2", 3, 100, "192.168.3.200", "")
        ours = FakeIpvsd(net, d1, config([kept, removed]),
                         known([kept, removed]))
        wait_state(ours, "master", 0)
        wait_state(ours, "master", 1)
        before = ours.state(0)
        changed = kept[:3] + (120,) + kept[4:]
        # ipvsd ends the term of what is no longer configured.
        ours.end(1, "CONFIG")
        ours.configure(config([changed, added]), known([changed, added]))
        wait_state(ours, "master", 1)
        rows = {row["instance"]: row for row in ours.ask("instances")}
        equal(sorted(rows), ["a-kept", "c-added"], "instances")
        row = rows["a-kept"]
        equal((row["priority"], row["become_master"], row["term"]),
              (120, 1, before["term"]), "changed in place")
        expect(row["since_ms"] >= before["since_ms"], "no transition")
        step("added, changed and removed")
        version2 = changed[:5] + ("    version: 2\n    interval: 1s\n",)
        text = config([version2, added]).replace(
            f"    interval: {INTERVAL_MS}ms\n", "", 1)
        ours.configure(text, known([version2, added]))
        row = wait_state(ours, "master", 0)
        equal(row["version"], 2, "another virtual router")
        step("version 2 now: begun anew")


def restart_and_sleep():
    with Net() as net:
        lan = net.lan()
        d1, d2 = net.host("d1"), net.host("d2")
        d1.connect(lan, "eth0", "192.168.1.1/24")
        d2.connect(lan, "eth0", "192.168.1.2/24")
        ours = FakeIpvsd(net, d1, config([WEB], 1000),
                         known([WEB], 1000))
        term = wait_state(ours, "master")["term"]
        ours.process.kill()
        ours.process.wait()
        ours.launch()
        row = wait_state(ours, "master")
        equal(row["term"], term, "the term")
        expect("RELEASE" not in [name for _, name, _ in ours.heard],
               "nothing was released")
        step("killed and restarted within the lease: same term")
        # On a slow host its instance comes into being after a snapshot's begin.
        ours.process.kill()
        ours.process.wait()
        ours.beginless = 1
        ours.launch()
        row = wait_state(ours, "master")
        equal(row["term"], term, "the term")
        heard = [name for _, name, _ in ours.heard]
        expect("RELEASE" not in heard, "nothing was released")
        equal(heard.count("RESYNC"), 1, "another snapshot asked for")
        step("the same with a snapshot that begins too early")
        ours.stop()
        patient = WEB[:5] + ("    preempt: false\n",)
        ours = FakeIpvsd(net, d1, config([patient]), known([patient]))
        wait_state(ours, "master")
        other = FakeIpvsd(net, d2, config([patient]), known([patient]))
        wait_state(other, "backup")
        sent = ours.state()["adverts_tx"]
        ours.process.send_signal(signal.SIGSTOP)
        wait_state(other, "master")
        expect(not d1.holds("192.168.1.200"), "one owner")
        ours.process.send_signal(signal.SIGCONT)
        row = wait_state(ours, "backup")
        # Between our asking and its stopping it may have sent some.
        heard = [name for _, name, _ in other.heard]
        equal(row["become_master"], 1, "became master once")
        expect(row["adverts_tx"] - sent <= 3, "silent after the sleep")
        equal(other.state()["become_master"], 1, "undisturbed")
        expect("RELEASE" not in heard, "the new master was undisturbed")
        step("stopped for longer than the lease: backup, silent")


def resign():
    with Net() as net:
        lan = net.lan()
        d1, d2 = net.host("d1"), net.host("d2")
        d1.connect(lan, "eth0", "192.168.1.1/24")
        d2.connect(lan, "eth0", "192.168.1.2/24")
        ours = FakeIpvsd(net, d1, config([WEB]), known([WEB]))
        wait_state(ours, "master")
        other = FakeIpvsd(net, d2, config([WEB]), known([WEB]))
        wait_state(other, "master")
        other.ask("resign", "web")
        wait_state(ours, "master")
        equal(wait_state(other, "backup")["resigned"], True, "resigned")
        other.ask("enable", "web")
        wait_state(other, "master")
        step("resigned and enabled")
        for words in (["resign", "nothing"], ["resign"], ["unknown"],
                      ["resign", "web", "soon"]):
            try:
                other.ask(*words)
            except AssertionError as error:
                step(f"{' '.join(words)}: {error}")
            else:
                raise AssertionError(f"{words} was accepted")
        links = {row["peer"]: row["state"] for row in other.ask("links")}
        equal(links, {"ipvsd": "up", "checkd": "down"}, "links")


PARTS = [life_of_an_interface, churn, many_interfaces, reload,
         restart_and_sleep, resign]


def main():
    for part in PARTS:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            step(part.__name__)
            with judged(INTERVAL_MS / 1000):
                part()


run(main)
