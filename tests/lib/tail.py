# SPDX-License-Identifier: ISC
"""What a process prints, read as it comes."""


class Tail:
    """The lines that a process prints, each read once."""

    def __init__(self, process):
        self._file = open(process.log, encoding="utf-8")
        self._file.seek(process.log_start)
        self._rest = ""

    def lines(self):
        text = self._rest + self._file.read()
        *lines, self._rest = text.split("\n")
        return [line.split() for line in lines if line[:1].isdigit()]
