#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""vipctl as an operator uses it, against daemons that this test plays.

usage: vipctl.py VIPCTL [unittest's arguments]
"""

import contextlib
import fcntl
import itertools
import json
import os
import pwd
import re
import resource
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from fake import BOOL, STRING, Fake, end, packet, row, string

if sys.argv[1:2] in (["-h"], ["--help"]):
    sys.exit(print(__doc__))

VIPCTL = None
OLDER_KERNEL = (f"{os.path.dirname(os.path.realpath(__file__))}"
                "/../lib/tools/older-kernel")
OK, REFUSED, USAGE, DOWN, TIME, WRONG = 0, 1, 2, 3, 4, 7
GENERATION = "00c0ffee00c0ffee"

GOOD = """\
nodes: {netology1: 192.168.1.43, netology2: 192.168.1.44}
vrrp:
  web:
    interface: eth1
    vrid: 1
    nodes: [netology1, netology2]
    addresses: [192.168.1.200/32]
services:
  web:
    address: 192.168.1.200:80
    forward: direct
    scheduler: rr
    servers: [netology1, netology2]
"""


def lingering(listener, stack):
    """Connected to it, with data that nobody reads and that it waits for when
    it is closed."""
    sock = socket.create_connection(listener.getsockname())
    stack.enter_context(listener.accept()[0])
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            sock.send(bytes(65536))
    sock.setblocking(True)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 3600))
    return sock


def summary(daemon, **more):
    return [row("daemon", **{
        "daemon": daemon, "version": "0.1.0", "pid": 4711,
        "generation": GENERATION, "node": "netology1",
        "uptime_ms": 7380000, "ready": True, **more}), end()]


def instance(**more):
    return row("instance", **{
        "instance": "web", "id": 0, "state": "master", "since_ms": 133000,
        "reason": "3 adverts missed", "interface": "eth1", "vrid": 1,
        "family": "inet", "version": 3, "priority": 200, "interval_ms": 1000,
        "master": "192.168.1.43", "master_priority": 200,
        "master_interval_ms": 1000, "next_ms": 400, "term": 7,
        "lease_ms": 2600, "resigned": False, "resigned_ms": 0,
        "become_master": 1, "adverts_tx": 133, "adverts_rx": 12,
        "priority_zero_tx": 0, "priority_zero_rx": 1, "ttl": 3,
        "checksum": 0, "two_owners": 5, **more})


def link(daemon, peer, state="up"):
    return row("link", daemon=daemon, peer=peer, state=state, since_ms=61000,
               last_rx_ms=800, pid=12, level=2, rx=5, tx=6, queued=0,
               dropped_generation=0, dropped_unknown=0, dropped_newer=4,
               dropped_full=0, lies=0)


def service(**more):
    return row("service", **{
        "service": "web", "id": 0, "protocol": "tcp",
        "address": "192.168.1.200", "port": 80, "scheduler": "rr",
        "flags": "", "instance": "web", "role": "master", "persistence_s": 0,
        "in_kernel": True, "conns": 50, "in_packets": 312, "out_packets": 0,
        "in_bytes": 20224, "out_bytes": 0, **more})


def server(number, **more):
    return row("server", **{
        "service": "web", "id": number - 43, "port": 80,
        "address": f"192.168.1.{number}", "node": f"netology{number - 42}",
        "forward": "direct", "weight": 50, "configured_weight": 50,
        "in_kernel": True, "health": "up", "reason": "ok", "detail": 0,
        "latency_us": 430, "since_ms": 12000, "stale": False,
        "override": "none", "active": 0, "inactive": 25, "conns": 25,
        "in_packets": 138 if number == 43 else 174, "out_packets": 0,
        "in_bytes": 9026 if number == 43 else 11198, "out_bytes": 0, **more})


DEAD = {"health": "down", "reason": "connection refused", "detail": 111,
        "in_kernel": False}


def vrrpd():
    return {
        "summary": summary("vrrpd"),
        "instances": [instance(), end()],
        "receive": [row("receive", ttl=2, version=0), end()],
        "links": [link("vrrpd", "ipvsd"), link("vrrpd", "checkd"), end()],
        "resign": [end()], "enable": [end()],
    }


def ipvsd():
    return {
        "summary": summary("ipvsd"),
        "leases": [
            row("lease", instance="web", id=0, state="held", term=7,
                left_ms=2600, reason="none"),
            row("address", instance="web", address="192.168.1.200",
                prefix=32, interface="eth1", label="eth1:200", present=True),
            end()],
        "services": [service(), server(43), server(44), end()],
        "kernel": [row("kernel", ip_vs="yes", configured_digest="11" * 8,
                       live_digest="22" * 8, netlink_commands=3,
                       netlink_errors=0, last_resync_ms=1000,
                       foreign_services=0), end()],
        "links": [link("ipvsd", "vrrpd"), link("ipvsd", "checkd"), end()],
        "drain": [end()], "enable": [end()],
    }


def checkd():
    return {
        "summary": summary("checkd"),
        "links": [link("checkd", "ipvsd"), link("checkd", "vrrpd"), end()],
        "probes": [row("probe", id=0, check="", type="tcp",
                       address="2001:db8::1", port=80, health="down",
                       reason="unexpected HTTP status", detail=503,
                       latency_us=900, since_ms=12000, last_ms=700,
                       next_ms=300, interval_ms=6000, successes=1,
                       failures=4, streak=4), end()],
    }


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vipctl.")
        os.chmod(self.directory, 0o755)
        self.addCleanup(shutil.rmtree, self.directory)

    def play(self, uid=None, **daemons):
        fakes = [Fake(self.directory, name, answers, uid)
                 for name, answers in daemons.items()]
        for fake in fakes:
            self.addCleanup(lambda fake=fake: fake.listener.fileno() != -1
                            and fake.close())
        return fakes[0] if len(fakes) == 1 else fakes

    def vipctl(self, *words, code=OK):
        """Runs it; the exit status must be `code`. Gives stdout, stderr."""
        done = subprocess.run([VIPCTL, "-r", self.directory, *words],
                              capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        out, err = done.stdout.decode(), done.stderr.decode()
        if code != OK:
            self.assertNotEqual(err, "")
        return out, err

    def status(self, code=DOWN):
        """What `status` prints; most tests play some of the daemons alone."""
        done = subprocess.run([VIPCTL, "-r", self.directory, "status"],
                              capture_output=True, timeout=30, check=False,
                              text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def document(self):
        return json.loads(subprocess.run(
            [VIPCTL, "-r", self.directory, "-j", "status"], timeout=30,
            stdout=subprocess.PIPE, check=False).stdout)

    def json(self, *words, code=OK):
        return json.loads(self.vipctl("-j", *words, code=code)[0])


class Usage(Case):
    def test_no_command_shows_all(self):
        _, err = self.vipctl(code=USAGE)
        for name in ("status", "show services", "monitor", "resign"):
            self.assertIn(f"\n  {name} ", err)

    def test_unknown_words(self):
        for words in (["nonsense"], ["show"], ["show", "nonsense"],
                      ["status", "more"], ["show", "checks", "--stats"],
                      ["drain"], ["drain", "a", "b"], ["resign"],
                      ["drain", "a", "--for", "1s"], ["drain", "--wait"],
                      ["drain", "a", "--wait", "--for", "0s"],
                      ["resign", "web", "--for"], ["enable"], ["check"],
                      ["resign", "web", "--for", "soon"],
                      ["resign", "web", "--for", "0s"]):
            with self.subTest(words=words):
                self.vipctl(*words, code=USAGE)

    def test_nothing_runs(self):
        for words in (["status"], ["show", "vrrp"], ["show", "services"],
                      ["show", "checks"], ["show", "links"], ["reload"],
                      ["show", "config"], ["monitor"], ["drain", "x"],
                      ["drain", "x", "--wait"],
                      ["enable", "x"], ["resign", "x"]):
            with self.subTest(words=words):
                self.vipctl(*words, code=DOWN)
                self.vipctl("-j", *words, code=DOWN)

    def test_a_full_disk_is_an_error(self):
        self.play(ipvsd=ipvsd())
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [VIPCTL, "-r", self.directory, "show", "services"],
                stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, REFUSED)


class Help(Case):
    def run_(self, *command, code=OK):
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr == "", code == OK)
        return done.stdout if code == OK else done.stderr

    def test_every_command_has_help(self):
        listed = self.run_(VIPCTL, "help")
        self.assertEqual(listed, self.run_(VIPCTL, "--help"))
        self.assertEqual(listed, self.run_(VIPCTL, "-h"))
        names = [line.strip().split("  ")[0].split() for line in
                 listed.splitlines() if line.startswith("  ")
                 and not line.startswith("  -")]
        names = [[word for word in words if word.isalpha()
                  and word.islower()] for words in names]
        self.assertGreater(len(names), 12)
        for words in names:
            with self.subTest(words):
                text = self.run_(VIPCTL, *words, "--help")
                self.assertTrue(text.startswith(
                    f"usage: vipctl {' '.join(words)}"), text)
                self.assertRegex(text, r"example:\n  vipctl ")
                self.assertEqual(text, self.run_(VIPCTL, "-h", *words))
                self.assertEqual(text, self.run_(VIPCTL, "help", *words))
        self.assertIn("  show links ", self.run_(VIPCTL, "show", "--help"))
        self.assertIn("7  `status`", self.run_(VIPCTL, "help", "exit-codes"))

    def test_versions(self):
        for words in (["--version"], ["-V"], ["status", "--version"],
                      ["show", "vrrp", "-V"]):
            self.assertRegex(self.run_(VIPCTL, *words), r"^vipctl \d")

    def test_daemons(self):
        build = os.path.dirname(os.path.dirname(VIPCTL))
        for name in ("vrrpd", "ipvsd", "checkd"):
            daemon = f"{build}/{name}/{name}"
            for word in ("--help", "-h", "help"):
                with self.subTest(name=name, word=word):
                    text = self.run_(daemon, word)
                    self.assertTrue(text.startswith(f"usage: {name} "), text)
                    for option in ("-d ", "-r DIR", "--help", "--version"):
                        self.assertIn(f"\n  {option}" if option[1] != "-"
                                      else option, text)
            for word in ("--version", "-V"):
                self.assertRegex(self.run_(daemon, word), rf"^{name} \d")
            self.assertIn(f"usage: {name}",
                          self.run_(daemon, "nonsense", code=USAGE))
        parser = f"{build}/ipvsd/ipvsd-parser"
        self.assertIn("ipvsd(8)", self.run_(parser, "--help"))
        self.assertIn("ipvsd-parser 0", self.run_(parser, "--version"))

    def test_the_nearest(self):
        for words, nearest in (("stauts", "status"), ("statsu", "status"),
                               ("relaod", "reload"), ("services", "show"
                                                      " services"),
                               ("show servcies", "show services"),
                               ("shwo vrrp", "show vrrp"),
                               ("vrrp", "show vrrp"), ("hlep", "help"),
                               ("drian web1 --wait", "drain")):
            with self.subTest(words):
                _, err = self.vipctl(*words.split(), code=USAGE)
                self.assertIn(f'did you mean "{nearest}"?', err)
                self.assertEqual(len(err.splitlines()), 1)
        for words in ("zzz", "x" * 300, "", "show zzz"):
            _, err = self.vipctl(*words.split(" "), code=USAGE)
            self.assertNotIn("did you mean", err)

    def test_show_lists_its_words(self):
        _, err = self.vipctl("show", code=USAGE)
        for word in ("vrrp", "services", "checks", "links", "config"):
            self.assertIn(f"  show {word} ", err)
        self.assertNotIn("drain", err)

    def test_options_stand_anywhere(self):
        fake = self.play(ipvsd=ipvsd(), vrrpd=vrrpd())[0]
        for words in (["show", "services", "-j"], ["show", "-j", "services"],
                      ["show", "services", "--json"]):
            self.assertEqual(len(json.loads(self.vipctl(*words)[0])), 3)
        done = subprocess.run([VIPCTL, "show", "services", "-r",
                               self.directory], check=False,
                              capture_output=True)
        self.assertEqual(done.returncode, OK)
        self.vipctl("--for", "30s", "resign", "web")
        self.vipctl("enable", "netology2", "-s")
        self.assertIn(["enable", "netology2"], fake.requests)
        _, err = self.vipctl("show", "links", "--stats", code=USAGE)
        self.assertEqual(err, "vipctl: show links: takes no --stats\n")
        self.vipctl("status", "--nonsense", code=USAGE)
        # A server may be named as an option is.
        self.vipctl("drain", "--", "--wait")
        self.assertIn(["drain", "--wait"], fake.requests)


class Terminal(Case):
    def on_terminal(self, *words, columns=80, **environment):
        """What it prints there."""
        parent, child = os.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 50, columns, 0, 0))
        process = subprocess.Popen(
            [VIPCTL, "-r", self.directory, *words], stdout=child,
            env={**{name: text for name, text in os.environ.items()
                    if name != "NO_COLOR"}, "TERM": "xterm", **environment})
        os.close(child)
        out = b""
        with contextlib.suppress(OSError):    # EIO is its end
            while more := os.read(parent, 65536):
                out += more
        os.close(parent)
        process.wait(30)
        return out.decode().replace("\r\n", "\n")

    def test_colours(self):
        answers = ipvsd()
        answers["services"] = [service(), server(43, **DEAD), server(44),
                               end()]
        self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=checkd())
        out = self.on_terminal("status")
        self.assertIn("\x1b[32mmaster\x1b[0m", out)
        self.assertIn("\x1b[31mdown\x1b[0m: connection refused", out)
        self.assertIn(": \x1b[33mservice web", out.splitlines()[0])
        for words, environment in ((("--color", "never"), {}), ((), {
                "NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("-j",), {})):
            self.assertNotIn("\x1b", self.on_terminal(
                "status", *words, **environment))
        self.assertNotIn("\x1b", self.status(WRONG))
        done = subprocess.run(
            [VIPCTL, "-r", self.directory, "status", "--color=always"],
            env={**os.environ, "NO_COLOR": "1"}, capture_output=True,
            check=False)
        self.assertIn(b"\x1b[32mmaster\x1b[0m", done.stdout)
        self.vipctl("status", "--color=blue", code=USAGE)

    def test_tables_keep_to_the_width(self):
        why = "a reason of many words that has no room at all beside the rest"
        answers = vrrpd()
        answers["instances"] = [instance(reason=why), instance(
            instance="x" * 60, reason="ü" * 70), end()]
        self.play(vrrpd=answers)
        for columns in (20, 60, 80, 100):
            with self.subTest(columns):
                out = self.on_terminal("status", "--color=never",
                                       columns=columns)
                table = out[out.index("INSTANCE"):]
                if columns >= 80:
                    self.assertLessEqual(max(map(len, table.splitlines())),
                                         columns, table)
                # Nothing is lost, and words stay whole.
                for word in why.split():
                    self.assertIn(word, table)
                self.assertEqual(table.count("ü"), 70)
                self.assertEqual(table.count("x"), 60)
        self.assertIn(why, self.status())


    def test_services_keep_to_the_width(self):
        why = "a reason of many words that has no room at all beside the rest"
        answers = ipvsd()
        answers["services"] = [
            service(instance="x" * 60), server(43, **{**DEAD, "reason": why}),
            server(44, health="down", reason="ü" * 70), end()]
        self.play(ipvsd=answers)
        whole, _ = self.vipctl("show", "services")
        self.assertIn(f"down             {why}, for 12 s\n", whole)
        for columns in (20, 60, 80, 100, 300):
            for more in ((), ("--stats",)):
                with self.subTest((columns, more)):
                    out = self.on_terminal("show", "services", *more,
                                           "--color=never", columns=columns)
                    self.assertLessEqual(
                        max(map(len, out.splitlines())), max(columns, 40), out)
                    for word in (why.split() if not more else ("9026",)):
                        self.assertIn(word, out)
                    if not more:
                        self.assertEqual(out.count("ü"), 70)
                        self.assertEqual(out.count("x"), 60)
        for columns in (60, 100):
            self.assertIn("\x1b[31mdown\x1b[0m", self.on_terminal(
                "show", "services", columns=columns))
        self.assertEqual(self.on_terminal("show", "services", "--color=never",
                                          columns=300), whole)


class Completion(Case):
    def complete(self, *words):
        """What bash offers for the last word."""
        line = " ".join(map(shlex.quote, words))
        script = (f'source <({VIPCTL} completion bash); COMP_WORDS=({VIPCTL} '
                  f'-r {self.directory} {line}); '
                  f'COMP_CWORD={len(words) + 2}; _vipctl; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script], text=True, timeout=30,
                              capture_output=True, check=True)
        self.assertEqual(done.stderr, "")
        return sorted(done.stdout.split())

    def test_words_and_options(self):
        self.assertEqual(self.complete("s"), ["show", "status"])
        self.assertEqual(self.complete("show", "c"), ["checks", "config"])
        self.assertEqual(self.complete("status", "--ch"), ["--check"])
        self.assertEqual(self.complete("--for", "1h", "res"), ["resign"])
        self.assertIn("--stats", self.complete("show", "vrrp", "-"))
        self.assertNotIn("--wait", self.complete("show", "vrrp", "-"))
        self.assertEqual(self.complete("help", "exit"), ["exit-codes"])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])
        path = f"{self.directory}/some.yaml"
        with open(path, "w", encoding="utf-8"):
            self.assertEqual(self.complete("check", path[:-2]), [path])

    def test_names_of_the_daemons(self):
        evil = "$(touch pwned);x"
        answers, other = ipvsd(), vrrpd()
        answers["services"] = [service(), server(43), server(44, node=""),
                               server(45, node=evil), end()]
        other["instances"] = [instance(instance="front"),
                              instance(instance=evil), end()]
        self.assertEqual(self.complete("resign", ""), [])   # nobody answers
        self.play(ipvsd=answers, vrrpd=other)
        self.assertEqual(self.complete("resign", ""), ["front"])
        self.assertEqual(self.complete("drain", ""),
                         ["192.168.1.44", "netology1"])
        self.assertEqual(self.complete("show", "services", "w"), ["web"])
        self.assertEqual(self.complete("enable", "f"), ["front"])

    def test_a_daemon_that_hangs_is_not_waited_for(self):
        self.play(vrrpd={"instances": [instance()]})
        began = time.monotonic()
        self.vipctl("completion", "names", "instance")
        self.assertLess(time.monotonic() - began, 2)

    def test_zsh(self):
        text = self.vipctl("completion", "zsh")[0]
        self.assertTrue(text.startswith("#compdef vipctl\n"))
        if shutil.which("zsh"):
            subprocess.run(["zsh", "-n"], input=text, text=True, check=True)
        self.vipctl("completion", "fish", code=USAGE)
        self.vipctl("completion", code=USAGE)


def left(name="web"):
    return row("address", instance=name, address="192.168.1.200", prefix=32,
               interface="eth1", label="", present=True,
               leftover="192.168.1.200/32 is on eth1, kept")


class Status(Case):
    def test_all_is_well(self):
        self.play(vrrpd=vrrpd(), ipvsd=ipvsd(), checkd=checkd())
        out, err = self.vipctl("status")
        self.assertEqual(err, "")
        self.assertTrue(out.startswith("netology1: all is well\n"))
        self.assertRegex(out, r"(?m)^vrrpd +running +2 h 3 m +4711 ")
        self.assertRegex(out, r"(?m)^web +master +2 m 13 s \(.*\) +this host +"
                              r"3 adverts missed +192\.168\.1\.200/32 here$")
        self.assertIn("tcp 192.168.1.200:80  master  2 of 2 servers up\n", out)
        self.assertEqual(self.vipctl("status", "--check")[0],
                         "TRIUMVIR OK: all is well\n")
        self.assertIn("all links are up", out)
        self.assertNotIn("  -> ", out)

    def wrong(self, code=WRONG, **daemons):
        """What is said to be wrong, the worst first, of a suite that runs but
        for what is given."""
        answers = {"vrrpd": vrrpd(), "ipvsd": ipvsd(), "checkd": checkd()}
        for name, more in daemons.items():
            answers[name] = None if more is None else {**answers[name], **more}
        fakes = self.play(**{name: known for name, known in answers.items()
                             if known is not None})
        out, found = self.status(code), self.document()["wrong"]
        check = subprocess.run(
            [VIPCTL, "-r", self.directory, "status", "--check"],
            capture_output=True, text=True, timeout=30, check=False)
        for fake in fakes:
            fake.close()
            os.unlink(fake.path)
        level = {"warning": (1, "WARNING"), "critical": (2, "CRITICAL")}
        status, word = level[found[0]["level"]]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        line = f"{found[0]['text']}{more}"
        self.assertEqual(check.stdout, f"TRIUMVIR {word}: {line}\n")
        self.assertEqual((check.returncode, check.stderr), (status, ""))
        self.assertTrue(out.splitlines()[0].endswith(f": {line}"), out)
        return [one["text"] for one in found]

    def test_what_is_wrong_stands_first(self):
        services = [service(), server(43, **DEAD), server(44), end()]
        cases = (
            (["vrrpd is not running"], {"vrrpd": None}, DOWN),
            (["the kernel has no ip_vs (modprobe ip_vs)"], {"ipvsd": {
                "kernel": [row("kernel", ip_vs="no"), end()]}}, WRONG),
            (["vrrp web: down: eth1 is down"], {
                "vrrpd": {"instances": [instance(
                    state="initialize", reason="eth1 is down"), end()]},
                "ipvsd": {"leases": [end()]}}, WRONG),
            (["vrrp web: no master is heard"], {
                "vrrpd": {"instances": [instance(state="backup", master="-"),
                                        end()]},
                "ipvsd": {"leases": [end()]}}, WRONG),
            (["vrrp web: not master, and 192.168.1.200 is here"], {
                "vrrpd": {"instances": [instance(state="backup"), end()]}},
             WRONG),
            (["vrrp web: not master, and 192.168.1.200/32 is on eth1, kept"], {
                "vrrpd": {"instances": [instance(state="backup"), end()]},
                "ipvsd": {"leases": [left(), end()]}}, WRONG),
            (["service web (192.168.1.200:80): no server gets connections "
              "(1 down)"], {"ipvsd": {"services": [
                  service(), server(43, **DEAD), end()]}}, WRONG),
            (["service web (192.168.1.200:80): 1 of 2 servers down"],
             {"ipvsd": {"services": services}}, WRONG),
            (["service web (192.168.1.200:80) is not in the kernel's table",
              "service web (192.168.1.200:80): 1 servers missing from the "
              "kernel's table"], {"ipvsd": {"services": [
                  service(in_kernel=False), server(43, in_kernel=False),
                  end()]}}, WRONG),
            (["link checkd to ipvsd is refused"], {"checkd": {"links": [
                link("checkd", "ipvsd", "refused"), end()]}}, WRONG),
            (["vrrpd is not ready"], {"vrrpd": {
                "summary": summary("vrrpd", ready=False)}}, WRONG),
            (["vrrp web: d2 speaks for this under VRID 8: reload it",
              "checkd is not running",
              "service web (192.168.1.200:80): no server gets connections "
              "(1 down)"],
             {"checkd": None, "ipvsd": {"services": [
                 service(), server(43, **DEAD), end()]},
              "vrrpd": {"instances": [instance(
                  rival="d2 speaks for this under VRID 8: reload it",
                  rival_ms=3, odd="10.0.0.9 is master as well", odd_ms=9),
                                      end()]}}, DOWN),
            (["checkd is not running",
              "vrrp web: 10.0.0.9 is master as well",
              "service web (192.168.1.200:80): 1 of 2 servers down"],
             {"checkd": None, "ipvsd": {"services": services},
              "vrrpd": {"instances": [instance(
                  odd="10.0.0.9 is master as well", odd_ms=9), end()]}}, DOWN))
        for texts, daemons, code in cases:
            with self.subTest(texts):
                self.assertEqual(self.wrong(code, **daemons), texts)

    def test_what_others_have_left(self):
        answers = ipvsd()
        answers["leases"] = [answers["leases"][0], left(), end()]
        other = vrrpd()
        other["instances"] = [instance(state="backup"), end()]
        self.play(vrrpd=other, ipvsd=answers, checkd=checkd())
        out = self.status(WRONG)
        self.assertRegex(
            out, r"(?m)^web +backup .* 192\.168\.1\.200/32 left here by others$")

    def test_what_others_have_left_of_an_instance_of_others(self):
        self.assertEqual(self.wrong(ipvsd={"leases": [
            ipvsd()["leases"][0], left("other"), end()]}),
            ["vrrp other: not master, and 192.168.1.200/32 is on eth1, kept"])

    def test_a_drain_is_not_wrong(self):
        answers = ipvsd()
        answers["services"] = [service(), server(43), server(
            44, override="drained", weight=0), end()]
        self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=checkd())
        out = self.status(OK)
        self.assertTrue(out.startswith("netology1: all is well\n"))
        self.assertIn("  1 of 2 servers up, 1 drained\n", out)

    def test_which_file_and_whose_role(self):
        path = f"{self.directory}/a.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(GOOD)
        loaded = int(time.time() * 1000) + 10
        for more, first, disk in (
                ({"director": True, "serves": 2},
                 "netology1, director and real server of 2 services: ", ""),
                ({"director": False, "serves": 1},
                 "netology1, real server of 1 service: ", ""),
                ({"director": False, "serves": 0, "file": path + "x"},
                 "netology1, neither director nor real server: ",
                 "; it is gone from the disk"),
                ({"loaded_ms": loaded - 3600000}, "netology1, director: ",
                 "; on disk it differs now, `vipctl reload` loads that")):
            answers = ipvsd()
            answers["summary"] = [answers["summary"][0], row(
                "configuration", **{"file": path, "loaded_ms": loaded,
                                    "director": True, "serves": 0, **more}),
                                  end()]
            fakes = self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=checkd())
            out = self.status(OK)
            self.assertTrue(out.startswith(first + "all is well\n"), out)
            self.assertRegex(out, rf"(?m)^{more.get('file', path)}, loaded "
                                  rf"(\S+ )?\d\d:\d\d:\d\d{disk}$")
            for fake in fakes:
                fake.close()
                os.unlink(fake.path)
        # What cannot be loaded is not waited for.
        os.unlink(path)
        os.mkfifo(path)
        answers["summary"][1] = row(
            "configuration", file=path, loaded_ms=1, director=True, serves=0)
        self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=checkd())
        self.assertEqual(self.document()["configuration"]["on_disk"],
                         "bad")

    def test_on_its_way(self):
        limits = {"rise": 2, "fall": 3}
        answers = ipvsd()
        answers["services"] = [
            service(), server(43, probe=7, **DEAD, **limits),
            server(44, **{**DEAD, "reason": "ok", "detail": 0}, **limits),
            server(45, reason="timed out connecting", **limits),
            server(46, **limits), server(47, probe=9, **DEAD, **limits),
            server(48, probe=2 ** 32 - 1, **{**DEAD, "reason": "ok"},
                   **limits), end()]
        probes = checkd()
        probes["probes"] = [row(
            "probe", id=0, type="tcp", address="2001:db8::1", port=80,
            health="down", reason="ok", since_ms=12000, streak=1, **limits),
            *[row("probe", id=number, type="tcp", address="10.0.0.1", port=80,
                  health="down", reason=reason, since_ms=12000, streak=streak,
                  **limits)
              for number, reason, streak in (
                  (7, "connection refused", 3), (9, "connection refused", 17),
                  (2 ** 32 - 1, "ok", 1))], end()]
        *_, fake = self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=probes)
        out = self.status(WRONG)
        self.assertIn(["probes", f"7,9,{2 ** 32 - 1}"], fake.requests)
        self.assertIn("2 of 6 servers up", out)
        self.assertIn(".43:80  down: connection refused, 3 of 3 failed, for "
                      "12 s", out)
        self.assertIn(".44:80  down: ok, not yet 2 passed, for 12 s", out)
        self.assertIn(".47:80  down: connection refused, 3 of 3 failed, 17 in "
                      "a row, for 12 s", out)
        self.assertIn(".48:80  down: ok, 1 of 2 passed, for 12 s", out)
        out, _ = self.vipctl("show", "services")
        self.assertRegex(out, r"\.45:80.* up +timed out connecting, not yet 3 "
                              "failed")
        self.assertRegex(out, r"\.46:80.* up +ok, 0\.4 ms")
        out, _ = self.vipctl("show", "checks")
        self.assertRegex(out, "ok, 1 of 2 passed, for 12 s")
        self.assertRegex(out, r"refused, 3 of 3 failed, for 12 s")
        self.assertRegex(out, r"refused, 3 of 3 failed, 17 in a row, for 12 s")

    def test_full(self):
        answers = ipvsd()
        for role, code, count, line in (
                ("master", OK, "2 of 2 servers up, 1 full\n", True),
                ("backup", OK, "2 of 2 servers up\n", False)):
            answers["services"] = [
                service(role=role), server(43, max_connections=25),
                server(44, max_connections=26), end()]
            fakes = self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=checkd())
            out = self.status(code)
            self.assertIn(count, out)
            self.assertIs(".43:80  full: 25 of 25 connections, ok, 0.4 ms\n"
                          in out, line)
            self.assertNotIn(".44:80", out)
            for fake in fakes:
                fake.close()
                os.unlink(fake.path)

    def test_all_full(self):
        answers = ipvsd()
        answers["services"] = [service(), server(43, max_connections=25),
                               server(44, override="drained"), end()]
        self.play(vrrpd=vrrpd(), ipvsd=answers, checkd=checkd())
        out = self.status(WRONG)
        self.assertIn("1 of 2 servers up, 1 drained, 1 full: new clients are "
                      "refused\n", out)
        self.assertIn(": service web (192.168.1.200:80): every server is full, "
                      "new clients are refused\n", out.splitlines(True)[0])
        # Who has no verdict yet and is in takes clients.
        answers["services"][2:2] = [server(45, health="unknown")]
        self.assertNotIn("refused", self.status(OK))

    def test_who_is_out_and_why(self):
        answers = ipvsd()
        answers["services"] = [service(), server(43, **DEAD),
                               server(44, override="drained", weight=0),
                               server(45, weight=0),
                               server(46, in_kernel=False, weight=0),
                               server(47), end()]
        self.play(ipvsd=answers)
        out = self.status()
        self.assertIn("  -> 192.168.1.43:80  down: connection refused, "
                      "for 12 s\n", out)
        self.assertIn("  -> 192.168.1.44:80  drained: by operator, "
                      "ok, 0.4 ms\n", out)
        self.assertIn("  -> 192.168.1.45:80  drained: in the configuration, "
                      "ok, 0.4 ms\n", out)
        self.assertIn("  -> 192.168.1.46:80  missing: not in the kernel's "
                      "table, ok, 0.4 ms\n", out)
        self.assertNotIn("192.168.1.47", out)
        self.assertIn("  1 of 5 servers up, 2 drained\n", out)
        found = self.document()["services"][0]
        self.assertEqual((found["servers"], found["servers_up"],
                          found["servers_out"]), (5, 4, 4))
        self.assertEqual([one["address"] for one in found["out"]],
                         [f"192.168.1.{last}" for last in (43, 44, 45, 46)])

    def test_how_old_the_counters_are(self):
        answers = ipvsd()
        answers["services"] = [service(read_ms=200), server(43),
                               service(read_ms=4200), server(44), end()]
        self.play(ipvsd=answers)
        self.assertRegex(self.status(),
                         r"(?m)^table: .* live 2{16}, read 4\.2 s ago$")
        for words in (["show", "services"], ["show", "services", "--stats"]):
            self.assertEqual(self.vipctl(*words)[0].splitlines()[-1],
                             "the kernel's counters were read 4.2 s ago")
        answers["services"] = [service(read_ms=200), server(43), end()]
        self.assertNotIn("ago", self.vipctl("show", "services")[0])

    def test_what_others_changed_in_the_table(self):
        answers = ipvsd()
        more = {"ip_vs": "yes", "last_repair": "tcp 10.0.0.1:80: a -> b",
                "repaired": 7}
        answers["kernel"] = [row("kernel", last_repair_ms=3000, **more), end()]
        self.play(ipvsd=answers)
        self.assertIn("\nchanged by somebody else and put right 3.0 s ago: tcp "
                      "10.0.0.1:80: a -> b (7 in all)\n",
                      self.status())
        answers["kernel"] = [row("kernel", last_repair_ms=700000, **more),
                             end()]
        self.assertNotIn("put right", self.status())

    def test_slow_start_is_a_reason(self):
        answers = ipvsd()
        answers["services"] = [
            service(), server(43),
            server(44, weight=20, slow_start_percent=40), end()]
        self.play(ipvsd=answers)
        lines = self.vipctl("show", "services")[0].splitlines()
        self.assertRegex(lines[-1],
                         r"Route +20 .* up +slow start, 40 %, ok, 0\.4 ms$")
        self.assertNotIn("slow", lines[-2])

    def test_a_backup_holds_servers_at_weight_zero(self):
        answers = ipvsd()
        answers["services"] = [service(role="backup"), server(43),
                               server(44, weight=0), end()]
        self.play(ipvsd=answers)
        self.assertNotIn("  -> ", self.status())

    def test_a_dead_daemon_reads_not_running(self):
        answers = ipvsd()
        answers["links"] = [link("ipvsd", "vrrpd", "down"),
                            link("ipvsd", "checkd", "refused"), end()]
        answers["services"] = [service(), server(43, stale=True), end()]
        self.play(ipvsd=answers).requests.clear()
        out = self.status()
        self.assertRegex(out, r"(?m)^vrrpd +not running$")
        self.assertRegex(out, r"(?m)^checkd +not running$")
        # What the kernel holds is told all the same.
        self.assertRegex(out, r"(?m)^web +unknown +- +- +"
                              r"vrrpd is not running +192.168.1.200/32 here$")
        self.assertIn("(stale: checkd is lost)", out)
        self.assertIn("link ipvsd to vrrpd: down for 1 m 1 s, last heard "
                      "800 ms ago\n", out)
        self.assertIn("link ipvsd to checkd: refused", out)

    def test_a_hanging_vrrpd_is_not_called_dead(self):
        self.play(vrrpd={"summary": [row("x")], "links": [row("x")]},
                  ipvsd=ipvsd())
        out = self.status()
        self.assertRegex(out, r"(?m)^vrrpd +not answering$")
        self.assertRegex(out, r"(?m)^web +unknown +- +- +"
                              r"vrrpd does not answer +192.168.1.200/32 here$")
        self.assertNotIn("nobody heard", out)
        out, err = self.vipctl("show", "links")
        self.assertRegex(out, r"(?m)^vrrpd +- +not answering ")
        self.assertIn("vrrpd does not answer within", err)

    def test_what_was_odd_of_late(self):
        text = "10.0.0.12 is master as well"
        answers = vrrpd()
        answers["instances"] = [
            instance(odd=text, odd_ms=350, rival="d2 is", rival_ms=9),
            instance(instance="old", odd=text, odd_ms=70000), end()]
        self.play(vrrpd=answers)
        out = self.status()
        self.assertIn(f"\nweb: d2 is, 9 ms ago\nweb: {text}, 350 ms ago\n",
                      out)
        self.assertNotIn("old: ", out)
        out, _ = self.vipctl("show", "vrrp", "--stats")
        self.assertIn(f"  last: {text}, 350 ms ago\n", out)
        self.assertIn("  rival: d2 is, 9 ms ago\n", out)
        self.assertIn(f"  last: {text}, 1 m 10 s ago\n", out)

    def test_what_the_kernel_refused(self):
        answers = ipvsd()
        error = "ipvs tcp 192.168.1.200:80: edit service: No such file"
        for ago, shown in ((2300, True), (700000, False)):
            answers["kernel"] = [row("kernel", ip_vs="yes", netlink_errors=6,
                                     last_error=error, last_error_ms=ago),
                                 end()]
            fakes = self.play(ipvsd=answers)
            line = f"\nrefused by the kernel 2.3 s ago: {error} (6 in all)\n"
            self.assertEqual(line in self.status(), shown)
            fakes.close()
            os.unlink(fakes.path)

    def test_who_is_master(self):
        cases = (("backup", "192.168.1.44", "192.168.1.44"),
                 ("backup", "-", "nobody heard"),
                 ("leaving", "192.168.1.43", "this host"),
                 ("master", "192.168.1.43", "this host"))
        answers = vrrpd()
        answers["instances"] = [
            instance(instance=f"i{number}", state=state, master=master,
                     resigned=True)
            for number, (state, master, _) in enumerate(cases)] + [end()]
        self.play(vrrpd=answers)
        out = self.status()
        more, _ = self.vipctl("show", "vrrp")
        for number, (state, _, shown) in enumerate(cases):
            why = r"3 adverts missed \(resigned\)"
            self.assertRegex(out, rf"(?m)^i{number} +{state} +2 m 13 s \(.*\) +"
                                  rf"{shown} +{why}")
            shown = shown.replace("nobody heard", "-")
            self.assertRegex(more, rf"(?m)^i{number} +{state} .* eth1 +"
                                   rf"{shown} .*{why}$")

    def test_a_socket_that_nobody_listens_on(self):
        self.play(ipvsd=ipvsd()).close()
        self.assertRegex(self.status(),
                         r"(?m)^ipvsd +not running$")

    def test_a_daemon_that_dies_while_asked_is_told_once(self):
        answers = vrrpd()
        answers["instances"] = [b"broken"]
        self.play(vrrpd=answers, ipvsd=ipvsd())
        self.assertEqual([(one["daemon"], one["state"]) for one in
                          self.document()["daemons"]],
                         [("vrrpd", "not answering"), ("ipvsd", "running"),
                          ("checkd", "not running")])

    def test_generations_that_differ(self):
        answers = checkd()
        answers["summary"] = summary("checkd", generation="1" * 16)
        self.play(ipvsd=ipvsd(), checkd=answers)
        self.assertIn("do not have the same configuration",
                      self.status())

    def test_thousands_of_services_fit_one_screen(self):
        answers = ipvsd()
        answers["services"] = [
            one for number in range(3000)
            for one in (service(port=number),
                        server(43, **(DEAD if number == 2900 else {})))
        ] + [end()]
        self.play(ipvsd=answers)
        out = self.status()
        self.assertLess(len(out.splitlines()), 40)
        self.assertIn(":2900  master  0 of 1 servers up", out)
        self.assertIn("connection refused", out)
        self.assertIn("3000 services in all", out)

    def test_json(self):
        self.play(vrrpd=vrrpd(), ipvsd=ipvsd(), checkd=checkd())
        found = self.json("status")
        self.assertEqual([one["daemon"] for one in found["daemons"]],
                         ["vrrpd", "ipvsd", "checkd"])
        self.assertEqual(found["instances"][0]["state"], "master")
        self.assertEqual(found["instances"][0]["addresses"][0]["present"],
                         True)
        self.assertEqual(found["instances"][0]["lease"]["state"], "held")
        self.assertEqual(len(found["links"]), 6)
        self.assertEqual(found["kernel"]["ip_vs"], "yes")


class Show(Case):
    def test_services_have_ipvsadms_columns(self):
        self.play(ipvsd=ipvsd())
        lines = self.vipctl("show", "services")[0].splitlines()
        # The seed's own lines, with its later weight.
        for line, wanted in zip(lines, (
                "Prot LocalAddress:Port Scheduler Flags",
                "  -> RemoteAddress:Port           Forward Weight ActiveConn "
                "InActConn ",
                "TCP  192.168.1.200:80 rr",
                "  -> 192.168.1.43:80              Route   50     0          "
                "25         ",
                "  -> 192.168.1.44:80              Route   50     0          "
                "25         "), strict=True):
            self.assertEqual(line[:len(wanted)], wanted)
        self.assertTrue(lines[3].endswith(" up               ok, 0.4 ms"))

    def test_stats_have_ipvsadms_columns(self):
        self.play(ipvsd=ipvsd())
        self.assertEqual(
            self.vipctl("show", "services", "--stats")[0],
            "Prot LocalAddress:Port               Conns   InPkts  OutPkts  "
            "InBytes OutBytes\n"
            "  -> RemoteAddress:Port\n"
            "TCP  192.168.1.200:80                   50      312        0    "
            "20224        0\n"
            "  -> 192.168.1.43:80                    25      138        0     "
            "9026        0\n"
            "  -> 192.168.1.44:80                    25      174        0    "
            "11198        0\n")

    def test_other_services(self):
        answers = ipvsd()
        answers["services"] = [
            service(address="2001:db8::200", protocol="udp", flags="mh-port",
                    scheduler="mh", persistence_s=300, role="backup"),
            server(43, address="2001:db8::43", forward="nat", **DEAD), end()]
        self.play(ipvsd=answers)
        out, _ = self.vipctl("show", "services")
        self.assertIn("UDP  [2001:db8::200]:80 mh (mh-port) persistent 300",
                      out)
        self.assertRegex(out, r"-> \[2001:db8::43\]:80 +Masq    -      -     "
                              r"     -          down +connection refused")

    def test_no_services(self):
        self.play(ipvsd={"services": [end()]})
        self.assertEqual(self.vipctl("show", "services")[0],
                         "no services on this host\n")
        self.assertEqual(self.json("show", "services"), [])

    def test_json_is_the_rows(self):
        self.play(ipvsd=ipvsd())
        rows = self.json("show", "services")
        self.assertEqual([one["kind"] for one in rows],
                         ["service", "server", "server"])
        self.assertEqual(rows[2]["in_bytes"], 11198)
        self.assertIs(rows[0]["in_kernel"], True)

    def test_numbers_at_their_ends(self):
        self.play(ipvsd={"services": [
            row("x", big=2 ** 64 - 1, small=0), end()]})
        self.assertEqual(self.json("show", "services"), [
            {"kind": "x", "big": 2 ** 63 - 1, "small": 0}])

    def test_vrrp(self):
        self.play(vrrpd=vrrpd())
        self.assertRegex(
            self.vipctl("show", "vrrp")[0],
            r"(?m)^web +master +2 m 13 s \(.*\) +200 +1 +3 +eth1 +this host +400 ms"
            r" +2\.6 s +3 adverts missed$")
        out, _ = self.vipctl("show", "vrrp", "--stats")
        self.assertIn("web\n  sent 133 (priority 0: 0), heard 12 (priority "
                      "0: 1), became master 1 times\n  counted: ttl 3, "
                      "two_owners 5\n", out)
        self.assertIn("before an instance was found\n  counted: ttl 2\n", out)
        self.assertEqual([one["kind"] for one in
                          self.json("show", "vrrp", "--stats")],
                         ["instance", "receive"])

    def test_filters(self):
        answers = ipvsd()
        answers["services"] = [
            service(), server(43, **DEAD), server(44),
            service(service="dns", address="192.168.1.53", port=53),
            server(45, service="dns", node="s3"), end()]
        old = vrrpd()
        old["instances"] = [instance(), instance(instance="old"), end()]
        old["links"] = [link("vrrpd", "ipvsd"),
                        link("vrrpd", "checkd", "down"), end()]
        self.play(ipvsd=answers, vrrpd=old, checkd=checkd())
        for words, wanted in (
                ("services", ["web", "43", "44", "dns", "45"]),
                ("services web", ["web", "43", "44"]),
                ("services 192.168.1.53:53", ["dns"]),
                ("services netology2", ["web", "44"]),
                ("services dns/s3", ["dns", "45"]),
                ("services s3 192.168.1.43:80", ["web", "43", "dns", "45"]),
                ("services --down", ["web", "43"]),
                ("services --down dns", []),
                ("vrrp old", ["old"]), ("vrrp --stats old", ["old"]),
                ("checks --down", ["::1"]),
                ("checks 2001:db8::1", ["::1"]),
                ("links checkd --down", ["checkd"])):
            with self.subTest(words):
                rows = self.json("show", *words.split())
                self.assertEqual([
                    row_["address"].split(".")[-1].split("db8")[-1]
                    if row_["kind"] in ("server", "probe") else
                    row_.get("service") or row_.get("instance")
                    or row_["peer"] for row_ in rows], wanted)
        text, _ = self.vipctl("show", "services", "--down")
        self.assertEqual(len(text.splitlines()), 4)
        for words in ("services wbe", "vrrp wbe", "checks wbe", "links wbe"):
            out, err = self.vipctl("show", *words.split(), code=REFUSED)
            self.assertIn('nothing here is named "wbe"', err)

    def test_stats_without_an_empty_heading(self):
        answers = vrrpd()
        answers["receive"] = [row("receive", ttl=0), end()]
        self.play(vrrpd=answers)
        self.assertNotIn("before an instance",
                         self.vipctl("show", "vrrp", "--stats")[0])

    def test_a_name_that_comes_twice(self):
        self.play(vrrpd={"instances": [
            row("instance", [("version", 3), ("ttl", 1), ("version", 9)]),
            end()]})
        self.assertEqual(self.json("show", "vrrp"), [
            {"kind": "instance", "version": 3, "ttl": 1, "version_count": 9}])

    def test_checks(self):
        self.play(checkd=checkd())
        out, _ = self.vipctl("show", "checks")
        self.assertRegex(out, r"(?m)^\[2001:db8::1\]:80 +tcp +down +12 s \(.*\) +"
                              r"700 ms +300 ms +6\.0 s +4 +unexpected HTTP "
                              r"status 503, for 12 s$")

    def test_links(self):
        self.play(vrrpd=vrrpd())
        out, _ = self.vipctl("show", "links")
        self.assertRegex(out, r"(?m)^vrrpd +ipvsd +up +1 m 1 s +800 ms +2 "
                              r"+5 +6 +0 +0 +0 +4 +0 +0$")
        self.assertRegex(out, r"(?m)^checkd +- +not running ")
        rows = self.json("show", "links")
        self.assertEqual({one["kind"] for one in rows}, {"link", "daemon"})

    def test_config_in_pieces_that_split_a_character(self):
        text = "nodes:\n\tgrüße: 1\n".encode()
        cut = text.index(b"\xbc")
        self.play(ipvsd={"config": [row("text", text=text[:cut]),
                                    row("text", text=text[cut:]), end()]})
        self.assertEqual(self.vipctl("show", "config")[0], text.decode())
        self.assertEqual(self.json("show", "config"),
                         [{"kind": "text", "text": text.decode()}])


class Hostile(Case):
    """A daemon that lies must not harm the operator's terminal or tool."""

    def test_strings_are_cleaned(self):
        evil = b"\x1b]0;owned\x07\xff\xc2\x9b31m\n"
        answers = ipvsd()
        answers["services"] = [
            service(scheduler=evil, flags=evil, role=evil, instance=evil),
            server(43, health=evil, reason=evil, forward=evil, address=evil),
            end()]
        self.play(ipvsd=answers, vrrpd={
            "summary": summary("vrrpd", node=evil),
            "instances": [instance(instance=evil, reason=evil), end()],
            "links": [row(evil, [(evil, 1)]), end(evil)]})
        for words in (["show", "services"], ["show", "services", "--stats"],
                      ["status"], ["show", "vrrp"],
                      ["show", "vrrp", "--stats"]):
            with self.subTest(words=words):
                code = REFUSED if "vrrp" in words and len(words) == 3 else OK
                out, err = (self.status(), "") if words == ["status"] \
                    else self.vipctl(*words, code=code)
                for text in (out, err):
                    self.assertFalse({c for c in text if ord(c) < 32 or
                                      126 < ord(c) < 160} - {"\n"})
        rows = self.json("show", "services")
        self.assertEqual(rows[0]["flags"], "\x1b]0;owned\x07?\x9b31m\n")

    def test_bad_answers(self):
        good = row("x", a=1)
        for name, data in {
                "not a packet": b"x",
                "cut off": good[:-1],
                "something left over": good[:2]
                + (len(good) + 1).to_bytes(2, "big") + good[4:] + b"\0",
                "another version": packet("CTL_ROW", good[12:], version=9),
                "a generation": packet("CTL_ROW", good[12:], generation=1),
                "another type": packet("COMMIT", b"", generation=1),
                "a request": packet("CTL_REQUEST", b"\1\0\1a"),
                "too many values": row("x", [("k", 1)] * 65),
                "a count that lies": packet("CTL_ROW", string("x") + b"\x09"),
                "a long key": row("x", [("k" * 64, 1)]),
                "no such type": packet(
                    "CTL_ROW", string("x") + b"\1" + string("k") + b"\x09"
                    + bytes(8)),
                "a string that runs out": packet(
                    "CTL_ROW", string("x") + b"\1" + string("k")
                    + bytes([STRING]) + b"\xff\xff"),
                "a bool that runs out": packet(
                    "CTL_ROW", string("x") + b"\1" + string("k")
                    + bytes([BOOL])),
                "a NUL in the kind": row("x\0y", a=1),
                "an end that is neither": packet("CTL_END", b"\2\0\0"),
        }.items():
            with self.subTest(name):
                fake = self.play(ipvsd={"services": [good, data, end()]})
                out, err = self.vipctl("-j", "show", "services",
                                       code=REFUSED)
                self.assertIn("bad answer", err)
                self.assertEqual(json.loads(out), [{"kind": "x", "a": 1}])
                fake.close()
                os.unlink(fake.path)

    def test_keys_of_another_type(self):
        """A key that is known has its type; others have any."""
        for more, code in (({"weight": "50"}, REFUSED),
                           ({"weight": True}, REFUSED),
                           ({"stale": 0}, REFUSED),
                           ({"health": 1}, REFUSED),
                           ({"newer": "50"}, OK), ({"newer": True}, OK)):
            with self.subTest(more):
                fake = self.play(ipvsd={"services": [
                    service(), server(43, **more), end()]})
                out, err = self.vipctl("-j", "show", "services", code=code)
                self.assertEqual("bad answer" in err, code == REFUSED)
                self.assertEqual(len(json.loads(out)), 1 + (code == OK))
                fake.close()
                os.unlink(fake.path)
        # A kind that is not known may have what another kind has.
        self.play(ipvsd={"services": [row("newer", weight="50"), end()]})
        self.json("show", "services")

    def test_endless_answers(self):
        """Of one that was taken over, and would fill our memory."""
        def endless(words):
            while True:
                yield {"summary": summary("vrrpd")[0], "instances": instance(),
                       "links": link("vrrpd", "ipvsd")}[words[0]]

        self.play(ipvsd=ipvsd(), checkd=checkd())
        for command in ("summary", "instances", "links"):
            with self.subTest(command):
                fake = self.play(vrrpd={**vrrpd(), command: endless})
                out = self.status()
                self.assertEqual(out.count("\nvrrpd"), 2, out)
                self.assertIn("vrrpd hung up or gave a bad answer", out)
                self.assertRegex(out, "ipvsd +running")
                fake.close()
                os.unlink(fake.path)

    @unittest.skipIf(os.environ.get("TRIUMVIR_SANITIZED"), "its own memory")
    def test_large_answers(self):
        """So many rows may come, but none so long: they are not all kept."""
        def endless(words):
            while True:
                yield long

        def little_memory():
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

        self.play(vrrpd=vrrpd(), checkd=checkd())
        for command, long in (
                ("services", service(service="x" * 7500)),
                ("services", row("service", [(f"k{n}", n) for n in range(64)])),
                ("leases", row("address", instance="web", address="x" * 7500))):
            with self.subTest(command):
                fake = self.play(ipvsd={**ipvsd(), command: endless})
                done = subprocess.run(
                    [VIPCTL, "-r", self.directory, "status"], timeout=30,
                    preexec_fn=little_memory, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, check=False)
                self.assertEqual((done.returncode, done.stderr), (DOWN, b""))
                self.assertRegex(done.stdout, b"ipvsd (hung up|does not)")
                self.assertRegex(done.stdout, b"checkd +running")
                fake.close()
                os.unlink(fake.path)

    @unittest.skipIf(os.environ.get("TRIUMVIR_SANITIZED"), "its own memory")
    def test_very_many_checks(self):
        """All are in columns, and yet a million would not fill an answer."""
        count, most_kb = 50000, 16 << 10
        probe = checkd()["probes"][0]

        def many(words):
            yield from itertools.repeat(probe, count)
            yield end()

        self.play(checkd={"probes": many})
        with subprocess.Popen([VIPCTL, "-r", self.directory, "show", "checks"],
                              stdout=subprocess.PIPE) as vipctl:
            vipctl.stdout.readline()
            # It has all, and most of them do not fit into the pipe.
            with open(f"/proc/{vipctl.pid}/status", encoding="ascii") as file:
                used = int(re.search(r"VmHWM:\s+(\d+)", file.read())[1])
            lines = sum(1 for _ in vipctl.stdout)
        self.assertEqual((vipctl.returncode, lines), (OK, count))
        self.assertLess(used, most_kb)

    def test_nobody_speaks_for_another(self):
        """A taken-over vrrpd tells of itself alone."""
        lies = [*vrrpd()["instances"][:-1], summary("checkd")[0],
                link("checkd", "vrrpd"), service(service="lie"),
                row("lease", instance="web", id=0, state="lie", term=7,
                    left_ms=2600, reason="none"), end()]
        self.play(ipvsd=ipvsd(), vrrpd={**vrrpd(), "instances": lies})
        document = self.document()
        self.assertEqual(
            [(daemon["daemon"], daemon["state"])
             for daemon in document["daemons"]],
            [("vrrpd", "running"), ("ipvsd", "running"),
             ("checkd", "not running")])
        self.assertEqual(len(document["links"]), 4)
        self.assertEqual([one["service"] for one in document["services"]],
                         ["web"])
        self.assertEqual(document["instances"][0]["lease"]["state"], "held")

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_one_who_may_not_ask(self):
        # A daemon hangs up on him.
        self.play(ipvsd={"summary": [b"\0"], "services": [b"\0"]})
        os.chmod(f"{self.directory}/ipvsd.ctl", 0o666)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
             self.readable_vipctl(), "-r", self.directory, "show",
             "services"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("root and group _vipctl", done.stderr)

    def readable_vipctl(self):
        """A copy: the checkout may be for root alone."""
        path = f"{self.directory}/vipctl"
        shutil.copy(VIPCTL, path)
        os.chmod(path, 0o755)
        return path

    def test_a_daemon_that_hangs(self):
        self.play(ipvsd={"services": [row("x")]})
        began = time.monotonic()
        _, err = self.vipctl("show", "services", code=DOWN)
        self.assertLess(time.monotonic() - began, 20)
        self.assertIn("does not answer within", err)

    def test_a_daemon_that_drips(self):
        """Of one that was taken over: a row every now and then, for ever."""
        def drip(words):
            while True:
                yield {"summary": summary("vrrpd")[0], "instances": instance(),
                       "links": link("vrrpd", "ipvsd")}[words[0]]
                time.sleep(1)

        self.play(ipvsd=ipvsd(), checkd=checkd(),
                  vrrpd={**vrrpd(), "links": drip, "instances": drip})
        with ThreadPoolExecutor() as pool:
            whole, links, one = (
                pool.submit(self.in_time, "status"),
                pool.submit(self.in_time, "show", "links"),
                pool.submit(self.in_time, "show", "vrrp", code=DOWN))
        out = whole.result()[0]
        self.assertRegex(out, r"(?m)^vrrpd +not answering$")
        self.assertRegex(out, r"(?m)^ipvsd +running")
        self.assertRegex(out, r"(?m)^checkd +running")
        self.assertIn("2 of 2 servers up", out)
        out, err = links.result()
        self.assertRegex(out, r"(?m)^vrrpd +- +not answering ")
        self.assertRegex(out, r"(?m)^checkd +ipvsd +up ")
        self.assertRegex(err, r"vrrpd does not answer within 7\.5 s$")
        self.assertRegex(one.result()[1], "vrrpd does not answer within 10 s$")

    def test_all_drip(self):
        def drip(_):
            while True:
                yield row("x")
                time.sleep(0.5)

        every = dict.fromkeys((
            "summary", "instances", "leases", "services", "kernel", "links",
            "drain", "enable", "resign"), drip)
        self.play(ipvsd=every, vrrpd=every, checkd=every)
        with ThreadPoolExecutor() as pool:
            for _ in pool.map(
                    lambda words: self.in_time(*words.split(), code=DOWN),
                    ("status", "show links", "drain netology1",
                     "enable netology1", "resign web", "show services")):
                pass

    def test_a_daemon_that_does_not_accept(self):
        self.play(ipvsd=ipvsd(), checkd=checkd())
        path = f"{self.directory}/vrrpd.ctl"
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(
                socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            listener.bind(path)
            listener.listen(0)
            for _ in range(8):     # its backlog is full
                client = stack.enter_context(
                    socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
                client.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    client.connect(path)
            out = self.in_time("status")[0]
        self.assertRegex(out, r"(?m)^vrrpd +not answering$")
        self.assertRegex(out, r"(?m)^checkd +running")

    def test_a_daemon_that_sends_descriptors(self):
        """Of a socket that takes an hour to close, for whoever closes it last;
        as on a kernel that passes them on."""
        self.play(ipvsd=ipvsd(), checkd=checkd())
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(
                socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            listener.bind(f"{self.directory}/vrrpd.ctl")
            listener.listen(8)
            tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        client, _ = listener.accept()
                        client.recv(8192)
                        for packet_ in (instance(), instance()):
                            with lingering(tcp, stack) as slow:
                                socket.send_fds(client, [packet_],
                                                [slow.fileno()])
                        client.close()
            threading.Thread(target=serve, daemon=True).start()
            began = time.monotonic()
            done = subprocess.run(
                [OLDER_KERNEL, VIPCTL, "-r", self.directory, "status"],
                capture_output=True, timeout=60, check=False, text=True)
            self.assertLess(time.monotonic() - began, 11.5)
            listener.shutdown(socket.SHUT_RDWR)
        self.assertRegex(done.stdout, r"(?m)^vrrpd +not answering$")
        self.assertRegex(done.stdout, r"(?m)^checkd +running")

    def in_time(self, *words, code=OK):
        """Within ten seconds and a moment; stdout and stderr."""
        began = time.monotonic()
        found = (self.status(),) if words == ("status",) else \
            self.vipctl(*words, code=code)
        self.assertLess(time.monotonic() - began, 11.5, words)
        return found

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_an_impostor(self):
        # Nobody's socket, though the name is right.
        os.chmod(self.directory, 0o777)
        self.play(uid=65534, ipvsd=ipvsd())
        out, err = self.vipctl("show", "services", code=REFUSED)
        self.assertEqual(out, "")
        self.assertIn("impostor", err)


class Change(Case):
    def test_reload_refused_shows_every_finding(self):
        self.play(ipvsd={"reload": [
            row("report", severity="error", text="a.yaml:3:5: no such key"),
            row("report", severity="error", lint="no-nodes",
                text="a.yaml:3:1: none"),
            row("report", severity="warning", text="a.yaml:9:1: odd"),
            row("report", severity="warning", lint="odd-name",
                text="a.yaml:9:1: odd"),
            end("1 error, nothing has changed")]})
        out, err = self.vipctl("reload", code=REFUSED)
        self.assertEqual(out, "a.yaml:3:5: no such key\n"
                              "a.yaml:3:1: none [no-nodes]\n"
                              "a.yaml:9:1: odd [warning]\n"
                              "a.yaml:9:1: odd [warning: odd-name]\n")
        self.assertEqual(err, "vipctl: ipvsd: 1 error, nothing has changed\n")
        self.assertEqual(len(self.json("reload", code=REFUSED)), 4)

    def test_reload(self):
        fake = self.play(ipvsd={"reload": [end()]})
        self.assertEqual(self.vipctl("reload")[0], "reloaded\n")
        self.assertEqual(fake.requests, [["config"], ["reload"], ["config"]])

    def test_reload_says_what_it_did(self):
        before = """\
cluster: a
nodes:
  d1: {addresses: [10.0.0.11]}
vrrp:
  gone:
    interface: eth0
    nodes: {d1: 200}
  web:
    interface: eth0
    nodes: {d1: 200, d2: 100}
services:
  http:
    scheduler: wlc
    servers:
      - {node: s1, weight: 1}
      - {node: s2, weight: 1}
"""
        after = before.replace("cluster: a", "cluster: b").replace(
            "{d1: 200, d2: 100}", "{d1: 100, d2: 200}").replace(
            "  gone:\n    interface: eth0\n    nodes: {d1: 200}\n", "").replace(
            "      - {node: s2, weight: 1}\n", "      - {node: s3, weight: 1}"
            "\n      - {node: s4, weight: 1}\n  dns:\n    scheduler: rr\n")
        told = []

        def config(text):
            return [row("text", text=text), end()]

        def instances(_):
            names = ["web"] if told.count("reload") else ["gone", "web"]
            return [*(instance(instance=name) for name in names), end()]

        def reload(_):
            told.append("reload")
            return [end()]
        answers = {"reload": reload,
                   "config": lambda words: config(
                       after if told else before)}
        self.play(ipvsd=answers, vrrpd={"instances": instances})
        self.assertEqual(self.vipctl("reload")[0], """\
reloaded
  changed cluster: a -> b
  added service dns
  changed service http: - {node: s2, weight: 1}; + {node: s3, weight: 1}; \
+ {node: s4, weight: 1}
  removed vrrp gone
  handed over vrrp gone: this host was master
  changed vrrp web: nodes: {d1: 200, d2: 100} -> {d1: 100, d2: 200}
""")
        self.assertEqual(self.vipctl("reload")[0],
                         "unchanged: this is in force already\n")
        told.clear()
        self.assertEqual([(one["op"], one["object"], one["name"])
                          for one in self.json("reload")],
                         [("changed", "cluster", ""),
                          ("added", "service", "dns"),
                          ("changed", "service", "http"),
                          ("removed", "vrrp", "gone"),
                          ("handed over", "vrrp", "gone"),
                          ("changed", "vrrp", "web")])
        self.assertEqual(self.json("reload"), [])

    def test_drain_says_whose_it_is(self):
        fake = self.play(ipvsd=ipvsd())
        out, _ = self.vipctl("drain", "web/192.168.1.44")
        self.assertIn("this director only", out)
        self.assertEqual(fake.requests[0], ["drain", "web/192.168.1.44"])

    def drained(self, *looks, **more):
        """ipvsd, whose servers are these (active, inactive) at each look;
        None: it refuses to say."""
        looks = [looks[0] or (0, 0), *looks]   # before it waits as well
        of_service = {name: more.pop(name) for name in ("protocol", "read_ms")
                      if name in more}

        def services(words):
            if words == ["services"]:
                return [service(), server(43), server(44), end()]
            self.assertEqual(words, ["services", "web/x"])
            look = looks.pop(0) if len(looks) > 1 else looks[0]
            if look is None:
                return [end("the configuration has changed meanwhile")]
            active, inactive, *persistent = look
            fields = {"override": "drained", "weight": 0,
                      "persistent": sum(persistent), **more}
            return [service(**of_service),
                    server(44, active=active, inactive=inactive, **fields),
                    end()]
        return self.play(ipvsd={"drain": [end()], "services": services})

    def test_drain_waits_for_the_last_connection(self):
        fake = self.drained((2, 5), None, (1, 6), (1, 6), (0, 7))
        out, _ = self.vipctl("drain", "web/x", "--wait", "--for", "20s")
        self.assertEqual(out.splitlines()[1:], [
            "2 active, 5 inactive connections left",
            "1 active, 6 inactive connections left",
            "0 active, 7 inactive connections left",
            "web/x: no active connection is left"])
        self.assertEqual(fake.requests[0], ["drain", "web/x"])
        self.assertEqual(len(fake.requests), 8)

    def test_drain_waits_for_all_of_udp(self):
        self.drained((0, 2), (0, 1), (0, 0), protocol="udp")
        out, _ = self.vipctl("drain", "web/x", "--wait", "--for", "20s")
        self.assertEqual(out.splitlines()[1:], [
            "0 active, 2 inactive connections left; waiting for "
            "2 connections of UDP",
            "0 active, 1 inactive connections left; waiting for "
            "1 connections of UDP",
            "0 active, 0 inactive connections left",
            "web/x: no active connection is left"])

    def test_drain_is_not_over_by_numbers_of_before(self):
        self.drained((0, 0), read_ms=60000)
        self.vipctl("drain", "web/x", "--wait", "--for", "1s", code=TIME)

    def test_drain_of_udp_ends_with_its_time(self):
        self.drained((0, 3), protocol="udp")
        _, err = self.vipctl("drain", "web/x", "--wait", "--for", "1s",
                             code=TIME)
        self.assertEqual(err, "vipctl: web/x: 0 active connections, "
                              "3 connections of UDP are left; it stays "
                              "drained\n")

    def test_drain_waits_for_clients_that_persist(self):
        self.drained((1, 5, 2), (0, 6, 2), (0, 6, 0))
        out, _ = self.vipctl("drain", "web/x", "--wait", "--for", "20s")
        self.assertEqual(out.splitlines()[1:], [
            "1 active, 5 inactive connections left; waiting for "
            "2 clients that persist",
            "0 active, 6 inactive connections left; waiting for "
            "2 clients that persist",
            "0 active, 6 inactive connections left",
            "web/x: no active connection is left"])

    def test_drain_rows(self):
        self.drained((1, 0), (0, 1))
        rows = self.json("drain", "--wait", "web/x")
        self.assertEqual([(item["kind"], item["active"]) for item in rows],
                         [("server", 1), ("server", 0)])

    def test_drain_waits_no_longer_than_told(self):
        self.drained((3, 0))
        out, err = self.vipctl("drain", "web/x", "--wait", "--for", "1200ms",
                               code=TIME)
        self.assertEqual(out.splitlines()[1:],
                         ["3 active, 0 inactive connections left"])
        self.assertEqual(err, "vipctl: web/x: 3 active connections are left; "
                              "it stays drained\n")

    def test_drain_is_not_over_before_the_kernel_knows(self):
        self.drained((0, 0), weight=50)
        self.vipctl("drain", "web/x", "--wait", "--for", "1s", code=TIME)

    def test_drain_of_a_server_that_is_out_is_over(self):
        self.drained((0, 0), weight=50, in_kernel=False)
        self.vipctl("drain", "web/x", "--wait")

    def test_drain_that_another_ended(self):
        self.drained((3, 0), override="none")
        _, err = self.vipctl("drain", "web/x", "--wait", code=REFUSED)
        self.assertEqual(err, "vipctl: web/x: no longer drained\n")

    def test_drain_refused_waits_for_nothing(self):
        fake = self.play(ipvsd={"drain": [end("x: no such server")]})
        self.vipctl("drain", "x", "--wait", code=REFUSED)
        self.assertEqual(fake.requests, [["drain", "x"], ["services"]])

    def test_a_service_where_a_server_is_wanted(self):
        answers = ipvsd()
        refused = [end("web: no such server")]
        answers["services"] = [service(), server(43), server(44, node=""),
                               service(service="other"), end()]
        answers["drain"] = answers["enable"] = refused
        self.play(ipvsd=answers)
        for verb in ("drain", "enable"):
            _, err = self.vipctl(verb, "web", code=REFUSED)
            self.assertEqual(err, "vipctl: web is a service; one of its "
                                  "servers is wanted:\n  web/netology1\n"
                                  "  web/192.168.1.44:80\n")
        # Who means no service hears what ipvsd says.
        _, err = self.vipctl("drain", "wbe", code=REFUSED)
        self.assertEqual(err, "vipctl: ipvsd: web: no such server\n")

    def test_rows_of_what_was_drained(self):
        fake = self.drained((1, 0))
        self.assertEqual([item["kind"] for item in
                          self.json("drain", "web/x")],
                         ["service", "server"])
        self.assertEqual(fake.requests, [
            ["drain", "web/x"], ["services", "web/x"], ["services"],
            ["services", "web/x"]])

    def test_a_drain_that_leaves_no_server(self):
        answers = ipvsd()
        answers["services"] = lambda words: [
            service(), server(43, override="drained", weight=0),
            *([server(44, **DEAD)] if len(words) == 1 else []),
            *([service(service="other", id=1), server(45)]
              if len(words) == 1 else []), end()]
        self.play(ipvsd=answers)
        out, err = self.vipctl("drain", "netology1")
        self.assertIn("netology1 is drained", out)
        self.assertEqual(err, "vipctl: web (192.168.1.200:80) has no server "
                              "left that gets connections\n")

    def test_an_interrupted_wait_says_nothing_to_ipvsd(self):
        fake = self.drained((3, 0))
        process = subprocess.Popen(
            [VIPCTL, "-r", self.directory, "drain", "web/x", "--wait"],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        while "3 active" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), -signal.SIGINT)
        self.assertEqual({words[0] for words in fake.requests},
                         {"drain", "services"})

    def test_resign(self):
        fake = self.play(vrrpd=vrrpd())
        self.assertIn("resigned for 30 s",
                      self.vipctl("resign", "web", "--for", "30s")[0])
        self.assertNotIn(" for ", self.vipctl("resign", "web")[0])
        self.assertEqual(self.json("resign", "web"), [])
        self.assertEqual(fake.requests, [["resign", "web", "30000"],
                                         ["resign", "web", "0"],
                                         ["resign", "web", "0"]])

    def test_reload_of_a_host_that_is_no_node(self):
        self.play(ipvsd={"reload": [
            row("report", severity="error",
                text="a.yaml:1:1: d3 is none of the nodes: d1, d2 [self]"),
            end("1 error")]})
        _, err = self.vipctl("reload", code=REFUSED)
        self.assertEqual(err, "vipctl: ipvsd: 1 error\nvipctl: this host goes "
                              "on as it was; `systemctl stop triumvir.target` "
                              "hands over and takes it out\n")

    def test_resign_of_a_spread(self):
        self.play(vrrpd={
            "resign": [end("web: no such instance")],
            "instances": [instance(instance=name) for name in
                          ("web-1", "web-12", "web-x", "web-", "webs-1",
                           "other")] + [end()]})
        _, err = self.vipctl("resign", "web", code=REFUSED)
        self.assertEqual(err, "vipctl: web is spread over instances; one of "
                              "them is wanted:\n  web-1\n  web-12\n")
        _, err = self.vipctl("resign", "othe", code=REFUSED)
        self.assertEqual(err, "vipctl: vrrpd: web: no such instance\n")

    def test_enable_of_what_was_not_changed(self):
        answers, other = ipvsd(), vrrpd()
        rows = answers["services"]
        answers["services"] = lambda words: (
            [end("web: no such server")] if "web" in words else rows)
        self.play(ipvsd=answers, vrrpd=other)
        self.assertEqual(self.vipctl("enable", "netology2")[0],
                         "netology2: was not drained; nothing is changed\n")
        self.assertEqual(self.vipctl("enable", "web")[0],
                         "web: was not resigned; nothing is changed\n")
        other["instances"] = [instance(resigned=True), end()]
        self.assertEqual(self.vipctl("enable", "web")[0],
                         "web: no longer resigned\n")
        for override in ("drained", "enabled"):
            answers["services"] = [service(), server(44, override=override),
                                   end()]
            self.assertEqual(self.vipctl("enable", "netology2")[0],
                             "netology2: enabled on this director\n")

    def test_a_refusal_is_told(self):
        self.play(vrrpd={"resign": [end("no instance wbe")]})
        _, err = self.vipctl("resign", "wbe", code=REFUSED)
        self.assertEqual(err, "vipctl: vrrpd: no instance wbe\n")

    @staticmethod
    def servers_of(*targets):
        """ipvsd, which knows these targets of `services`."""
        return {**ipvsd(), "services": lambda words:
                [service(), server(44), end()] if words[1] in targets
                else [end(f"{words[1]}: no such server")]}

    def test_enable_finds_the_owner(self):
        first, second = self.play(vrrpd=vrrpd(), ipvsd=self.servers_of())
        self.vipctl("enable", "web")
        self.assertIn(["enable", "web"], first.requests)
        self.vipctl("enable", "web/netology2")
        self.vipctl("enable", "192.168.1.44:80")
        self.assertEqual([words for words in second.requests
                          if words[0] == "enable"],
                         [["enable", "web/netology2"],
                          ["enable", "192.168.1.44:80"]])
        self.assertEqual(first.requests.count(["enable", "web"]), 1)

    def test_enable_of_what_is_not_in_the_configuration(self):
        answers = self.servers_of()
        answers["services"] = [
            row("override", override="drained", protocol="tcp",
                address="2001:db8::1", port=80, server="10.0.0.21",
                server_port=80, node="web"), end()]
        for fake in self.play(vrrpd=vrrpd(), ipvsd=answers):
            self.addCleanup(fake.close)
        line = ("drained by operator, not in the configuration: tcp "
                "[2001:db8::1]:80 -> 10.0.0.21:80 (node web)\n")
        self.assertIn(line, self.status())
        for words in ([], ["10.0.0.21:80"], ["web"]):
            self.assertIn(line, self.vipctl("show", "services", *words)[0])
        self.assertEqual(self.vipctl("show", "services", "--down")[0],
                         "no server is out\n")
        _, err = self.vipctl("enable", "web", code=REFUSED)
        self.assertIn("an instance and a server", err)

    def test_enable_without_vrrpd(self):
        fake = self.play(ipvsd=ipvsd())
        self.vipctl("enable", "netology2")
        self.assertIn(["enable", "netology2"], fake.requests)

    def test_enable_of_what_could_be_both(self):
        for name in ("netology2", "192.168.1.44", "192.168.1.44:80"):
            with self.subTest(name):
                answers = vrrpd()
                answers["instances"] = [instance(instance=name), end()]
                first, second = fakes = self.play(
                    vrrpd=answers, ipvsd=self.servers_of(name))
                _, err = self.vipctl("enable", name, code=REFUSED)
                self.assertIn(f"enable -i {name}", err)
                self.vipctl("enable", "-i", name)
                self.vipctl("enable", "-s", name)
                for fake in fakes:
                    self.assertEqual(fake.requests.count(["enable", name]), 1)
                    fake.close()
                    os.unlink(fake.path)


class Monitor(Case):
    def start(self, *options):
        process = subprocess.Popen(
            [VIPCTL, "-r", self.directory, *options, "monitor"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    @staticmethod
    def subscribed(*fakes):
        end_at = time.monotonic() + 10
        while not all(fake.subscribers for fake in fakes):
            assert time.monotonic() < end_at, "nobody subscribed"
            time.sleep(0.01)

    def finish(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), OK)

    EVENT = {"time_ms": 1700000000123, "object": "instance", "name": "web",
             "from": "backup", "to": "master", "text": "3 adverts missed"}

    def test_text(self):
        fake = self.play(vrrpd={"monitor": []})
        process = self.start()
        self.subscribed(fake)
        fake.broadcast(row("event", daemon="vrrpd", **self.EVENT))
        line = process.stdout.readline()
        self.assertRegex(line, r"^2023-11-1\d \d\d:\d\d:20\.123 vrrpd  "
                               r"instance web: backup -> master: 3 adverts "
                               r"missed$")
        self.finish(process)

    def test_a_health_change_is_said_once(self):
        checkd_, ipvsd_ = self.play(checkd={"monitor": []},
                                    ipvsd={"monitor": []})
        process = self.start()
        self.subscribed(checkd_, ipvsd_)
        change = {**self.EVENT, "from": "up", "to": "down", "name": "x"}

        def probe(reason):
            return row("event", daemon="ipvsd", **{
                **change, "object": "probe", "text": reason})
        checkd_.broadcast(row("event", daemon="checkd", **{
            **change, "object": "check",
            "text": "up -> down, timed out, 3 failures"}))
        self.assertTrue(process.stdout.readline().endswith(
            " checkd check x: up -> down: timed out, 3 failures\n"))
        ipvsd_.broadcast(probe("an echo"))
        ipvsd_.broadcast(row("event", daemon="ipvsd", **self.EVENT))
        self.assertIn("instance web", process.stdout.readline())
        # Without checkd ipvsd is who tells it.
        checkd_.close()
        self.assertIn("checkd: running -> not running",
                      process.stdout.readline())
        ipvsd_.broadcast(probe("no echo"))
        self.assertIn("ipvsd  probe x: up -> down: no echo",
                      process.stdout.readline())
        self.finish(process)

    def test_json_lines_of_all_and_a_daemon_that_goes_and_comes(self):
        fakes = self.play(**{name: {"monitor": []} for name in
                             ("vrrpd", "ipvsd", "checkd")})
        process = self.start("-j")
        self.subscribed(*fakes)
        for fake, name in zip(fakes, ("vrrpd", "ipvsd", "checkd")):
            fake.broadcast(row("event", daemon=name, **self.EVENT))
            self.assertEqual(json.loads(process.stdout.readline()),
                             {"kind": "event", "daemon": name, **self.EVENT})
        fakes[0].close()
        gone = json.loads(process.stdout.readline())
        self.assertEqual((gone["daemon"], gone["to"]),
                         ("vrrpd", "not running"))
        os.unlink(fakes[0].path)
        self.play(vrrpd={"monitor": []})
        back = json.loads(process.stdout.readline())
        self.assertEqual((back["daemon"], back["to"]), ("vrrpd", "running"))
        self.finish(process)


class Check(Case):
    def write(self, text):
        path = f"{self.directory}/director.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_good(self):
        path = self.write(GOOD)
        self.assertIn(f"{path}: good\n",
                      self.vipctl("check", "-N", "netology1", path)[0])

    def test_canonical_form_loads_to_itself(self):
        # Findings go elsewhere: what is printed is a file.
        words = ("check", "-v", "-N", "netology1")
        printed, _ = self.vipctl(*words, self.write(GOOD))
        self.assertIn("192.168.1.200", printed)
        self.assertEqual(self.vipctl(*words, self.write(printed))[0], printed)

    def test_bad(self):
        path = self.write(GOOD.replace("vrid: 1", "vrid: 256")
                          .replace(": rr", ": rrr"))
        out, err = self.vipctl("check", "-N", "netology1", path,
                               code=REFUSED)
        self.assertRegex(out, rf"(?m)^{path}:5:\d+: ")
        self.assertRegex(out, rf"(?m)^{path}:12:\d+: ")
        self.assertIn("2 errors", err)
        found = self.json("check", "-N", "netology1", path, code=REFUSED)
        self.assertEqual([one["severity"] for one in found].count("error"), 2)

    def test_all_nodes(self):
        """What is one node's alone has its name; what is everybody's is said
        once.  This host lacks the interface that others may have."""
        me = socket.gethostname()
        path = self.write(f"""
nodes: {{a: 192.0.2.1, {me}: 192.0.2.2, b: 192.0.2.3}}
vrrp:
  web:
    interface: no-such-if
    vrid: 1
    nodes: [a, {me}, b]
    addresses: [192.0.2.100/24]
checks: {{unused: {{type: tcp}}}}
""")
        words = ("check", "-N", "all", path)
        out, _ = self.vipctl(*words)
        self.assertRegex(out, rf'(?m)^{path}:5:16: this host has no interface '
                         rf'"no-such-if".* \(node {re.escape(me)}\) '
                         r"\[warning: interface-missing\]$")
        self.assertRegex(out, rf"(?m)^{path}:9:18: no service uses check "
                         r"unused \[warning: unused-check\]$")
        self.assertEqual(out.count("[warning: "), 2)
        self.assertIn(f"{path}: good\n", out)
        found = self.json(*words)
        self.assertEqual([(one["lint"], one.get("nodes")) for one in found],
                         [("interface-missing", me), ("unused-check", None)])
        self.assertNotIn("no-such-if", self.vipctl("check", "-N", "a", path)[0])

    def test_all_nodes_of_a_bad_file(self):
        for text in ("nodes: [", "nodes: {}\n", "nodes: {a: 192.0.2.1}\nx: 1\n",
                     "nodes: {a: 192.0.2.1, b: 192.0.2.2}\nx: 1\n"):
            path = self.write(text)
            out, err = self.vipctl("check", "-N", "all", path, code=REFUSED)
            self.assertEqual(len(out.splitlines()), 1, out)
            self.assertIn("1 error, 0 warnings", err)

    def test_a_file_for_root_alone(self):
        try:
            pwd.getpwnam("_ipvsd")
        except KeyError:
            self.skipTest("there is no user _ipvsd")
        path = self.write(GOOD)
        words = ("check", "-N", "netology1", path)
        for mode, said in ((0o600, True), (0o640, True), (0o604, False)):
            os.chmod(path, mode)
            self.assertEqual("[warning: unreadable]" in self.vipctl(*words)[0],
                             said, oct(mode))


if __name__ == "__main__":
    VIPCTL = os.path.realpath(sys.argv.pop(1))
    unittest.main()
