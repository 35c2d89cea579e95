#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A sibling that reads so slowly that a link's queue overflows is there all
the same.

What found no room is told anew when the queue is empty. The sibling's vote
counts, in a reload that runs meanwhile, and nobody says that it was gone.
"""

import os
import socket
import struct
import sys
import threading

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from checkd_peer import encode as encode_checkd, tcp
from fake_ipvsd import MSG, encode as encode_vrrpd, sealed
from hostile import Victim, packet
from net import Net
from scenario import equal, expect, results, run, step
from siblings import IPVSD, Client
from suite import Director, work_directory
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  web:
    interface: eth0
    vrid: 1
    interval: %ss
    nodes: [a, b]
    addresses: [192.168.1.100/32]
"""
GENERATION_AT = 12
STATE = ("COMMITTED", "SNAPSHOT")
DEADLINE = 10


def to_checkd(director):
    return next(row for row in director.vipctl("show", "links")
                if row["daemon"] == "ipvsd" and row["peer"] == "checkd")


def fill(link, row):
    """Asks for snapshots, which it does not read, until one finds no room;
    row() is the other's of this link. How many packets were dropped."""
    before, said = row(), 0
    while row()["dropped_full"] == before["dropped_full"]:
        for _ in range(100):
            link.say("RESYNC")
        said += 100
        wait_for(lambda: row()["rx"] == before["rx"] + said, DEADLINE,
                 "RESYNC is heard")
    return row()["dropped_full"]


class Reload:
    """`vipctl reload` of another configuration."""

    def __init__(self, director, interval):
        director.write_config(CONFIG % interval)
        self.done = None
        self.thread = threading.Thread(target=self._run, args=(director,),
                                       daemon=True)
        self.thread.start()

    def _run(self, director):
        self.done = director.ask("reload", check=False)

    def goes_on(self):
        self.thread.join(0.5)
        expect(self.done is None, "the reload did not wait for the vote")

    def end(self, status):
        self.thread.join(DEADLINE)
        expect(self.done is not None, "the reload has no end")
        equal(self.done.returncode, status, "vipctl reload")
        return self.done.stdout + self.done.stderr


def commit(link, generation):
    """It says READY and comes into a generation."""
    link.say("READY", generation=generation)
    link.expect("COMMIT", STATE)
    link.generation = generation
    link.say("COMMITTED")
    link.snapshot()


def lost_prepare(director, link):
    dropped = fill(link, lambda: to_checkd(director))
    reload = Reload(director, 2)
    wait_for(lambda: to_checkd(director)["dropped_full"] > dropped, DEADLINE,
             "PREPARE finds no room")
    reload.goes_on()
    generation = link.prepared(STATE)
    reload.goes_on()
    commit(link, generation)
    reload.end(0)


def overflow_in_a_vote(director, link):
    """What it says of the PREPARE that it has counts."""
    reload = Reload(director, 3)
    generation = link.prepared()
    fill(link, lambda: to_checkd(director))
    link.settle()
    reload.goes_on()
    link.say("REJECT", b"\0\5probe\0\3bad", generation)
    expect("checkd: probe: bad" in reload.end(1), "why is not said")


def lost_commit(director, link):
    reload = Reload(director, 4)
    generation = link.prepared()
    fill(link, lambda: to_checkd(director))
    link.say("READY", generation=generation)
    reload.end(0)
    equal(link.prepared(STATE), generation, "the generation in force")
    commit(link, generation)


def reloads(net, host):
    director = Director(net, host, CONFIG % 1)
    director.start("ipvsd")
    checkd = Client(director, "_checkd")
    checkd.hello()
    link = checkd.link(IPVSD)
    link.join()
    for part in (lost_prepare, overflow_in_a_vote, lost_commit):
        step(f"  {part.__name__.replace('_', ' ')}")
        part(director, link)
    equal((to_checkd(director)["state"], to_checkd(director)["lies"]),
          ("up", 0), "the link")
    log = director.daemons["ipvsd"].process.output()
    equal([line.split("link checkd: ")[1] for line in log.splitlines()
           if "link checkd" in line], ["down -> up"], "what the log says of it")
    director.stop("ipvsd")
    link.sock.close()
    checkd.close()


def sibling(net, host, name, data):
    """Its state and its vote, when ipvsd is the slow one."""
    victim = Victim(net, host, name)
    peer = victim.peers["IPVSD"]
    generation, = struct.unpack_from("!Q", data, GENERATION_AT)

    def prepare():
        fd = sealed(data)
        socket.send_fds(peer.sock, [packet(
            MSG["PREPARE"], struct.pack("!I", len(data)), generation)], [fd])
        os.close(fd)
    prepare()
    peer.expect("READY")
    peer.generation = generation
    peer.say("COMMIT")
    peer.say("COMMITTED")
    peer.snapshot()
    dropped = fill(peer, lambda: victim.links()["IPVSD"])
    prepare()
    wait_for(lambda: victim.links()["IPVSD"]["dropped_full"] > dropped,
             DEADLINE, "READY finds no room")
    peer.expect("COMMITTED", ("SNAPSHOT", "VERDICTS"))
    equal(peer.expect("SNAPSHOT")[1], b"\1", "the begin of a snapshot")
    while peer.hear()[0] != "SNAPSHOT":
        pass
    equal(peer.expect("READY")[0], generation, "READY")
    victim.stop()
    with open(f"{results()}/{name}.log", encoding="utf-8") as log:
        equal([line.split(f"{name}: ")[1] for line in log.read().splitlines()
               if "link ipvsd" in line], ["link ipvsd: up"],
              "what the log says of it")


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        step("ipvsd reloads")
        reloads(net, host)
        path = f"{work_directory(net)}/director.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG % 1)
        probes = [tcp(1, "127.0.0.1", 9, check="web", interval=60000)]
        for name, data in (("vrrpd", encode_vrrpd(path, "a")),
                           ("checkd", encode_checkd(5, probes))):
            step(f"{name} speaks to a slow ipvsd")
            sibling(net, host, name, data)


run(main)
