# SPDX-License-Identifier: ISC
"""What the machine itself gave while a test ran.

A limit in time judges a daemon only as long as the machine lets daemons run.
scenario.run() has a loop at ordinary priority run beside the test
(tools/absence), which records when it wanted to run and was not let. By that
record deadlines grow, and what failed in `with judged(limit)' while the machine
was away for longer than the limit is NotJudged: run() tries the test again, and
then tells it apart from those that passed and those that failed. On a quiet
machine there is no such absence, and every limit holds as it stands.
"""

import contextlib
import os
import struct
import subprocess
import tempfile
import threading
import time

TOOL = f"{os.path.dirname(os.path.realpath(__file__))}/tools/absence"
TURN = struct.Struct("=ddd")
# An ordinary wait for a processor that others share, seconds: no absence.
NOTHING = 0.002
# The loop's own sleep and work, at most, where nobody keeps it.
TURN_TAKES = 0.01
# For the record to reach the present, should the loop itself be away.
DEADLINE = 60
# Failures that an absence may explain: what is found, or is not there in time.
LATE = (AssertionError, TimeoutError, subprocess.TimeoutExpired)
_record = None


class TooEarly(AssertionError):
    """A failure that no absence excuses."""


class NotJudged(Exception):
    """The machine was away for longer than a limit that was missed."""

    def __init__(self, away, limit, error):
        super().__init__(f"not judged: the machine was away for "
                         f"{away * 1000:.0f} ms, the limit is "
                         f"{limit * 1000:.0f} ms: {error}")


class Record:
    """What the loop has told so far; it ends by close() or with us."""

    def __init__(self):
        self._file = tempfile.TemporaryFile()
        self._loop = subprocess.Popen([TOOL], stdout=self._file,
                                      stdin=subprocess.DEVNULL)
        self.pid = self._loop.pid
        self._lock = threading.Lock()
        self._at, self._until = 0, None
        self._turns = []	# (end, away, lost), those with an absence
        self._reach(0)

    def _read(self):
        with self._lock:
            data = os.pread(self._file.fileno(), 1 << 24, self._at)
            data = data[:len(data) // TURN.size * TURN.size]
            self._at += len(data)
            for turn in TURN.iter_unpack(data):
                self._until = turn[0]
                if turn[1] > NOTHING:
                    self._turns.append(turn)

    def _within(self, begin, end):
        """Turns with an absence that touches the time."""
        return [turn for turn in self._turns
                if turn[0] > begin and turn[0] - turn[1] < end]

    def _reach(self, when):
        """The record has come to that time."""
        give_up = time.monotonic() + DEADLINE
        self._read()
        while not self._until or self._until < when:
            if time.monotonic() > give_up:
                raise RuntimeError(f"{TOOL} tells nothing")
            time.sleep(0.01)
            self._read()

    def longest(self, begin, end):
        """The longest absence that touches the time, whole."""
        self._reach(end)
        return max((away for _, away, _ in self._within(begin, end)),
                   default=0)

    def lost(self, begin, end):
        """How much of the time the machine did not give. A loop that has long
        told nothing is away."""
        self._read()
        silent = end - max(begin, self._until)
        return (sum(lost for *_, lost in self._within(begin, end))
                + (silent if silent > TURN_TAKES else 0))

    def close(self):
        self._loop.kill()
        self._loop.wait()
        self._file.close()


def begin():
    """Record from now on; a test that calls nothing has no absences."""
    global _record
    _record = Record()


def end():
    global _record
    if _record:
        _record.close()
    _record = None


def loop():
    """The pid of the loop that looks."""
    return _record.pid


def longest(since, until=None):
    """Of the absences since a time of CLOCK_MONOTONIC, in seconds."""
    return _record.longest(since, until or time.monotonic()) if _record else 0


def lost(since):
    """Seconds since then that a process that has much to do did not get."""
    return _record.lost(since, time.monotonic()) if _record else 0


@contextlib.contextmanager
def judged(limit, work=False):
    """What happens in here stands and falls with the machine's being there: an
    absence of more than `limit' seconds can be the only reason for a failure.
    It is the shortest time that a daemon or the test itself is given here. With
    `work' it is one event that takes processors, so that absences add up."""
    since = time.monotonic()
    try:
        yield
    except TooEarly:
        raise
    except LATE as error:
        away = longest(since)
        if work:
            away = max(away, lost(since))
        if away > limit:
            raise NotJudged(away, limit, error) from error
        raise
