#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Is every point of the list of VRRP conformance points a test?

A test that shows point 19 is named point_19_what (or point_19_79_what, for
both): a unit test that is run, or a function of a wire test that is called.
Prints which tests show which point; fails when a point has none.
"""

import glob
import os
import re
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from scenario import checkout, expect, run, step

# Packet format, receive checks, timers, states; versions, logs.
SECTIONS = {"1": range(1, 19), "2": range(19, 40), "3": range(40, 49),
            "4": range(49, 66), "5": (66, 69, 70, 71, 73, 74, 77, 78),
            "6": range(79, 82), "7": range(82, 85)}
NOT_BUILT = {
    5: "virtual MAC", 38: "unicast", 80: "both versions at once",
}
# These have to be seen on the wire, whatever unit tests show.
ON_THE_WIRE = (1, 2, 3, 4, 6, 8, 16, 17, 19, 20, 21, 22, 23, 24, 26, 27, 28,
               29, 31, 32, 33, 34, 35, 36, 40, 41, 42, 44, 45, 51, 54, 57, 58,
               59, 60, 61, 62, 66, 69, 70, 71, 73, 74, 77, 78, 79, 81, 82, 83,
               84)
NAME = re.compile(r"\bpoint((?:_\d+)+)_[a-z0-9_]+\b")


def tests(*patterns):
    """{point: names} of tests that are defined and run: named twice."""
    text = ""
    for pattern in patterns:
        for path in glob.glob(f"{checkout()}/tests/{pattern}"):
            with open(path, encoding="utf-8") as file:
                text += file.read()
    found = {}
    for name, numbers in {match.group(0, 1) for match in NAME.finditer(text)}:
        expect(len(re.findall(rf"\b{name}\b", text)) > 1,
               f"{name} is never run")
        for number in numbers.strip("_").split("_"):
            found.setdefault(int(number), []).append(name)
    return found


def main():
    unit = tests("unit/*.c")
    wire = tests("net/conformance-[!c]*.py", "net/conformance-clock.py",
                 "net/interop*.py")
    missing = []
    for section, numbers in SECTIONS.items():
        for number in numbers:
            names = [sorted(found.get(number, ())) for found in (unit, wire)]
            if number in NOT_BUILT:
                step(f"{section}: {number:2}  not built: {NOT_BUILT[number]}")
                continue
            if not any(names) or (number in ON_THE_WIRE and not names[1]):
                missing.append(number)
            step(f"{section}: {number:2}  unit {', '.join(names[0]) or '-'}; "
                 f"wire {', '.join(names[1]) or '-'}")
    expect(not missing, f"points without a test: {missing}")


run(main)
