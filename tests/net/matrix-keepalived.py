#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The faults of our director beside Debian's keepalived, which knows nothing
of hand-overs: as its master, then as its backup; see fault_matrix.py.

TRIUMVIR_MATRIX_INTERVAL is the interval in ms: 400 unless it is set.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fault_matrix import Scene, interval_ms, judge, run_scene
from net import Net
from scenario import run


def main():
    done = []
    try:
        for priorities in ({"d1": 200, "d2": 180}, {"d1": 180, "d2": 200}):
            with Net() as net:
                run_scene(Scene(net, interval_ms(400), priorities,
                                foreign="d2"), done)
    finally:
        judge(done)


run(main)
