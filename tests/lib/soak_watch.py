# SPDX-License-Identifier: ISC
"""What must never happen to the daemons of a soak, whatever is done to them."""

import re
import time

from scenario import equal, expect
from suite import DAEMONS, children
from waiting import wait_for

# What no daemon may ever log: siblings that lie, and our own bugs.
NEVER = re.compile(r"link \w+: \w+: .*; (shut|refused)|impossible|"
                   r"refuses the generation|not understood|[Aa]ssert|"
                   r"Sanitizer|not a whole generation|parser: gone")


class Lines:
    """What is new in a log."""

    def __init__(self, path):
        self._file = open(path, encoding="utf-8", errors="replace")

    def new(self):
        return self._file.read().splitlines()


class Watch:
    """Of directors by their names: who runs, and what they log."""

    def __init__(self, directors):
        self.directors = directors
        self._logs = {(name, daemon): Lines(
            director.daemons[daemon].process.log)
            for name, director in directors.items() for daemon in DAEMONS}
        self._pids = {}
        for name in directors:
            self.remember(name, DAEMONS)

    def processes(self, name, daemon):
        """The pid of a daemon, and of ipvsd its parser's too."""
        pid = self.directors[name].pid(daemon)
        return [pid, *(children(pid)[:1] if daemon == "ipvsd" else [])]

    def remember(self, name, daemons):
        """These have been started anew."""
        for daemon in daemons:
            self._pids[name, daemon] = self.processes(name, daemon)

    def nobody_ended(self):
        for (name, daemon), pids in self._pids.items():
            expect(self.directors[name].daemons[daemon].process.alive(),
                   f"{name}: {daemon} has ended")
            equal(self.processes(name, daemon), pids,
                  f"{name}: processes of {daemon}")

    def nothing_odd_logged(self):
        for (name, daemon), lines in self._logs.items():
            odd = [line for line in lines.new() if NEVER.search(line)]
            expect(not odd, f"{name}: {daemon} has logged: {odd}")


def pause(seconds):
    """What a step's hold means: the fault lasts so long."""
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= end, max(seconds, 0) + 1, "the hold")
