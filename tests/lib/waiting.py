# SPDX-License-Identifier: ISC
"""Waiting for a condition with a deadline: the only way that tests wait."""

import time


class Late(AssertionError):
    """The condition did not come true in time."""


def wait_for(condition, deadline, what, interval=0.02):
    """Poll condition() until it is true, and return what it returned.

    deadline is in seconds from now. An AssertionError from condition() counts
    as "not yet"; the last one is told when the time is over.
    """
    end = time.monotonic() + deadline
    while True:
        complaint = None
        try:
            if result := condition():
                return result
        except Late:
            raise
        except AssertionError as error:
            complaint = error
        if time.monotonic() >= end:
            text = f"{what}: not within {deadline:g} s"
            raise Late(f"{text} ({complaint})" if complaint else text)
        time.sleep(interval)
