# SPDX-License-Identifier: ISC
"""Waiting for a condition with a deadline: the only way that tests wait."""

import time

import machine


class Late(AssertionError):
    """The condition did not come true in time."""


class Deadline:
    """So many seconds from now, and what the machine does not give of them."""

    def __init__(self, seconds):
        self.seconds, self._began = seconds, time.monotonic()

    def over(self):
        end = self._began + self.seconds
        return (time.monotonic() >= end
                and time.monotonic() >= end + machine.lost(self._began))


def wait_for(condition, deadline, what, interval=0.02):
    """Poll condition() until it is true, and return what it returned.

    deadline is in seconds from now; see Deadline. An AssertionError from
    condition() counts as "not yet"; the last one is told when the time is
    over.
    """
    end = Deadline(deadline)
    while True:
        complaint = None
        try:
            if result := condition():
                return result
        except Late:
            raise
        except AssertionError as error:
            complaint = error
        if end.over():
            text = f"{what}: not within {deadline:g} s"
            raise Late(f"{text} ({complaint})" if complaint else text)
        time.sleep(interval)
