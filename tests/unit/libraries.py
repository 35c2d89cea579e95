#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""No daemon needs a library that takes others' files or keys apart.

libraries.py PARSER DAEMON...: none of the daemons needs one, by itself or by
what it needs; the parser, which must, shows that this is seen at all.
"""

import subprocess
import sys

if sys.argv[1:2] in (["-h"], ["--help"]):
    sys.exit(print(__doc__))

FORBIDDEN = ("libyaml", "libcrypto", "libssl")


def needed(program):
    """All that the dynamic linker would map, and what is linked in whole."""
    done = subprocess.run(["ldd", program], check=True, text=True,
                          stdout=subprocess.PIPE)
    names = {line.split()[0] for line in done.stdout.splitlines()}
    assert any(name.startswith("libc.so") for name in names), done.stdout
    done = subprocess.run(["nm", program], check=True, text=True,
                          stdout=subprocess.PIPE)
    loader = {"conf_load", "conf_print"} & {
        line.split()[-1] for line in done.stdout.splitlines() if line}
    return {name for name in FORBIDDEN
            if any(other.startswith(name) for other in names)} | loader


def main():
    parser, *daemons = sys.argv[1:]
    found = needed(parser)
    assert {"libyaml", "conf_print"} <= found, f"{parser}: {found}"
    assert daemons
    for daemon in daemons:
        found = needed(daemon)
        assert not found, f"{daemon} needs {', '.join(sorted(found))}"
        print(f"{daemon}: none")


main()
