#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Two masters on one wire: each that can know it says so, in status too.

By a director that hears nothing, and by one that was told another version.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director, two_hosts
from waiting import wait_for

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  web:
    interface: eth0
    vrid: 7
    version: 3
    interval: 1s
    nodes: [d1, d2]
    addresses: [10.0.0.100/32]
"""
DEAF = ("add table ip test; add chain ip test input "
        "{ type filter hook input priority 0; }; "
        "add rule ip test input ip protocol 112 drop")


def wait_said(director, text):
    def said():
        out = director.ask("status").stdout
        line = [line for line in out.splitlines()
                if line.startswith(f"web: {text}, ") and line.endswith(" ago")]
        assert line, out
        return line[0]
    step(wait_for(said, 20, f"{director.host.name}: {text}"))
    log = director.daemons["vrrpd"].process.output()
    expect(f"vrrp web: {text}\n" in log, f"{text!r} is not in the log")


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        hosts = two_hosts(net, lan)
        first, second = (Director(net, host, CONFIG) for host in hosts)
        second.start()
        second.wait_state("web", "master")
        first.start()
        first.wait_state("web", "master")
        second.wait_state("web", "backup")
        for director in (first, second):
            row = director.instance("web")
            equal((row["two_masters"], row.get("odd")), (0, None),
                  f"{director.host.name}: a takeover is nothing odd")

        step("d2 does not hear")
        hosts[1].run("nft", DEAF)
        wait_said(first, "10.0.0.12 is master as well")
        hosts[1].run("nft", "delete table ip test")
        second.wait_state("web", "backup")

        step("d2 speaks another version")
        second.write_config(CONFIG.replace("version: 3", "version: 2"))
        second.ask("reload")
        for director, peer in ((first, 12), (second, 11)):
            wait_said(director, f"advert from 10.0.0.{peer} dropped: "
                                "another or unknown version")


run(main)
