#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Daemons of this version and of the next one in one director.

Each is replaced by the next version's and back, as an upgrade does it: what is
committed stays in force, whatever has become of the file; terms, verdicts and
overrides are kept, no sibling is taken for a liar, and the address stays. What
only the next version can do, a daemon of this one refuses by its name.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fake_ipvsd import ctl
from judge import AddressMonitor, generations
from net import Net
from next_version import LEVEL, REASON, SAYS, VERSION, next_version
from scenario import equal, expect, run, step
from suite import DAEMONS, Director, binary
from waiting import wait_for
from web import WebServer

# Where there is no ip_vs `web` alone is held.
CONFIG = """
nodes: {{a: 10.0.0.11, b: 10.0.0.12}}
vrrp:
  web:
    interface: eth0
    vrid: 1
    interval: 1s
    nodes: [a, b]
    addresses: [{address}/32]
  balanced:
    interface: eth0
    vrid: 2
    nodes: [a, b]
    addresses: [10.0.0.200/32]
services:
  web:
    address: 10.0.0.200:80
    vrrp: balanced
    forward: direct
    check: {{type: {check}, interval: 200ms, timeout: 100ms}}
    servers:
      - address: 10.0.0.21
      - address: 10.0.0.22
      - {{address: 10.0.0.23{more}}}
"""
ADDRESS, OTHER_ADDRESS = "10.0.0.100", "10.0.0.101"
KEY = ", note_next: 7"
UNKNOWN = "this version does not know: "
# Why 10.0.0.22 is down, by who checks and who shows.
REFUSED, ANOTHER = "connection refused", "another reason"


def config(address=ADDRESS, check="tcp", more=""):
    return CONFIG.format(address=address, check=check, more=more)


class Upgrade:
    """The director that is upgraded, and what has to stay as it is."""

    def __init__(self, net, host, newer):
        self.newer = newer
        self.director = Director(net, host, config())
        self.rundir = self.director.rundir
        self.monitor = AddressMonitor(host)

    def log(self, name):
        return self.director.daemons[name].process.output()

    def is_newer(self, name):
        return name in self.director.builds

    def use(self, name, newer):
        if newer:
            self.director.builds[name] = self.newer
        else:
            self.director.builds.pop(name, None)

    def replace(self, name, newer):
        """As packaging/debian/postinst does."""
        self.use(name, newer)
        self.director.stop(name, number=signal.SIGUSR2)
        self.director.start(name)

    def ask(self, *words):
        return self.director.vipctl(*words)

    def servers(self):
        return {row["address"]: row for row in self.ask("show", "services")
                if row["kind"] == "server"}

    def kept(self):
        """Whatever a change of version must not change."""
        return {
            "generation": generations(self.director)["ipvsd"],
            "term": [(row["state"], row["term"]) for row in
                     ctl(f"{self.rundir}/ipvsd.ctl", "leases")
                     if row["kind"] == "lease" and row["instance"] == "web"],
            "servers": {address: (row["health"], row["override"])
                        for address, row in self.servers().items()}}

    def settled(self, generation):
        """Each is linked to the others, and in that generation."""
        equal(generations(self.director), dict.fromkeys(DAEMONS, generation),
              "generations")
        links = [row for row in self.ask("show", "links")
                 if row["kind"] == "link"]
        equal(len(links), 7, "links, one of them to ipvsd's own parser")
        for row in links:
            peer = row["peer"].replace("parser", "ipvsd")
            level = LEVEL if self.is_newer(peer) else LEVEL - 1
            equal((row["state"], row["level"], row["lies"],
                   row["dropped_newer"]), ("up", level, 0, 0),
                  f"{row['daemon']}'s link to {row['peer']}")
        stale = [address for address, row in self.servers().items()
                 if row["stale"]]
        equal(stale, [], "servers whose verdicts are old")
        equal(self.director.instance("web")["state"], "master", "web")
        return True

    def reason(self):
        if not self.is_newer("checkd"):
            return REFUSED
        return REASON if self.is_newer("ipvsd") else ANOTHER

    def unharmed(self, before):
        wait_for(lambda: self.settled(before["generation"]), 20, "it settles")
        equal(self.kept(), before, "what was to be kept")
        equal(self.monitor.changes(), [], "addresses")
        wait_for(lambda: self.servers()["10.0.0.22"]["reason"] ==
                 self.reason(), 5, f"server 2 is down: {self.reason()}")
        for build in (None, self.newer):
            for words in (["status"], ["show", "links"], ["show", "checks"]):
                said = self.director.host.run(
                    binary("vipctl", build), "-r", self.rundir, *words,
                    check=False)
                equal(said.stderr, "", f"vipctl {words}")

    def reload(self, text):
        self.director.write_config(text)
        done = self.director.ask("reload", check=False)
        return done.returncode, done.stdout + done.stderr


def begin(upgrade):
    director = upgrade.director.start()
    director.wait_state("web", "master")
    director.ask("drain", "10.0.0.23")
    wait_for(lambda: {address: row["health"] for address, row in
                      upgrade.servers().items()} ==
             {"10.0.0.21": "up", "10.0.0.22": "down", "10.0.0.23": "down"},
             10, "verdicts")
    equal(upgrade.monitor.changes(), [f"+eth0 {ADDRESS}/32"], "at start")
    before = upgrade.kept()
    upgrade.unharmed(before)
    # From here on the file is not what was committed.
    director.write_config(config(OTHER_ADDRESS) + "nonsense: true\n")
    return before


def one_by_one(upgrade, before):
    for name in DAEMONS:
        for newer in (True, False):
            step(f"{name} is of {'the next' if newer else 'this'} version")
            upgrade.replace(name, newer)
            upgrade.unharmed(before)
    for newer in (True, False):
        for name in DAEMONS:
            step(f"{name} too is of {'the next' if newer else 'this'} version")
            upgrade.replace(name, newer)
            upgrade.unharmed(before)
        if newer:
            versions = {row["daemon"]: row["version"]
                        for row in upgrade.ask("status")["daemons"]}
            equal(versions, dict.fromkeys(DAEMONS, VERSION), "versions")
            # A value that this version's vipctl does not know is shown, and
            # what it does know as well.
            links = upgrade.ask("show", "links")
            equal({row["next"] for row in links}, {SAYS}, "a newer value")
            expect({row["state"] for row in links} <= {"up", "down"},
                   f"states: {links}")
            upgrade.director.ask("show", "links")
    expect(SAYS in upgrade.log("ipvsd"), "what ipvsd was never told")


def mixed(upgrade):
    """What a sibling of this version cannot do, it refuses before all."""
    upgrade.replace("ipvsd", True)
    wait_for(lambda: upgrade.settled(generations(upgrade.director)["ipvsd"]),
             20, "it settles")
    before = upgrade.kept()
    status, said = upgrade.reload(config(check="next"))
    expect(status != 0, f"accepted: {said}")
    expect(f"checkd: configuration: {UNKNOWN}check.type next" in said, said)
    upgrade.unharmed(before)
    # That key is ipvsd's alone.
    status, said = upgrade.reload(config(more=KEY))
    equal(status, 0, said)
    before["generation"] = generations(upgrade.director)["ipvsd"]
    upgrade.unharmed(before)
    return before


def ipvsd_back(upgrade, before):
    """The committed generation has a key that ipvsd does not know any more."""
    director = upgrade.director
    upgrade.use("ipvsd", False)
    director.stop("ipvsd", number=signal.SIGUSR2)
    director.launch("ipvsd")
    equal(director.daemons["ipvsd"].process.wait(20), 1, "exit status")
    named = f"cannot be in force: {UNKNOWN}server.note_next; now the file"
    expect(named in upgrade.log("ipvsd"), "the key is not named")
    expect('unknown key "note_next"' in upgrade.log("ipvsd"),
           "the file's error is not told")
    # It was not the end of what is committed.
    upgrade.use("ipvsd", True)
    director.start("ipvsd")
    upgrade.unharmed(before)
    step("and with a file that was written for it")
    upgrade.use("ipvsd", False)
    director.write_config(config(OTHER_ADDRESS))
    director.stop("ipvsd", number=signal.SIGUSR2)
    count = upgrade.log("ipvsd").count(named)
    director.start("ipvsd")
    equal(upgrade.log("ipvsd").count(named), count + 1, "the key is named")
    wait_for(lambda: director.host.holds(OTHER_ADDRESS), 10, "the file's")
    wait_for(lambda: upgrade.settled(generations(director)["ipvsd"]), 20,
             "it settles")
    expect(not director.host.holds(ADDRESS), "what the file has not stayed")
    status, said = upgrade.reload(config())
    equal(status, 0, said)
    upgrade.monitor.changes()


def checkd_back(upgrade):
    """The same of a sibling: it says so, and all else stays."""
    for name in ("ipvsd", "checkd"):
        upgrade.replace(name, True)
    wait_for(lambda: upgrade.settled(generations(upgrade.director)["ipvsd"]),
             20, "it settles")
    status, said = upgrade.reload(config(check="next"))
    equal(status, 0, said)
    wait_for(lambda: {row["type"] for row in upgrade.ask("show", "checks")} ==
             {"next"}, 5, "the next version's checks")
    wait_for(lambda: upgrade.settled(generations(upgrade.director)["ipvsd"]),
             20, "it settles")
    before = upgrade.kept()
    upgrade.replace("checkd", False)
    refused = (f"checkd refuses the generation in force: configuration: "
               f"{UNKNOWN}check.type next")
    wait_for(lambda: refused in upgrade.log("ipvsd"), 10, "why is said")
    equal(upgrade.kept(), before, "what was to be kept")
    equal({row["stale"] for row in upgrade.servers().values()}, {True},
          "verdicts are old")
    upgrade.replace("checkd", True)
    upgrade.unharmed(before)


def main():
    newer = next_version()
    step("the next version is built")
    with Net() as net:
        lan = net.lan(capture=False)
        a, b, c, d = (net.host(name) for name in "abcd")
        for host, last in ((a, 11), (b, 12), (c, 21), (d, 22)):
            host.connect(lan, "eth0", f"10.0.0.{last}/24")
        WebServer(c)
        upgrade = Upgrade(net, a, newer)
        before = begin(upgrade)
        backup = Director(net, b, config()).start()
        backup.wait_state("web", "backup")
        one_by_one(upgrade, before)
        equal(backup.instance("web")["become_master"], 0, "b becomes master")
        step("what only some of the daemons can do")
        before = mixed(upgrade)
        step("ipvsd goes back, and cannot do what is committed")
        ipvsd_back(upgrade, before)
        step("checkd goes back, and cannot do what is committed")
        checkd_back(upgrade)
        upgrade.director.stop()
        backup.stop()


if __name__ == "__main__":
    run(main)
