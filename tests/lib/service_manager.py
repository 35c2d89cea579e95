# SPDX-License-Identifier: ISC
"""systemd as PID 1 of a host: the machine that its units were written for.

Only where all that is written is thrown away: in the lab VM.
"""

import os
import subprocess

from scenario import Skip, equal
from suite import build, children
from waiting import wait_for

SYSTEMD = "/lib/systemd/systemd"
UNITS = "/etc/systemd/system"
# What a machine has beside the units under test: a journal.
TARGET = """[Unit]
Description=the host of a test
Wants=systemd-journald.service systemd-journald.socket
After=systemd-journald.service
AllowIsolate=yes
"""
# In namespaces of its own, with a hierarchy of control groups that it owns.
SETUP = """
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs -o mode=1777 tmp /var/tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec env -i container=lab PATH=$PATH "$@"
"""


def needs_vm():
    if "TRIUMVIR_IN_VM" not in os.environ:
        raise Skip("installs into the root: in the lab VM only")


def package():
    """The Debian package to be installed, if one was built for it."""
    return os.environ.get("TRIUMVIR_PACKAGE")


def install():
    """Into this root: the package, or as the package does, and the users."""
    commands = (["cmake", "--install", build(), "--prefix", "/usr"],
                ["systemd-sysusers"])
    if package():
        # A container's root may forbid it to start services.
        commands = (["rm", "-f", "/usr/sbin/policy-rc.d"],
                    ["dpkg", "--force-unsafe-io", "-i", package()])
    for command in commands:
        done = subprocess.run(command, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        equal(done.returncode, 0, f"{command}: {done.stdout}")


class Machine:
    """A host under systemd."""

    def __init__(self, host):
        self.host = host
        with open(f"{UNITS}/lab.target", "w", encoding="ascii") as file:
            file.write(TARGET)
        self.process = host.popen(
            "systemd", "sh", "-c",
            f"mkdir -p /tmp/{host.name} && "
            f"mount -t cgroup2 cgroup2 /tmp/{host.name} && "
            f"mkdir -p /tmp/{host.name}/{host.name} && "
            f"echo $$ > /tmp/{host.name}/{host.name}/cgroup.procs && "
            f"umount /tmp/{host.name} && "
            f"exec unshare --pid --fork --kill-child --mount --cgroup --ipc "
            f"sh -ec '{SETUP}' sh {SYSTEMD} --system --unit=lab.target "
            "--log-target=console --show-status=no")
        wait_for(self._booted, 60, f"{host.name}: systemd")

    def _pid(self):
        found = children(self.process.pid)
        assert found, "no child yet"
        return str(found[0])

    def _booted(self):
        done = self.run("systemctl", "is-active", "lab.target", check=False)
        assert done.stdout.strip() == "active", done.stdout + done.stderr
        return True

    def run(self, *words, check=True, timeout=120):
        """A command on the machine."""
        return self.host.run("nsenter", "-t", self._pid(), "-m", "-p", "-C",
                             "-i", *words, check=check, timeout=timeout)

    def systemctl(self, *words, check=True):
        return self.run("systemctl", *words, check=check).stdout

    def show(self, unit, *names):
        """Properties of a unit, by their names."""
        text = self.systemctl("show", unit, *(f"-p{name}" for name in names))
        return dict(line.split("=", 1) for line in text.splitlines())

    def pid(self, unit):
        return self.show(unit, "MainPID")["MainPID"]

    def journal(self, *units):
        return self.run("journalctl", "--no-pager", "-o", "short-precise",
                        *(f"-u{unit}" for unit in units)).stdout
