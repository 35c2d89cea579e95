#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The lab of one's own: each of its commands does what it says."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, f"{HERE}/../../lib")

from scenario import equal, expect, results, run, step

# Words that a person types, and what must come.
TYPED = (
    ("d1 vipctl status", "2 of 2 servers up"),
    ("ask 10", "      5 s1\n      5 s2"),
    ("d1 ipvsadm -Ln", "10.0.0.21:80"),
    ("d1 log vrrpd", "acquiring -> master"),
    ("d1 kill vrrpd", ""),
    ("until d1 log vrrpd | grep 'took up'; do sleep .1; done",
     "took up its former term"),
    ("s1 stop; until d2 vipctl status | grep '1 of 2'; do sleep .1; done",
     "1 of 2 servers up"),
    ("s1 start; until d2 vipctl status | grep '2 of 2'; do sleep .1; done",
     "2 of 2 servers up"),
    ("EDITOR='sed -i s/rr$/wrr/' d1 edit; d1 vipctl reload; "
     "d2 vipctl reload; d2 ipvsadm -Ln", "10.0.0.100:80 wrr"),
    ("d1 cut; until d2 ip addr show eth0 | grep 10.0.0.100; do sleep .1; done",
     "10.0.0.100/32"),
    ("ask 4", "      2 s1\n      2 s2"),
    ("d1 mend; until d1 vipctl status | grep -w master; do sleep .1; done",
     "this host"),
    ("help", "ten requests of the client"),
)


def main():
    typed = "".join(f"echo; echo '[{number}]'; {words}\n"
                    for number, (words, _) in enumerate(TYPED)) + "exit\n"
    with open(f"{results()}/shell.log", "w+", encoding="utf-8") as log:
        done = subprocess.run([f"{HERE}/../shell"], input=typed, text=True,
                              stdout=log, stderr=subprocess.STDOUT,
                              check=False)
        log.seek(0)
        found = log.read()
    equal(done.returncode, 0, f"it ends well: {found}")
    for number, (words, wanted) in enumerate(TYPED):
        _, mark, found = found.partition(f"\n[{number}]\n")
        said = found.partition(f"\n[{number + 1}]\n")[0]
        expect(mark and wanted in said, f"{words}: {said}")
        step(f"{words}: {wanted!r}")


run(main)
