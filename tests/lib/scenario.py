# SPDX-License-Identifier: ISC
"""The frame of a scenario: results directory, steps, verdict.

A scenario is a script that calls run(main). It passes when main() returns; an
AssertionError or any other exception is a failure, whose traces stay in the
results directory.
"""

import glob
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

SKIPPED = 77
LOG_LINES = 30
_began = time.monotonic()
_results = None
_own_results = False


class Skip(Exception):
    """What the scenario needs is not on this machine."""


def results():
    """The directory for logs and captures ($TRIUMVIR_RESULTS, or a new one)."""
    global _results, _own_results
    if _results is None:
        _results = os.environ.get("TRIUMVIR_RESULTS")
        if _results:
            _results = os.path.realpath(_results)
            os.makedirs(_results, exist_ok=True)
        else:
            _own_results = True
            _results = tempfile.mkdtemp(prefix="triumvir-results.")
            os.chmod(_results, 0o755)
    return _results


def checkout():
    return os.path.realpath(f"{os.path.dirname(__file__)}/../..")


def step(text):
    """Say what happens now, with the time since the start."""
    print(f"{time.monotonic() - _began:8.2f}  {text}", flush=True)


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, expected {wanted!r}")


def _tell_logs():
    """How the logs of the directors' daemons end: results may be far away."""
    for path in sorted(glob.glob(f"{results()}/*.*d.log")):
        with open(path, encoding="utf-8", errors="replace") as log:
            lines = log.read().splitlines()
        print(f"--- {os.path.basename(path)}", *lines[-LOG_LINES:],
              sep="\n", flush=True)


def run(main):
    """Run main() as a scenario and end the process with its verdict."""
    def ended(number, _frame):
        # An exception, so that every context manager cleans up.
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    name = os.path.basename(sys.argv[0])
    if os.geteuid() != 0:
        print(f"SKIP  {name}: needs root")
        sys.exit(SKIPPED)
    try:
        main()
    except Skip as reason:
        print(f"SKIP  {name}: {reason}")
        sys.exit(SKIPPED)
    except (Exception, KeyboardInterrupt) as error:
        traceback.print_exc()
        _tell_logs()
        print(f"FAIL  {name}: {error}\n      see {results()}", flush=True)
        sys.exit(1)
    step(f"passed: {name}")
    if _own_results:
        shutil.rmtree(_results)
