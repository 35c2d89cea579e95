#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The suite as it is installed: by its units, under systemd as PID 1.

One director under systemd, the other and the servers beside it; the daemons
are killed, frozen, restarted, reloaded and stopped by the service manager, and
no request is lost but those that the fault itself costs. By hand, since an
emulated systemd may take longer to start a daemon than a lease lasts:

    tests/lab/run tests/lab/units.py

With TRIUMVIR_PACKAGE=FILE.deb that package is installed, not what was built,
and an upgrade (to the same) and a removal are tried as well. The VM sees what
is not below /tmp.
"""

import json
import os
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from service_manager import Machine, install, needs_vm, package
from suite import DAEMONS, Director
from waiting import wait_for
from web import Requester, WebServer, requests

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 2s
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
services:
  web:
    address: 10.0.0.100:80
    scheduler: rr
    forward: direct
    check: {type: tcp, interval: 1s, timeout: 800ms}
    servers:
      - {address: 10.0.0.21, weight: WEIGHT}
      - {address: 10.0.0.22, weight: 1}
"""
# Adverts every 2 s: emulated, systemd needs 2 s to start a daemon again.
ADDRESS, URL = "10.0.0.100", "http://10.0.0.100/"
WATCHDOG = 10


class Installed:
    """The director under systemd, asked as an operator asks it."""

    def __init__(self, host):
        self.host = host
        self.write_config(1)
        self.machine = Machine(host)

    @staticmethod
    def write_config(weight):
        os.makedirs("/etc/triumvir", exist_ok=True)
        path = "/etc/triumvir/director.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.replace("WEIGHT", str(weight)))
        os.chmod(path, 0o644)

    def status(self):
        return json.loads(self.machine.run("vipctl", "-j", "status",
                                           check=False).stdout)

    def instance(self):
        return self.status()["instances"][0]

    def wait_master(self, deadline=30):
        def master():
            row = self.instance()
            assert row["state"] == "master", row
            return True
        wait_for(master, deadline, "d1 master")

    def pids(self):
        return {name: self.machine.pid(name) for name in DAEMONS}

    def wait_all_up(self, deadline=30):
        def up():
            rows = self.status()
            assert all(row["state"] == "running" for row in rows["daemons"])
            assert all(row["state"] == "up" for row in rows["links"])
            return True
        wait_for(up, deadline, "daemons and links")


def confined(d1):
    """Who runs, as whom, with what: by /proc, not by what the units say."""
    for name, capabilities in (("ipvsd", 1 << 12), ("vrrpd", 0),
                               ("checkd", 0)):
        text = d1.machine.run("cat", f"/proc/{d1.machine.pid(name)}/status")
        fields = dict(line.split(":\t", 1)
                      for line in text.stdout.splitlines() if ":\t" in line)
        uid = d1.machine.run("id", "-u", f"_{name}").stdout.strip()
        equal(fields["Uid"].split(), [uid] * 4, f"{name}: uid")
        equal({kind: int(fields[kind], 16)
               for kind in ("CapPrm", "CapEff", "CapInh", "CapAmb")},
              {"CapPrm": capabilities, "CapEff": capabilities, "CapInh": 0,
               "CapAmb": 0}, f"{name}: capabilities")
        equal((fields["NoNewPrivs"], fields["Seccomp"]), ("1", "2"),
              f"{name}: no_new_privs, seccomp")
    step("confined")


class Requests:
    """One client all the time, judged by parts of it."""

    def __init__(self, client):
        self.requester = Requester(client, URL, pause=0.05)

    def since(self, begin):
        """How many, and the failures; waits for a good one that is new."""
        now = time.monotonic()

        def good():
            last = self.requester.answers().requests[-1]
            return last["at"] > now and "name" in last
        wait_for(good, 20, "a good answer")
        found = [request for request in self.requester.answers().requests
                 if request["at"] >= begin]
        return len(found), [request["error"] for request in found
                            if "error" in request]


def undisturbed(d1, d2, what, event):
    """Nobody but d1 becomes master, nothing is lost."""
    became = d2.instance("front")["become_master"]
    begin = time.monotonic()
    event()
    d1.wait_all_up()
    d1.wait_master()
    count, failures = d1.requests.since(begin)
    equal(failures, [], f"{what}: failures")
    equal(d2.instance("front")["become_master"], became,
          f"{what}: d2 became master")
    step(f"{what}: {count} requests, none lost")


def killed(d1, d2):
    """Restarted by systemd; the others go on."""
    for name in DAEMONS:
        before = d1.pids()

        def event():
            d1.machine.run("kill", "-KILL", before[name])
            wait_for(lambda: d1.machine.pid(name) not in ("0", before[name]),
                     20, f"{name}: another process")
        undisturbed(d1, d2, f"{name} killed", event)
        equal({other: pid for other, pid in d1.pids().items()
               if other != name},
              {other: pid for other, pid in before.items() if other != name},
              "processes of the others")


def restarted(d1, d2):
    for name in DAEMONS:
        before = d1.pids()
        undisturbed(d1, d2, f"systemctl restart {name}",
                    lambda: d1.machine.systemctl("restart", name))
        after = d1.pids()
        equal([other for other in DAEMONS if before[other] != after[other]],
              [name], "who has another process")


def policies(d1):
    pid = d1.machine.pid("ipvsd")
    parser = d1.machine.run(
        "cat", f"/proc/{pid}/task/{pid}/children").stdout.strip()
    for process, policy, priority in (
            (d1.machine.pid("vrrpd"), "SCHED_RR", 10), (pid, "SCHED_RR", 5),
            (parser, "SCHED_OTHER", 0),
            (d1.machine.pid("checkd"), "SCHED_OTHER", 0)):
        text = d1.machine.run("chrt", "-p", process).stdout
        expect(policy in text and f"priority: {priority}\n" in text,
               f"not {policy} {priority}: {text}")


def realtime(d1, d2):
    """The pair is; its parser and checkd are ordinary processes, also where a
    drop-in has ipvsd's children inherit."""
    directory = "/etc/systemd/system/ipvsd.service.d"
    policies(d1)
    d1.machine.run("mkdir", "-p", directory)
    d1.machine.run("sh", "-c", "printf '%s\\n' '[Service]' "
                   f"CPUSchedulingResetOnFork=no > {directory}/fork.conf")
    d1.machine.systemctl("daemon-reload")
    undisturbed(d1, d2, "ipvsd's children inherit",
                lambda: d1.machine.systemctl("restart", "ipvsd"))
    policies(d1)
    d1.machine.run("rm", "-r", directory)
    d1.machine.systemctl("daemon-reload")
    undisturbed(d1, d2, "ipvsd as its unit has it",
                lambda: d1.machine.systemctl("restart", "ipvsd"))


def frozen(d1, d2):
    """The watchdog ends who hangs. Of vrrpd a hang costs the mastership when
    its lease ends first; the others' is not noticed by any client."""
    for name in ("ipvsd", "checkd"):
        before = d1.pids()

        def event():
            d1.machine.run("kill", "-STOP", before[name])
            wait_for(lambda: d1.machine.pid(name) not in ("0", before[name]),
                     3 * WATCHDOG, f"{name}: another process")
        undisturbed(d1, d2, f"{name} frozen", event)
    before = d1.pids()
    d1.machine.run("kill", "-STOP", before["vrrpd"])
    wait_for(lambda: d1.machine.pid("vrrpd") not in ("0", before["vrrpd"]),
             3 * WATCHDOG, "vrrpd: another process")
    d1.wait_all_up()
    d1.wait_master()
    step("vrrpd frozen: systemd restarted it, d1 is master")


def reloaded(d1, d2):
    d1.write_config(7)
    undisturbed(d1, d2, "systemctl reload ipvsd",
                lambda: d1.machine.systemctl("reload", "ipvsd"))
    ipvs.wait_weights(d1.host, f"TCP {ADDRESS}:80",
                      {"10.0.0.21:80": 7, "10.0.0.22:80": 1}, 20)
    d1.write_config("many")
    failed = d1.machine.run("systemctl", "reload", "ipvsd", check=False)
    expect(failed.returncode != 0, "a bad configuration was taken")
    expect("many" in d1.machine.journal("ipvsd"), "the journal says why")
    d1.write_config(1)
    undisturbed(d1, d2, "systemctl reload triumvir.target",
                lambda: d1.machine.systemctl("reload", "triumvir.target"))
    ipvs.wait_weights(d1.host, f"TCP {ADDRESS}:80",
                      {"10.0.0.21:80": 1, "10.0.0.22:80": 1}, 20)


def upgraded(d1, d2):
    """All three are new ones, one after the other."""
    before = d1.pids()
    undisturbed(d1, d2, "the package upgraded",
                lambda: d1.machine.run("dpkg", "--force-unsafe-io", "-i",
                                       package()))
    after = d1.pids()
    equal([name for name in DAEMONS if before[name] == after[name]], [],
          "who was not restarted")


def stopped(d1, d2, how, *command):
    begin = time.monotonic()
    d1.machine.run(*command)
    d2.wait_state("front", "master")
    wait_for(lambda: not any(int(pid) for pid in d1.pids().values()), 30,
             "all ended")
    count, failures = d1.requests.since(begin)
    # d2 does not know the connections of d1: there is no ipvs.sync.
    equal([text for text in failures if "Reset" not in text], [], "failures")
    expect(not d1.host.holds(ADDRESS, "eth0"), "the address stayed")
    equal(ipvs.table(d1.host), {}, "the table")
    for name in DAEMONS:
        equal(d1.machine.show(name, "Result", "ActiveState"),
              {"Result": "success", "ActiveState": "inactive"}, name)
    step(f"{how}: {count} requests, {len(failures)} of those under "
         "way cut")


def main():
    needs_vm()
    with Net() as net:
        lan = net.lan()
        hosts = {name: net.host(name)
                 for name in ("d1", "d2", "s1", "s2", "client")}
        for name in ("s1", "s2"):
            ipvs.direct_real_server(hosts[name], ADDRESS)
        for name, last in (("d1", 11), ("d2", 12), ("s1", 21), ("s2", 22),
                           ("client", 3)):
            hosts[name].connect(lan, "eth0", f"10.0.0.{last}/24")
        for name in ("s1", "s2"):
            WebServer(hosts[name])
        install()
        step("installed")
        d2 = Director(net, hosts["d2"], CONFIG.replace("WEIGHT", "1")).start()
        d1 = Installed(hosts["d1"])
        net.on_failure.append(lambda: print(
            d1.machine.journal(*DAEMONS)[-6000:], flush=True))
        step("systemd is up")
        d1.machine.systemctl("start", "triumvir.target")
        d1.wait_all_up(60)
        d1.wait_master()
        step("triumvir.target is up, d1 is master")
        ipvs.wait_weights(d1.host, f"TCP {ADDRESS}:80",
                          {"10.0.0.21:80": 1, "10.0.0.22:80": 1}, 20)
        answers = requests(hosts["client"], URL, 20)
        equal(dict(answers.by_server), {"s1": 10, "s2": 10}, "who answered")
        d1.requests = Requests(hosts["client"])
        confined(d1)
        killed(d1, d2)
        restarted(d1, d2)
        realtime(d1, d2)
        reloaded(d1, d2)
        frozen(d1, d2)
        if package():
            upgraded(d1, d2)
            stopped(d1, d2, "removed", "dpkg", "-r", "triumvir")
        else:
            stopped(d1, d2, "systemctl stop", "systemctl", "stop",
                    "triumvir.target")
        text = d1.machine.journal(*DAEMONS)
        for word in ("backup -> acquiring", "leaving", "is in force"):
            expect(word in text, f"the journal does not say {word}")


if __name__ == "__main__":
    run(main)
