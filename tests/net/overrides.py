#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What an operator has drained stays drained, whatever the file does to it.

A drain by a node's name is the node's: it follows a new address, and does not
stay with who has the old one. A server that is written by the node's address is
the node. What is drained and no longer in the configuration is shown, can be
ended, and holds again when it comes back.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director, one_instance

NODES = "s1: 10.0.0.21, s2: 10.0.0.22, s3: 10.0.0.23"
SERVERS = "s1, s2, 10.0.0.23"


def config(nodes=NODES, servers=SERVERS, more=""):
    text = one_instance("300ms")
    return text.replace("nodes: {", f"nodes: {{{nodes}, ", 1) + f"""
services:
  web:
    address: 10.0.0.100:80
    scheduler: rr
    servers: [{servers}]
{more}"""


def drained(director):
    """{service: addresses that are drained}, and the rows of absent ones."""
    rows = director.vipctl("show", "services")
    return ([row["address"] for row in rows if row.get("kind") == "server"
             and row["override"] == "drained"],
            [(row["server"], row["node"]) for row in rows
             if row.get("kind") == "override"])


def load(director, *args, **more):
    director.write_config(config(*args, **more))
    director.ask("reload")


def follows(director):
    director.ask("drain", "s1")
    equal(drained(director), (["10.0.0.21"], []), "drained")
    load(director, NODES.replace("10.0.0.21", "10.0.0.31"))
    equal(drained(director), (["10.0.0.31"], []), "s1 has moved")
    step("s1 and s2 change places")
    load(director, "s1: 10.0.0.22, s2: 10.0.0.31, s3: 10.0.0.23")
    equal(drained(director), (["10.0.0.22"], []), "s1 and s2 in each other's")
    step("ipvsd is started again")
    director.stop("ipvsd")
    director.start("ipvsd")
    equal(drained(director), (["10.0.0.22"], []), "after a restart")
    director.ask("enable", "s1")
    equal(drained(director), ([], []), "enabled")
    load(director)
    equal(drained(director), ([], []), "the old address has none of it")


def written_by_address(director):
    director.ask("drain", "s3")
    equal(drained(director), (["10.0.0.23"], []), "drained")
    load(director, NODES.replace("10.0.0.23", "10.0.0.33"),
         SERVERS.replace("10.0.0.23", "10.0.0.33"))
    equal(drained(director), (["10.0.0.33"], []), "s3 has moved")
    load(director)
    director.ask("enable", "web/s3")
    equal(drained(director), ([], []), "enabled")
    done = director.ask("drain", "d1", check=False)
    equal(done.returncode, 1, "a name that is no server")


def absent(director):
    director.ask("drain", "s2")
    director.ask("drain", "10.0.0.23:80")
    load(director, servers="s1")
    equal(drained(director), ([], [("10.0.0.22", "s2"), ("10.0.0.23", "")]),
          "out of the file")
    line = ("drained by operator, not in the configuration: tcp 10.0.0.100:80 "
            "-> 10.0.0.22:80 (node s2)\n")
    for words in (("status",), ("show", "services")):
        expect(line in (out := director.ask(*words).stdout), out)
    equal([row["server"] for row in director.vipctl("status")["overrides"]],
          ["10.0.0.22", "10.0.0.23"], "in JSON")
    load(director)
    equal(drained(director), (["10.0.0.22", "10.0.0.23"], []), "back again")
    load(director, servers="s1")
    director.ask("enable", "s2")
    director.ask("enable", "web/10.0.0.23")
    equal(drained(director), ([], []), "ended while absent")
    equal(director.ask("enable", "s2", check=False).returncode, 1,
          "what is not there")
    load(director)
    equal(drained(director), ([], []), "back again")


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, config()).start()
        step("a node moves")
        follows(director)
        step("a server is written by the node's address")
        written_by_address(director)
        step("out of the file")
        absent(director)


if __name__ == "__main__":
    run(main)
