#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What befalls a pair in the field, at random, under requests on its addresses.

Addresses flushed and deleted, other MACs, cables and ports, addresses that
others leave or claim, strangers with our VRID: one at a time or two that
overlap (lib/field_soak.py). Two directors answer the requests themselves.
"""

import os
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from field_soak import FieldSoak, Limits, go_on
from net import Net
from scenario import run

SECONDS = float(os.environ.get("TRIUMVIR_SOAK_SECONDS", 40))
INTERVAL = 0.2


def main():
    with Net() as net:
        go_on(FieldSoak(net, Limits(INTERVAL, 2, 1)), SECONDS)


run(main)
