#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Plays vrrpd and checkd for a real ipvsd: honest, late, wrong and lying ones.

What a sibling may say changes what it may change and nothing else; whatever it
says, ipvsd goes on.
"""

import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import HEADER, LEASE_REASONS, MSG, MSG_VERSION, ctl
from net import Net
from scenario import equal, expect, run, step
from siblings import CHECKD, IPVSD, VRRPD, Client
from suite import Director
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
%s
  web:
    interface: eth0
    vrid: 1
    interval: 1s
    nodes: [a, b]
    addresses: [%s]
  balanced:
    interface: eth0
    vrid: 3
    nodes: [a, b]
    addresses: [192.168.1.200/32]
services:
  web:
    address: 192.168.1.200:80
    vrrp: balanced
    forward: direct
    check: {type: tcp, interval: %s}
    servers: [192.168.1.21, 192.168.1.22]
"""
FIRST = """
  first:
    interface: eth0
    vrid: 2
    nodes: [a, b]
    addresses: [192.168.1.99/32]
"""
# Of an instance without services: it can be held where there is no ip_vs.
ADDRESS = "192.168.1.100"
# enum health
UNKNOWN, UP, DOWN = 0, 1, 2
OK = 1


def config(first="", addresses=f"{ADDRESS}/32", check="2s"):
    return CONFIG % (first, addresses, check)


def now():
    return time.monotonic_ns()


def link_state(director, peer):
    return next(row for row in director.vipctl("show", "links")
                if row["daemon"] == "ipvsd" and row["peer"] == peer)


def lease(director, instance="web"):
    return next(row for row in ctl(f"{director.rundir}/ipvsd.ctl", "leases")
                if row["kind"] == "lease" and row["instance"] == instance)


def rendezvous(director):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as root:
        root.settimeout(5)
        root.connect(f"{director.rundir}/rendezvous")
        equal(root.recv(1), b"", "root has no role")
    liar = Client(director, "_vrrpd")
    liar.peer.say("RENEW", struct.pack("!IQQ", 0, 1, now()), 1)
    liar.peer.expect_shut()
    liar.close()
    vrrpd = Client(director, "_vrrpd")
    vrrpd.hello()
    link = vrrpd.link(IPVSD)
    equal(link.join(), [], "terms")
    checkd = Client(director, "_checkd")
    checkd.hello()
    to_ipvsd = checkd.link(IPVSD)
    to_ipvsd.join()
    # The third edge: one pair, whose ends have met.
    ends = checkd.link(VRRPD), vrrpd.link(CHECKD)
    ends[0].raw(b"one")
    equal(ends[1].sock.recv(16), b"one", "through the third edge")
    began = time.monotonic()
    for _ in range(5):
        vrrpd.hello()
    again = vrrpd.link(IPVSD)
    expect(time.monotonic() - began > 0.5, "HELLO is served at once again")
    link.expect_shut()
    again.join()
    # A process that was started anew need not wait: a lease may be running.
    began = time.monotonic()
    newer = Client(director, "_vrrpd")
    newer.hello()
    newest = newer.link(IPVSD)
    expect(time.monotonic() - began < 0.5, "a new process has to wait")
    again.expect_shut()
    vrrpd.close()
    newest.join()
    return newer, newest, checkd, to_ipvsd


def acquire(link, host, number=0):
    link.say("ACQUIRE", struct.pack("!I", number))
    _, body, _ = link.expect("HELD")
    expect(host.holds(ADDRESS), "HELD before the address")
    return struct.unpack("!IQQ", body)


def allowed(link):
    """Asks; whether that was not too early. Then the term is held."""
    link.say("ACQUIRE", struct.pack("!I", 0))
    name, _, body, _ = link.hear()
    if name == "HELD":
        return True
    equal((name, LEASE_REASONS[body[4]]), ("FAILED", "RATE"), "the answer")
    return False


def renew(link, number, term, when):
    link.say("RENEW", struct.pack("!IQQ", number, term, when))
    _, body, _ = link.expect("RENEWED")
    found, of, end = struct.unpack("!IQQ", body)
    equal((found, of), (number, term), "RENEWED of")
    return end


def ended(link, term, reason):
    _, body, _ = link.expect("ENDED")
    _, of, why = struct.unpack("!IQB", body)
    equal((of, LEASE_REASONS[why]), (term, reason), "ENDED")


def terms(director, link, host):
    number, term, _ = acquire(link, host)
    # As early as now, and no later, whatever time it says.
    for when in (now() + 10 ** 12, 2 ** 64 - 1):
        before = now()
        end = renew(link, number, term, when)
        expect(before + 2.9e9 <= end <= now() + 2.9e9, "the end of the lease")
    # A time of long ago changes nothing, and no other term is renewed.
    equal(renew(link, number, term, 1), end, "after a late renewal")
    link.say("RENEW", struct.pack("!IQQ", number, term + 1, now()))
    ended(link, term + 1, "UNKNOWN")
    # Ids that there are not: dropped.
    for unknown in (2, 4096, 2 ** 32 - 1):
        link.say("ACQUIRE", struct.pack("!I", unknown))
    link.say("RENEW", struct.pack("!IQQ", number, term, now()), 12345)
    wait_for(lambda: link_state(director, "vrrpd")["dropped_generation"] == 1,
             5, "a message of no generation, dropped")
    equal(link_state(director, "vrrpd")["dropped_unknown"], 3,
          "messages about what there is not")
    ended(link, term, "EXPIRED")
    expect(now() >= end, "the lease ended too early")
    expect(not host.holds(ADDRESS), "ENDED before the address went")
    link.say("RENEW", struct.pack("!IQQ", number, term, now()))
    ended(link, term, "UNKNOWN")
    # Not more often than once an interval.
    _, term, _ = acquire(link, host)
    link.say("RELEASE", struct.pack("!IQ", number, 0))
    ended(link, term, "RELEASED")
    link.say("ACQUIRE", struct.pack("!I", number))
    _, body, _ = link.expect("FAILED")
    equal(LEASE_REASONS[body[4]], "RATE", "why it failed")


class Renewing(threading.Thread):
    """Renews a term, under its link's generation, as vrrpd would."""

    def __init__(self, link, number, term):
        super().__init__(daemon=True)
        self.link, self.number, self.term = link, number, term
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.2):
            self.link.say("RENEW", struct.pack("!IQQ", self.number, self.term,
                                               now()))

    def stop(self):
        self.over.set()
        self.join()


def reloading(director):
    """`vipctl reload` in the background; a list that gets its answer."""
    answer = []
    thread = threading.Thread(
        target=lambda: answer.append(director.ask("reload", check=False)),
        daemon=True)
    thread.start()
    return thread, answer


def generations(director, vrrpd, checkd, host):
    wait_for(lambda: allowed(vrrpd), 5, "ACQUIRE is allowed again")
    number, term, _ = acquire(vrrpd, host)
    renewing = Renewing(vrrpd, number, term)
    before = director.vipctl("status")["daemons"]
    # One refuses: nothing changes.
    director.write_config(config(FIRST))
    thread, answer = reloading(director)
    refused = vrrpd.prepared(["RENEWED"])
    equal(checkd.prepared(), refused, "the same generation for both")
    vrrpd.say("READY", generation=refused)
    checkd.say("REJECT", b"\0\5probe\0\3bad", refused)
    equal(vrrpd.expect("ABORT", ["RENEWED"])[0], refused, "ABORT")
    thread.join()
    expect(answer[0].returncode != 0, "a refused reload went well")
    expect("checkd: probe: bad" in answer[0].stdout + answer[0].stderr,
           "why is not said")
    equal([row.get("generation") for row in before],
          [row.get("generation") for row in director.vipctl("status")["daemons"]],
          "the generation in force")
    # A file with errors: both of them are told, nobody is asked.
    director.write_config(config() + "nonsense: 1\nmore: 2\n")
    bad = director.ask("reload", check=False)
    expect(bad.returncode != 0, "a bad file went well")
    for key in ("nonsense", "more"):
        expect(f'unknown key "{key}"' in bad.stdout + bad.stderr, key)
    # All are ready: it is in force; "web" has another id from now on.
    director.write_config(config(FIRST, f"{ADDRESS}/32, 192.168.1.101/32"))
    thread, answer = reloading(director)
    generation = vrrpd.prepared(["RENEWED"])
    checkd.prepared()
    vrrpd.say("READY", generation=generation)
    checkd.say("READY", generation=generation)
    checkd.expect("COMMIT")
    vrrpd.expect("COMMIT", ["RENEWED"])
    vrrpd_old, vrrpd.generation = vrrpd.generation, generation
    held = vrrpd.snapshot(["RENEWED"])
    vrrpd.generation = vrrpd_old
    thread.join()
    equal(answer[0].returncode, 0, "vipctl reload")
    equal([struct.unpack("!IQ", body[:12]) for name, _, body, _ in held
           if name == "HELD"], [(1, term)], "terms under the new generation")
    expect(("MAY_PREEMPT", struct.pack("!I", 1)) in
           [(name, body) for name, _, body, _ in held],
           "not said again that web may preempt")
    wait_for(lambda: host.holds("192.168.1.101"), 5, "the new address")
    # vrrpd has not switched yet: its renewals, by the old id, still count.
    end = now() + 3.5e9
    while now() < end:
        expect(lease(director)["left_ms"] > 1500, "an old renewal was lost")
        time.sleep(0.1)
    renewing.stop()
    vrrpd.generation = checkd.generation = generation
    vrrpd.say("COMMITTED")
    checkd.say("COMMITTED")
    checkd.snapshot()
    renew_again(vrrpd, term)
    expect(host.holds(ADDRESS), "the address left at a reload")
    return term


def renew_again(link, term):
    """Under the new id, after what still lies in the link."""
    link.say("RENEW", struct.pack("!IQQ", 1, term, now()))
    # The instance that came with the reload may preempt by now, or soon.
    while struct.unpack("!I", link.expect(
            "RENEWED", ["MAY_PREEMPT"])[1][:4])[0] != 1:
        pass


def verdict(link, *entries):
    link.say("VERDICTS", struct.pack("!H", len(entries)) + b"".join(
        struct.pack("!IBBII", probe, health, OK, 1000, 0)
        for probe, health in entries))


def healths(director):
    return {row["address"]: (row["health"], row["stale"])
            for row in director.vipctl("show", "services")
            if row["kind"] == "server"}


def verdicts(director, checkd):
    monitor = director.host.popen("monitor", *[
        f"{os.path.dirname(director.command('ipvsd')[0])}/../vipctl/vipctl",
        "-r", director.rundir, "monitor"])
    one, two = "192.168.1.21", "192.168.1.22"
    wait_for(lambda: director.ask("enable", f"web/{two}") and
             "by operator" in monitor.output(), 10, "the monitor")
    verdict(checkd, (0, UP), (1, UP), (7, DOWN), (2 ** 32 - 1, DOWN))
    wait_for(lambda: healths(director) ==
             {one: ("up", False), two: ("up", False)}, 5, "both up")
    # A flood: one change in an interval, and the last word in the end.
    for _ in range(200):
        verdict(checkd, (0, DOWN))
        verdict(checkd, (0, UP))
    verdict(checkd, (0, DOWN))
    equal(healths(director)[one][0], "up", "within the interval")
    wait_for(lambda: healths(director)[one][0] == "down", 5, "the last word")

    def changes():
        return [line for line in monitor.output().splitlines()
                if f"probe {one}:80" in line and "unknown ->" not in line]
    wait_for(changes, 5, "the change in the monitor")
    equal(len(changes()), 1, f"changes by a flood: {changes()}")
    # Unknown is no news, but the last word is stale then.
    verdict(checkd, (1, UNKNOWN))
    wait_for(lambda: healths(director)[two] == ("up", True), 5, "stale")
    # What it has told does not agree with its digest.
    checkd.say("DIGEST", struct.pack("!IQ", 2, 1))
    checkd.expect("RESYNC")
    equal(len(changes()), 1, f"changes by a flood: {changes()}")
    monitor.stop()


def one_target(director):
    """A drain is waited for by the rows of its target alone; where there is
    no ip_vs it has no connections."""
    one = "192.168.1.21"
    for target in (one, f"{one}:80", f"web/{one}", f"web/{one}:80"):
        rows = director.vipctl("drain", target, "--wait")
        equal([(row["kind"], row["address"], row["override"])
               for row in rows], [("server", one, "drained")],
              f"rows of {target}")
        director.ask("enable", target)
    overrides = {row["override"] for row in director.vipctl("show", "services")
                 if row["kind"] == "server"}
    equal(overrides, {"none"}, "overrides at last")
    for target in ("web/192.168.1.23", f"{one}:81", f"bew/{one}", "c"):
        done = director.ask("drain", target, "--wait", check=False)
        equal((done.returncode, done.stderr),
              (1, f"vipctl: ipvsd: {target}: no such server\n"), target)


def returned(director, link):
    """vrrpd's interface was away: it may preempt anew when a server that is
    up can have been found so, after rise x interval + timeout."""
    instance = struct.pack("!I", 2)

    def heard():
        while link.expect("MAY_PREEMPT", ["RENEWED", "ENDED"])[1] != instance:
            pass

    def may():
        return lease(director, "balanced")["may_preempt"]
    wait_for(may, 5, "it may preempt")
    heard()
    began = time.monotonic()
    link.say("RETURNED", instance)
    wait_for(lambda: not may(), 1, "it may preempt no more")
    wait_for(may, 10, "it may preempt again")
    expect(time.monotonic() - began >= 2 * 2 + 2, "it may preempt too soon")
    heard()


def lies(director, vrrpd, link):
    """Three in a minute: refused, until another process comes."""
    packets = (b"x", bytes(12), HEADER.pack(MSG_VERSION, MSG["VERDICTS"],
                                            HEADER.size + 16, 1) + bytes(16))
    for count, packet in enumerate(packets, 1):
        link.raw(packet)
        link.expect_shut()
        equal(link_state(director, "vrrpd")["lies"], count, "lies")
        vrrpd.hello()
        link = vrrpd.link(IPVSD)
    link.expect_shut()
    equal(link_state(director, "vrrpd")["state"], "refused", "the link")
    vrrpd.close()
    other = Client(director, "_vrrpd")
    other.hello()
    link = other.link(IPVSD)
    link.join()
    equal(link_state(director, "vrrpd")["state"], "up", "the link")
    other.close()


def in_force(director):
    return next(row["generation"] for row in director.vipctl("status")["daemons"]
                if row["daemon"] == "ipvsd")


def joined(director):
    """A vrrpd that is new, and its link."""
    vrrpd = Client(director, "_vrrpd")
    vrrpd.hello()
    link = vrrpd.link(IPVSD)
    link.join()
    return vrrpd, link


def asked(director, addresses, *links):
    """A reload in which all of these are asked; the last has to answer yet."""
    director.write_config(config(FIRST, f"{ADDRESS}/32, {addresses}"))
    thread, answer = reloading(director)
    found = {link.prepared(["MAY_PREEMPT", "ENDED"]) for link in links}
    equal(len(found), 1, "generations that are asked about")
    generation = found.pop()
    for link in links[:-1]:
        link.say("READY", generation=generation)
    return thread, answer, generation


def answered(thread, answer, status):
    thread.join()
    equal(answer[0].returncode, status, "vipctl reload")
    return answer[0].stdout + answer[0].stderr


def comes_into(link, generation):
    link.expect("COMMIT")
    link.generation = generation
    link.say("COMMITTED")
    link.snapshot()


def ends_when_asked(director, checkd):
    """What ends vrrpd comes into force nowhere; one that has agreed before it
    ends does not hold up the others."""
    checkd.skip()
    before = in_force(director)
    for _ in range(2):
        vrrpd, link = joined(director)
        thread, answer, refused = asked(director, "192.168.1.102/32",
                                        checkd, link)
        link.sock.close()
        vrrpd.close()
        equal(checkd.expect("ABORT")[0], refused, "ABORT")
        output = answered(thread, answer, 1)
        expect("vrrpd: it ended before it answered" in output, output)
        equal(in_force(director), before, "the generation in force")
    vrrpd, link = joined(director)
    equal(link.generation, checkd.generation, "what a new one is given")
    thread, answer, generation = asked(director, "192.168.1.102/32",
                                       checkd, link)
    equal(generation, refused, "the file has not changed")
    link.say("READY", generation=generation)
    answered(thread, answer, 0)
    for one in (link, checkd):
        comes_into(one, generation)
    after = in_force(director)
    expect(after != before, "it is in force")
    thread, answer, generation = asked(director, "192.168.1.103/32",
                                       link, checkd)
    link.settle()
    link.sock.close()
    vrrpd.close()
    wait_for(lambda: link_state(director, "vrrpd")["state"] == "down", 5,
             "vrrpd's end is seen")
    checkd.say("READY", generation=generation)
    answered(thread, answer, 0)
    comes_into(checkd, generation)
    expect(in_force(director) != after, "it is in force")


def kept(director):
    """What is known of servers outlives a crash that follows a reload."""
    before = {name: health for name, (health, _) in healths(director).items()}
    expect({"up", "down"} <= set(before.values()), f"healths: {before}")
    for text in (config(FIRST), config()):
        director.write_config(text)
        director.ask("reload")
    director.kill("ipvsd")
    director.start("ipvsd")
    equal(healths(director), {name: (health, True)
                              for name, health in before.items()}, "healths")


def main():
    with Net() as net:
        lan = net.lan()
        host = net.host("a")
        host.connect(lan, "eth0", "192.168.1.11/24")
        director = Director(net, host, config())
        director.start("ipvsd")
        step("rendezvous")
        vrrpd, to_vrrpd, checkd, to_checkd = rendezvous(director)
        step("terms")
        terms(director, to_vrrpd, host)
        step("generations")
        generations(director, to_vrrpd, to_checkd, host)
        step("verdicts")
        verdicts(director, to_checkd)
        step("returned")
        returned(director, to_vrrpd)
        step("one target")
        one_target(director)
        step("lies")
        lies(director, vrrpd, to_vrrpd)
        step("ends when asked")
        ends_when_asked(director, to_checkd)
        checkd.close()
        to_checkd.sock.close()
        step("kept")
        kept(director)
        director.stop("ipvsd")


if __name__ == "__main__":
    run(main)
