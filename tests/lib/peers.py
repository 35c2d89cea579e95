# SPDX-License-Identifier: ISC
"""Other people's VRRP routers on a host, to meet ours."""

import os
import shutil

from scenario import Skip
from suite import work_directory
from waiting import wait_for


def keepalived(net, host, config, directory=None, prefix=()):
    """Debian's keepalived with a configuration text, running; a Process.

    Its configuration is keepalived.conf in that directory, or one of its own.
    """
    program = shutil.which("keepalived", path="/usr/sbin:/usr/bin")
    if program is None:
        raise Skip("no keepalived")
    directory = directory or work_directory(net)
    path = f"{directory}/keepalived.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(config)
    return host.popen("keepalived", *prefix, program, "--dont-fork",
                      "--log-console", "--log-detail", "--dump-conf",
                      "-f", path,
                      "-p", f"{directory}/pid", "-r", f"{directory}/vrrp.pid",
                      "-c", f"{directory}/check.pid")


FRR_DAEMONS = "/usr/lib/frr"


class Frr:
    """FRR's zebra and vrrpd on a host with a vrrpd configuration.

    It wants a macvlan with the virtual MAC and the addresses for each virtual
    router and family: make them with frr_interface() first, for IPv6 with a
    link-local address too.
    """

    def __init__(self, net, host, config):
        if not os.path.exists(f"{FRR_DAEMONS}/vrrpd"):
            raise Skip("no FRR with vrrpd")
        self.host = host
        self.directory = work_directory(net)
        shutil.chown(self.directory, "frr", "frr")
        self.zebra = self._daemon("zebra", "")
        wait_for(lambda: os.path.exists(f"{self.directory}/zserv"), 20,
                 "FRR's zebra")
        self.vrrpd = self._daemon("vrrpd", config)
        wait_for(lambda: os.path.exists(f"{self.directory}/vrrpd.vty"), 20,
                 "FRR's vrrpd")

    def _daemon(self, name, config):
        path = f"{self.directory}/{name}.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"hostname {self.host.name}\n{config}")
        shutil.chown(path, "frr", "frr")
        return self.host.popen(
            f"frr-{name}", f"{FRR_DAEMONS}/{name}", "-f", path,
            "-i", f"{self.directory}/{name}.pid",
            "-z", f"{self.directory}/zserv", "--vty_socket", self.directory,
            "-P", "0", "--log", "stdout", "--log-level", "debug")

    def _vtysh(self, *commands):
        words = [word for command in commands for word in ("-c", command)]
        return self.host.run("vtysh", "--vty_socket", self.directory, "-d",
                             "vrrpd", *words).stdout

    def show(self):
        """What its vrrpd says of itself, as JSON."""
        return self._vtysh("show vrrp json")

    def configure(self, *lines):
        self._vtysh("configure terminal", *lines)

    def kill(self):
        """Silence, without a word."""
        self.vrrpd.kill()
        self.zebra.kill()


def frr_interface(host, interface, vrid, family, addresses):
    """The macvlan that FRR sends and answers from; its name and MAC."""
    name = f"vrrp{family}-2-{vrid}"
    mac = f"00:00:5e:00:0{1 if family == 4 else 2}:{vrid:02x}"
    host.ip(f"link add {name} link {interface} type macvlan mode bridge",
            f"link set dev {name} address {mac} addrgenmode none",
            *[f"addr add {address} dev {name}" for address in addresses],
            f"link set {name} up")
    return name, mac
