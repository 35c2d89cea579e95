#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The faults of a pair of directors that preempts; see fault_matrix.py.

TRIUMVIR_MATRIX_INTERVAL is the interval in ms: 400 unless it is set, the
shortest beside 1 s at which a daemon is back within its lease and CI is not
kept waiting.
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
        with Net() as net:
            run_scene(Scene(net, interval_ms(400), {"d1": 200, "d2": 180}),
                      done)
    finally:
        judge(done)


run(main)
