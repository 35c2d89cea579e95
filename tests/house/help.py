#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Whatever is a program in tests/ says by --help what it is, and does nothing.

help.py [FILE...]: those, else each file below tests/ that begins with #!.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

TESTS = os.path.realpath(f"{os.path.dirname(os.path.realpath(__file__))}/..")
# What a start of Python with its libraries may take on a busy machine; who
# does what he should only tell of takes longer or changes nothing but his word.
LIMIT = 60


def for_everybody(directory):
    """The tests, or those of a copy of the checkout: root's home is closed."""
    if subprocess.run(["setpriv", "--reuid=nobody", "--clear-groups", "test",
                       "-r", __file__], check=False).returncode == 0 or (
            os.geteuid() != 0):
        return TESTS
    os.chmod(directory, 0o755)
    shutil.copytree(f"{TESTS}/..", f"{directory}/checkout", symlinks=True,
                    ignore=shutil.ignore_patterns("build*", ".git"))
    return f"{directory}/checkout/tests"


def programs(tests):
    for directory, _, names in os.walk(tests):
        for path in (f"{directory}/{name}" for name in sorted(names)):
            with open(path, "rb") as file:
                if file.read(2) == b"#!":
                    yield path


def complaint(path):
    """None when it says what stands at its head."""
    with open(path, encoding="utf-8") as file:
        head = file.read()
    interpreter = head.split("\n")[0].removeprefix("#!")
    # As nobody: who does not obey does no harm.
    nobody = ({"user": "nobody", "group": "nogroup", "extra_groups": []}
              if os.geteuid() == 0 else {})
    done = subprocess.run([interpreter, path, "--help"], **nobody,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=LIMIT,
                          check=False)
    if done.returncode or done.stderr:
        return f"exit status {done.returncode}: {done.stderr.strip()[-300:]}"
    said = " ".join(done.stdout.split())
    # What any of its first lines says, in argparse's lines or its own.
    lines = [re.sub(r"^(\techo)?\W*|\W*$", "", line) for line in head.splitlines()[1:30]]
    if any(len(line) > 20 and line in said for line in lines):
        return None
    return f"says {done.stdout[:200]!r}"


def main():
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        return 0
    with tempfile.TemporaryDirectory() as directory:
        found = sys.argv[1:] or list(programs(for_everybody(directory)))
        bad = [f"{path}: {text}" for path in found if (text := complaint(path))]
    print(*bad, f"{len(found)} programs, {len(bad)} without help", sep="\n")
    return 1 if bad or not found else 0


if __name__ == "__main__":
    sys.exit(main())
