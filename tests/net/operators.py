#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What an operator is told by real daemons: what is wrong, what a reload did,
whether the file is still what runs, and each thing once.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from judge import kernel
from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary, children, one_instance, two_hosts
from waiting import wait_for

CONFIG = one_instance("200ms")
SERVICE = """
services:
  web:
    address: 10.0.0.100:80
    servers: [10.0.0.21, d1]
"""


def begin(net, config):
    host = net.host("d1")
    host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
    return Director(net, host, config).start()


def pair(net, config, *more):
    """d1 and d2 with it, started; more: other addresses, with {} for 11 and 12."""
    return [Director(net, host, config).start()
            for host in two_hosts(net, net.lan(capture=False), *more)]


def first_line(director):
    return director.ask("status").stdout.splitlines()[0]


def disk(director):
    return director.vipctl("status")["configuration"]["on_disk"]


def file_and_reload():
    with Net() as net:
        director = begin(net, CONFIG)
        director.wait_state("web", "master")
        wait_for(lambda: first_line(director) == "d1, director: all is well",
                 10, "all is well")
        equal(director.ask("status", check=False).returncode, 0, "status")
        equal(director.ask("status", "--check").stdout,
              "TRIUMVIR OK: all is well\n", "--check")
        equal(disk(director), "same", "the file")
        step("a comment changes nothing, a priority does")
        director.write_config(CONFIG + "# nothing\n")
        equal(disk(director), "same", "the file with a comment")
        other = CONFIG.replace("[d1, d2]", "{d1: 100, d2: 200}")
        director.write_config(other)
        equal(disk(director), "differs", "the file")
        director.write_config(other + "nonsense: 1\n")
        equal(disk(director), "bad", "the file")
        director.write_config(other)
        said = director.ask("reload").stdout
        expect("\n  changed vrrp web: nodes: " in said, said)
        expect("{d1: 100, d2: 200}" in said, said)
        equal(disk(director), "same", "the file")
        equal(director.ask("reload").stdout,
              "unchanged: this is in force already\n", "again")
        step("an instance goes")
        director.wait_state("web", "master")
        director.write_config(CONFIG.split("vrrp:")[0])
        said = director.ask("reload").stdout
        expect("\n  removed vrrp web\n  handed over vrrp web" in said, said)
        equal(first_line(director),
              "d1, neither director nor real server: all is well", "role")
        step("loaded when, over a restart")
        loaded = director.vipctl("status")["configuration"]["loaded_ms"]
        director.write_config(CONFIG)
        director.kill("ipvsd")
        director.start("ipvsd")
        found = director.vipctl("status")["configuration"]
        equal(found["on_disk"], "differs", "the file after a restart")
        expect(abs(found["loaded_ms"] - loaded) < 2000, "loaded when")


def real_server():
    with Net() as net:
        director = begin(net, CONFIG.replace(
            "{d1: 10.0.0.11, ", "{d0: 10.0.0.9, d1: 10.0.0.11, ").replace(
                "[d1, d2]", "[d0, d2]") + SERVICE)
        expect(first_line(director).startswith(
            "d1, real server of 1 service: "), first_line(director))


def no_ip_vs():
    with Net() as net:
        director = begin(net, CONFIG + SERVICE)
        if kernel(director)["ip_vs"] != "no":
            step("this kernel has ip_vs")
            return
        first = "the kernel has no ip_vs (modprobe ip_vs)"
        expect(first in first_line(director), first_line(director))
        equal(director.ask("status", check=False).returncode, 7, "status")
        check = director.ask("status", "--check", check=False)
        equal(check.returncode, 2, check.stdout)
        reason = "addresses not held: the kernel has no ip_vs"
        wait_for(lambda: director.instance("web")["reason"] == reason and
                 director.instance("web")["since_ms"] > 4000, 20,
                 "one time as backup, however often it tries")
        sent = director.instance("web")["priority_zero_tx"]
        expect(sent > 1, "it has tried but once")
        for name, line in (("vrrpd", f"acquiring -> backup, {reason}"),
                           ("vrrpd", "backup -> acquiring"),
                           ("ipvsd", "none -> acquiring"),
                           ("ipvsd", "acquiring -> releasing"),
                           ("ipvsd", "releasing -> none")):
            found = director.daemons[name].process.output().count(line)
            equal(found, 1, f"{name}: {line!r}, of {sent} times")


def another_vrid():
    """Who stays master under another vrid announces no leaving: hosts that are
    reloaded one after the other within three intervals have one master all the time."""
    config = CONFIG.replace("200ms", "1s")
    with Net() as net:
        one, two = directors = pair(net, config)
        one.wait_state("web", "master")
        wait_for(lambda: two.instance("web")["master"] == "10.0.0.11", 10,
                 "the other one hears it")
        held = two.host.popen("addresses", "ip", "monitor", "address")
        for director in directors:
            director.write_config(config.replace("vrid: 7", "vrid: 9"))
            said = director.ask("reload").stdout
            expect("all hosts" in said, said)
            if director is one:
                time.sleep(1)   # priority 0 would be acted upon in 0.3 s
        wait_for(lambda: two.instance("web")["master"] == "10.0.0.11" and
                 two.instance("web")["vrid"] == 9, 10, "it hears it again")
        equal(one.instance("web")["state"], "master", "the first")
        equal(held.output(), "", "what the second held")


def reloaded_in_turn():
    """Between the first and the second host's reload both are masters, and
    each one's status and log name the other and how he speaks."""
    slow = CONFIG.replace("200ms", "1s")
    steps = (CONFIG, ("under VRID 7", "under VRID 9"),
             CONFIG.replace("vrid: 7", "vrid: 9")), \
        (slow, ("in version 3", "in version 2"),
         slow.replace("vrid: 7", "vrid: 7\n    version: 2"))
    for before, how, after in steps:
        with Net() as net:
            one, two = directors = pair(net, before)
            one.wait_state("web", "master")
            wait_for(lambda two=two: two.instance("web")["master"] ==
                     "10.0.0.11", 10, "the other one hears it")
            one.write_config(after)
            one.ask("reload")
            for here, node, words in ((one, "d2", how[0]), (two, "d1", how[1])):
                text = f"vrrp web: {node} speaks for this {words}: reload it"
                wait_for(lambda here=here, text=text:
                         f": {text}" in first_line(here), 20, text)
                expect(text in here.daemons["vrrpd"].process.output(), "log")
            two.write_config(after)
            two.ask("reload")
            for here in directors:
                wait_for(lambda here=here: "speaks" not in first_line(here),
                         20, "and no more when both are reloaded")


CHECKED = one_instance("2s") + """
  balanced:     # without ip_vs nobody is its master
    interface: eth0
    vrid: 8
    nodes: [d1, d2]
    addresses: [10.0.0.200/32]
services:
  balanced:
    address: 10.0.0.200:80
    checks: [{type: tcp, interval: 300ms, rise: 1, fall: 1}]
    servers: [10.0.0.11, 10.0.0.12]
"""
LONG = 3500     # ms: what is off by less than half of it did not begin anew


def begun(director):
    """When each object's state began, in ms of the monotonic clock."""
    found = {}
    for words, names in ((("vrrp", "web"), ("instance",)),
                         (("services",), ("service", "address")),
                         (("checks",), ("type", "address"))):
        rows = director.vipctl("show", *words)
        now = time.monotonic() * 1000
        for row in rows:
            if row["kind"] in ("instance", "server", "probe"):
                what = tuple(row[name] for name in names)
                expect(row.get("health") != "unknown" and "since_ms" in row,
                       row)
                state = row.get("state", row.get("health"))
                found[(row["kind"], *what, state)] = now - row["since_ms"]
    return found


def is_old(director):
    now = time.monotonic() * 1000
    return all(now - at > LONG for at in begun(director).values())


def take_all(server):
    with contextlib.suppress(OSError):
        while True:
            server.accept()[0].close()


def since_outlives_restarts():
    """Since when an instance, a server and a check are as they are: a restart
    of a daemon, or of all, changes nothing of it."""
    with Net() as net:
        one, two = directors = pair(net, CHECKED)
        with one.host.network():
            server = socket.create_server(("10.0.0.11", 80))
        net.defer(server.close)
        threading.Thread(target=take_all, args=[server], daemon=True).start()
        one.wait_state("web", "master")
        for director in directors:
            wait_for(lambda director=director: is_old(director), 30, "old")
        before = {director: begun(director) for director in directors}
        equal({key[0] + key[-1] for key in before[one]},
              {"instancemaster", "serverup", "serverdown", "probeup",
               "probedown"}, "what there is")
        every = ("ipvsd", "vrrpd", "checkd")
        for names in ((name,) for name in every), (every,):
            for which in names:
                for number in (signal.SIGKILL, signal.SIGUSR2):
                    for director in directors:
                        if number == signal.SIGKILL:
                            director.kill(*which)
                        else:
                            director.stop(*which, number=number)
                        director.start(*which)
                    for director in directors:
                        same_since(director, before[director],
                                   f"{which} {number.name}")


def same_since(director, before, what):
    def same():
        now = begun(director)
        equal(set(now), set(before), f"{what}: states")
        for key, at in before.items():
            expect(abs(now[key] - at) < LONG / 2,
                   f"{what}: {key} began {now[key] - at:.0f} ms later")
        return True
    wait_for(same, 10, f"{director.host.name}, {what}: the same")


def resigned():
    """A resignation is of the instance's name, whatever its vrid."""
    with Net() as net:
        one, two = directors = pair(net, CONFIG)
        one.wait_state("web", "master")
        one.ask("resign", "web", "--for", "1h")
        two.wait_state("web", "master")
        for text in (CONFIG.replace("vrid: 7", "vrid: 9"),
                     CONFIG.replace("vrid: 7", "vrid: 9, version: 2")
                     .replace("200ms", "1s")):
            text = text.replace("vrid: 9, version: 2",
                                "vrid: 9\n    version: 2")
            for director in (two, one):
                director.write_config(text)
                director.ask("reload")
            two.wait_state("web", "master")
            row = one.instance("web")
            expect(row["resigned"] and row["resigned_ms"] > 3500000,
                   f"{row['resigned']} {row['resigned_ms']}")
            equal(row["state"], "backup", "the one that resigned")
        said = None
        for director in (two, one):
            director.write_config(text.replace("  web:", "  other:"))
            said = director.ask("reload").stdout
        expect("vrrp web is called other from now on: it begins anew, and a "
               "`resign` of web ends" in said, said)
        one.wait_state("other", "master")


def ipv6_address_lost():
    """The kernel forgets it when the link goes down, and a link-local one comes
    back: who has no way to its clients is no master."""
    with Net() as net:
        config = one_instance("200ms", address="2001:db8::100").replace(
            "/32", "/128").replace("[2001:db8::100/128]",
                                   "['2001:db8::100/128']")
        one, two = pair(net, config, "2001:db8::{}/64")
        one.wait_state("web", "master")
        one.host.ip("link set eth0 down")
        two.wait_state("web", "master")
        one.host.ip("link set eth0 up")
        wait_for(lambda: one.instance("web")["reason"] ==
                 "interface eth0 has lost its IPv6 address", 20, "it says so")
        expect("vrrp web: down: interface eth0 has lost its IPv6 address" in
               first_line(one), first_line(one))
        equal(two.instance("web")["state"], "master", "the other one")
        one.host.ip("address add 2001:db8::11/64 dev eth0 nodad")
        one.wait_state("web", "master")


def wrong_interface():
    """A reload warns of it, and who was master hands over as ever: somebody has
    the address all the time."""
    config = CONFIG.replace("200ms", "100ms")
    with Net() as net:
        one, two = directors = pair(net, config)
        one.wait_state("web", "master")
        wait_for(lambda: two.instance("web")["master"] == "10.0.0.11", 10,
                 "the other one hears it")
        changes = []
        for director in directors:
            changes.append(director.host.popen(
                "changes", "ip", "-ts", "-o", "monitor", "address"))
        one.write_config(config.replace(
            "interface: eth0", "interface: {d1: eth9, d2: eth0}"))
        said = one.ask("reload").stdout
        expect('no interface "eth9", did you mean "eth0"?' in said, said)
        two.wait_state("web", "master")
        wait_for(lambda: "Deleted" in changes[0].output(), 10, "it goes here")
        times = [re.search(rf"T([0-9:.]+)\] {what}2: eth0", change.output())[1]
                 for what, change in zip(("Deleted ", ""), changes)]
        expect(times[1] < times[0], f"gone at {times[0]}, there {times[1]}")
        equal(one.instance("web")["reason"], "interface eth9 does not exist",
              "why")


def taken_out():
    """A director that the file has no more: it is told what to do, and by that
    the other one takes over. One that an instance has no more hands over."""
    with Net() as net:
        one, two = directors = pair(net, CONFIG)
        one.wait_state("web", "master")
        two.wait_state("web", "backup")
        without = CONFIG.replace("nodes: [d1, d2]", "nodes: [d2]")
        one.write_config(without)
        one.ask("reload")
        two.wait_state("web", "master")
        expect(not one.host.holds("10.0.0.100"), "d1 gave it up")
        step("no node of the instance: handed over")
        one.write_config(CONFIG)
        one.ask("reload")
        one.wait_state("web", "master")
        one.write_config(without.replace("d1: 10.0.0.11, ", ""))
        refused = one.ask("reload", check=False)
        equal(refused.returncode, 1, "a reload without this host")
        said = refused.stdout + refused.stderr
        expect("d1 is none of the nodes: d2" in said, said)
        expect("this host goes on as it was; `systemctl stop triumvir.target` "
               "hands over and takes it out" in said, said)
        equal(one.instance("web")["state"], "master", "d1 goes on")
        expect(one.host.holds("10.0.0.100"), "d1 goes on")
        one.stop()
        two.wait_state("web", "master")
        expect(not one.host.holds("10.0.0.100"), "d1 is out")
        step("no node at all: told to be stopped, which takes it out")


def told_to_end_in_a_reload():
    with Net() as net:
        director = begin(net, CONFIG)
        parser, = children(director.pid("ipvsd"))
        os.kill(parser, signal.SIGSTOP)
        client = director.host.popen("reload", binary("vipctl"), "-r",
                                     director.rundir, "reload")
        wait_for(lambda: "waits for the parser" in
                 director.ask("reload", check=False).stderr, 10, "a reload")
        director.send(signal.SIGTERM, "ipvsd")
        equal(client.wait(10), 1, "vipctl's exit status")
        equal(client.output(), "vipctl: ipvsd: ipvsd is leaving\n", "why")
        os.kill(parser, signal.SIGCONT)


def no_directory():
    """Somebody has removed the run-time directory."""
    with Net() as net:
        director = begin(net, CONFIG)
        director.wait_state("web", "master")
        ipvsd = director.daemons["ipvsd"].process
        shutil.rmtree(director.rundir)
        wait_for(lambda: "somebody has removed it" in ipvsd.output(), 10,
                 "it is noticed")
        begun = time.monotonic()
        while time.monotonic() - begun < 2.5:   # one more look
            expect(director.host.holds("10.0.0.100"), "nothing is lost by it")
            time.sleep(0.05)
        step("vrrpd is lost, and one that starts would not find ipvsd")
        director.kill("vrrpd")
        equal(ipvsd.wait(20), 1, "ipvsd ends for its supervisor")
        expect("ends for its supervisor" in ipvsd.output(), "and says so")
        os.mkdir(director.rundir)       # as the supervisor does
        director.start("ipvsd", "vrrpd")
        director.wait_state("web", "master")


def main():
    no_ip_vs()      # first: the logs are those of one host
    real_server()
    file_and_reload()
    wrong_interface()
    ipv6_address_lost()
    taken_out()
    told_to_end_in_a_reload()
    another_vrid()
    reloaded_in_turn()
    since_outlives_restarts()
    resigned()
    no_directory()


run(main)
