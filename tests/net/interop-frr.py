#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Our director and FRR's vrrpd take over from each other, both ways, in
version 2 and 3, over IPv4 and IPv6.

Where FRR 8.4 deviates: its IPv6 list does not begin with the link-local
address (tolerated by us and counted); timers are cut to 10 ms; a losing advert
is not answered, so that who loses hears of it an interval later.
"""

import json
import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from interop import THEIRS, Form, Meeting, point_81_take_over_both_ways
from net import Net
from peers import Frr, frr_interface
from scenario import expect, run, step

FORMS = [
    Form("v2", 20, version=2),
    Form("v2-greater", 21, version=2, own=13),
    Form("v3", 22),
    Form("v3-greater", 23, own=13),
    Form("v6", 25, family=6),
    Form("v6-greater", 26, family=6, own=13),
]


class FrrPeer:
    priority = 150

    def __init__(self, net, host):
        self.net, self.host = net, host
        self.frr = None
        for form in FORMS:
            # It takes the first link-local address it finds there as source.
            frr_interface(host, "eth0", form.vrid, form.family,
                          [f"{form.address}/{32 if form.family == 4 else 128}"]
                          + ([f"{THEIRS[6]}/64"] if form.family == 6 else []))

    def _config(self):
        text = "interface eth0\n"
        for form in FORMS:
            kind = "ip" if form.family == 4 else "ipv6"
            text += (f" vrrp {form.vrid} version {form.version}\n"
                     f" vrrp {form.vrid} priority {self.priority}\n"
                     f" vrrp {form.vrid} advertisement-interval "
                     f"{form.interval_ms}\n"
                     f" vrrp {form.vrid} {kind} {form.address}\n")
        return text

    def start(self):
        self.frr = Frr(self.net, self.host, self._config())

    def leave(self):
        self.frr.configure("interface eth0", *[
            f"vrrp {form.vrid} shutdown" for form in FORMS])
        self.frr.kill()

    def kill(self):
        self.frr.kill()

    def backs(self, form):
        """Backup, or not yet anything."""
        for router in json.loads(self.frr.show() or "[]"):
            if router["vrid"] == form.vrid:
                return router[f"v{form.family}"]["status"] != "Master"
        return True

    def source(self, form):
        return THEIRS[form.family]


def main():
    with Net() as net:
        meeting = Meeting(net, FORMS)
        point_81_take_over_both_ways(meeting, FrrPeer(net, meeting.d2))
        meeting.judge()
        rows = meeting.rows()
        for form in FORMS:
            odd = rows[form.name]["first_address_tolerated"]
            expect((odd > 0) == (form.family == 6), f"{form.name}: {odd} odd")
        step("IPv6 lists without a link-local address: counted")


run(main, limit=0.2)
