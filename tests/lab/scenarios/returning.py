#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The preferred director comes back while it cannot tell a server's health.

It leaves the other one alone, and says why, until every check has a verdict,
30 s at the most; then it takes over, and no request is lost. With mh, whose
servers and flows are the same on both, connections that are open in that
moment go on too.
"""

import os
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from machine import judged
from net import Net
from probe import Probe, answer_on
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for
from web import Requester, WebServer, requests

# The first verdict on a server that is silent comes after the time-out.
TIMEOUT, LONG = 8, 45
VERDICTS_MAX = 30
# From being allowed to: what is left of a Master_Down_Interval of adverts
# every second, the look at verdicts, and an emulated processor.
TAKES = 8
WHY = "not all checks have a verdict here"
ADDRESS = "10.0.0.100"
SERVICE = f"TCP {ADDRESS}:80"
URL = f"http://{ADDRESS}/"
SERVER_OF = {"s1": "10.0.0.21:80", "s2": "10.0.0.22:80"}


def config(timeout=TIMEOUT, preempt="true"):
    return f"""
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    preempt: {preempt}
    nodes: {{d1: 200, d2: 100}}
    addresses: [{ADDRESS}/32]
services:
  http:
    address: {ADDRESS}:80
    forward: direct
    scheduler: mh
    check: {{type: tcp, interval: {timeout}s, timeout: {timeout}s}}
    servers: [10.0.0.21, 10.0.0.22]
"""


class Lab:
    def __init__(self, net):
        lan = net.lan()
        self.hosts = {name: net.host(name)
                      for name in ("d1", "d2", "s1", "s2")}
        for name, last in (("d1", 11), ("d2", 12), ("s1", 21), ("s2", 22)):
            if name in SERVER_OF:
                ipvs.direct_real_server(self.hosts[name], ADDRESS)
            self.hosts[name].connect(lan, "eth0", f"10.0.0.{last}/24")
        self.client = net.host("client")
        self.client.connect(lan, "eth0", "10.0.0.3/24")
        for name in SERVER_OF:
            WebServer(self.hosts[name])
        for name in ("d1", "d2"):
            answer_on(self.hosts[name])
        self.one, self.two = (Director(net, self.hosts[name], config())
                              for name in ("d1", "d2"))

    def begin(self):
        for director in (self.one, self.two):
            director.launch()
        for director in (self.one, self.two):
            director.wait_ready()
        self.one.wait_state("front", "master")
        self.two.wait_state("front", "backup")
        for director in (self.one, self.two):
            wait_for(lambda director=director: set(self.health(director)) ==
                     {"up"}, 30, "verdicts")
        # Its flows are on one server; the other is the silent one.
        self.serving, = requests(self.client, URL, 1).by_server
        self.silent, = set(SERVER_OF) - {self.serving}

    @staticmethod
    def health(director):
        return [row["health"] for row in director.vipctl("show", "checks")]

    def one_leaves(self):
        self.one.stop()
        self.two.wait_state("front", "master")

    def silence(self):
        """The probes of d1, and only they, get no answer of that server."""
        self.hosts[self.silent].run("nft", "-f", "-", text_input="""
            table inet silence {
                chain input {
                    type filter hook input priority 0;
                    ip saddr 10.0.0.11 tcp dport 80 drop
                }
            }""")

    def end_silence(self):
        self.hosts[self.silent].run("nft", "delete", "table", "inet",
                                    "silence")

    def one_returns(self):
        """When d1 was started, and it is ready."""
        began = time.monotonic()
        self.one.start()
        return began

    def wait_why(self):
        """It hears the other one and says why it does nothing."""
        def said():
            row = self.one.instance("front")
            equal(row["state"], "backup", "d1")
            expect(WHY in row["reason"], f"says \"{row['reason']}\"")
            return True
        wait_for(said, 10, "d1 says why")
        step(f"d1: {self.one.instance('front')['reason']}")

    def wait_taken_over(self, began, deadline):
        """How long after it was started d1 was the master."""
        wait_for(lambda: self.one.instance("front")["state"] == "master",
                 deadline, "d1 takes over")
        took = time.monotonic() - began
        self.two.wait_state("front", "backup")
        return took

    def configure(self, **how):
        """Another configuration, for d1 when it is started."""
        for director in (self.one, self.two):
            director.write_config(config(**how))
        self.two.ask("reload")


def check_nothing_lost(requester):
    answers = requester.stop()
    longest = max(one["took"] for one in answers.requests)
    step(f"{answers}, the longest took {longest * 1000:.0f} ms")
    equal(answers.failures, [], "failed requests")


def late_verdict(lab):
    """One server answers no probe: its verdict is down, after the time-out."""
    step("d1 leaves and comes back; a server is silent to its probes")
    requester = Requester(lab.client, URL)
    lab.one_leaves()
    lab.silence()
    probe = Probe(lab.client, ADDRESS, 0.02)
    probe.wait_answer("d2", 10)
    began = lab.one_returns()
    lab.wait_why()
    equal(sorted(lab.health(lab.one)), ["unknown", "up"], "verdicts of d1")
    expect(not lab.one.instance("front")["may_preempt"], "it may preempt")
    took = lab.wait_taken_over(began, VERDICTS_MAX)
    known, = [row["since_ms"] / 1000
              for row in lab.one.vipctl("show", "checks")
              if row["health"] == "down"]
    step(f"d1 is master after {took:.1f} s, with verdicts for {known:.1f} s")
    expect(took >= TIMEOUT, "earlier than there could be a verdict")
    expect(known <= TAKES, "not at once after the verdict")
    ipvs.wait_weights(lab.hosts["d1"], SERVICE, {
        SERVER_OF[lab.serving]: 1, SERVER_OF[lab.silent]: 0}, 10)
    equal(dict(requests(lab.client, URL, 10).by_server), {lab.serving: 10},
          "who answers")
    check_nothing_lost(requester)
    probe.stop()
    equal(probe.owners(), ["d2", "d1"], "who held the address, in turn")
    lab.end_silence()


def no_verdict(lab):
    """A check that takes longer than the bound does not keep it for ever."""
    step("the same with a verdict that takes longer than the bound")
    lab.one_leaves()
    lab.configure(timeout=LONG)
    lab.silence()
    requester = Requester(lab.client, URL)
    began = lab.one_returns()
    lab.wait_why()
    took = lab.wait_taken_over(began, LONG)
    step(f"d1 is master after {took:.1f} s")
    equal(sorted(lab.health(lab.one)), ["unknown", "up"], "verdicts of d1")
    expect(VERDICTS_MAX <= took <= VERDICTS_MAX + TAKES, "not at the bound")
    check_nothing_lost(requester)
    lab.end_silence()


def no_preemption(lab):
    """It stays backup with all verdicts, and takes over without any."""
    step("preempt: false")
    lab.one_leaves()
    lab.configure(preempt="false")
    requester = Requester(lab.client, URL)
    lab.one_returns()
    wait_for(lambda: lab.one.instance("front")["may_preempt"], 20,
             "d1 has its verdicts")
    equal(lab.health(lab.one), ["up", "up"], "verdicts of d1")
    heard = lab.one.instance("front")["adverts_rx"]
    wait_for(lambda: lab.one.instance("front")["adverts_rx"] >= heard + 5, 15,
             "five more adverts")
    row = lab.one.instance("front")
    equal((row["state"], lab.two.instance("front")["state"]),
          ("backup", "master"), "d1 and d2")
    equal(row["reason"], "lower priority 100 heard, but preempt is off",
          "d1 says")
    step(f"d1: {row['reason']}")

    step("the only master leaves while d1 has no verdict")
    lab.one.stop()
    lab.silence()
    lab.one_returns()
    wait_for(lambda: lab.one.instance("front")["state"] == "backup", 10,
             "d1 is backup")
    expect("unknown" in lab.health(lab.one), "d1 has all verdicts already")
    leaving = time.monotonic()
    lab.two.stop()
    lab.one.wait_state("front", "master", 5)
    step(f"d1 is master {time.monotonic() - leaving:.1f} s later")
    expect("unknown" in lab.health(lab.one), "d1 waited for its verdict")
    check_nothing_lost(requester)
    lab.end_silence()


def main():
    with Net() as net:
        lab = Lab(net)
        lab.begin()
        with judged(TAKES / 4, work=True):
            late_verdict(lab)
            no_verdict(lab)
        no_preemption(lab)
        lab.one.stop()


if __name__ == "__main__":
    run(main)
