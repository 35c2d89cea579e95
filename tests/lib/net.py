# SPDX-License-Identifier: ISC
"""A network of hosts for a test: namespaces, cables and switches.

    with Net() as net:
        lan = net.lan()
        d1 = net.host("d1")
        d1.connect(lan, "eth1", "192.168.1.43/24")
        d1.run("ip", "addr")

A host is an anonymous network, mount and UTS namespace, a switch a bridge in a
network namespace of its own, so nothing shows up on the machine and nothing
leaves the net. Everything ends with the `with` block, and should the test be
killed, the namespaces end by themselves. When the block ends by an exception,
each host's state is written to the results directory first.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess

from scenario import results, step
from waiting import Deadline, wait_for

_libc = ctypes.CDLL(None, use_errno=True)


def patient_run(argv, timeout, text_input=None, **more):
    """subprocess.run() with its output as text, and a limit that grows by what
    the machine does not give."""
    end = Deadline(timeout)
    with subprocess.Popen(
            argv, stdin=subprocess.PIPE if text_input else None,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            **more) as process:
        while True:
            try:
                found = process.communicate(text_input, timeout)
                break
            except subprocess.TimeoutExpired:
                if end.over():
                    process.kill()
                    raise
                timeout = 1
            except BaseException:
                process.kill()
                raise
    return subprocess.CompletedProcess(argv, process.returncode, *found)


class Process:
    """A program running on a host; its output is in .log."""

    def __init__(self, host, name, argv, env=None, input_pipe=False):
        self.name = f"{host.name}.{name}"
        self.log = f"{results()}/{self.name}.log"
        with open(self.log, "ab") as log:
            self.log_start = log.tell()  # behind those of that name before
            self.popen = subprocess.Popen(
                list(map(str, argv)), preexec_fn=host.enter, stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.PIPE if input_pipe else subprocess.DEVNULL,
                env={**os.environ, **(env or {})})
        self.pid = self.popen.pid
        host.processes.append(self)

    def alive(self):
        return self.popen.poll() is None

    def send(self, number):
        if self.alive():
            self.popen.send_signal(number)

    def wait(self, deadline=10):
        """The exit status, once it has ended."""
        wait_for(lambda: not self.alive(), deadline, f"end of {self.name}")
        return self.popen.returncode

    def stop(self, number=signal.SIGTERM, deadline=10):
        self.send(number)
        return self.wait(deadline)

    def kill(self):
        """SIGKILL, also when it is stopped, and gone on return."""
        if self.alive():
            self.popen.kill()
        return self.popen.wait()

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()


class Namespace:
    """Namespaces held by a process that ends when we do."""

    KINDS = ("net", "mnt", "uts")
    SETUP = ("mount -t sysfs sys /sys && hostname \"$0\" && "
             "ip link set lo up && echo ready && exec cat")

    def __init__(self, name):
        self.name = name
        self.processes = []
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "sh", "-c", self.SETUP,
             name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            raise RuntimeError(f"no namespaces for {name}")
        self._files = [open(f"/proc/{self.holder.pid}/ns/{kind}", "rb")
                       for kind in self.KINDS]
        self._root = os.open(f"/proc/{self.holder.pid}/root",
                             os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def enter(self):
        """Move the calling process in here: for a child before its exec.

        Faster than nsenter(1), which counts where processors are emulated.
        """
        for file in self._files:
            if _libc.setns(file.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        # setns(2) leaves a chroot.
        os.fchdir(self._root)
        os.chroot(".")

    @contextlib.contextmanager
    def network(self):
        """This thread is in here, for sockets to be made that stay here."""
        with open("/proc/thread-self/ns/net", "rb") as ours:
            self._set_network(self._files[self.KINDS.index("net")])
            try:
                yield
            finally:
                self._set_network(ours)

    @staticmethod
    def _set_network(file):
        if _libc.setns(file.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def run(self, *argv, check=True, text_input=None, timeout=60):
        """Run to its end; .returncode, .stdout and .stderr (text)."""
        done = patient_run(list(map(str, argv)), timeout, text_input,
                           preexec_fn=self.enter)
        if check and done.returncode:
            raise AssertionError(
                f"{self.name}: {' '.join(map(str, argv))}: exit status "
                f"{done.returncode}: {done.stderr.strip()}")
        return done

    def popen(self, name, *argv, env=None, input_pipe=False):
        """Start in the background, output to NAME.log in the results."""
        return Process(self, name, argv, env, input_pipe)

    def ip(self, *commands):
        """ip(8) with commands of plain words; returns its output."""
        if len(commands) == 1:
            return self.run("ip", *commands[0].split()).stdout
        return self.run("ip", "-batch", "-",
                        text_input="\n".join(commands)).stdout

    def sysctl(self, name, value=None):
        """Read a sysctl or, given a value, set it."""
        if value is None:
            return self.run("sysctl", "-n", name).stdout.strip()
        return self.sysctls({name: value})

    def sysctls(self, values):
        """Set all of a dictionary."""
        self.run("sysctl", "-qw", *[f"{name}={value}"
                                    for name, value in values.items()])

    def members(self):
        """The pids of all processes in here, started by us or by those."""
        inside = os.readlink(f"/proc/{self.holder.pid}/ns/net")
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/ns/net") == inside:
                    found.append(int(pid))
        return [pid for pid in found if pid != self.holder.pid]

    def close(self):
        for process in reversed(self.processes):
            process.kill()
        # Children that outlive a killed parent, until there is none.
        while members := self.members():
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.holder.stdin.close()
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        for file in self._files:
            file.close()
        os.close(self._root)


class Lan(Namespace):
    """A switch."""

    def __init__(self, name):
        super().__init__(name)
        self.sysctls({"net.ipv6.conf.all.disable_ipv6": 1,
                      "net.ipv6.conf.default.disable_ipv6": 1})
        self.ip("link add br0 type bridge stp_state 0 mcast_snooping 0",
                "link set br0 up")


class Cable:
    """What connects a host's interface to a switch."""

    def __init__(self, lan, port):
        self.lan, self.port = lan, port

    def pull(self):
        """The host sees its carrier lost."""
        self.lan.ip(f"link set {self.port} down")

    def plug(self):
        self.lan.ip(f"link set {self.port} up")

    def mute(self):
        """Nothing passes any more, but the carrier stays."""
        self.lan.run("bridge", "link", "set", "dev", self.port, "state", "0")

    def unmute(self):
        self.lan.run("bridge", "link", "set", "dev", self.port, "state", "3")


class Host(Namespace):
    def __init__(self, name):
        super().__init__(name)
        self.cables = {}
        # Without duplicate address detection, so that link-local addresses
        # are usable at once.
        self.sysctls({f"net.ipv6.conf.{scope}.{name}": 0
                      for scope in ("all", "default")
                      for name in ("disable_ipv6", "accept_dad")})

    def connect(self, lan, interface, *addresses):
        """A cable from a new interface, up with its addresses, to a switch."""
        port = f"p{len(self.cables)}-{self.name}"[:15]
        lan.ip(f"link add {port} type veth peer name {interface} "
               f"netns {self.holder.pid}",
               f"link set {port} master br0 up")
        cable = self.cables[interface] = Cable(lan, port)
        self.ip(*[f"addr add {address} dev {interface}"
                  for address in addresses], f"link set {interface} up")
        wait_for(lambda: "LOWER_UP" in self.ip(f"link show {interface}"), 5,
                 f"{self.name} {interface}: carrier")
        # The kernel adds it a moment later, which is no change of a scenario's.
        if self.sysctl(f"net.ipv6.conf.{interface}.disable_ipv6") == "0":
            wait_for(lambda: "inet6 fe80:" in self.ip(
                f"-6 addr show dev {interface} scope link"), 5,
                f"{self.name} {interface}: link-local address")
        return cable

    def addresses(self, interface=None, label=False, family=None):
        """Addresses with prefix length (and label), as a list.

        family is "inet", "inet6" or both.
        """
        command = ["ip", "-j", *(["-f", family] if family else []),
                   "addr", "show"]
        if interface:
            command += ["dev", interface]
        found = []
        for link in json.loads(self.run(*command).stdout):
            for entry in link.get("addr_info", []):
                text = f"{entry['local']}/{entry['prefixlen']}"
                if label:
                    text += f" {entry.get('label', link.get('ifname'))}"
                found.append(text)
        return found

    def holds(self, address, interface=None):
        """Whether the address, without prefix length, is on the interface."""
        return address in [found.split("/")[0]
                           for found in self.addresses(interface)]

    def mac(self, interface):
        return json.loads(self.run("ip", "-j", "link", "show", "dev",
                                   interface).stdout)[0]["address"]

    def write_state(self):
        """What a person wants to see of this host after a failure."""
        self.write_outputs("state", (
            "ip -d -s addr", "ip neigh", "ip route", "ip -6 route",
            "ipvsadm -Ln", "ipvsadm -Ln --stats", "ipvsadm -Lnc", "ss -an"))

    def write_outputs(self, suffix, commands):
        """The outputs of shell commands to HOST.SUFFIX, in one go: each
        process that this one starts is slow under emulation."""
        script = "\n".join(f"echo; echo '# {command}'; {command}"
                           for command in commands)
        done = self.run("sh", "-c", f"exec 2>&1\n{script}", check=False)
        with open(f"{results()}/{self.name}.{suffix}", "w",
                  encoding="utf-8") as file:
            file.write(done.stdout)


class Net:
    """All hosts and switches of a test."""

    def __init__(self):
        self.hosts = {}
        self.lans = []
        #: called when the block ends by an exception, to write what is known
        self.on_failure = []
        self._cleanup = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        # Nothing that happens here may keep a namespace alive.
        with self._cleanup:
            if kind is not None:
                step(f"failed: {error}")
                for host in self.hosts.values():
                    self.on_failure.append(host.write_state)
                for write in self.on_failure:
                    self._write(write)
        return False

    @staticmethod
    def _write(write):
        """What has failed is more important than what is told of it."""
        try:
            write()
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            step(f"not written: {error}")

    def defer(self, function, *arguments):
        """Call this at the end, last in first out."""
        self._cleanup.callback(function, *arguments)

    def lan(self, name="lan", capture=True):
        """A new switch; what crosses it is captured to NAME.pcap."""
        from capture import Capture
        lan = Lan(name)
        self.defer(lan.close)
        self.lans.append(lan)
        if capture:
            lan.capture = Capture(lan, "br0", name)
            self.defer(lan.capture.stop)
        return lan

    def host(self, name):
        host = Host(name)
        self.defer(host.close)
        self.hosts[name] = host
        return host
