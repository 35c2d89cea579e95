#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The Debian package: built, judged, installed, upgraded, removed, purged.

It is built from the checkout, lintian has no error or warning that is not
explained in packaging/debian, every program is hardened. It goes into a
throw-away copy of this root: users are there, nothing runs, what an
administrator wrote stays until they remove it.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from scenario import checkout, equal, expect, run, step
from suite import DAEMONS

PROGRAMS = (*(f"sbin/{name}" for name in (*DAEMONS, "vipctl")),
            "libexec/triumvir/ipvsd-parser")
IN_A_COPY = """
set -eu
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" none \
    "$1/root"
mount -t proc none "$1/root/proc"
mount --bind /dev "$1/root/dev"
mount -t tmpfs none "$1/root/run"
mount -t tmpfs none "$1/root/tmp"
cp "$2" "$1/root/tmp/package.deb"
chroot "$1/root" sh -euc "$3"
"""
# id -nG of each daemon's user.
GROUPS = [{"_ipvsd", "_triumvir", "_vipctl", "_vrrpd", "_checkd"},
          {"_vrrpd", "_triumvir", "_vipctl"},
          {"_checkd", "_triumvir", "_vipctl"}]
STEPS = """
say() { echo "== $1"; }
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
for user in _ipvsd _vrrpd _checkd; do userdel "$user" 2>/dev/null || :; done
for group in _triumvir _vipctl; do groupdel "$group" 2>/dev/null || :; done
say install
dpkg -i /tmp/package.deb
say users
for user in _ipvsd _vrrpd _checkd; do id -nG "$user"; done
say directory
stat -c '%A %U:%G' /run/triumvir
say example
cp /usr/share/doc/triumvir/examples/two-directors.yaml \
    /etc/triumvir/director.yaml
vipctl check /etc/triumvir/director.yaml 2>&1 || :
say parser
ipvsd -n -N netology1 2>&1
say enabled
cd /etc/systemd/system
ls triumvir.target.wants multi-user.target.wants
say upgrade
dpkg -i /tmp/package.deb
say remove
dpkg -r triumvir
ls /usr/sbin/ipvsd /lib/systemd/system/ipvsd.service 2>&1 || :
say purge
dpkg -P triumvir
ls -d /run/triumvir /etc/systemd/system/triumvir.target.wants 2>&1 || :
ls /etc/triumvir
say end
"""


def command(*words, **more):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)
    equal(done.returncode, 0, f"{words[0]}: {done.stdout[-3000:]}")
    return done.stdout


def build(into):
    # As a packager has it: debhelper takes the flags of the environment.
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("CFLAGS", "CPPFLAGS", "LDFLAGS")}
    command(f"{checkout()}/packaging/build-deb", into, env=environment)
    package, = (path for path in glob.glob(f"{into}/triumvir_*.deb"))
    changes, = glob.glob(f"{into}/*.changes")
    step(f"built: {os.path.basename(package)}")
    command("lintian", "--allow-root", "--fail-on", "error,warning", changes)
    step("lintian: no error, no warning")
    return package


def hardened(package, into):
    command("dpkg-deb", "-x", package, into)
    for name in PROGRAMS:
        path = f"{into}/usr/{name}"
        text = command("readelf", "-Wa", path)
        for what, pattern in (
                ("position-independent", r"Type:\s+DYN"),
                ("relocations read-only", r"GNU_RELRO"),
                ("bound at the start", r"\bNOW\b"),
                ("stack protector", r"__stack_chk_fail"),
                ("fortified", r"__\w+_chk@")):
            expect(re.search(pattern, text), f"{name}: not {what}")
    step("every program is hardened")


def sections(text):
    """What stands below each `== name'."""
    parts = re.split(r"^== (\w+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def lives(package, directory):
    text = command("unshare", "-m", "--propagation", "private", "sh", "-c",
                   IN_A_COPY, "sh", directory, package, STEPS)
    found = sections(text)
    expect("end" in found, f"it went to its end: {text[-2000:]}")
    equal([set(line.split()) for line in found["users"].splitlines()], GROUPS,
          "the users and their groups")
    equal(found["directory"].strip(), "drwxrwxr-t root:_triumvir",
          "the run-time directory")
    # That host is not in it, which only the file's reader can tell.
    expect("director.yaml" in found["example"] or not found["example"],
           f"the example is read: {found['example']}")
    expect(found["parser"].rstrip().endswith("[colocated]"),
           f"ipvsd -n finds its parser: {found['parser']}")
    for unit in (*(f"{name}.service" for name in DAEMONS), "triumvir.target"):
        expect(unit in found["enabled"], f"{unit} is enabled")
    step("installed: users, directory, units")
    equal(found["remove"].count("No such file"), 2, "what remove leaves")
    equal(found["purge"].count("No such file"), 2, "what purge leaves")
    expect(found["purge"].rstrip().endswith("director.yaml"),
           "the administrator's file stays")
    step("upgraded, removed, purged")


def main():
    with tempfile.TemporaryDirectory() as directory:
        package = build(f"{directory}/built")
        hardened(package, f"{directory}/unpacked")
        os.mkdir(f"{directory}/copy")
        lives(package, f"{directory}/copy")


run(main)
