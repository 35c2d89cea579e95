#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The faults of a pair with adverts every 10 ms whose backup has priority 254,
so that it takes over as soon as the protocol admits; see fault_matrix.py.

Without preemption, since the master has the lower priority. A lease is 29 ms
here: no daemon is back within it, and vrrpd hands over before it ends for a
restart. What checkd's faults cost has nothing to do with adverts: they are left
to TRIUMVIR_MATRIX_WHOLE.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from fault_matrix import Scene, judge, run_scene
from net import Net
from scenario import run

WHOLE = "TRIUMVIR_MATRIX_WHOLE" in os.environ


def main():
    done = []
    try:
        with Net() as net:
            run_scene(Scene(net, 10, {"d1": 100, "d2": 254}, preempt=False),
                      done, () if WHOLE else (("checkd",),))
    finally:
        judge(done)


run(main)
