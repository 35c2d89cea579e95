#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the end and the return of ipvsd and of vrrpd do to a director pair.

A restart or a crash of ipvsd changes neither the VRRP state nor an address,
and runs the committed generation, not an edited file. A vrrpd that is stopped
loses its lease; one that comes back within it goes on. An ipvsd that leaves
hands over.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for

CONFIG = """
nodes:
  a: 192.168.1.11
  b: 192.168.1.12
vrrp:
  web:
    interface: eth0
    vrid: 1
    interval: %s
    nodes: [a, b]
    addresses: [192.168.1.100/32]
"""
ADDRESS = "192.168.1.100"
# A lease long enough for a vrrpd to start again in it.
INTERVAL = "1s"


def counts(directors):
    """How often each has become master."""
    return [director.instance("web")["become_master"]
            for director in directors]


def lifetime(host):
    """Seconds that the kernel lets the address live."""
    lines = host.ip("addr show dev eth0").splitlines()
    for line, following in zip(lines, lines[1:]):
        if f" {ADDRESS}/" in line:
            return int(following.split()[1].removesuffix("sec"))
    raise AssertionError("the address is not there")


def comes_back(one, two, number):
    """ipvsd ends by this signal and returns: nobody else notices."""
    before = counts((one, two))
    if number == signal.SIGKILL:
        one.kill("ipvsd")
    else:
        one.stop("ipvsd", number=number)
    expect(one.host.holds(ADDRESS), "the address left with ipvsd")
    # What is edited meanwhile is not what is in force.
    one.write_config(CONFIG % "700ms" + "nonsense: true\n")
    one.start("ipvsd")
    expect(one.host.holds(ADDRESS), "the address left as ipvsd came")
    wait_for(lambda: lifetime(one.host) >= 9, 10, "a renewed lifetime")
    one.wait_state("web", "master")
    equal(counts((one, two)), before, "who became master")
    one.write_config(CONFIG % INTERVAL)


def vrrpd_hangs(one, two):
    one.send(signal.SIGSTOP, "vrrpd")
    wait_for(lambda: not one.host.holds(ADDRESS), 5, "the end of the lease")
    two.wait_state("web", "master")
    one.send(signal.SIGCONT, "vrrpd")
    one.wait_state("web", "master")
    two.wait_state("web", "backup")
    expect(not two.host.holds(ADDRESS), "two owners")


def vrrpd_returns(one, two):
    """Within the lease: it gets its term back."""
    before = counts((two,))
    one.kill("vrrpd")
    one.start("vrrpd")
    one.wait_state("web", "master")
    expect(one.host.holds(ADDRESS), "the address left with vrrpd")
    equal(counts((two,)), before, "who became master")


def leaves(one, two):
    one.stop("ipvsd")
    expect(not one.host.holds(ADDRESS), "the address stayed")
    two.wait_state("web", "master")
    # After it has left it reads the file.
    one.write_config(CONFIG % INTERVAL + "nonsense: true\n")
    one.launch("ipvsd")
    status = one.daemons["ipvsd"].process.wait(20)
    equal(status, 1, "exit status with a bad file")
    expect('unknown key "nonsense"' in
           one.daemons["ipvsd"].process.output(), "why is not said")
    one.write_config(CONFIG % INTERVAL)
    one.start("ipvsd")
    one.wait_state("web", "master")
    two.wait_state("web", "backup")


def leaves_as_it_comes(one, two):
    """vrrpd has not even found the new ipvsd, and hands over all the same."""
    handed = "handed over to 192.168.1.12"
    log = one.daemons["vrrpd"].process.output
    before = log().count(handed)
    one.kill("ipvsd")
    one.start("ipvsd")
    one.stop("ipvsd")
    equal(log().count(handed), before + 1, "times it has handed over")
    two.wait_state("web", "master")
    expect(not one.host.holds(ADDRESS), "the address stayed")
    one.start("ipvsd")
    one.wait_state("web", "master")
    two.wait_state("web", "backup")


def main():
    with Net() as net:
        lan = net.lan()
        directors = []
        for last, name in enumerate(("a", "b"), 11):
            host = net.host(name)
            host.connect(lan, "eth0", f"192.168.1.{last}/24")
            directors.append(Director(net, host, CONFIG % INTERVAL).start())
        one, two = directors
        one.wait_state("web", "master")
        step("ipvsd is restarted")
        comes_back(one, two, signal.SIGUSR2)
        step("ipvsd is killed")
        comes_back(one, two, signal.SIGKILL)
        step("vrrpd is killed and started")
        vrrpd_returns(one, two)
        step("vrrpd hangs")
        vrrpd_hangs(one, two)
        step("ipvsd leaves")
        leaves(one, two)
        step("ipvsd leaves as it comes")
        leaves_as_it_comes(one, two)
        for director in directors:
            director.stop()
            expect(not director.host.holds(ADDRESS), "an address stayed")


if __name__ == "__main__":
    run(main)
