#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A reload changes what was changed, and nothing else.

Judged by the kernel's own notifications, by the adverts on the wire and by what
ipvsd counts as sent. A bad file changes nothing and is told with its places.
Who may be away or silent meanwhile is in reload-siblings.py.
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from judge import AddressMonitor, adverts, generations, kernel, longest_gap
from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

MANY = 24
INTERVAL_MS = 250
# One advert lost would be two intervals and more.
GAP = 1.8 * INTERVAL_MS / 1000
KEPT = ("become_master", "term", "state", "priority_zero_tx", "reason")
# What two questions may take together.
AGE_SLACK_MS = 1000


def config(instances, interval=INTERVAL_MS, version=3):
    """From (name, interface, vrid, priority, address) of each."""
    text = "nodes: {d1: 10.9.0.1, d2: 10.9.0.2}\nvrrp:\n"
    for name, interface, vrid, priority, address in instances:
        text += (f"  {name}:\n    interface: {interface}\n    vrid: {vrid}\n"
                 f"    version: {version}\n    interval: {interval}ms\n"
                 f"    nodes: {{d1: {priority}, d2: 150}}\n"
                 f"    addresses: [{address}/32]\n")
    return text


def instance(number, priority=100, last=200):
    return (f"i{number}", f"eth{number}", number + 1, priority,
            f"10.9.{number}.{last}")


def wait_all(director, names, state="master"):
    def same():
        rows = {row["instance"]: row["state"]
                for row in director.vipctl("show", "vrrp")
                if "instance" in row}
        wrong = {name: rows.get(name) for name in names
                 if rows.get(name) != state}
        assert not wrong, wrong
        return True
    wait_for(same, 20, f"{state}: {len(names)} instances")


def rows(director, names):
    found = {row["instance"]: row for row in director.vipctl("show", "vrrp")
             if "instance" in row}
    return {name: found[name] for name in names}


class Undisturbed:
    """The instances named: not a transition, not an advert late."""

    def __init__(self, director, pcap, names):
        self.director, self.pcap, self.names = director, pcap, names
        self.before = rows(director, names)
        self.begin = time.time()

    def check(self):
        def gone_on():
            """Some more adverts, so that the window has an end to judge."""
            return [when for when, _, _ in adverts(self.pcap, vrid)
                    if when > reached][3:]
        reached = time.time()
        vrid = self.before[self.names[0]]["vrid"]
        end = wait_for(gone_on, 10, "adverts go on")[0]
        after = rows(self.director, self.names)
        for name in self.names:
            old, new = self.before[name], after[name]
            equal([new[key] for key in KEPT], [old[key] for key in KEPT],
                  name)
            passed = (time.time() - self.begin) * 1000
            expect(abs(new["since_ms"] - old["since_ms"] - passed)
                   < AGE_SLACK_MS, f"{name}: since {old['since_ms']} ms, "
                   f"{passed:.0f} ms later {new['since_ms']} ms")
        gaps = {name: longest_gap(self.pcap, old["vrid"], self.begin, end)
                for name, old in self.before.items()}
        worst = max(gaps, key=gaps.get)
        expect(gaps[worst] < GAP,
               f"{worst}: no advert for {gaps[worst] * 1000:.0f} ms")
        step(f"{len(self.names)} undisturbed for {end - self.begin:.1f} s, "
             f"longest gap {gaps[worst] * 1000:.0f} ms")


def reload(director, text):
    """What vipctl said; it succeeded."""
    director.write_config(text)
    said = director.ask("reload").stdout
    expect(said.startswith(("reloaded", "unchanged")) or "\nreloaded" in said, said)
    return said


def changes():
    with Net() as net:
        lan = net.lan()
        d1 = net.host("d1")
        for n in range(MANY + 1):
            d1.connect(lan, f"eth{n}", f"10.9.{n}.1/24")
        monitor = AddressMonitor(d1)
        first = [instance(n) for n in range(MANY)]
        director = Director(net, d1, config(first)).start()
        wait_all(director, [name for name, *_ in first])
        equal(sorted(monitor.changes()),
              sorted(f"+{row[1]} {row[4]}/32" for row in first), "at start")
        step(f"{MANY} instances are master")
        d1.connect(lan, "late", "10.10.0.1/24")
        monitor.changes()
        late = ("late", "late", 200, 100, "10.10.0.200")
        absent = ("absent", "nowhere", 201, 100, "10.11.0.200")
        second = [instance(1, 120, 201), *first[2:], instance(MANY), late,
                  absent]
        quiet = Undisturbed(director, lan.capture.path,
                            [name for name, *_ in first[2:]])
        turns = rows(director, ["i1"])["i1"]["become_master"]
        commands = kernel(director)["netlink_commands"]
        reload(director, config(second))
        wait_all(director, [row[0] for row in second[:-1]])
        row, = rows(director, ["absent"]).values()
        expect(row["state"] == "initialize" and "nowhere" in row["reason"],
               f"absent: {row}")
        wanted = ["-eth0 10.9.0.200/32", "-eth1 10.9.1.200/32",
                  "+eth1 10.9.1.201/32", f"+eth{MANY} 10.9.{MANY}.200/32",
                  "+late 10.10.0.200/32"]
        equal(sorted(monitor.changes()), sorted(wanted), "changed addresses")
        # And promote_secondaries: set on two interfaces, put back on one.
        sent = kernel(director)["netlink_commands"] - commands
        equal(sent, len(wanted) + 3, "commands")
        quiet.check()
        row, = rows(director, ["i1"]).values()
        equal((row["become_master"], row["priority"]), (turns, 120),
              "i1 has other addresses and is still master")
        equal([row for row in director.vipctl("show", "vrrp")
               if row.get("instance") == "i0"], [], "rows of i0")
        step(f"added, changed and removed by {sent} commands")
        d1.connect(lan, "nowhere", "10.11.0.1/24")
        wait_all(director, ["absent"])
        expect(d1.holds("10.11.0.200", "nowhere"), "late, but there")
        unchanged(director, monitor, lan, config(second),
                  [name for name, *_ in first[2:]])
        director.stop()


def unchanged(director, monitor, lan, text, names):
    quiet = Undisturbed(director, lan.capture.path, names)
    monitor.changes()
    before = kernel(director), generations(director)
    for variant in (text, f"# a comment\n{text}\n",
                    text.replace("    version: 3\n", "")):
        reload(director, variant)
    after = kernel(director), generations(director)
    equal(after[1], before[1], "generations")
    equal(after[0]["netlink_commands"], before[0]["netlink_commands"],
          "commands of reloads that change nothing")
    equal(monitor.changes(), [], "addresses")
    quiet.check()
    step("unchanged: nothing was written")


def at_once():
    """A master tells a changed interval and priority in its next moment."""
    with Net() as net:
        lan = net.lan()
        d1, d2 = net.host("d1"), net.host("d2")
        d1.connect(lan, "eth0", "10.9.0.1/24")
        d2.connect(lan, "eth0", "10.9.0.2/24")
        ours = Director(net, d1, config([instance(0, 200)], 1000)).start()
        ours.wait_state("i0", "master")
        other = Director(net, d2, config([instance(0, 200)], 1000)).start()
        other.wait_state("i0", "backup")
        pcap = lan.capture.path

        def told(priority, interval):
            """How long after the reload it was on the wire."""
            begin = time.time()
            reload(ours, config([instance(0, priority)], interval))
            found = wait_for(lambda: [
                entry for entry in adverts(pcap, 1, "10.9.0.1")
                if entry[0] > begin and entry[1:] == (priority, interval)],
                5, f"an advert of {priority} every {interval} ms")
            committed = time.time() - begin
            step(f"priority {priority}, interval {interval} ms: advertised "
                 f"after {(found[0][0] - begin) * 1000:.0f} ms")
            expect(found[0][0] - begin < 1, "at once")
            return committed

        told(200, 5000)
        wait_for(lambda: other.instance("i0")["master_interval_ms"] == 5000,
                 1, "d2 has learnt the interval")
        told(200, 2000)
        told(180, 2000)
        equal(ours.instance("i0")["become_master"], 1, "one transition")
        equal(other.instance("i0")["become_master"], 0, "none there")
        # Now d2, with 150, has the higher one. It takes no interval from an
        # advert that it discards for its priority: 3 x 2 s and the skew.
        told(100, 1000)
        other.wait_state("i0", "master", 12)
        ours.wait_state("i0", "backup", 5)
        step("lower than the other: handed over")
        reload(ours, config([instance(0, 250)], 1000))
        ours.wait_state("i0", "master", 8)
        other.wait_state("i0", "backup", 5)
        step("higher again: taken back")


BAD = """\
nodes: {d1: 10.9.0.1, d2: 10.9.0.2}
vrrp:
  i0:
    interface: eth0
    vrid: 256
    colour: red
    interval: 250
    nodes: {d1: 100, d2: 150}
    addresses: [10.9.0.200/32]
"""
BAD_AT = ("5:11", "6:5", "7:15")


def bad_files():
    with Net() as net:
        lan = net.lan()
        d1 = net.host("d1")
        d1.connect(lan, "eth0", "10.9.0.1/24")
        good = config([instance(0)])
        monitor = AddressMonitor(d1)
        director = Director(net, d1, good).start()
        director.wait_state("i0", "master")
        monitor.changes()
        quiet = Undisturbed(director, lan.capture.path, ["i0"])
        before = generations(director), kernel(director)["netlink_commands"]

        def refused(text, *said):
            director.write_config(text)
            asked(*said)

        def asked(*said):
            done = director.ask("reload", check=False)
            output = done.stdout + done.stderr
            expect(done.returncode != 0, f"accepted: {output}")
            for words in said:
                expect(words in output, f"{words!r} is not in: {output}")
            equal(generations(director), before[0], "generations")
            equal(kernel(director)["netlink_commands"], before[1], "commands")
            step(f"refused: {output.strip().splitlines()}")

        file = director.config
        refused(BAD, *(f"{file}:{place}: " for place in BAD_AT), "3 errors")
        refused("vrrp: [", f"{file}:2:1: ")
        refused("", file)
        refused(good.replace("eth0", "*anchor"), f"{file}:4:16: ")
        refused(good.replace("10.9.0.1,", "10.9.0.1, d1: 10.9.0.3,"),
                f"{file}:1:23: ")
        os.unlink(file)
        asked(f"{file}", "No such file")
        director.write_config(good)
        equal(monitor.changes(), [], "addresses")
        quiet.check()
        reload(director, good)
        equal(generations(director), before[0], "generations")
        version_2(director)


def version_2(director):
    """Peers drop adverts of another interval, so it cannot change."""
    old = config([instance(0)], 1000, 2)
    reload(director, old)
    director.wait_state("i0", "master")
    before = generations(director)
    row = director.instance("i0")
    director.write_config(old.replace("1000ms", "2000ms"))
    done = director.ask("reload", check=False)
    output = done.stdout + done.stderr
    expect(done.returncode != 0 and "i0" in output and "interval" in output,
           output)
    step(f"refused: {output.strip().splitlines()}")
    equal(generations(director), before, "generations")
    equal(director.instance("i0")["interval_ms"], 1000, "interval")
    equal(director.instance("i0")["become_master"], row["become_master"],
          "transitions")
    reload(director, old.replace("d1: 100", "d1: 90"))
    equal(director.instance("i0")["priority"], 90, "something else may change")


def directory():
    """conf.d/*.yaml are read after the file, in the order of their names."""
    with Net() as net:
        lan = net.lan(capture=False)
        d1 = net.host("d1")
        d1.connect(lan, "eth0", "10.9.0.1/24")
        director = Director(net, d1, config([instance(0)])).start()
        director.wait_state("i0", "master")
        conf_d = f"{director.directory}/conf.d"
        os.mkdir(conf_d)

        def put(name, text):
            with open(f"{conf_d}/{name}", "w", encoding="utf-8") as file:
                file.write(text)

        def part(number):
            name, _, vrid, priority, address = instance(number)
            row = name, "eth0", vrid, priority, address
            return config([row]).split("\n", 1)[1]

        put("20-b.yaml", part(2))
        put("10-a.yaml", part(1))
        put("30-c.yaml.off", part(3))
        put("notes.txt", "no YAML: [")
        reload(director, config([instance(0)]))
        wait_all(director, ["i0", "i1", "i2"])
        names = [row["instance"] for row in director.vipctl("show", "vrrp")
                 if "instance" in row]
        equal(names, ["i0", "i1", "i2"], "instances, in the files' order")
        equal(director.instance("i0")["become_master"], 1, "undisturbed")
        # The second one to say it is the one that is wrong.
        put("15-twice.yaml", part(2))
        done = director.ask("reload", check=False)
        output = done.stdout + done.stderr
        expect(done.returncode != 0 and f"{conf_d}/20-b.yaml:2:3: " in output,
               output)
        step(f"twice: {output.strip().splitlines()}")
        put("15-twice.yaml", "vrrp:\n  i5: {vrid: 0}\n")
        done = director.ask("reload", check=False)
        output = done.stdout + done.stderr
        expect(f"{conf_d}/15-twice.yaml:2:14: " in output, output)
        for name in ("10-a.yaml", "15-twice.yaml", "20-b.yaml"):
            os.unlink(f"{conf_d}/{name}")
        director.send(signal.SIGHUP, "ipvsd")
        wait_for(lambda: not d1.holds("10.9.2.200"), 10, "reload by SIGHUP")
        equal(d1.addresses("eth0", family="inet"),
              ["10.9.0.1/24", "10.9.0.200/32"], "what is left")
        step("conf.d in order")


PARTS = [changes, at_once, bad_files, directory]


def main():
    for part in PARTS:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            step(part.__name__)
            part()


run(main)
