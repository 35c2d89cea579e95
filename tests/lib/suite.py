# SPDX-License-Identifier: ISC
"""A director: ipvsd, vrrpd and checkd on a host, and vipctl to ask them."""

import atexit
import contextlib
import functools
import grp
import json
import os
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import tempfile

from scenario import checkout, results
from waiting import wait_for

DAEMONS = ("ipvsd", "vrrpd", "checkd")
GROUP = "_triumvir"       # the daemons
ASKERS = "_vipctl"
READY_DEADLINE = 30
# Of `vipctl status`: well, a daemon does not answer, something is wrong.
STATUS_CODES = (0, 3, 7)


def one_instance(interval="300ms", *, address="10.0.0.100"):
    """A pair's configuration, with what most scenarios need."""
    return f"""
nodes: {{d1: 10.0.0.11, d2: 10.0.0.12}}
vrrp:
  web:
    interface: eth0
    vrid: 7
    interval: {interval}
    nodes: [d1, d2]
    addresses: [{address}/32]
"""


def two_hosts(net, lan, *more):
    """d1 and d2 of one_instance() on the network; more: addresses that they have
    beside, with {} for 11 and 12."""
    hosts = [net.host("d1"), net.host("d2")]
    for number, host in enumerate(hosts, 11):
        host.connect(lan, "eth0", f"10.0.0.{number}/24",
                     *[address.format(number) for address in more])
    return hosts


def link_local(hosts):
    """Link-local addresses of our choice: fe80::11 and so on."""
    for number, host in enumerate(hosts, 11):
        host.ip("addr flush dev eth0 scope link",
                f"addr add fe80::{number}/64 dev eth0 nodad")


def cpu_seconds(pid):
    """Time on a processor so far, to the nanosecond, of all threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat",
                  encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def build():
    """Where it was built: $TRIUMVIR_BUILD, or in the checkout."""
    return os.path.realpath(os.environ.get("TRIUMVIR_BUILD")
                            or f"{checkout()}/build")


def is_open(path):
    """Whether everybody may look into the directory, as not into root's home."""
    while path != "/" and os.stat(path).st_mode & stat.S_IXOTH:
        path = os.path.dirname(path)
    return path == "/"


# What tests preload into daemons, which have their own users by then.
CLOCK_SHIFT, LOOPWATCH = PRELOADED = (
    "tests/net/libclock-shift.so", "tests/bench/loopwatch.so")


@functools.cache
def programs():
    """build(), or a copy of its programs where their own users may run them."""
    if not os.path.isdir(build()) or is_open(build()):
        return build()
    directory = tempfile.mkdtemp(prefix="triumvir-programs.")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    os.chmod(directory, 0o755)
    for name in (*DAEMONS, "vipctl"):
        shutil.copytree(f"{build()}/{name}", f"{directory}/{name}",
                        ignore=shutil.ignore_patterns("CMakeFiles", "*.a"))
    for name in PRELOADED:
        if os.path.exists(f"{build()}/{name}"):
            os.makedirs(os.path.dirname(f"{directory}/{name}"), exist_ok=True)
            shutil.copy(f"{build()}/{name}", f"{directory}/{name}")
    return directory


def binary(name, where=None):
    """A program that was built, there or in programs(); a daemon has its user
    from now on."""
    if name in DAEMONS:
        ensure_users()
    return f"{where or programs()}/{name}/{name}"


def ensure_users():
    """The daemons' users and groups are there, as the package makes them."""
    ours = {f"_{daemon}" for daemon in DAEMONS}
    for group, wanted in ((GROUP, ours), (ASKERS, ours),
                          ("_vrrpd", {"_ipvsd"}), ("_checkd", {"_ipvsd"})):
        try:
            members = grp.getgrnam(group).gr_mem
        except KeyError:
            members = []
        if not wanted <= set(members):
            subprocess.run([f"{checkout()}/packaging/add-users"], check=True)


@functools.cache
def as_unit(name):
    """What to put before a daemon's command so that it is scheduled as its unit
    has it, and ended by the kernel when it runs for too long without a sleep;
    nothing where this machine does not admit that."""
    with open(f"{checkout()}/packaging/systemd/{name}.service",
              encoding="utf-8") as file:
        unit = dict(line.strip().split("=", 1) for line in file
                    if line.startswith(("CPUScheduling", "LimitRTTIME")))
    if not unit:
        return ()
    most = int(unit["LimitRTTIME"].removesuffix("s")) * 1000000
    prefix = ("prlimit", f"--rttime={most}:{most}",
              "chrt", f"--{unit['CPUSchedulingPolicy']}", "--reset-on-fork",
              unit["CPUSchedulingPriority"])
    done = subprocess.run([*prefix, "true"], check=False,
                          stderr=subprocess.DEVNULL)
    return () if done.returncode else prefix


def older_kernel():
    """What to put before a command that runs as before Linux 6.16: there the
    kernel passes descriptors on to who does not want any."""
    return [f"{checkout()}/tests/lib/tools/older-kernel"]


def work_directory(net):
    """A directory that the daemons' users can pass; ends with the net."""
    path = tempfile.mkdtemp(prefix="triumvir.")
    os.chmod(path, 0o755)
    net.defer(shutil.rmtree, path, True)
    return path


def limit(pid, name):
    """The soft and the hard one, as /proc/PID/limits has them."""
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        line = next(line for line in file if line.startswith(name))
    return line[len(name):].split()[:2]


def status(pid):
    """The fields of /proc/PID/status."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file
                    if ":\t" in line)


def children(pid):
    """Of a process, none when it has ended."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return list(map(int, file.read().split()))
    except FileNotFoundError:
        return []


class Daemon:
    """One daemon that is running; see Director."""

    def __init__(self, director, name):
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX,
                                     socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        path = f"{director.directory}/{name}.notify"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._socket.bind(path)
        # The daemon may have dropped to its user before it is ready.
        os.chmod(path, 0o666)
        self.notified = {}
        self.process = director.host.popen(
            name, *director.policy(name), *director.command(name),
            env={"NOTIFY_SOCKET": path})

    @property
    def pid(self):
        return self.process.pid

    def read_notifications(self):
        """The newest value of each field it has sent by sd_notify."""
        with contextlib.suppress(BlockingIOError):
            while True:
                for line in self._socket.recv(4096).decode().splitlines():
                    key, _, value = line.partition("=")
                    self.notified[key] = value
        return self.notified

    def wait_ready(self, deadline=READY_DEADLINE):
        def ready():
            # An ended daemon will not come any more: not an "assert".
            if not self.process.alive():
                raise RuntimeError(f"{self.process.name} ended:\n"
                                   f"{self.process.output()[-2000:]}")
            return self.read_notifications().get("READY") == "1"
        wait_for(ready, deadline, f"{self.process.name}: READY=1")

    def close(self):
        self.process.kill()
        self._socket.close()


class Director:
    """The daemons of one host, from one configuration text.

    node is the host's name in the configuration. Each daemon can be ended and
    started alone by its name. before is what each is started by; builds has
    the build directory of those that are not of build(); policy(name) says how
    one is scheduled.
    """

    policy = staticmethod(as_unit)

    def __init__(self, net, host, config, node=None, before=()):
        self.before = before
        self.builds = {}
        ensure_users()
        self.host = host
        self.node = node or host.name
        self.directory = work_directory(net)
        self.rundir = f"{self.directory}/run"
        os.mkdir(self.rundir)
        os.chown(self.rundir, 0, grp.getgrnam(GROUP).gr_gid)
        os.chmod(self.rundir, 0o1775)
        self.config = f"{self.directory}/director.yaml"
        self.daemons = {}
        self.write_config(config)
        net.defer(self.kill)
        net.on_failure.append(self.write_status)

    def write_config(self, text):
        """Replace the configuration file, without telling the daemons."""
        with open(f"{self.config}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.chown(f"{self.config}.new", 0, grp.getgrnam("_ipvsd").gr_gid)
        os.chmod(f"{self.config}.new", 0o640)
        os.rename(f"{self.config}.new", self.config)

    def command(self, name):
        command = [*self.before, binary(name, self.builds.get(name)),
                   "-d", "-r", self.rundir]
        if name == "ipvsd":
            command += ["-f", self.config, "-N", self.node]
        return command

    def launch(self, *names):
        """Start daemons (all of them) without waiting."""
        for name in names or DAEMONS:
            assert (name not in self.daemons
                    or not self.daemons[name].process.alive()), name
            if name in self.daemons:
                self.daemons[name].close()
            self.daemons[name] = Daemon(self, name)
        return self

    def wait_ready(self, *names):
        for name in names or tuple(self.daemons):
            self.daemons[name].wait_ready()
        return self

    def start(self, *names):
        """Start daemons (all of them) and wait until each is ready."""
        return self.launch(*names).wait_ready(*names)

    def pid(self, name):
        return self.daemons[name].pid

    def send(self, number, *names):
        for name in names or self.daemons:
            self.daemons[name].process.send(number)

    def stop(self, *names, number=signal.SIGTERM, deadline=20):
        """Signal daemons (all of them) and wait for a clean end of each."""
        names = names or tuple(self.daemons)
        self.send(number, *names)
        for name in names:
            status = self.daemons[name].process.wait(deadline)
            assert status == 0, (f"{self.host.name}.{name}: exit status "
                                 f"{status}")

    def kill(self, *names):
        """SIGKILL: nobody says goodbye. ipvsd's parser ends by itself."""
        self.send(signal.SIGKILL, *names)
        for name in names or tuple(self.daemons):
            self.daemons[name].close()

    def ask(self, *words, check=True):
        """vipctl with these words; .returncode, .stdout, .stderr. `status` may
        say that something is wrong."""
        done = self.host.run(binary("vipctl"), "-r", self.rundir, *words,
                             check=check and words[0] != "status")
        if words[0] == "status" and check:
            assert done.returncode in STATUS_CODES, done.stderr
        return done

    def vipctl(self, *words):
        """vipctl -j with these words, its answer decoded."""
        text = self.ask(*words, "-j").stdout
        return json.loads(text) if text.strip() else None

    def instance(self, name):
        """The row of an instance as `vipctl show vrrp` has it."""
        rows = [row for row in self.vipctl("show", "vrrp")
                if row.get("instance") == name]
        assert len(rows) == 1, f"{self.host.name}: {len(rows)} x {name}"
        return rows[0]

    def wait_state(self, name, state, deadline=20):
        """Wait until the instance is in that state."""
        def same():
            found = self.instance(name)["state"]
            assert found == state, f"is {found}"
            return True
        wait_for(same, deadline, f"{self.host.name}: {name} {state}")

    def write_status(self):
        """What the daemons say of themselves, for a person after a failure."""
        shutil.copy(self.config, f"{results()}/{self.host.name}.yaml")
        vipctl = shlex.join([binary("vipctl"), "-r", self.rundir])
        self.host.write_outputs("status", [
            f"{vipctl} {words}" for words in (
                "status", "show vrrp", "show services", "show checks",
                "show links")])
