#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the table of rows has not does not compile, neither where a daemon
writes it nor where vipctl reads it.

row-types.py COMPILER
"""

import os
import subprocess
import sys

if sys.argv[1:2] in (["-h"], ["--help"]):
    sys.exit(print(__doc__))

ROOT = os.path.realpath(f"{os.path.dirname(os.path.realpath(__file__))}/../..")
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
         f"-I{ROOT}/common", f"-I{ROOT}/vipctl", "-fsyntax-only", "-xc", "-")
SOURCE = """
#include "ctl/ctl_server.h"
#include "row.h"
void f(struct ctl_conn *, const json_t *);
void
f(struct ctl_conn *conn, const json_t *row)
{
	%s;
	(void)conn;
	(void)row;
}
"""
WRITE = "struct ctl_row_link link = {%s}; ctl_send(conn, &link)"
READ = "(void)%s"
GOOD = (WRITE % ".rx = ctl_number(1), .peer = ctl_text(\"x\")",
        READ % "row_number(row, link, rx)",
        READ % "row_text(row, probe, address)",
        READ % "row_true(row, daemon, ready)",
        READ % "row_is_a(row, link)")
BAD = (WRITE % ".nonsense = ctl_number(1)",         # no such key
       WRITE % ".vrid = ctl_number(1)",             # another kind's
       WRITE % ".rx = 1",                           # no type
       WRITE % ".rx = ctl_text(\"1\")",             # other types
       WRITE % ".rx = ctl_flag(true)",
       WRITE % ".since_ms = ctl_number(1)",
       WRITE % ".rx = ctl_number(1), .rx = ctl_number(2)",  # twice
       "int number = 1; ctl_send(conn, &number)",   # no row
       READ % "row_number(row, link, nonsense)",
       READ % "row_number(row, link, vrid)",
       READ % "row_number(row, link, state)",
       READ % "row_number(row, link, since_ms)",
       READ % "row_text(row, link, rx)",
       READ % "row_true(row, link, rx)",
       READ % "row_duration(row, link, rx, NULL)",
       READ % "row_is_a(row, nonsense)")


def compiles(compiler, text):
    return subprocess.run([compiler, *FLAGS], input=SOURCE % text, text=True,
                          capture_output=True, check=False).returncode == 0


def main(compiler):
    wrong = [text for text in GOOD if not compiles(compiler, text)]
    wrong += [text for text in BAD if compiles(compiler, text)]
    print(f"{len(GOOD)} good, {len(BAD)} bad, {len(wrong)} wrong")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main(sys.argv[1])
