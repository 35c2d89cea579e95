# SPDX-License-Identifier: ISC
"""The table of the rows of control sockets (common/ctl/ctl_table.h), and rows
held against it."""

import collections
import subprocess

from scenario import equal, expect
from suite import build

Key = collections.namedtuple(
    "Key", "kind socket command name sort unit always help")
DIGITS = set("0123456789abcdef")
TEXTS = ("text", "word", "address", "digest")


def read_table():
    """{kind: {key: Key}}, in the table's order."""
    lines = subprocess.run([f"{build()}/tests/house/print-rows", "-l"],
                           capture_output=True, text=True, check=True).stdout
    table = collections.defaultdict(dict)
    for line in lines.splitlines():
        key = Key(*line.split("\t"))
        table[key.kind][key.name] = key
    return table


class Table:
    """Which rows may come, and which have come."""

    def __init__(self):
        self.kinds = read_table()
        self.seen = collections.defaultdict(set)

    def commands(self, daemon):
        """What the daemon can be asked, monitor and changes apart."""
        return sorted({key.command for keys in self.kinds.values()
                       for key in keys.values()
                       if key.socket in (daemon, "all")}
                      - {"monitor", "reload"})

    def take(self, row, socket=None, command=None):
        """Holds a row against the table. Given, it came from that socket and is
        the answer to that command."""
        kind = row["kind"]
        expect(kind in self.kinds, f"no kind {kind}: {row}")
        keys = self.kinds[kind]
        first = next(iter(keys.values()))
        if socket is not None:
            expect(first.socket in (socket, "all"), f"{socket} tells {kind}")
            equal(first.command, command, f"the command of {kind}")
        for name, value in row.items():
            if name != "kind":
                expect(name in keys, f"{kind}: {name} is not in the table")
                check(keys[name], value)
        missing = [key.name for key in keys.values()
                   if key.always == "always" and key.name not in row]
        equal(missing, [], f"missing in {kind}")
        equal([name for name in row if name != "kind"],
              [name for name in keys if name in row], f"order of {kind}")
        self.seen[kind] |= set(row) - {"kind"}

    def unseen(self):
        """Keys that no row has had, as "kind.key"."""
        return [f"{kind}.{name}" for kind, keys in self.kinds.items()
                for name in keys if name not in self.seen[kind]]

    def optional(self):
        return {f"{kind}.{name}" for kind, keys in self.kinds.items()
                for name, key in keys.items() if key.always == "maybe"}


def check(key, value):
    """A value is of its key's type."""
    what = f"{key.kind}.{key.name} ({key.sort}): {value!r}"
    if key.sort in TEXTS:
        expect(isinstance(value, str), what)
    elif key.sort == "boolean":
        expect(isinstance(value, bool), what)
    else:
        expect(isinstance(value, int) and not isinstance(value, bool), what)
    if key.sort == "word":
        expect(value in key.unit.split(", "), what)
    if key.sort == "digest":
        expect(len(value) == 16 and set(value) <= DIGITS, what)
    if key.sort == "wall clock":
        expect(value > 1_600_000_000_000, what)
