#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What `cmake --install` puts into a root, judged by systemd's own tools.

The units are correct and have no ordering cycle, each is exposed no more than
it may be, users and the run-time directory come into being as they should.
"""

import os
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from scenario import Skip, equal, expect, run, step
from suite import ASKERS, DAEMONS, GROUP, build

# systemd-analyze security: its levels, times ten.
EXPOSURE = {"ipvsd": 14, "vrrpd": 21, "checkd": 13}
UNITS = "lib/systemd/system"
# What `verify' has to find of the host's own.
BEFORE_US = ("network-pre.target", "systemd-modules-load.service",
             "systemd-sysctl.service", "sysinit.target", "basic.target",
             "multi-user.target", "shutdown.target", "sockets.target",
             "timers.target", "paths.target", "slices.target",
             "local-fs.target", "swap.target", "-.mount")
FILES = {
    "usr/sbin": [*DAEMONS, "vipctl"],
    "usr/libexec/triumvir": ["ipvsd-parser"],
    "usr/share/man/man8": [f"{name}.8" for name in (*DAEMONS, "vipctl")],
    "usr/share/bash-completion/completions": ["vipctl"],
    "usr/share/zsh/vendor-completions": ["_vipctl"],
    "usr/share/man/man5": ["director.yaml.5"],
    f"usr/{UNITS}": ["triumvir.target",
                     *(f"{name}.service" for name in DAEMONS)],
    "usr/lib/sysusers.d": ["triumvir.conf"],
    "usr/lib/tmpfiles.d": ["triumvir.conf"],
    "usr/lib/modules-load.d": ["triumvir.conf"],
    "usr/lib/sysctl.d": ["triumvir.conf"],
}


def tool(*words, **more):
    return subprocess.run(words, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)


def install(root):
    done = tool("cmake", "--install", build(), "--prefix", "/usr",
                env={**os.environ, "DESTDIR": root})
    equal(done.returncode, 0, f"cmake --install: {done.stdout}")
    for directory, names in FILES.items():
        found = set(os.listdir(f"{root}/{directory}"))
        equal(set(names) - found, set(), f"{directory}: missing")
    for path, _, names in os.walk(root):
        for name in names:
            mode = stat.S_IMODE(os.stat(f"{path}/{name}").st_mode)
            program = path.endswith(("/sbin", "/libexec/triumvir"))
            equal(oct(mode), oct(0o755 if program else 0o644),
                  f"{path}/{name}: mode")
    examples = os.listdir(f"{root}/usr/share/doc/triumvir/examples")
    expect("two-directors.yaml" in examples, f"examples: {examples}")
    step("installed")


def users(root):
    os.makedirs(f"{root}/etc")
    done = tool("systemd-sysusers", f"--root={root}")
    equal((done.returncode, "not a valid" in done.stdout), (0, False),
          f"systemd-sysusers: {done.stdout}")
    with open(f"{root}/etc/passwd", encoding="ascii") as file:
        passwd = {line.split(":")[0]: line.strip().split(":")
                  for line in file}
    with open(f"{root}/etc/group", encoding="ascii") as file:
        groups = {line.split(":")[0]: line.strip().split(":")
                  for line in file}
    for name in DAEMONS:
        entry = passwd[f"_{name}"]
        equal(entry[5:], ["/nonexistent", "/usr/sbin/nologin"],
              f"_{name}: home and shell")
        equal(groups[f"_{name}"][2], entry[3], f"_{name}: a group of its own")
    for group in (GROUP, ASKERS):
        equal(sorted(groups[group][3].split(",")),
              sorted(f"_{name}" for name in DAEMONS), f"members of {group}")
    for name in ("vrrpd", "checkd"):
        equal(sorted(groups[f"_{name}"][3].split(",")),
              sorted(["_ipvsd", f"_{name}"]), f"members of _{name}")
    equal(tool("systemd-tmpfiles", f"--root={root}", "--create").returncode,
          0, "systemd-tmpfiles")
    directory = os.stat(f"{root}/run/triumvir")
    equal((oct(directory.st_mode & 0o7777), directory.st_uid,
           str(directory.st_gid)), (oct(0o1775), 0, groups["_triumvir"][2]),
          "/run/triumvir: mode, owner, group")
    own = os.stat(f"{root}/run/triumvir/ipvsd")
    equal((oct(own.st_mode & 0o7777), str(own.st_uid)),
          (oct(0o700), passwd["_ipvsd"][2]), "/run/triumvir/ipvsd")
    step("users and the run-time directory")


def settings(root):
    """The kernel takes them; in a namespace of its own, which has its own."""
    done = tool("unshare", "-n", "sh", "-euc",
                f"/lib/systemd/systemd-sysctl {root}/usr/lib/sysctl.d/"
                "triumvir.conf; cat /proc/sys/net/ipv4/ping_group_range")
    equal((done.returncode, done.stdout.split()), (0, ["0", "2147483647"]),
          "systemd-sysctl: net.ipv4.ping_group_range")
    step("the kernel's settings")


def exposure(root):
    for name, most in EXPOSURE.items():
        done = tool("systemd-analyze", "security", "--offline=true",
                    f"--root={root}", f"--threshold={most}", f"{name}.service")
        level = done.stdout.splitlines()[-1] if done.stdout else ""
        expect("exposure level" in level, f"{name}: {done.stdout}")
        equal(done.returncode, 0, f"{name}: {level}")
        step(level)


def verified(root):
    for name in BEFORE_US:
        source = f"/{UNITS}/{name}"
        if os.path.exists(source):
            shutil.copy(source, f"{root}/usr/{UNITS}")
    done = tool("systemd-analyze", "verify", "--man=no", f"--root={root}",
                "triumvir.target", *(f"{name}.service" for name in DAEMONS))
    ours = [line for line in done.stdout.splitlines()
            if any(name in line for name in ("triumvir", *DAEMONS))]
    equal((ours, "cycle" in done.stdout), ([], False),
          f"systemd-analyze verify: {done.stdout}")
    step("verified")


def main():
    if not shutil.which("systemd-analyze"):
        raise Skip("no systemd-analyze")
    with tempfile.TemporaryDirectory(prefix="triumvir-root.") as root:
        install(root)
        users(root)
        settings(root)
        exposure(root)
        verified(root)


if __name__ == "__main__":
    run(main)
