#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The faults of our director beside Debian's keepalived, which knows nothing
of hand-overs: as its master and, with TRIUMVIR_MATRIX_WHOLE set, as its backup
too and with the faults of checkd, which it has no part in; see fault_matrix.py.

TRIUMVIR_MATRIX_INTERVAL is the interval in ms: 400 unless it is set.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fault_matrix import Scene, interval_ms, judge, run_scene
from net import Net
from scenario import run

WHOLE = "TRIUMVIR_MATRIX_WHOLE" in os.environ


def main():
    done = []
    try:
        for ours in (200, 160) if WHOLE else (200,):
            with Net() as net:
                run_scene(Scene(net, interval_ms(400),
                                {"d1": ours, "d2": 180}, foreign="d2"), done,
                          () if WHOLE else (("checkd",),))
    finally:
        judge(done)


run(main)
