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

from scenario import checkout, equal, expect, run, step

# The list: "19. TTL/hop limit != 255 discarded. [wire]", below "## 2 Receive".
POINTS = "tests/net/conformance-points.md"
POINT = re.compile(r"^(\d+)\. (.+(?:\n +.+)*)", re.M)
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


def points():
    """[(section, number, text)], in the list's order."""
    with open(f"{checkout()}/{POINTS}", encoding="utf-8") as file:
        sections = re.split(r"^## (\d) .*$", file.read(), flags=re.M)
    return [(section, int(number), " ".join(text.split()))
            for section, body in zip(sections[1::2], sections[2::2])
            for number, text in POINT.findall(body)]


def main():
    listed = points()
    equal([number for _, number, _ in listed], list(range(1, 85)),
          "the list's numbers")
    unit = tests("unit/*.c")
    wire = tests("net/conformance-[!c]*.py", "net/conformance-clock.py",
                 "net/interop*.py")
    missing = []
    for section, number, text in listed:
        names = [sorted(found.get(number, ())) for found in (unit, wire)]
        if "[not here]" in text or "[not built]" in text:
            step(f"{section}: {number:2}  {text}")
            continue
        if not any(names) or ("[wire]" in text and not names[1]):
            missing.append(number)
        step(f"{section}: {number:2}  unit {', '.join(names[0]) or '-'}; "
             f"wire {', '.join(names[1]) or '-'}")
    expect(not missing, f"points without a test: {missing}")


run(main)
