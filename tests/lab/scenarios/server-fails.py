#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Real servers fail and come back, one and all of them.

A server whose port is closed leaves the table within fall x interval + timeout
and returns after rise successes; only requests sent to it fail meanwhile.
"""

import os
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

import ipvs
from net import Net
from scenario import equal, expect, run, step
from suite import Director
from waiting import wait_for
from web import Requester, WebServer, requests

INTERVAL, TIMEOUT, RISE, FALL = 1.0, 0.5, 2, 3
# Of what is measured here: ipvsadm is asked over and over, perhaps under
# emulation.
MARGIN = 1.0
CONFIG = f"""
nodes: {{d1: 10.0.0.11}}
vrrp:
  front:
    interface: eth0
    vrid: 10
    interval: 1s
    nodes: [d1]
    addresses: [10.0.0.100/32]
services:
  http:
    address: 10.0.0.100:80
    forward: direct
    scheduler: rr
    check:
      type: tcp
      interval: {INTERVAL * 1000:.0f}ms
      timeout: {TIMEOUT * 1000:.0f}ms
      rise: {RISE}
      fall: {FALL}
    servers: [10.0.0.21, 10.0.0.22, 10.0.0.23]
"""
ADDRESS = "10.0.0.100"
SERVICE = f"TCP {ADDRESS}:80"
URL = f"http://{ADDRESS}/"


def table_of(webs):
    return {f"{web.address}:80": 1 for web in webs}


def one_fails(host, client, webs):
    broken, *others = webs
    requester = Requester(client, URL, timeout=1)
    closing = time.monotonic()
    broken.stop()
    ipvs.wait_weights(host, SERVICE, table_of(others), 20)
    removed = time.monotonic()
    step(f"out of the table after {removed - closing:.2f} s")
    limit = FALL * INTERVAL + TIMEOUT + MARGIN
    expect(removed - closing <= limit, f"later than {limit:.2f} s")

    equal(requests(client, URL, 10).failures, [], "failures without it")
    opening = time.monotonic()
    broken.start()
    opened = time.monotonic()
    ipvs.wait_weights(host, SERVICE, table_of(webs), 20)
    back = time.monotonic()
    step(f"in the table again after {back - opened:.2f} s")
    # The port was opened somewhere between the two.
    expect(back - opening >= (RISE - 1) * INTERVAL, "earlier than `rise`")
    limit = RISE * INTERVAL + TIMEOUT + MARGIN
    expect(back - opened <= limit, f"later than {limit:.2f} s")
    good = requester.answers().by_server[broken.host.name]
    wait_for(lambda: requester.answers().by_server[broken.host.name] > good,
             10, "requests on it again")

    answers = requester.stop()
    step(str(answers))
    failed = [one for one in answers.requests if "error" in one]
    expect(failed, "no request met the closed port: nothing was shown")
    for one in failed:
        expect(one["at"] + one["took"] >= closing and one["at"] <= removed,
               f"failed outside of the time it was in the table: {one}")
        # Reset: it was in the queue of the port that closed.
        expect("Refused" in one["error"] or "reset" in one["error"],
               f"not by the closed port: {one}")
    # In turn: of any three one after the other at most one went there.
    marks = ["error" in one for one in answers.requests]
    expect(not any(first and second for first, second
                   in zip(marks, marks[1:])), "two failed in a row")


def all_fail(host, client, webs):
    for web in webs:
        web.stop()
    ipvs.wait_weights(host, SERVICE, {}, 20)
    expect(SERVICE in ipvs.table(host), "the service is gone with its servers")
    answers = requests(client, URL, 3, timeout=0.5)
    equal(len(answers.failures), 3, "failures with no server")
    for web in webs:
        web.start()
    ipvs.wait_weights(host, SERVICE, table_of(webs), 20)
    answers = requests(client, URL, 12)
    equal(answers.failures, [], "failures with all servers back")
    equal(dict(answers.by_server), {web.host.name: 4 for web in webs},
          "who answered")


def main():
    with Net() as net:
        lan = net.lan()
        host, client = net.host("d1"), net.host("client")
        host.connect(lan, "eth0", "10.0.0.11/24")
        client.connect(lan, "eth0", "10.0.0.3/24")
        webs = []
        for last in (21, 22, 23):
            server = net.host(f"s{last}")
            ipvs.direct_real_server(server, ADDRESS)
            server.connect(lan, "eth0", f"10.0.0.{last}/24")
            webs.append(WebServer(server))
            webs[-1].address = f"10.0.0.{last}"
        director = Director(net, host, CONFIG).start()
        director.wait_state("front", "master")
        ipvs.wait_weights(host, SERVICE, table_of(webs), 20)
        equal(requests(client, URL, 12).failures, [], "failures")
        for web in webs[:2]:
            step(f"the port of {web.host.name} closes")
            one_fails(host, client,
                      [web, *(other for other in webs if other is not web)])
        step("all ports close")
        all_fail(host, client, webs)
        director.stop()


if __name__ == "__main__":
    run(main)
