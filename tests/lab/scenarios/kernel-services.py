#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""ipvsd's kernel half against a kernel with ip_vs: tests/lab/kernel."""

import os
import subprocess
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../../lib")

from scenario import Skip, equal, run, step
from waiting import wait_for

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed",
              "nq", "fo", "ovf", "mh")


def main():
    build = os.path.realpath(os.environ.get("TRIUMVIR_BUILD") or "build")
    program = f"{build}/tests/unit/kernel-test"
    if not os.path.exists(program):
        raise Skip(f"{program} is not built")
    for scheduler in SCHEDULERS:
        subprocess.run(["modprobe", f"ip_vs_{scheduler}"], check=True)
    for part in ("addresses", "services"):
        step(part)
        with subprocess.Popen([program, part]) as process:
            try:
                wait_for(lambda: process.poll() is not None, 300, part)
            finally:
                process.kill()
        equal(process.returncode, 0, f"{part}: exit status")


if __name__ == "__main__":
    run(main)
