#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The walls of the house: who may include and call whom.

walls.py BUILD

HACKING.md has the table ("| folder | what | uses |"): a folder's files include
and call those of the folders in its row, of its own folder, and of no other.
Beside that: no circle of files, by includes or by calls; libraries that are
one folder's alone; what no daemon with a capability may link; functions of 45
lines and files of 450 at most.  Calls are what the linker sees, in the object
files of BUILD.

Each rule is then broken in a copy, and has to be found.
"""

import collections
import glob
import json
import os
import re
import subprocess
import sys

if sys.argv[1:2] in (["-h"], ["--help"]):
    sys.exit(print(__doc__))

ROOT = os.path.realpath(f"{os.path.dirname(os.path.realpath(__file__))}/../..")
TOPS = ("common", "vrrpd", "ipvsd", "checkd", "vipctl")
PROGRAMS = ("vrrpd", "ipvsd", "checkd", "vipctl", "ipvsd/parser")
FUNCTION_LINES, FILE_LINES = 45, 450
# A header of a library: whose alone it is.
LIBRARIES = {
    r"yaml\.h": ("common/load",),
    r"seccomp\.h": ("common/process",),
    r"cap-ng\.h": ("common/process",),
    r"jansson\.h": ("vipctl",),
    r"netlink/.*": ("common/net",),
    r"event2/(http|bufferevent|dns|buffer)\w*\.h": ("checkd",),
}
# Decisions: no events, no sockets.
PURE = ("common/conf", "common/load", "ipvsd/desired", "vrrpd/fsm",
        "vrrpd/packet")
NO_PURE = re.compile(r"event2/|netlink/|sys/socket\.h|sys/epoll\.h")
# What must not be mapped where a capability is.
UNPRIVILEGED = ("libyaml", "libjansson", "libcrypto", "libssl")
INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)
SECTION = re.compile(r"^\| folder \| what \| uses \|\n\|[- |]*\n((?:\|.*\n)+)",
                     re.M)


def folder(path):
    return os.path.dirname(path)


def programs(path):
    """Where what a file calls may be, the nearest first."""
    if folder(path) == "ipvsd/parser":
        return "ipvsd/parser", "ipvsd", "common"
    return path.split("/")[0], "common"


class House:
    """The sources, the table and what the object files call."""

    def __init__(self, build):
        self.text = {}
        for top in TOPS:
            for path in glob.glob(f"{top}/**/*.[ch]", root_dir=ROOT,
                                  recursive=True):
                with open(f"{ROOT}/{path}", encoding="utf-8") as file:
                    self.text[path] = file.read()
        with open(f"{ROOT}/HACKING.md", encoding="utf-8") as file:
            self.hacking = file.read()
        self.build = build
        self.symbols = self.read_symbols()
        self.needed = {}
        for program in PROGRAMS:
            self.needed[program] = self.libraries_of(program)

    def libraries_of(self, program):
        path = f"{self.build}/{program}/{os.path.basename(program)}"
        if program == "ipvsd/parser":
            path = f"{self.build}/ipvsd/parser/ipvsd-parser"
        if not os.path.exists(path):
            return []
        dynamic = subprocess.run(["readelf", "-d", path], capture_output=True,
                                 text=True, check=True).stdout
        return re.findall(r"NEEDED.*\[(.*)\]", dynamic)

    def read_symbols(self):
        """{file: (defined, wanted)}, of each source that is linked."""
        with open(f"{self.build}/compile_commands.json",
                  encoding="utf-8") as file:
            commands = json.load(file)
        symbols = {}
        for command in commands:
            source = os.path.relpath(os.path.realpath(command["file"]), ROOT)
            output = re.search(r" -o (\S+)", command["command"])[1]
            path = os.path.join(command["directory"], output)
            if source not in self.text or "/tests/" in path or \
                    source.endswith("sandbox_compile.c") or \
                    not os.path.exists(path):
                continue
            defined, wanted = set(), set()
            for line in subprocess.run(
                    ["nm", path], capture_output=True, text=True,
                    check=True).stdout.splitlines():
                *_, kind, name = line.split()
                if kind == "U":
                    wanted.add(name)
                elif kind in "TDBRVWC":
                    defined.add(name)
            symbols[source] = (defined, wanted)
        return symbols

    # ---- what uses what ----

    def table(self):
        """{folder: the folders that it may use}."""
        rows = SECTION.search(self.hacking)
        if rows is None:
            return {}
        table = {}
        for row in rows[1].splitlines():
            name, _, uses = (cell.strip() for cell in row.strip("|").split("|"))
            table[name.strip("`").rstrip("/")] = {
                use.strip(" `").rstrip("/")
                for use in uses.split(",") if use.strip()}
        return table

    def included(self, path):
        """The product's files that a file includes; and what is not found."""
        top = path.split("/")[0]
        for kind, name in INCLUDE.findall(self.text[path]):
            if kind == "<":
                continue
            for place in (folder(path), top, "common"):
                found = os.path.normpath(f"{place}/{name}")
                if found in self.text:
                    yield found
                    break
            else:
                if name != "sandbox_filters.h":
                    yield name

    def calls(self):
        """{file: {other file: names}}."""
        owners = collections.defaultdict(dict)
        for path, (defined, _) in self.symbols.items():
            for name in defined:
                owners[name][programs(path)[0]] = path
        graph = {}
        for path, (_, wanted) in self.symbols.items():
            graph[path] = collections.defaultdict(set)
            for name in wanted:
                owner = owners.get(name, {})
                other = next((owner[program] for program in programs(path)
                              if program in owner), None)
                if other and other != path:
                    graph[path][other].add(name)
        return graph

    # ---- the rules: each gives what is wrong ----

    def wrong_includes(self):
        table = self.table()
        for path in self.text:
            here = folder(path)
            if here not in table:
                yield f"{path}: HACKING.md has no row for {here}/"
                continue
            for other in self.included(path):
                if folder(other) != here and folder(other) not in table[here]:
                    yield f"{path} includes {other}"

    def wrong_calls(self):
        table = self.table()
        for path, others in self.calls().items():
            here = folder(path)
            for other, names in others.items():
                if folder(other) != here and \
                        folder(other) not in table.get(here, ()):
                    yield f"{path} calls {other}: {', '.join(sorted(names))}"

    def circles_of_calls(self):
        yield from circles(self.calls())

    def circles_of_includes(self):
        yield from circles({path: list(self.included(path))
                            for path in self.text})

    def circles_of_folders(self):
        yield from circles(self.table())

    def strange_libraries(self):
        for path, text in self.text.items():
            for kind, name in INCLUDE.findall(text):
                if kind != "<":
                    continue
                for library, owners in LIBRARIES.items():
                    if re.fullmatch(library, name) and \
                            folder(path) not in owners:
                        yield f"{path} includes <{name}>"
                if folder(path) in PURE and NO_PURE.match(name):
                    yield f"{path}, which is pure, includes <{name}>"

    def privileged_libraries(self):
        for program in ("vrrpd", "ipvsd", "checkd"):
            for name in self.needed[program]:
                if name.startswith(UNPRIVILEGED):
                    yield f"{program} maps {name}"

    def loader_outside(self):
        """common/load is the parser's and vipctl's alone."""
        table = self.table()
        for here, uses in table.items():
            if "common/load" in uses and \
                    here not in ("ipvsd/parser", "vipctl"):
                yield f"{here} uses common/load"

    def long_files(self):
        for path, text in self.text.items():
            lines = text.count("\n")
            if lines > FILE_LINES:
                yield f"{path} has {lines} lines"

    def long_functions(self):
        for path, text in self.text.items():
            start, name = None, None
            for number, line in enumerate(text.splitlines(), 1):
                if line == "{":
                    start = number
                elif line == "}" and start is not None:
                    if number - start > FUNCTION_LINES:
                        yield f"{path}:{start} has {number - start} lines"
                    start = None


RULES = [name for name, value in vars(House).items()
         if callable(value) and name.split("_")[0] in (
             "wrong", "circles", "strange", "privileged", "loader", "long")]


def circles(graph):
    """Strongly connected parts of more than one node."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = []
            while not part or part[-1] != node:
                part.append(stack.pop())
            if len(part) > 1:
                found.append("a circle: " + " ".join(sorted(part)))

    for node in list(graph):
        if node not in index:
            visit(node)
    return found


def plant(house):
    """(rule, where it is broken); the last function takes it back."""
    yield from planted_texts(house)
    yield from planted_symbols(house)


def planted_texts(house):
    def with_text(path, more):
        was = house.text.get(path)
        house.text[path] = (was or "") + more
        return lambda: (house.text.pop(path) if was is None
                        else house.text.update({path: was}))

    for rule, path, more in (
            ("wrong_includes", "common/clock.c", '#include "link/link.h"\n'),
            ("wrong_includes", "ipvsd/desired/diff.c",
             '#include "kernel/kernel.h"\n'),
            ("wrong_includes", "ipvsd/lease/lease.c",
             '#include "reload/reload.h"\n'),
            ("wrong_includes", "vrrpd/fsm/fsm.c", '#include "vrrpd.h"\n'),
            ("wrong_includes", "vrrpd/packet/packet.c",
             '#include "fsm/fsm.h"\n'),
            ("wrong_includes", "ipvsd/new/room.c", "\n"),
            ("circles_of_includes", "common/addr.h", '#include "grow.h"\n'),
            ("strange_libraries", "ipvsd/main.c", "#include <yaml.h>\n"),
            ("strange_libraries", "vrrpd/rtnetlink.c",
             "#include <netlink/msg.h>\n"),
            ("strange_libraries", "ipvsd/desired/diff.c",
             "#include <event2/event.h>\n"),
            ("long_files", "common/addr.c", "\n" * FILE_LINES),
            ("long_functions", "common/addr.c",
             "{\n" + "\n" * FUNCTION_LINES + "}\n")):
        take_back = with_text(path, more)
        if rule == "circles_of_includes":
            back = with_text("common/grow.h", '#include "addr.h"\n')
            yield rule, path
            back()
        else:
            yield rule, path
        take_back()


def planted_symbols(house):
    def wants(path, name):
        house.symbols[path][1].add(name)
        return lambda: house.symbols[path][1].discard(name)

    for rule, pairs in (
            ("wrong_calls", (("common/link/link.c", "conf_free"),)),
            ("circles_of_calls", (("common/log.c", "link_new"),))):
        back = [wants(*pair) for pair in pairs]
        yield rule, pairs[0][0]
        for take_back in back:
            take_back()
    house.needed["ipvsd"].append("libyaml-0.so.2")
    yield "privileged_libraries", "ipvsd"
    house.needed["ipvsd"].pop()
    was = house.hacking
    house.hacking = re.sub(r"^(\| `?ipvsd/?`? \|.*\|)(.*)\|$",
                           r"\1\2, common/load |", was, flags=re.M)
    yield "loader_outside", "HACKING.md"
    house.hacking = re.sub(r"^(\| `?common/?`? \|.*\|)(.*)\|$",
                           r"\1 common/link |", was, flags=re.M)
    yield "circles_of_folders", "HACKING.md"
    house.hacking = was


def main():
    house = House(sys.argv[1])
    bad = [f"{rule}: {what}" for rule in RULES
           for what in getattr(house, rule)()]
    print("\n".join(bad))
    planted = 0
    for rule, where in plant(house):
        planted += 1
        if not list(getattr(house, rule)()):
            bad.append(f"{rule}: what was planted in {where} is not found")
            print(bad[-1])
    print(f"{len(house.text)} files, {len(RULES)} rules, {planted} planted, "
          f"{len(bad)} wrong")
    return 1 if bad or planted < len(RULES) else 0


sys.exit(main())
