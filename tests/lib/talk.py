# SPDX-License-Identifier: ISC
"""Connections that stay open and talk ten times a second, and who serves them.
"""

import collections
import time

from waiting import wait_for
from web import TOOLS, take_ports


def serve_talks(host, port=80):
    """Have the host answer talks to any address it holds."""
    process = host.popen(f"talk.{port}", f"{TOOLS}/talkserver", host.name, port)
    wait_for(lambda: "listening" in process.output(), 20,
             f"{host.name}: a server of talks")
    return process


class Talks:
    """So many connections from a host to an address, until stop()."""

    def __init__(self, host, address, count, port=80):
        self.count = count
        self.first = take_ports(count)
        self.process = host.popen(
            f"talks.{self.first}", f"{TOOLS}/talkclient", address, port, count,
            self.first)
        wait_for(lambda: len(self.servers()) == count, 30,
                 f"{count} open connections to {address}")

    def _lines(self, word):
        text = self.process.output()
        return [line.split()[1:]
                for line in text[:text.rfind("\n") + 1].splitlines()
                if line.startswith(word + " ")]

    def servers(self):
        """{port: who serves it}, of all that were opened."""
        return {int(port): who for port, who in self._lines("open")}

    def by_server(self):
        return dict(collections.Counter(self.servers().values()))

    def ports_of(self, *servers):
        return [port for port, who in self.servers().items() if who in servers]

    def lost(self, since=0.0):
        """{port: why} of those that were reset, closed or mixed up."""
        return {int(port): why for port, at, why in self._lines("lost")
                if float(at) >= since}

    def longest(self, since=0.0, ports=None):
        """The longest time without an answer that ended since then."""
        return max([float(ended) - float(began)
                    for port, began, ended in self._lines("gap")
                    if float(ended) >= since and
                    (ports is None or int(port) in ports)], default=0.0)

    def answered(self):
        """{port: lines that were answered}"""
        newest = self._lines("beat")[-1][1:]
        return {self.first + i: int(lines) for i, lines in enumerate(newest)}

    def wait_lines(self, lines, deadline, ports=None):
        """Wait until each of the connections has had so many more answers."""
        before = self.answered()
        chosen = list(before) if ports is None else ports

        def more():
            now = self.answered()
            behind = {port: now[port] - before[port] for port in chosen
                      if now[port] - before[port] < lines}
            assert not behind, f"new answers: {behind}; lost: {self.lost()}"
            return True
        wait_for(more, deadline, f"{lines} lines more on each connection", 0.1)

    def stop(self):
        self.process.stop()


class Window:
    """What an event cost the connections: from here until over()."""

    def __init__(self, talks, ports=None):
        self.talks = talks
        self.ports = list(talks.servers()) if ports is None else list(ports)
        self.began = time.monotonic()

    def over(self, lines=5, deadline=30):
        """Once each that is to go on has had so many answers more: how many
        did, and the longest time that one of them had none."""
        self.talks.wait_lines(lines, deadline, self.ports)
        lost = set(self.talks.lost()) & set(self.ports)
        return (len(self.ports) - len(lost),
                self.talks.longest(self.began, self.ports))
