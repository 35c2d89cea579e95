#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Random faults on two directors under load, one after the other.

TRIUMVIR_SEED chooses the steps before anything runs, TRIUMVIR_SOAK_SECONDS how
many they are. After each step everything must become what the configuration,
the living servers and the operators' words imply (lib/soak_story.py), no
process may have ended but those that the step ended, and what requests were
lost must be what such a step may cost (lib/soak_cost.py).
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
import soak_cost
import soak_story as story
from net import Net
from probe import arp_owners
from scenario import equal, expect, run, step
from soak_story import (ADDRESS, DAEMONS, DIRECTORS, HOSTS, INTERVAL, PORTS,
                        SERVERS)
from soak_watch import Watch, pause
from suite import Director
from waiting import wait_for
from web import TOOLS, Requester, WebServer

SEED = int(os.environ.get("TRIUMVIR_SEED", 350))
SECONDS = float(os.environ.get("TRIUMVIR_SOAK_SECONDS", 110))
PAUSE = 0.1
# Beside the bounds of the configuration: all under emulation, maybe.
MARGIN = 15
LATENESS = 0.05
SIGNALS = {story.KILL: signal.SIGKILL, story.LEAVE: signal.SIGTERM,
           story.RESTART: signal.SIGUSR2}


class Requests:
    """Steady requests to a service."""

    def __init__(self, client, name):
        self.name = name
        self._requester = Requester(
            client, f"http://{ADDRESS}:{PORTS[name]}/",
            timeout=soak_cost.TIMEOUT, pause=PAUSE)

    def answers(self):
        return self._requester.answers().requests

    def wait_good(self, since, deadline):
        """One that began after that was answered in time."""
        def good():
            last = self.answers()[-1]
            return (last["at"] > since and "name" in last
                    and last["took"] < soak_cost.LATE)
        wait_for(good, deadline, f"{self.name}: a good answer", 0.1)


class Soak:
    """Two directors, servers and a client; and the story so far."""

    def __init__(self, net, world):
        self.net, self.world = net, world
        self.windows = []
        lan = net.lan(capture=False)
        self.hosts = {name: net.host(name) for name in (*HOSTS, "client")}
        for name in SERVERS:
            ipvs.direct_real_server(self.hosts[name], ADDRESS)
        addresses = {**HOSTS, "client": "10.0.0.3"}
        for name, host in self.hosts.items():
            host.connect(lan, "eth0", f"{addresses[name]}/24")
        self.webs = {(name, PORTS[service]): WebServer(self.hosts[name],
                                                       PORTS[service])
                     for service in ("http", "app")
                     for name in story.MEMBERS[service]}
        self.directors = {name: Director(net, self.hosts[name],
                                         world.config()).start()
                          for name in DIRECTORS}
        self.watch = Watch(self.directors)
        self.holding = {name: self.hosts[name].popen(
            "addrwatch", f"{TOOLS}/addrwatch", ADDRESS, "eth0") for name in DIRECTORS}
        self.converged(MARGIN + world.bound())
        client = self.hosts["client"]
        self.noise = [client.popen(f"lateness{cpu}", f"{TOOLS}/lateness",
                                   LATENESS, cpu)
                      for cpu in sorted(os.sched_getaffinity(0))]
        self.requests = [Requests(client, name) for name in ("http", "app")]

    # ---- convergence ----

    def kernel_as_implied(self):
        for name in DIRECTORS:
            host = self.hosts[name]
            found = {service: {server: row.weight for server, row
                               in entry.servers.items()}
                     for service, entry in ipvs.table(host).items()}
            equal(found, self.world.table(name), f"{name}: the table")
            equal(host.holds(ADDRESS, "eth0"), self.world.owner() == name,
                  f"{name}: holds the address")
        return True

    def status_as_implied(self, name):
        """What vipctl says."""
        world, found = self.world, self.directors[name].vipctl("status")
        equal({row["daemon"]: row["state"] for row in found["daemons"]},
              {daemon: "running" for daemon in DAEMONS}, f"{name}: daemons")
        equal(len(found["instances"]), 1, f"{name}: instances")
        instance = found["instances"][0]
        equal(instance["state"], world.state(name), f"{name}: state")
        equal(instance["resigned"], name in world.resigned,
              f"{name}: resigned")
        equal([row["present"] for row in instance["addresses"]],
              [world.owner() == name], f"{name}: addresses")
        equal({row["service"]: (row["role"], row["servers"],
                                row["servers_up"], row.get("stale", False))
               for row in found["services"]},
              {service: ("master" if world.owner() == name else "backup",
                         len(members), sum(world.healthy(name, service, one)
                                           for one in members), False)
               for service, members in story.MEMBERS.items()
               if service in world.services()}, f"{name}: services")
        equal([row["state"] for row in found["links"]
               if row["state"] != "up"], [], f"{name}: links")
        equal(found["kernel"]["waiting"], 0, f"{name}: waiting")
        return ({row["generation"] for row in found["daemons"]},
                found["kernel"]["configured_digest"])

    def all_as_implied(self):
        self.kernel_as_implied()
        (one, digest), (two, other) = map(self.status_as_implied, DIRECTORS)
        equal(len(one | two), 1, "generations in force")
        equal(digest, other, "digests")
        return True

    def converged(self, deadline):
        """All is as implied; vipctl last, for it makes ipvsd look."""
        wait_for(self.kernel_as_implied, deadline, "the kernels", 0.1)
        wait_for(self.all_as_implied, deadline, "status", 0.1)
        equal(arp_owners(self.hosts["client"], "eth0", ADDRESS, 0.3),
              [self.hosts[self.world.owner()].mac("eth0")], "who answers ARP")

    def learn_resigned(self):
        """A resignation ends when no master is heard: what a fault may have
        brought about for a while. Nobody resigns by himself."""
        for name in sorted(self.world.resigned):
            if not self.directors[name].instance("front")["resigned"]:
                self.world.resigned.discard(name)

    # ---- steps ----

    def do(self, what):
        window = soak_cost.Window(len(self.windows) + 1, what,
                                  self.world.copy(), time.monotonic())
        self.windows.append(window)
        DO[what.kind](self, what)
        self.world.apply(what)
        window.mended = time.monotonic()
        if what.kind in MAY_END_RESIGNATION and self.world.resigned:
            self.settle_resigned()
        self.converged(self.world.bound() + MARGIN)
        settled = time.monotonic()
        for requests in self.requests:
            requests.wait_good(settled, self.world.bound() + MARGIN)
        window.end = time.monotonic()
        # What was not told in time would come to light by now.
        pause(settled + self.world.down() - time.monotonic())
        self.kernel_as_implied()
        self.watch.nobody_ended()
        self.watch.nothing_odd_logged()
        step(f"{window.number}: {what}: settled after "
             f"{settled - window.mended:.1f} s, {self.world.owner()} "
             "is master")

    def settle_resigned(self):
        """Until it is known whether a resignation has ended by the fault."""
        def settled():
            self.learn_resigned()
            return self.kernel_as_implied()
        wait_for(settled, self.world.bound() + MARGIN, "the kernels", 0.1)

    def signal(self, what):
        director = self.directors[what.who]
        director.send(SIGNALS[what.kind], *what.daemons)
        for daemon in what.daemons:
            status = director.daemons[daemon].process.wait(MARGIN)
            wanted = -signal.SIGKILL if what.kind == story.KILL else 0
            equal(status, wanted, f"{what.who}: {daemon}: exit status")
        pause(what.hold)
        director.start(*what.daemons)
        self.watch.remember(what.who, what.daemons)

    def freeze(self, what):
        director = self.directors[what.who]
        director.send(signal.SIGSTOP, *what.daemons)
        pause(what.hold)
        director.send(signal.SIGCONT, *what.daemons)

    def pull(self, what):
        self.hosts[what.who].cables["eth0"].pull()

    def plug(self, what):
        self.hosts[what.who].cables["eth0"].plug()

    def partition(self, what):
        """Nothing passes, and no carrier tells."""
        self.hosts[what.who].cables["eth0"].mute()
        pause(what.hold)
        self.hosts[what.who].cables["eth0"].unmute()

    def netem(self, what):
        """Both ways: at the host's interface and at the switch's port."""
        host = self.hosts[what.who]
        ends = ((host, "eth0"), (host.cables["eth0"].lan,
                                 host.cables["eth0"].port))
        for place, device in ends:
            done = place.run("tc", "qdisc", "add", "dev", device, "root",
                             "netem", *what.detail, check=False)
            if "qdisc kind is unknown" in done.stderr:
                step("this kernel has no netem")
                return
            equal(done.returncode, 0, f"netem: {done.stderr}")
        pause(what.hold)
        for place, device in ends:
            place.run("tc", "qdisc", "del", "dev", device, "root")

    def reload(self, what):
        after = self.world.copy()
        after.apply(what)
        for director in self.directors.values():
            director.write_config(after.config())
        for director in self.directors.values():
            director.ask("reload")

    def bad_reload(self, what):
        director = self.directors[what.who]
        good = self.world.config()
        director.write_config(good.replace("rise: ", "rise: often "))
        done = director.ask("reload", check=False)
        expect(done.returncode != 0, "a bad file was taken")
        expect("often" in done.stdout + done.stderr,
               f"not said why: {done.stdout}{done.stderr}")
        director.write_config(good)

    def web_down(self, what):
        self.webs[(what.who, *what.detail)].kill()

    def web_up(self, what):
        self.webs[(what.who, *what.detail)].start()

    def flush(self, what):
        self.hosts[what.who].run("ipvsadm", "-C")

    def by_hand(self, what):
        name, server, weight = what.detail
        self.hosts[what.who].run(
            "ipvsadm", "-e", "-t", f"{ADDRESS}:{PORTS[name]}", "-r",
            f"{HOSTS[server]}:{PORTS[name]}", "-g", "-w", weight)

    def address_lost(self, _what):
        self.hosts[self.world.owner()].ip(f"addr del {ADDRESS}/32 dev eth0")

    def drain(self, what):
        name, server = what.detail
        self.directors[what.who].ask("drain", f"{name}/{HOSTS[server]}")

    def undrain(self, what):
        name, server = what.detail
        self.directors[what.who].ask("enable", "-s", f"{name}/{HOSTS[server]}")

    def resign(self, what):
        self.directors[what.who].ask("resign", "front")

    def enable(self, what):
        self.directors[what.who].ask("enable", "-i", "front")


DO = {story.KILL: Soak.signal, story.LEAVE: Soak.signal,
      story.RESTART: Soak.signal, story.FREEZE: Soak.freeze,
      story.PULL: Soak.pull, story.PLUG: Soak.plug, story.NETEM: Soak.netem,
      story.PARTITION: Soak.partition,
      story.RELOAD: Soak.reload, story.BAD_RELOAD: Soak.bad_reload,
      story.WEB_DOWN: Soak.web_down, story.WEB_UP: Soak.web_up,
      story.FLUSH: Soak.flush, story.BY_HAND: Soak.by_hand,
      story.ADDRESS_LOST: Soak.address_lost, story.DRAIN: Soak.drain,
      story.UNDRAIN: Soak.undrain, story.RESIGN: Soak.resign,
      story.ENABLE: Soak.enable}
# Those that may silence a master for a while.
MAY_END_RESIGNATION = (story.KILL, story.LEAVE, story.RESTART, story.FREEZE,
                       story.PULL, story.NETEM, story.PARTITION)


def noise(soak):
    """How late processes were woken in each step."""
    late = [tuple(map(float, line.split()))
            for process in soak.noise
            for line in process.output().splitlines() if line[:1].isdigit()]
    for window in soak.windows:
        window.noise = max((lateness for when, lateness in late
                            if when >= window.begin
                            and when - lateness <= window.end), default=0)


def owners(soak):
    """Who came to hold the address in each step, in the order of time."""
    held = sorted((float(line.split()[0]), name)
                  for name, process in soak.holding.items()
                  for line in process.output().splitlines()
                  if line.endswith(" held"))
    for window in soak.windows:
        before = [name for when, name in held if when < window.begin]
        window.owners = before[-1:] + [
            name for when, name in held if window.begin <= when <= window.end]


def judge(soak):
    noise(soak)
    owners(soak)
    wrong = [text for requests in soak.requests
             for text in soak_cost.charge(soak.windows, requests.name,
                                          requests.answers())]
    print(f"{'class of steps':44} {'steps':>6} {'requests':>9} {'lost':>6} "
          f"{'late':>6}")
    total = [0, 0, 0, 0]
    for name, row in sorted(soak_cost.by_class(soak.windows).items()):
        print(f"{name:44} {row[0]:6} {row[1]:9} {row[2]:6} {row[3]:6}")
        total = [one + two for one, two in zip(total, row)]
    print(f"{'total':44} {total[0]:6} {total[1]:9} {total[2]:6} {total[3]:6}")
    print(f"worst lateness {max(w.noise for w in soak.windows):.2f} s",
          flush=True)
    expect(not wrong, "requests lost for nothing:\n" + "\n".join(wrong))


def main():
    on_stop, steps = story.draw(SEED, SECONDS)
    step(f"TRIUMVIR_SEED={SEED} TRIUMVIR_SOAK_SECONDS={SECONDS:g}: "
         f"{len(steps)} steps, on_stop {on_stop}")
    for number, what in enumerate(steps, 1):
        print(f"          {number}: {what}")
    with Net() as net:
        soak = Soak(net, story.World(on_stop))
        step("settled")
        try:
            for what in steps:
                soak.do(what)
        finally:
            if soak.windows:
                judge(soak)


if __name__ == "__main__":
    run(main, limit=INTERVAL)
