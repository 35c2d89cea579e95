#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""10,000 services of 10 servers from empty, under the units' policy and limits.

The table is more work than LimitRTTIME lets a real-time process do without a
sleep. ipvsd programs it as one process, and neither it nor vrrpd loses the
address meanwhile. Then all goes by a reload, and comes again. Takes minutes in
the lab VM: `ctest -L long`, or by hand tests/lab/run tests/lab/from-empty.py
"""

import os
import sys

sys.path[:0] = [f"{os.path.dirname(os.path.realpath(__file__))}/../{name}"
                for name in ("lib", "bench")]

from fake_ipvsd import ctl
from loops import SERVERS, SERVICES, large, small
import ipvs
from net import Net
from scenario import Skip, equal, run, step
from suite import Director, as_unit, cpu_seconds, limit
from waiting import wait_for

DEADLINE = 900
VIP = "10.1.0.1"


def text(of):
    """The interval keeps a slow machine from losing the address."""
    return of().replace("interval: 100ms", "interval: 2s")


def programmed(director, services):
    rows = ctl(f"{director.rundir}/ipvsd.ctl", "kernel", deadline=60)
    assert rows[0]["waiting"] == 0, f"{rows[0]['waiting']} wait"
    found = ipvs.table(director.host)
    assert len(found) == services, f"{len(found)} services"
    equal(sum(len(one.servers) for one in found.values()), services * SERVERS,
          "servers")
    return True


def main():
    if not as_unit("ipvsd"):
        raise Skip("no real-time scheduling here")
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, text(large)).start()
        pids = {name: director.pid(name) for name in ("ipvsd", "vrrpd")}
        equal(limit(pids["ipvsd"], "Max realtime timeout"), ["2000000"] * 2,
              "ipvsd's limit, us")
        before = None
        for what, services in ((None, SERVICES), (small, 0), (large, SERVICES)):
            if what:
                director.write_config(text(what))
                director.ask("reload")
            wait_for(lambda: programmed(director, services), DEADLINE,
                     f"{services} services")
            wait_for(lambda: host.holds(VIP), 60, "the address")
            step(f"{services} services: {cpu_seconds(pids['ipvsd']):.1f} s of "
                 "ipvsd so far")
            if before is None:
                director.wait_state("web", "master")
                before = director.instance("web")["become_master"]
        equal({name: director.pid(name) for name in pids}, pids, "processes")
        director.wait_state("web", "master")
        equal(director.instance("web")["become_master"], before,
              "became master")
        director.stop()


run(main)
