#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a reload finds on the host itself, through the parser's sandbox.

An interface that is not there and a module that is missing are warnings: the
reload goes on, and who asked for it reads what is wrong and what would be
right.  What peers do not bear one after the other is said as well.  A file that
_ipvsd cannot read is refused with what to do.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from judge import kernel
from net import Net
from scenario import equal, expect, run, step
from suite import Director, one_instance
from waiting import wait_for

CONFIG = one_instance("200ms")
SERVICE = """
services:
  web:
    address: 10.0.0.100:80
    servers: [10.0.0.21]
"""


def reload(director, config, *said, code=0):
    director.write_config(config)
    return asked(director, *said, code=code)


def asked(director, *said, code=0):
    done = director.ask("reload", check=False)
    output = done.stdout + done.stderr
    equal(done.returncode, code, output)
    for words in said:
        expect(words in output, f"{words!r} is not in: {output}")
    step(output.strip().splitlines())
    return output


def unreadable(director):
    """As a file that was made by an editor of root's."""
    os.chmod(director.config, 0o600)
    asked(director, "cannot be read", "_ipvsd", "chgrp _ipvsd", code=1)
    os.chmod(director.config, 0o640)
    os.mkdir(f"{director.directory}/conf.d", 0o700)
    asked(director, "conf.d cannot be read", "chgrp _ipvsd", code=1)
    os.rmdir(f"{director.directory}/conf.d")
    # What the parser could read by its bits, and may not by Landlock, which a
    # build with the address sanitizer does not have.
    os.mkdir(f"{director.directory}/conf.d", 0o755)
    os.symlink("/etc/hostname", f"{director.directory}/conf.d/a.yaml")
    output = asked(director, code=1)
    expect("option -R adds" in output or "a configuration is a map" in output,
           output)
    os.unlink(f"{director.directory}/conf.d/a.yaml")
    os.rmdir(f"{director.directory}/conf.d")


def main():
    with Net() as net:
        host = net.host("d1")
        host.connect(net.lan(capture=False), "eth0", "10.0.0.11/24")
        director = Director(net, host, CONFIG).start()
        director.wait_state("web", "master")
        output = reload(director, CONFIG)
        expect("warning" not in output, output)
        reload(director, CONFIG.replace("eth0", "eht0"),
               'no interface "eht0", did you mean "eth0"? '
               "[warning: interface-missing]\n", "reloaded")
        reload(director, CONFIG)
        director.wait_state("web", "master")
        output = reload(director, CONFIG + SERVICE)
        equal("module-missing" in output, kernel(director)["ip_vs"] != "yes",
              "said when the kernel has no ip_vs")
        reload(director, CONFIG.replace("vrid: ", "vrid: 1"),
               "vrrp web: the vrid changes from 7 to 17: ",
               "may be two owners [warning: reload-vrid]\n", "reloaded")
        # The parser asks the kernel then: its filter lets it. No interface here
        # is in a VRF; tests/lab/scenarios/vrf-and-bond.py has one that is.
        host.sysctl("net.ipv4.raw_l3mdev_accept", 0)
        output = reload(director, CONFIG, "reloaded")
        expect("vrf" not in output, output)
        unreadable(director)
        wait_for(lambda: director.instance("web")["state"] == "master", 10,
                 "it goes on")


run(main)
