# SPDX-License-Identifier: ISC
"""The frame of a scenario: results directory, steps, verdict.

A scenario is a script that calls run(main). It passes when main() returns; an
AssertionError or any other exception is a failure, whose traces stay in the
results directory. What could not be judged (machine.py) is tried once more.
"""

import contextlib
import glob
import math
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

import machine

SKIPPED, NOT_JUDGED = 77, 78
# How often in a row a test may not be judged, less one.
NEVER_JUDGED = 3
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


def _timeout(seconds):
    """End the test after so much time, and what the machine did not give."""
    def over(*_):
        left = seconds + machine.lost(_began) - (time.monotonic() - _began)
        if left <= 0:
            raise KeyboardInterrupt(f"not done within {seconds:g} s")
        signal.setitimer(signal.ITIMER_REAL, left)

    signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _not_judged(name, text):
    """Note it; the exit status. Once it is judged again, the note goes."""
    note = _note(name)
    os.makedirs(os.path.dirname(note), exist_ok=True)
    with open(note, "a+", encoding="utf-8") as file:
        file.write(text.splitlines()[0] + "\n")
        file.seek(0)
        times = len(file.readlines())
    if times >= NEVER_JUDGED:
        print(f"FAIL  {name}: {text}\n      {times} times in a row: run it "
              f"when the machine has less to do\n      see {results()}",
              flush=True)
        return 1
    print(f"NOT JUDGED  {name}: {text}", flush=True)
    return NOT_JUDGED


def _note(name):
    where = os.environ.get("TRIUMVIR_NOT_JUDGED") or (
        (os.environ.get("TRIUMVIR_BUILD") or f"{checkout()}/build")
        + "/not-judged")
    return f"{where}/{name}"


def _judged(name):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_note(name))


def _again():
    """The same test in this process from its start."""
    os.environ["TRIUMVIR_AGAIN"] = "yes"
    os.execv(sys.executable, sys.orig_argv)


def _verdict(name, main, limit):
    """Of one run: the exit status, or none when it is to be run again."""
    try:
        with machine.judged(limit or math.inf):
            main()
    except Skip as reason:
        print(f"SKIP  {name}: {reason}")
        return SKIPPED
    except machine.NotJudged as reason:
        traceback.print_exc()
        if "TRIUMVIR_AGAIN" not in os.environ:
            step(f"{reason}; once more")
            return None
        return _not_judged(name, str(reason))
    except (Exception, KeyboardInterrupt) as error:
        traceback.print_exc()
        _tell_logs()
        print(f"FAIL  {name}: {error}\n      see {results()}", flush=True)
        _judged(name)
        return 1
    step(f"passed: {name}")
    _judged(name)
    return 0


def run(main, limit=math.inf):
    """Run main() as a scenario and end the process with its verdict.

    limit, in seconds, is the shortest time that it gives a daemon, or a peer
    that it plays, for anything: machine.judged() says what that means. None is
    for what measures processors: nothing runs beside it.
    """
    if sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(print(sys.modules["__main__"].__doc__))

    def ended(number, _frame):
        # An exception, so that every context manager cleans up.
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    name = os.path.basename(sys.argv[0])
    if os.geteuid() != 0:
        print(f"SKIP  {name}: needs root")
        sys.exit(SKIPPED)
    if limit is not None:
        machine.begin()
    if timeout := os.environ.get("TRIUMVIR_TIMEOUT"):
        _timeout(float(timeout))
    try:
        status = _verdict(name, main, limit)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        machine.end()
    if _own_results and status != 1:
        shutil.rmtree(_results)
    if status is None:
        _again()
    sys.exit(status)
