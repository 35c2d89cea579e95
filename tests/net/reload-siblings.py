#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A reload while a sibling is away, silent, dies or comes.

Who is not there is not asked. Who is there but does not answer, or ends before
it has, makes the reload fail for all, and that is said. Whoever joins later gets
what is in force.
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from judge import AddressMonitor, generations, kernel
from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary
from waiting import wait_for

# The longest that a stopped daemon may keep a reload waiting.
VOTE = 10


def config(vrid=1, more=""):
    return f"""
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  web:
    interface: eth0
    vrid: 7
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
  other:
    interface: eth0
    vrid: {vrid}
    nodes: [d1, d2]
    addresses: [10.0.0.101/32{more}]
"""


def reload(director, text):
    director.write_config(text)
    done = director.ask("reload", check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def reloaded(director, text):
    """All that run are in the new generation."""
    before = generations(director)["ipvsd"]
    status, output = reload(director, text)
    equal(status, 0, output)
    found = wait_for(lambda: set(generations(director).values()), 5, "answers")
    wait_for(lambda: len(set(generations(director).values())) == 1, 5,
             f"one generation, not {found}")
    expect(generations(director)["ipvsd"] != before, "it is a new one")


def start_background(director, host, name):
    """vipctl reload, not waited for."""
    return host.popen(name, binary("vipctl"), "-r", director.rundir, "reload")


def away(director, host):
    reloaded(director, config(2))
    step("both there: reloaded")
    director.stop("checkd")
    reloaded(director, config(3))
    equal(director.instance("other")["vrid"], 3, "vrid")
    step("without checkd: reloaded")
    director.kill("vrrpd")
    reloaded(director, config(4))
    equal(sorted(generations(director)), ["ipvsd"], "running daemons")
    step("ipvsd alone: reloaded")
    director.start("checkd", "vrrpd")
    wait_for(lambda: len(set(generations(director).values())) == 1, 5,
             "late ones are given what is in force")
    equal(director.instance("other")["vrid"], 4, "vrid")
    for name in ("web", "other"):
        director.wait_state(name, "master")
    step("late: in the generation in force, master")
    # What nobody committed is given to nobody.
    director.write_config(config(99))
    director.stop("checkd")
    director.start("checkd")
    director.kill("vrrpd")
    director.start("vrrpd")
    for name in ("web", "other"):
        director.wait_state(name, "master")
    equal(director.instance("other")["vrid"], 4, "vrid")
    step("a file that was only edited is nobody's")
    expect(host.holds("10.0.0.100"), "d1 is master")


def silent(director, host, name):
    """Stopped: the reload fails in time, says why, changes nothing."""
    before, row = generations(director), director.instance("other")
    pid = director.pid(name)
    commands = kernel(director)["netlink_commands"]
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    status, output = reload(director, config(50))
    took = time.monotonic() - begin
    equal(status, 1, f"exit status: {output}")
    expect(name in output and "did not answer" in output, output)
    expect(took < VOTE + 2, f"it took {took:.1f} s")
    step(f"{name} stopped: after {took:.1f} s: {output}")
    expect(generations_of(director, before, {name}), "generations")
    if name == "checkd":
        # A stopped vrrpd loses its leases by that, whatever is reloaded.
        equal(kernel(director)["netlink_commands"], commands, "commands")
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: generations(director) == before, 5, "all as before")
    director.wait_state("other", "master")
    director.wait_state("web", "master")
    equal(director.instance("other")["vrid"], row["vrid"], "vrid")
    if name == "checkd":
        equal(director.instance("other")["become_master"],
              row["become_master"], "transitions")
    # And it is of use again.
    reloaded(director, config(row["vrid"] + 1))
    director.wait_state("other", "master")
    wait_for(lambda: host.holds("10.0.0.101"), 5, "its address")
    step(f"{name} goes on: reloaded")


def generations_of(director, before, without):
    """Ask all but those that cannot answer now."""
    hidden = {name: director.daemons.pop(name) for name in without}
    try:
        found = generations(director)
    finally:
        director.daemons.update(hidden)
    return found == {name: generation for name, generation in before.items()
                     if name not in without}


def killed(director, host, name):
    """Asked, and killed before it answers: what may have killed it comes into
    force nowhere."""
    before, row = generations(director), director.instance("other")
    os.kill(director.pid(name), signal.SIGSTOP)
    vrid = 60 if name == "vrrpd" else 61
    director.write_config(config(vrid))
    vipctl = start_background(director, host, f"vipctl-{name}")
    wait_asked(director, name)
    director.daemons[name].process.kill()
    equal(vipctl.wait(VOTE), 1, f"exit status: {vipctl.output()}")
    expect(f"{name}: it ended before it answered" in vipctl.output(),
           vipctl.output())
    expect(generations_of(director, before, {name}), "generations")
    director.launch(name)
    director.wait_ready(name)
    wait_for(lambda: generations(director) == before, 5, "all as before")
    for which in ("web", "other"):
        director.wait_state(which, "master")
    equal(director.instance("other")["vrid"], row["vrid"], "vrid")
    step(f"{name} killed in the middle: nothing changed")
    # The file, as it is, once it is back.
    reloaded(director, config(vrid))
    equal(director.instance("other")["vrid"], vrid, "vrid")
    for which in ("web", "other"):
        director.wait_state(which, "master")
    step(f"{name} is back: reloaded")


def wait_asked(director, name="checkd"):
    """A reload has asked the daemon: operators' changes have to wait, and a
    second one is refused. That is no error of the first."""
    why = f"reload is going on, it waits for {name}"
    wait_for(lambda: f"a {why}" in
             director.ask("drain", "d1", check=False).stderr, 5, why)
    done = director.ask("reload", check=False)
    output = (done.stdout + done.stderr).strip()
    expect(done.returncode == 1 and f"another {why}" in output,
           f"{done.returncode}: {output}")
    return output


def two_at_once(director, host):
    os.kill(director.pid("checkd"), signal.SIGSTOP)
    director.write_config(config(70))
    first = start_background(director, host, "vipctl-first")
    step(f"the second one: {wait_asked(director)}")
    # What is written now is what SIGHUP is for, after the first.
    director.write_config(config(71))
    director.send(signal.SIGHUP, "ipvsd")
    os.kill(director.pid("checkd"), signal.SIGCONT)
    equal(first.wait(VOTE), 0, f"exit status: {first.output()}")
    wait_for(lambda: director.instance("other")["vrid"] == 71, 5,
             "SIGHUP is not lost")
    step("the first: done; SIGHUP after it")
    # A client that goes away does not stop what it began.
    os.kill(director.pid("checkd"), signal.SIGSTOP)
    director.write_config(config(72))
    gone = start_background(director, host, "vipctl-gone")
    wait_asked(director)
    gone.kill()
    os.kill(director.pid("checkd"), signal.SIGCONT)
    wait_for(lambda: director.instance("other")["vrid"] == 72, 5,
             "the reload of a client that has gone")
    step("its client gone: reloaded all the same")


def ipvsd_killed(director, host):
    """A crash before COMMIT: the former generation runs on."""
    director.wait_state("other", "master")
    before = generations(director)
    os.kill(director.pid("checkd"), signal.SIGSTOP)
    director.write_config(config(80))
    vipctl = start_background(director, host, "vipctl-crash")
    wait_asked(director)
    director.daemons["ipvsd"].process.kill()
    expect(vipctl.wait(10) != 0, "vipctl says that it failed")
    step(f"vipctl: {vipctl.output().strip()}")
    os.kill(director.pid("checkd"), signal.SIGCONT)
    director.launch("ipvsd")
    director.wait_ready("ipvsd")
    wait_for(lambda: generations(director) == before, 10,
             "the committed generation everywhere")
    director.wait_state("other", "master")
    equal(director.instance("other")["vrid"], 72, "vrid")
    reloaded(director, config(81))
    step("ipvsd killed before COMMIT: the committed generation")


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        host = net.host("d1")
        host.connect(lan, "eth0", "10.0.0.11/24")
        monitor = AddressMonitor(host)
        director = Director(net, host, config()).start()
        for name in ("web", "other"):
            director.wait_state(name, "master")
        monitor.changes()
        row = director.instance("web")
        silent(director, host, "checkd")
        killed(director, host, "checkd")
        two_at_once(director, host)
        ipvsd_killed(director, host)
        changed = director.instance("web")
        equal((changed["become_master"], changed["term"]),
              (row["become_master"], row["term"]), "the one never changed")
        equal([line for line in monitor.changes() if "10.0.0.100" in line], [],
              "its address")
        away(director, host)
        silent(director, host, "vrrpd")
        killed(director, host, "vrrpd")
        director.stop()


run(main)
