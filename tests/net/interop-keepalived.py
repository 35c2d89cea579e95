#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Our director and Debian's keepalived take over from each other, both ways,
in version 2 and 3, over IPv4 and IPv6.

Where keepalived 2.2.7 deviates: it drops adverts with another list of
addresses (so the lists are the same here); killed, it leaves the addresses
behind; and in version 3 over IPv4 it sends and takes the checksum with the
pseudo-header of RFC 5798 alone (v3_checksum_as_v2 came later): what we send
with `checksum: rfc9568' it drops, what it sends is taken by us in any case.
"""

import os
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from interop import OURS, THEIRS, Form, Meeting, point_81_take_over_both_ways
from net import Net
from peers import keepalived
from scenario import run
from waiting import wait_for

FORMS = [
    Form("v2", 20, version=2),
    Form("v2-greater", 21, version=2, own=13),
    Form("v3", 22),
    Form("v3-greater", 23, own=13),
    Form("v6", 25, family=6),
    Form("v6-greater", 26, family=6, own=13),
    Form("v2-unicast", 27, version=2, unicast="true"),
    Form("v3-unicast", 28, own=13, unicast="true"),
    # It sends IPv6 with hop limit 64 where it sends to one router.
    Form("v6-unicast", 29, family=6, unicast="{hops: 191, peers: {d2: "
         f"\"{THEIRS[6]}\"}}}}"),
]
OTHER_DIALECT = Form("v3-rfc9568", 24, checksum="rfc9568")

INSTANCE = """
vrrp_instance {name} {{
    interface eth0
    virtual_router_id {vrid}
    priority 150
    advert_int {seconds:g}
    version {version}
    virtual_ipaddress {{
        {addresses}
    }}
    {more}
}}
"""

UNICAST = """
    unicast_src_ip {own}
    unicast_peer {{
        {peer}
    }}
"""


class KeepalivedPeer:
    priority = 150

    def __init__(self, net, host, forms):
        self.net, self.host, self.forms = net, host, forms
        self.config = "".join(INSTANCE.format(
            name=form.name, vrid=form.vrid, more=self.unicast(form), version=form.version,
            seconds=form.interval_ms / 1000, addresses="\n        ".join(
                f"{address} dev eth0" for address in form.addresses))
            for form in forms)

    @staticmethod
    def unicast(form):
        if form.unicast == "false":
            return ""
        return UNICAST.format(own=THEIRS[form.family],
                              peer=OURS[form.family][form.own])

    def start(self):
        self.process = keepalived(self.net, self.host, self.config)

    def leave(self):
        self.process.stop()

    def kill(self):
        # All at once, else a child tidies up after its parent.
        pids = self.host.members()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                os.kill(pid, number)
        self.process.wait()
        wait_for(lambda: not self.host.members(), 5, "all are gone")
        # It leaves the addresses there for ever.
        self.host.ip(*[f"addr del {address} dev eth0"
                       for form in self.forms for address in form.addresses])

    def backs(self, form):
        return not self.host.holds(form.address)

    def source(self, form):
        return THEIRS[form.family]


def point_25_81_other_dialect():
    """We take its checksum though we send the other one, which it drops."""
    with Net() as net:
        meeting = Meeting(net, [OTHER_DIALECT])
        peer = KeepalivedPeer(net, meeting.d2, meeting.forms)
        peer.start()
        meeting.begin(peer, 100)
        meeting.theirs("its dialect is taken by us")
        meeting.priority(200)
        wait_for(lambda: "Invalid VRRPv3 checksum" in peer.process.output(),
                 20, "keepalived drops ours")
        peer.leave()
        meeting.ours("it left", settle=False)
        meeting.judge()


def main():
    point_25_81_other_dialect()
    with Net() as net:
        meeting = Meeting(net, FORMS)
        point_81_take_over_both_ways(
            meeting, KeepalivedPeer(net, meeting.d2, FORMS))
        meeting.judge()


run(main)
