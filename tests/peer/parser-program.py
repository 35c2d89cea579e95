#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The parser's program, which ipvsd finds by its own: missing, wrong, where
others may write, and back again.

Without one, and without a generation that a former ipvsd left, ipvsd does not
start. With a generation it runs that, and refuses reloads.
"""

import grp
import os
import shutil
import signal
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

from net import Net
from scenario import equal, expect, run, step
from suite import Director, binary, children, work_directory
from waiting import wait_for

CONFIG = """
nodes: {a: 192.168.1.11, b: 192.168.1.12}
vrrp:
  web: {interface: eth0, vrid: 1, nodes: [a, b],
        addresses: [192.168.1.100/32]}
"""
GONE = "the configuration cannot be read again before ipvsd is restarted"


class Installed(Director):
    """ipvsd below a prefix of its own, as `cmake --install' has it."""

    def __init__(self, net, host):
        super().__init__(net, host, CONFIG)
        self.prefix = work_directory(net)
        os.mkdir(f"{self.prefix}/sbin")
        os.makedirs(f"{self.prefix}/libexec/triumvir")
        self.ipvsd = f"{self.prefix}/sbin/ipvsd"
        shutil.copy(binary("ipvsd"), self.ipvsd)
        self.parser = f"{self.prefix}/libexec/triumvir/ipvsd-parser"

    def install(self, source=None):
        shutil.copy(source or f"{binary('ipvsd')}-parser", self.parser)

    def command(self, name):
        return [self.ipvsd if word == binary(name) else word
                for word in super().command(name)]

    def refused(self, *said, options=()):
        done = self.host.run(*self.command("ipvsd"), *options, check=False,
                             timeout=20)
        output = done.stdout + done.stderr
        equal(done.returncode, 1, f"exit status ({output})")
        for words in said:
            expect(words in output, f"{words!r} is not in: {output}")
        step(f"refused: {output.strip().splitlines()[-1]}")


def in_force(director):
    return next(row["generation"] for row in director.vipctl("status")["daemons"]
                if row["daemon"] == "ipvsd")


def missing_or_wrong(director):
    for options in ((), ("-n",)):
        director.refused(f"{director.parser}: No such file or directory",
                         options=options)
    director.install(__file__)
    os.chmod(director.parser, 0o644)
    for options in ((), ("-n",)):
        director.refused(f"{director.parser}: Permission denied",
                         options=options)
    with open(director.parser, "w", encoding="ascii") as file:
        file.write("no program\n")
    os.chmod(director.parser, 0o755)
    for options in ((), ("-n",)):
        director.refused(f"{director.parser}: Exec format error",
                         options=options)
    director.install("/bin/true")
    director.refused(f"parser: gone ({director.parser})", GONE)
    equal(director.host.addresses("eth0", family="inet"), ["192.168.1.11/24"],
          "addresses")
    os.unlink(director.parser)


def where_others_write(director):
    """A directory of the parser's, up to the first that ipvsd is below, too."""
    director.install()
    group = grp.getgrnam("_triumvir").gr_gid
    for path in (director.parser, f"{director.prefix}/libexec/x",
                 f"{director.prefix}/x"):
        directory = os.path.dirname(path)
        for owner, mode in ((65534, 0o755), (0, 0o1777), (0, 0o1775)):
            os.chown(directory, owner, group)
            os.chmod(directory, mode)
            director.refused(f"{director.parser}: others may write to")
        os.chown(directory, 0, 0)
        os.chmod(directory, 0o755)
    beside = f"{director.prefix}/sbin/ipvsd-parser"
    shutil.copy(director.parser, beside)
    os.chmod(os.path.dirname(beside), 0o1777)
    director.refused(f"{beside}: others may write to")
    os.chmod(os.path.dirname(beside), 0o755)
    os.unlink(beside)


def not_by_the_environment(director):
    """What it is started with says nothing of where its parser is."""
    where = os.path.dirname(binary("ipvsd"))
    os.environ["PATH"] = f"{where}:{os.environ['PATH']}"
    os.unlink(director.parser)
    done = director.host.run("sh", "-c", 'cd "$0" && exec "$@"', where,
                             *director.command("ipvsd"), check=False)
    equal(done.returncode, 1, f"exit status ({done.stderr})")
    expect(f"{director.parser}: No such file" in done.stderr, done.stderr)


def a_generation_is_there(director):
    director.install()
    director.start("ipvsd")
    parser, = children(director.pid("ipvsd"))
    equal(os.readlink(f"/proc/{parser}/exe"), director.parser, "its program")
    generation = in_force(director)
    for source in (None, "/bin/true"):
        director.stop("ipvsd", number=signal.SIGUSR2)
        if source is None:
            os.unlink(director.parser)
        else:
            director.install(source)
        director.start("ipvsd")
        process = director.daemons["ipvsd"].process
        wait_for(lambda p=process: f"({director.parser}); {GONE}" in p.output(),
                 10, "the log says it")
        equal(in_force(director), generation, "what runs")
        director.write_config(CONFIG.replace("vrid: 1", "vrid: 2"))
        done = director.ask("reload", check=False)
        equal(done.returncode, 1, "vipctl reload's exit status")
        expect("the parser is gone; restart ipvsd" in done.stderr, done.stderr)
        equal(in_force(director), generation, "what runs")
        step(f"with {source or 'none'}: runs on, and refuses a reload")
    director.stop("ipvsd", number=signal.SIGUSR2)
    director.install()
    director.start("ipvsd")
    equal(in_force(director), generation, "what runs")
    director.ask("reload")
    expect(in_force(director) != generation, "it is back, and reads the file")
    director.stop("ipvsd")
    step("back again: reloads")


def main():
    with Net() as net:
        host = net.host("a")
        host.connect(net.lan(capture=False), "eth0", "192.168.1.11/24")
        director = Installed(net, host)
        missing_or_wrong(director)
        where_others_write(director)
        not_by_the_environment(director)
        a_generation_is_there(director)


run(main)
