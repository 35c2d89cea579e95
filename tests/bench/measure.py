# SPDX-License-Identifier: ISC
"""What benchmarks share: pairs and ratios, processes' memory and time, loops."""

import os
import statistics
import struct
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from scenario import step  # noqa: E402
from suite import cpu_seconds  # noqa: E402,F401: for the benchmarks

LOOPWATCH_BUCKETS = 10000   # see loopwatch.c
LOOPWATCH_BUCKET_US = 20


def median(values):
    return statistics.median(values)


def pairs(count, one, other):
    """Run one() and other() in turns; the two lists of what they gave."""
    ones, others = [], []
    for number in range(count):
        ones.append(one())
        others.append(other())
        step(f"pair {number + 1}: {ones[-1]:.4g} and {others[-1]:.4g}, "
             f"ratio {ones[-1] / others[-1]:.3f}")
    return ones, others


def ratio(ones, others):
    """The median of the ratios, pair by pair."""
    return median([one / other for one, other in zip(ones, others)])


class Limits:
    """Collects what is over its limit, to be told all at once."""

    def __init__(self):
        self.broken = []

    def most(self, value, limit, what):
        verdict = "ok" if value <= limit else "TOO MUCH"
        step(f"{what}: {value:.3f} (at most {limit:g}): {verdict}")
        if value > limit:
            self.broken.append(what)

    def least(self, value, limit, what):
        verdict = "ok" if value >= limit else "TOO LITTLE"
        step(f"{what}: {value:.3f} (at least {limit:g}): {verdict}")
        if value < limit:
            self.broken.append(what)

    def judge(self):
        if self.broken:
            raise AssertionError("missed: " + "; ".join(self.broken))


def private_dirty(pid):
    """KiB of memory that this process alone has written."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1])
    raise RuntimeError(f"no Private_Dirty of {pid}")


class Loop:
    """A daemon's event loop, watched by loopwatch.so."""

    def __init__(self, path):
        self.path = path

    def _read(self):
        with open(self.path, "rb") as file:
            data = file.read()
        return struct.unpack(f"={len(data) // 8}Q", data)

    def reset(self):
        wanted = self._read()[0] + 1
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=Q", wanted))

    def longest(self, kind):
        """The longest turn, in seconds, of "wall" or "cpu"."""
        at = 8 * (2 + (kind == "cpu") * (LOOPWATCH_BUCKETS + 1))
        with open(self.path, "rb") as file:
            return struct.unpack("=Q", os.pread(file.fileno(), 8, at))[0] / 1e9

    def percentiles(self, kind):
        """({50: ms, 99: ms, 99.9: ms, 100: ms}, turns) of "wall" or "cpu"."""
        words = self._read()[2:]
        if kind == "cpu":
            words = words[LOOPWATCH_BUCKETS + 1:]
        longest, counts = words[0], words[1:LOOPWATCH_BUCKETS + 1]
        total = sum(counts)
        found = {}
        for percent in (50, 99, 99.9):
            rank, seen = total * percent / 100, 0
            for bucket, count in enumerate(counts):
                seen += count
                if seen >= rank:
                    found[percent] = (bucket + 1) * LOOPWATCH_BUCKET_US / 1e3
                    break
        found[100] = longest / 1e6
        return found, total
