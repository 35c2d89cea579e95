#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Three hosts, three addresses, each host first for one of them.

The loss of any host moves its own address alone, to the next in order; the loss
of two gives all to the third; and all go back.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from capture import assert_no_malformed
from net import Net
from probe import arp_owners
from scenario import equal, run, step
from suite import Director
from waiting import wait_for

CONFIG = """
nodes:
  n1: 192.168.1.11
  n2: 192.168.1.12
  n3: 192.168.1.13
vrrp:
  proxy:
    interface: eth0
    vrid: 1
    nodes: [n1, n2, n3]
    spread: [192.168.1.101/32, 192.168.1.102/32, 192.168.1.103/32]
"""
NODES = ("n1", "n2", "n3")
ADDRESSES = ("192.168.1.101", "192.168.1.102", "192.168.1.103")
# Three intervals and the skew are 3.6 s, a returning director may wait longer.
DEADLINE = 20


def placed(hosts, alive, wanted):
    """The connected hosts hold exactly these: {address: host}."""
    found = {address: [name for name in alive if hosts[name].holds(address)]
             for address in ADDRESSES}
    assert found == {address: [name] for address, name in wanted.items()}, (
        f"held are {found}")
    return True


def wait_placed(hosts, client, alive, wanted):
    wanted = dict(zip(ADDRESSES, wanted))
    wait_for(lambda: placed(hosts, alive, wanted), DEADLINE,
             f"addresses as {list(wanted.values())}")
    for address, name in wanted.items():
        equal(arp_owners(client, "eth0", address), [hosts[name].mac("eth0")],
              f"who answers ARP for {address}")


def turns(directors):
    """How often each director has become master of each instance."""
    return {(name, number):
            director.instance(f"proxy-{number}")["become_master"]
            for name, director in directors.items() for number in (1, 2, 3)}


def one_away(hosts, directors, client, away):
    """Cut one off, by lost carrier and by silence; its address alone moves."""
    index = NODES.index(away)
    heir = NODES[(index + 1) % 3]
    alive = [name for name in NODES if name != away]
    wanted = list(NODES)
    wanted[index] = heir
    cable = hosts[away].cables["eth0"]
    for cut, mend in ((cable.pull, cable.plug), (cable.mute, cable.unmute)):
        step(f"{away}: {cut.__name__}")
        before = turns(directors)
        cut()
        wait_placed(hosts, client, alive, wanted)
        after = turns(directors)
        changed = {key for key in after
                   if after[key] != before[key] and key[0] in alive}
        equal(changed, {(heir, index + 1)}, "who became master of what")
        if cut == cable.pull:
            wait_for(lambda: not any(map(hosts[away].holds, ADDRESSES)),
                     DEADLINE, f"{away} without a cable and an address")
        mend()
        wait_placed(hosts, client, NODES, NODES)


def two_away(hosts, client, left):
    step(f"only {left} is left")
    away = [name for name in NODES if name != left]
    for name in away:
        hosts[name].cables["eth0"].pull()
    wait_placed(hosts, client, [left], [left] * 3)
    for name in away:
        hosts[name].cables["eth0"].plug()
    wait_placed(hosts, client, NODES, NODES)


def main():
    with Net() as net:
        lan = net.lan()
        hosts = {name: net.host(name) for name in NODES}
        for last, host in enumerate(hosts.values(), 11):
            host.connect(lan, "eth0", f"192.168.1.{last}/24")
        client = net.host("client")
        client.connect(lan, "eth0", "192.168.1.2/24")
        directors = {name: Director(net, host, CONFIG)
                     for name, host in hosts.items()}
        for director in directors.values():
            director.launch()
        for director in directors.values():
            director.wait_ready()
        step("each holds its own")
        wait_placed(hosts, client, NODES, NODES)
        for name in NODES:
            one_away(hosts, directors, client, name)
        for name in NODES:
            two_away(hosts, client, name)
        for director in directors.values():
            director.stop()
        adverts = assert_no_malformed(lan.capture.stop())
        step(f"{adverts} adverts, none malformed")


if __name__ == "__main__":
    run(main)
