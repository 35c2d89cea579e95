#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""HACKING.md's table of rows is the one that the daemons are built from.

rows.py PRINT-ROWS [--update]

Between the two marks stands what tests/house/print-rows prints; --update
writes it there.
"""

import os
import subprocess
import sys

if sys.argv[1:2] in (["-h"], ["--help"]):
    sys.exit(print(__doc__))

HACKING = (f"{os.path.dirname(os.path.realpath(__file__))}/../../HACKING.md")
BEGIN = "<!-- rows: printed by tests/house/print-rows -->\n"
END = "<!-- end of rows -->\n"


def parts(text):
    """What stands before the table, the table, and what stands behind it."""
    assert text.count(BEGIN) == text.count(END) == 1, "HACKING.md: marks"
    before, rest = text.split(BEGIN)
    table, behind = rest.split(END)
    return before, table, behind


def main(program, *options):
    table = subprocess.run([program], capture_output=True, text=True,
                           check=True).stdout
    with open(HACKING, encoding="utf-8") as file:
        text = file.read()
    before, found, behind = parts(text)
    if "--update" in options:
        with open(HACKING, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + table + END + behind)
        return
    if found != table:
        sys.exit("HACKING.md's table of rows is not the one of "
                 "common/ctl/ctl_table.h: tests/house/rows.py PRINT-ROWS "
                 "--update")


if __name__ == "__main__":
    main(*sys.argv[1:])
