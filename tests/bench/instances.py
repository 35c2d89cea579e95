#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a master of many instances costs, beside keepalived.

Two pairs at the same time, of as many instances with adverts every 100 ms and
one address each: directors of ours, scheduled as its units say, and
keepalived 2.2.7, real-time as well. What counts is the time of a processor that
an advert costs all processes of a master, in windows that both meet alike; who
is late sends fewer. That no instance of ours changes its state is a condition.
keepalived is started as it is best: its adverts are all due at once, and it sends
them in one turn of its loop.
"""

import time

from measure import Limits, cpu_seconds, median, ratio  # first: finds others
from idle import pids_of
from net import Net
from peers import keepalived
from scenario import equal, run, step
from suite import Director
from waiting import wait_for

# {instances: the most of keepalived's}
MOST = {200: 1.0, 1000: 0.5}
A_LAN = 250         # virtual routers
WINDOWS, SECONDS = 5, 4
INTERVAL = 0.1
KEEPALIVED_RT = ("chrt", "--rr", "5")


def address(number):
    return f"10.{100 + number // A_LAN}.1.{number % A_LAN + 1}"


def places(count):
    """(instance, interface, VRID) of each."""
    for number in range(count):
        yield number, f"eth{number // A_LAN}", number % A_LAN + 1


def ours(count):
    text = "nodes: {d1: 10.100.0.11, d2: 10.100.0.12}\nvrrp:\n"
    for number, interface, vrid in places(count):
        text += (f"  i{number}: {{interface: {interface}, vrid: {vrid}, "
                 f"interval: 100ms, nodes: [d1, d2], "
                 f"addresses: [{address(number)}/32]}}\n")
    return text


def theirs(count, state, priority):
    text = "global_defs { vrrp_version 3 }\n"
    for number, interface, vrid in places(count):
        text += (f"vrrp_instance i{number} {{ interface {interface}\n"
                 f"state {state}\nvirtual_router_id {vrid}\n"
                 f"priority {priority}\n"
                 f"advert_int {INTERVAL}\n"
                 f"virtual_ipaddress {{\n{address(number)}/32\n}}\n}}\n")
    return text


class Rival:
    """A host with its processes."""

    def __init__(self, net, name, lans, last):
        self.host = net.host(name)
        self.lans = len(lans)
        for number, lan in enumerate(lans):
            self.host.connect(lan, f"eth{number}",
                              f"10.{100 + number}.0.{last}/16")
        self.pids = []

    def sent(self):
        """Packets so far."""
        found = self.host.run("cat", *(
            f"/sys/class/net/eth{number}/statistics/tx_packets"
            for number in range(self.lans))).stdout
        return sum(map(int, found.split()))

    def begin(self):
        self.at = (sum(map(cpu_seconds, self.pids)), self.sent())

    def end(self):
        """us of a processor for each packet since begin(), and packets."""
        used = sum(map(cpu_seconds, self.pids)) - self.at[0]
        packets = self.sent() - self.at[1]
        return 1e6 * used / packets, packets / SECONDS, used / SECONDS


def became(director):
    """How often any instance has become master, and how many are."""
    rows = [row for row in director.vipctl("show", "vrrp")
            if "become_master" in row]
    return (sum(row["become_master"] for row in rows),
            sum(row["state"] == "master" for row in rows))


def compared(count):
    """us an advert in each window, of both."""
    found = ([], [])
    with Net() as net:
        pairs = {}
        for kind in "dk":
            lans = [net.lan(capture=False)
                    for _ in range((count + A_LAN - 1) // A_LAN)]
            pairs[kind] = [Rival(net, f"{kind}{number}", lans, 10 + number)
                           for number in (1, 2)]
        rivals = [pairs[kind][0] for kind in "dk"]
        director, _ = (Director(net, rival.host, ours(count)).start()
                       for rival in pairs["d"])
        wait_for(lambda: became(director)[1] == count, 60, "ours is master")
        step(f"{count}: became master {became(director)[0]} times at its start")
        process, _ = (keepalived(net, rival.host, theirs(count, *words),
                                 prefix=KEEPALIVED_RT)
                      for rival, words in zip(pairs["k"], (("MASTER", 200),
                                                           ("BACKUP", 100))))
        wait_for(lambda: rivals[1].host.holds(address(count - 1)), 60,
                 "keepalived is master")
        rivals[0].pids = [director.pid(name) for name in ("ipvsd", "vrrpd")]
        rivals[1].pids = pids_of(process)
        time.sleep(10)              # both are past their announcements
        wait_for(lambda: became(director)[1] == count, 60, "still master")
        before = became(director)
        for _ in range(WINDOWS):
            for rival in rivals:
                rival.begin()
            time.sleep(SECONDS)     # what is measured, not a wait
            for rival, costs in zip(rivals, found):
                cost, rate, used = rival.end()
                costs.append(cost)
                step(f"{count} on {rival.host.name}: {cost:.1f} us an advert, "
                     f"{rate:.0f} a second, {100 * used:.1f} %")
        equal(became(director), before, "became master, masters")
    return found


def main():
    limits = Limits()
    for count, most in MOST.items():
        costs = compared(count)
        step(f"{count}: medians {median(costs[0]):.1f} us of ours, "
             f"{median(costs[1]):.1f} us of keepalived's")
        limits.most(ratio(*costs), most,
                    f"{count} instances: an advert's cost, of keepalived's")
    limits.judge()


if __name__ == "__main__":
    run(main, limit=None)
