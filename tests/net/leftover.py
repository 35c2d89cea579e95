#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Virtual addresses that others have left on a host.

A director starts where a killed predecessor or an operator has left addresses,
or they come later: they are removed, or kept and told. What is not as
configured, what `nodes` gives to the host, and what another program on it is
master of, stays.
"""

import os
import signal
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from peers import keepalived
from scenario import equal, expect, run, step
from suite import Director, children, link_local, two_hosts
from waiting import wait_for

VIRTUAL, OTHER = "10.0.0.100", "10.0.0.101"
VIRTUAL6, LOCAL6 = "2001:db8::100", "fe80::100"
KEPT = "10.0.0.102"
ANOTHERS = "10.0.0.103"     # d2 is no node of it
OWN = "10.0.0.12"

CONFIG = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12}
vrrp:
  four:
    interface: eth0
    vrid: 7
    interval: 300ms
    nodes: [d1, d2]
    addresses: [10.0.0.100/32, 10.0.0.101/32]
  six:
    interface: eth0
    vrid: 7
    interval: 300ms
    nodes: [d1, d2]
    addresses: ["fe80::100/64", "2001:db8::100/128"]
  kept:
    interface: eth0
    vrid: 8
    interval: 300ms
    nodes: [d1, d2]
    leftover: %s
    addresses: [10.0.0.102/32]
  alone:
    interface: eth0
    vrid: 10
    nodes: [d1]
    addresses: [10.0.0.103/32]
  own:
    interface: eth0
    vrid: 9
    interval: 300ms
    nodes: {d1: 100, d2: 255}
    addresses: [10.0.0.12/24]
"""

KEEPALIVED = """
vrrp_instance beside {
    state MASTER
    interface eth0
    virtual_router_id 7
    priority 50
    advert_int 0.5
    version 3
    virtual_ipaddress { 10.0.0.100/32 }
}
vrrp_instance beside6 {
    state MASTER
    interface eth0
    virtual_router_id 7
    priority 50
    advert_int 0.5
    version 3
    virtual_ipaddress { fe80::100/64 }
    virtual_ipaddress_excluded { 2001:db8::100/128 }
}
vrrp_instance another {
    state MASTER
    interface eth0
    virtual_router_id 8
    priority 50
    advert_int 1
    version 2
    authentication { auth_type PASS
        auth_pass secret }
    virtual_ipaddress { 10.0.0.102/32 }
}
"""


def wrong(director):
    """What `vipctl status --check` says, and its code."""
    done = director.ask("status", "--check", check=False)
    return done.returncode, done.stdout


def leftovers(director):
    """{address: what ipvsd says of it}."""
    return {row["address"]: row["leftover"]
            for row in director.vipctl("status")["instances"]
            for row in row["addresses"] if "leftover" in row}


def log(director):
    return "".join(director.daemons[name].process.output()
                   for name in ("ipvsd", "vrrpd"))


def never_touched(host, addresses, seconds):
    """They stay, as they are, for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for address in addresses:
            expect(host.holds(address), f"{address} went")
        time.sleep(0.05)


def removed(two, host):
    """A killed predecessor's, of both families, at the start."""
    host.ip(f"addr add {VIRTUAL}/32 dev eth0",
            f"addr add {OTHER}/24 dev eth0",
            f"addr add {VIRTUAL6}/128 dev eth0 nodad",
            f"addr add {LOCAL6}/64 dev eth0 nodad",
            f"addr add {KEPT}/32 dev eth0")
    two.start()
    for name in ("four", "six", "kept"):
        two.wait_state(name, "backup")
    wait_for(lambda: not any(map(host.holds, (VIRTUAL, VIRTUAL6, LOCAL6))), 10,
             "what was left is removed")
    expect(host.holds(OTHER), "another prefix than ours")
    expect(host.holds(KEPT), "leftover: keep")
    expect(host.holds(OWN), "the owner's")
    told = leftovers(two)
    equal(sorted(told), sorted((OTHER, KEPT)), "what is told")
    expect("not as configured" in told[OTHER], told[OTHER])
    expect("kept" in told[KEPT], told[KEPT])
    code, said = wrong(two)
    equal(code, 1, f"--check: {said}")
    expect("not master" in said, said)
    text = two.ask("status", check=False).stdout
    expect(f"{KEPT}/32 left here by others" in text, text)
    expect(f"{VIRTUAL}/32 was left by somebody else" in log(two), "a log line")
    expect(f"{OTHER}/24 is on eth0" in log(two), "a log line")
    step("left at the start: removed, or told")


def later(two, host):
    """While it runs: on another interface, and the configured one."""
    host.ip(f"addr del {OTHER}/24 dev eth0",
            f"addr add {OTHER}/32 dev lo",
            f"addr add {VIRTUAL}/32 dev eth0",
            f"addr add {VIRTUAL6}/128 dev eth0 nodad")
    wait_for(lambda: not any(map(host.holds, (VIRTUAL, VIRTUAL6))), 10,
             "what came later is removed")
    expect(host.holds(OTHER, "lo"), "another interface than ours")
    wait_for(lambda: "is on lo" in leftovers(two).get(OTHER, ""), 5, "told")
    host.ip(f"addr del {OTHER}/32 dev lo")
    wait_for(lambda: sorted(leftovers(two)) == [KEPT], 5, "no longer told")
    step("left while it runs: removed, or told")


def no_node(two, host):
    """What this host is to hold never is told as well."""
    host.ip(f"addr add {ANOTHERS}/32 dev eth0")
    wait_for(lambda: [row["address"] for row in
                      two.vipctl("status")["leftovers"]] == [ANOTHERS], 5,
             "told in status")
    expect(any("no node of it" in one["text"]
               for one in two.vipctl("status")["wrong"]), "what is wrong")
    expect(f"{ANOTHERS}/32 is on eth0, and this host is no node of it" in
           log(two), "a log line")
    host.ip(f"addr del {ANOTHERS}/32 dev eth0")
    wait_for(lambda: two.vipctl("status")["leftovers"] == [], 5, "it is gone")
    step("of an instance of others: told")


def reloaded(two, host):
    """A reload changes its mind."""
    two.write_config(CONFIG % "remove")
    two.ask("reload")
    wait_for(lambda: not host.holds(KEPT), 10, "removed by a reload")
    two.write_config(CONFIG % "keep")
    two.ask("reload")
    equal(leftovers(two), {}, "nothing is left")
    equal(wrong(two)[0], 0, "all is well")
    step("a reload from keep to remove")


def term_goes_on(two, host):
    """A term that is not over is not touched: who is master, alone, restarts."""
    for name in ("four", "six", "kept"):
        two.wait_state(name, "master")
    mine = (VIRTUAL, OTHER, VIRTUAL6, LOCAL6, KEPT, OWN)
    two.kill("ipvsd")
    two.launch("ipvsd")
    never_touched(host, mine, 1)
    two.wait_ready("ipvsd")
    for name in ("four", "six", "kept"):
        two.wait_state(name, "master")
    two.stop("ipvsd", number=signal.SIGUSR2)
    two.launch("ipvsd")
    never_touched(host, mine, 1)
    two.wait_ready("ipvsd")
    equal(leftovers(two), {}, "what a term holds is no leftover")
    step("the addresses of a term are not touched")


def beside(net, two, host):
    """A keepalived that nobody stopped is master on this very host."""
    two.stop()
    process = keepalived(net, host, KEEPALIVED)
    theirs = (VIRTUAL, VIRTUAL6, LOCAL6, KEPT)
    wait_for(lambda: all(map(host.holds, theirs)), 15, "keepalived is master")
    two.start()
    wait_for(lambda: sorted(leftovers(two)) == sorted(theirs) and all(
        "stop it first" in text for text in leftovers(two).values()), 15,
        "told whose they are")
    for name in ("four", "six", "kept"):
        wait_for(lambda: "stop it first" in two.instance(name)["reason"], 15,
                 f"{name}: why it is not master")
        expect("another program on this host sends adverts of VRID" in
               two.instance(name)["odd"], two.instance(name)["odd"])
    never_touched(host, theirs, 5)
    equal(wrong(two)[0], 1, "--check")
    for pid in (*children(process.pid), process.pid):
        os.kill(pid, signal.SIGKILL)
    net_left = [address for address in theirs if host.holds(address)]
    equal(net_left, list(theirs), "a killed keepalived leaves its addresses")
    for name in ("four", "six", "kept"):
        two.wait_state(name, "master")
    wait_for(lambda: all(lives(host, address) for address in theirs[:3]), 10,
             "what was taken over has a lifetime")
    two.stop()
    expect(not any(map(host.holds, theirs[:3])), "and goes with us")
    step("a keepalived beside us is let be, then relieved")


def lives(host, address):
    """Whether it ends by itself."""
    out = host.run("ip", "-o", "addr", "show", "dev", "eth0").stdout
    return any(f" {address}/" in line and "valid_lft forever" not in line
               for line in out.splitlines())


def main():
    with Net() as net:
        lan = net.lan(capture=False)
        hosts = two_hosts(net, lan)
        link_local(hosts)
        one, two = (Director(net, host, CONFIG % "keep") for host in hosts)
        one.start()
        for name in ("four", "six", "kept"):
            one.wait_state(name, "master")
        removed(two, hosts[1])
        later(two, hosts[1])
        no_node(two, hosts[1])
        reloaded(two, hosts[1])
        one.stop()
        term_goes_on(two, hosts[1])
        beside(net, two, hosts[1])


run(main)
