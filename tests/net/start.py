#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How the daemons start: in any order, as anybody who may, or with a reason.

What is refused is refused with exit status 1 and a line that says why, and it
leaves what runs alone.
"""

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.realpath(__file__))}/../lib")

import yaml

from fake_ipvsd import ctl
from judge import generations
from net import Net
from scenario import checkout, equal, expect, results, run, step
from siblings import RENDEZVOUS
from suite import (ASKERS, DAEMONS, GROUP, Director, binary, children,
                   ensure_users, limit, one_instance, status, work_directory)
from waiting import wait_for

CONFIG = one_instance()
NET_ADMIN, NET_RAW = 1 << 12, 1 << 13
VIRTUAL = "10.0.0.100"
CROWD = 100


def make_host(net, name="d1", address="10.0.0.11/24"):
    lan = net.lan(capture=False)
    host = net.host(name)
    host.connect(lan, "eth0", address)
    return host


def answers(director, name):
    """Whether the daemon answers at its control socket."""
    try:
        return ctl(f"{director.rundir}/{name}.ctl", "summary")[:1]
    except OSError as error:
        raise AssertionError(str(error)) from error


def any_order():
    with Net() as net:
        host = make_host(net)
        for order in itertools.permutations(DAEMONS):
            director = Director(net, host, CONFIG)
            for name in order:
                director.launch(name)
                wait_for(lambda n=name: answers(director, n), 10,
                         f"{name} answers")
            director.wait_ready()
            director.wait_state("web", "master")
            for name in DAEMONS:
                links = ctl(f"{director.rundir}/{name}.ctl", "links")
                wait_for(lambda n=name: all(
                    row["state"] == "up" for row in
                    ctl(f"{director.rundir}/{n}.ctl", "links")), 5,
                    f"{name}'s links: {links}")
            equal(len(set(generations(director).values())), 1, "generations")
            director.stop(*reversed(order))
            expect(not host.holds(VIRTUAL), "left")
            equal([name for name in os.listdir(director.rundir)
                   if name.startswith("rendezvous")], [],
                  "a rendezvous that is left behind")
            step(" ".join(order))


class OwnUsers(Director):
    """Each daemon started as its own user, with more than it needs."""
    GIVEN = {"ipvsd": "+net_admin,+net_raw,+sys_admin",
             "vrrpd": "+net_raw,+net_admin,+net_bind_service",
             "checkd": "+net_raw,+setuid"}

    def command(self, name):
        caps = f"-all,{self.GIVEN[name]}" if self.GIVEN[name] else "-all"
        user = f"_{name}"
        return ["setpriv", f"--reuid={user}", f"--regid={user}",
                "--init-groups", f"--inh-caps={caps}",
                f"--ambient-caps={caps}", *super().command(name)]


def own_users():
    ensure_users()
    with Net() as net:
        host = make_host(net)
        director = OwnUsers(net, host, CONFIG).start()
        director.wait_state("web", "master")
        ipvsd = director.pid("ipvsd")
        parser, = children(ipvsd)
        for name, pid, user, kept in (
                ("ipvsd", director.pid("ipvsd"), "_ipvsd", NET_ADMIN),
                ("parser", parser, "_ipvsd", 0),
                ("vrrpd", director.pid("vrrpd"), "_vrrpd", 0),
                ("checkd", director.pid("checkd"), "_checkd", 0)):
            found = status(pid)
            for kind, wanted in (("CapPrm", kept), ("CapEff", kept),
                                 ("CapInh", 0), ("CapAmb", 0)):
                equal(int(found[kind], 16), wanted, f"{name}: {kind}")
            equal(found["Uid"].split(), [str(pwd.getpwnam(user).pw_uid)] * 4,
                  f"{name}: uids")
            equal(found["NoNewPrivs"], "1", f"{name}: no_new_privs")
        expect(host.holds(VIRTUAL), "it works so")
        director.write_config(CONFIG.replace("vrid: 7", "vrid: 8"))
        director.vipctl("reload")
        director.wait_state("web", "master")
        director.stop()
        step("as their own users: what was given in excess is dropped")
        for name, said in (("ipvsd", "CAP_NET_ADMIN"), ("vrrpd", "not permit")):
            director.GIVEN = {**director.GIVEN, name: ""}
            refused(host, director.command(name), said)
        for name in DAEMONS:
            refused(host, ["setpriv", "--reuid=65534", "--regid=65534",
                           "--clear-groups",
                           *Director.command(director, name)],
                    f"start it as root or as _{name}")


def refused(host, command, *said, exit_status=1, **more):
    """It ends at once, says why, and not by a signal."""
    done = host.run(*command, check=False, timeout=20, **more)
    output = (done.stderr + done.stdout).strip()
    name = os.path.basename(command[0])
    equal(done.returncode, exit_status, f"{name}: exit status ({output})")
    for words in said:
        expect(words in output, f"{words!r} is not in: {output}")
    expect(output, f"{name} says why")
    step(f"refused: {output.splitlines()[-1]}")


def in_background(director, name):
    return [word for word in director.command(name) if word != "-d"]


def written(name, pid):
    """No file of any size but ipvsd's; what the parser makes has its bounds."""
    equal(limit(pid, "Max file size"),
          ["unlimited" if name == "ipvsd" else "0"] * 2,
          f"{name}: the size of a file it may write")
    if name == "ipvsd":
        parser, = children(pid)
        equal(limit(parser, "Max file size"), [str(512 << 20)] * 2,
              "parser: the size of a file it may write")


def end(director, name):
    """Of one in the background."""
    pid = answers(director, name)[0]["pid"]
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not os.path.exists(f"/proc/{pid}/exe"), 20,
             f"{name}: its end")


def all_in_background():
    """As README has it: the commands end, quietly, when all is ready."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        for name in DAEMONS:
            done = host.run(*in_background(director, name), timeout=20)
            row, = answers(director, name)
            equal(row["ready"], True, f"{name}: ready when the command ends")
            if name != "ipvsd":
                equal(done.stderr, "", f"{name}: what it says")
            session = os.getsid(row["pid"])
            expect(session != os.getsid(0), f"{name} is in our session")
            for fd in range(3):
                # Its path is another one in a chroot.
                equal(os.stat(f"/proc/{row['pid']}/fd/{fd}").st_rdev,
                      os.stat("/dev/null").st_rdev,
                      f"{name}: descriptor {fd} is /dev/null")
            written(name, row["pid"])
        director.wait_state("web", "master")
        for name in reversed(DAEMONS):
            end(director, name)
        expect(not host.holds(VIRTUAL), "left")
        step("in the background")


def refusals():
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG).start()
        director.wait_state("web", "master")
        before = director.instance("web"), generations(director)
        step("a second one on the same run-time directory")
        refused(host, director.command("ipvsd"), "rendezvous")
        refused(host, director.command("vrrpd"), "vrrpd.ctl")
        refused(host, director.command("checkd"), "checkd.ctl")
        for name, said in (("ipvsd", "rendezvous"), ("vrrpd", "vrrpd.ctl"),
                           ("checkd", "checkd.ctl")):
            refused(host, in_background(director, name), said)
        after = director.instance("web"), generations(director)
        equal(after[0]["term"], before[0]["term"], "the first one's term")
        equal(after[1], before[1], "the first one's generations")
        reload = director.ask("reload")
        expect("unchanged" in reload.stdout, reload.stderr)
        director.stop()

        step("what is missing")
        command = director.command("ipvsd")
        missing = f"{director.directory}/missing"
        refused(host, [*command, "-f", f"{missing}.yaml"],
                f"{missing}.yaml", "No such file")
        refused(host, [*command, "-N", "d3"], "d3 is none of the nodes: d1, d2")
        for name in DAEMONS:
            command = director.command(name)
            refused(host, [*command, "-r", f"{missing}/run"],
                    f"{missing}/run", "No such file")
            refused(host, [*command, "-r", director.config], director.config,
                    "not a directory")
            refused(host, [*command, "-r", f"/tmp/{'x' * 120}"], "too long")
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(f"/tmp/{'x' * 120}")
            refused(host, [binary(name), "-X"], "usage:", exit_status=2)
            refused(host, [binary(name), "more"], "usage:", exit_status=2)
            for end in ("nobody=5", f"{name}=5", "vipctl=5", "5", "checkd=x",
                        "vrrpd=1", "ipvsd="):
                refused(host, [*command, "-F", end], "usage:", exit_status=2)
            refused(host, [*command, "-F",
                           "ipvsd=77" if name != "ipvsd" else "vrrpd=77"],
                    "77 is no SOCK_SEQPACKET socket")
        no_users(net, director)


def crowd():
    """More connections of one user than a daemon takes: both sides say so."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG).start()
        with contextlib.ExitStack() as stack:
            for _ in range(CROWD):
                client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                stack.callback(client.close)
                client.connect(f"{director.rundir}/ipvsd.ctl")
            done = director.ask("show", "services", check=False)
            equal(done.returncode, 1, "exit status")
            expect("has it too many clients?" in done.stderr, done.stderr)
            log = director.daemons["ipvsd"].process.output()
            expect("refused: uid 0 has too many connections" in log, log)
        wait_for(lambda: director.ask("show", "services",
                                      check=False).returncode == 0, 10,
                 "an answer when they have gone")


def no_users(net, director):
    """On a host whose passwd, or group, does not know them."""
    for path, said in (("/etc/passwd", "user _{} does not exist"),
                       ("/etc/group", "group _triumvir does not exist")):
        bare = net.host(f"no-{os.path.basename(path)}")
        copy = f"{director.directory}/{os.path.basename(path)}"
        with open(path, encoding="utf-8") as file, \
                open(copy, "w", encoding="utf-8") as other:
            other.writelines(line for line in file
                             if not line.startswith("_"))
        bare.run("mount", "--bind", copy, path)
        new = f"{director.directory}/new"
        for name in DAEMONS:
            for rundir in (director.rundir, new):
                refused(bare, [*director.command(name), "-r", rundir],
                        said.format(name))
                expect(not os.path.exists(new), "nothing was made")


def ready_made_links():
    """-F: vrrpd and ipvsd over a pair that we made."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        processes = []
        with open(f"{results()}/links.log", "wb") as log:
            for name, peer, end in (("ipvsd", "vrrpd", ends[0]),
                                    ("vrrpd", "ipvsd", ends[1])):
                processes.append(subprocess.Popen(
                    [*director.command(name), "-F", f"{peer}={end.fileno()}"],
                    preexec_fn=host.enter, pass_fds=[end.fileno()],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log))
                net.defer(processes[-1].wait)
                net.defer(processes[-1].kill)
                end.close()
        wait_for(lambda: answers(director, "vrrpd"), 10, "vrrpd answers")
        director.wait_state("web", "master")
        expect(host.holds(VIRTUAL), "d1 is master")
        rows = ctl(f"{director.rundir}/ipvsd.ctl", "links")
        equal([(row["state"], row["pid"]) for row in rows
               if row["peer"] == "vrrpd"], [("up", 0)], "the link")
        for process in processes:
            process.terminate()
            equal(process.wait(20), 0, "exit status")
        step("linked by -F alone")


def check_only():
    """ipvsd -n and -nv with no more than the file."""
    with Net() as net:
        host = net.host("elsewhere")
        directory = work_directory(net)
        examples = sorted(name for name in os.listdir(f"{checkout()}/etc")
                          if name.endswith(".yaml"))
        expect(len(examples) >= 3, f"examples: {examples}")
        for name in examples:
            path = f"{checkout()}/etc/{name}"
            with open(path, encoding="utf-8") as file:
                nodes = list(yaml.safe_load(file)["nodes"])
            for node in nodes:
                command = [binary("ipvsd"), "-N", node, "-f"]
                silent = host.run(*command, path, "-n")
                equal(silent.stdout, "", "output of -n")
                text = host.run(*command, path, "-nv").stdout
                again = f"{directory}/again.yaml"
                with open(again, "w", encoding="utf-8") as file:
                    file.write(text)
                equal(host.run(*command, again, "-nv").stdout, text,
                      f"{name} loads to itself")
            # As anybody; this host is no node, and -n says so.
            os.chmod(directory, 0o755)
            os.chmod(again, 0o644)
            host.run("setpriv", "--reuid=65534", "--regid=65534",
                     "--clear-groups", *command, again, "-n")
            refused(host, [binary("ipvsd"), "-n", "-f", path],
                    "elsewhere, is none of the nodes", ", ".join(nodes))
            step(f"{name}: good for {', '.join(nodes)}")


MORE = """
vrrp:
  more: {interface: eth0, vrid: 8, nodes: [d1, d2],
         addresses: [10.0.0.101/32]}
"""


def more_directories():
    """What is in the configuration's directory by a link alone can be read with
    -R."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        elsewhere = work_directory(net)
        os.mkdir(f"{director.directory}/conf.d")
        with open(f"{elsewhere}/more.yaml", "w", encoding="utf-8") as file:
            file.write(MORE)
        link = f"{director.directory}/conf.d/more.yaml"
        os.symlink(f"{elsewhere}/more.yaml", link)
        command = director.command("ipvsd")
        refused(host, command, f"{link}:1:1: cannot be read: Permission denied")
        missing = f"{director.directory}/missing"
        for options in ((), ("-n",)):
            for path, said in ((missing, "No such file or directory"),
                               (director.config, "not a directory")):
                refused(host, [*command, *options, "-R", elsewhere, "-R", path],
                        f"-R {path}: {said}")
            refused(host, [*command, *options, *("-R", elsewhere) * 17],
                    "usage:", exit_status=2)
        options = [*("-R", "/usr") * 14, "-R", elsewhere]
        process = host.popen("more", *command, *options)
        wait_for(lambda: answers(director, "ipvsd")[0]["ready"], 10, "ready")
        equal([row["instance"] for row in
               ctl(f"{director.rundir}/ipvsd.ctl", "leases")
               if row["kind"] == "lease"], ["web", "more"], "instances")
        step("-R: read")
        # It runs what it has: one that was removed is no reason to stay down.
        process.send(signal.SIGUSR2)
        equal(process.wait(20), 0, "exit status")
        process = host.popen("again", *command, *options, "-R", missing)
        wait_for(lambda: answers(director, "ipvsd")[0]["ready"], 10, "ready")
        expect(f"-R {missing}: No such file" in process.output(), "it says so")
        equal(director.ask("reload").returncode, 0, "vipctl reload")
        process.stop(deadline=20)
        step("-R: restarted without one of them")


REAL_SERVER = """
nodes: {d1: 10.0.0.11, d2: 10.0.0.12, s1: 10.0.0.21, s2: 10.0.0.22}
vrrp:
  web:
    interface: eth0
    vrid: 7
    nodes: [d1, d2]
    addresses: [10.0.0.100/24]
services:
  http:
    address: 10.0.0.100:80
    forward: direct
    scheduler: rr
    vrrp: web
    check: {type: tcp}
    servers: [s1, s2]
"""


def real_server():
    """vrrpd and checkd have nothing to do there, and are ready for it."""
    with Net() as net:
        host = make_host(net, "s1", "10.0.0.21/24")
        before = [host.sysctl(f"net.ipv4.conf.eth0.{name}")
                  for name in ("arp_ignore", "arp_announce")]
        director = Director(net, host, REAL_SERVER).start()
        # READY does not mean that they have the configuration already.
        wait_for(lambda: len(set(generations(director).values())) == 1, 10,
                 "one generation")
        equal(director.vipctl("show", "vrrp") or [], [], "instances")
        equal(ctl(f"{director.rundir}/checkd.ctl", "probes"), [], "probes")
        expect("10.0.0.100/32" in host.addresses("lo"),
               f"on lo: {host.addresses('lo')}")
        equal([host.sysctl(f"net.ipv4.conf.eth0.{name}")
               for name in ("arp_ignore", "arp_announce")], ["1", "2"], "ARP")
        director.stop()
        equal(host.addresses("lo", family="inet"), ["127.0.0.1/8"], "left")
        equal([host.sysctl(f"net.ipv4.conf.eth0.{name}")
               for name in ("arp_ignore", "arp_announce")], before, "ARP")
        step("a real server alone: idle and ready")


def background():
    """Without -d, and without NOTIFY_SOCKET."""
    os.environ.pop("NOTIFY_SOCKET", None)
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        for name in DAEMONS:
            command = [word for word in director.command(name) if word != "-d"]
            done = host.run(*command)
            equal(done.returncode, 0, f"{name}: {done.stderr}")
            wait_for(lambda n=name: answers(director, n), 10,
                     f"{name} answers")
        director.wait_state("web", "master")
        expect(host.holds(VIRTUAL), "d1 is master")
        for name in reversed(DAEMONS):
            pid = ctl(f"{director.rundir}/{name}.ctl", "summary")[0]["pid"]
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda p=pid: not os.path.exists(f"/proc/{p}"), 20,
                     f"end of {name}")
        director.write_config("nodes: [")
        command = [word for word in director.command("ipvsd") if word != "-d"]
        refused(host, command, f"{director.config}:2:1: ")
        step("in the background: as in the foreground")
        director.write_config(CONFIG)
        for name in DAEMONS:
            host.popen(f"plain-{name}", *director.command(name))
        wait_for(lambda: answers(director, "vrrpd"), 10, "vrrpd answers")
        director.wait_state("web", "master")
        for process in host.processes:
            expect("ready" in process.output(),
                   f"{process.name} logs to stderr: {process.output()}")
            process.stop(deadline=20)
        step("-d: logged to stderr")


FALSE_SERVER = """
import os, socket, sys
path, uid, gid, group = sys.argv[1], *map(int, sys.argv[2:])
os.setgroups([group])
os.setgid(gid)
os.setuid(uid)
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.bind(path)
os.chmod(path, 0o777)
server.listen(8)
print("listening", flush=True)
while True:
    client, _ = server.accept()
    said = client.recv(8192)
    print("heard", len(said), flush=True)
    client.close()
"""


def impostor(director, name):
    """A process of a sibling's user that has bound a socket of ipvsd's."""
    user, group = pwd.getpwnam("_checkd"), grp.getgrnam("_triumvir")
    process = director.host.popen(
        f"false-{name}", "/usr/bin/python3", "-c", FALSE_SERVER,
        f"{director.rundir}/{name}", user.pw_uid, user.pw_gid, group.gr_gid)
    wait_for(lambda: "listening" in process.output(), 10, "listening")
    return process


def errors_to_a_file():
    """What is said on the way into background may be kept in one, and is not
    the end of who says it."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        path = f"{director.directory}/errors"
        for name in ("vrrpd", "checkd"):
            false = impostor(director, RENDEZVOUS[f"_{name}"])
            host.run("sh", "-c", 'exec "$@" 2>>"$0"', path,
                     *in_background(director, name), timeout=20)
            row, = answers(director, name)
            with open(path, encoding="utf-8") as file:
                expect(f"{name}: rendezvous: bound by uid" in file.read(),
                       f"{name}: the file has what it said")
            equal(limit(row["pid"], "Max file size"), ["unlimited"] * 2,
                  f"{name}: the size of its log")
            false.kill()
        for name in ("checkd", "vrrpd"):
            end(director, name)


def false_server():
    """A sibling that binds the rendezvous, or a control socket, is not heard
    and not told anything."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        user = pwd.getpwnam("_checkd")
        rendezvous = impostor(director, "rendezvous")
        control = impostor(director, "ipvsd.ctl")
        director.start("vrrpd")
        log = director.daemons["vrrpd"].process
        wait_for(lambda: f"bound by uid {user.pw_uid}" in log.output(), 5,
                 "vrrpd refuses it")
        wait_for(lambda: "heard" in rendezvous.output(), 5, "it was closed")
        equal({line for line in rendezvous.output().splitlines()},
              {"listening", "heard 0"}, "what the false server heard")
        done = director.ask("reload", check=False)
        expect(done.returncode != 0 and "ipvsd" in done.stderr,
               f"vipctl: {done.stdout}{done.stderr}")
        wait_for(lambda: "heard" in control.output(), 5, "it was closed")
        equal({line for line in control.output().splitlines()},
              {"listening", "heard 0"}, "what the false control socket heard")
        step(f"vipctl: {done.stderr.strip()}")
        # Whose processes were there first do not keep ipvsd from its place.
        director.start("ipvsd")
        director.wait_state("web", "master")
        equal(director.ask("reload").returncode, 0, "vipctl reload")
        refused(host, director.command("ipvsd"), "somebody listens there")
        rendezvous.kill()
        control.kill()
        expect(len(log.output().split("bound by uid")) < 12,
               "the log is not flooded")
        step("the impostor moved aside: linked")


def squatted():
    """Somebody of the group has made ipvsd's directory first."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        alone = OwnUsers(net, host, CONFIG)
        alone.rundir, alone.config = director.rundir, director.config
        own, user = f"{director.rundir}/ipvsd", pwd.getpwnam("_checkd").pw_uid
        for make in (os.mkdir, lambda path: os.symlink("/tmp", path),
                     lambda path: os.close(os.open(path, os.O_CREAT))):
            make(own)
            os.lchown(own, user, -1)
            refused(host, alone.command("ipvsd"),
                    f"{own}: made by uid {user}", "remove it")
            director.start("ipvsd")
            expect(f"{own}: made by uid {user}, now {own}." in
                   director.daemons["ipvsd"].process.output(), "it says so")
            found = os.lstat(own)
            equal((oct(found.st_mode), found.st_uid),
                  ("0o40700", pwd.getpwnam("_ipvsd").pw_uid), "the new one")
            aside, = (name for name in os.listdir(director.rundir)
                      if name.startswith("ipvsd.") and name != "ipvsd.ctl")
            equal(os.lstat(f"{director.rundir}/{aside}").st_uid, user,
                  "what was there")
            director.stop("ipvsd")
            shutil.rmtree(own)
            os.rename(f"{director.rundir}/{aside}",
                      f"{director.directory}/{aside}")
        step("ipvsd's directory is its own")


def run_directories():
    """One in which others may replace what is ours is none."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG)
        group = grp.getgrnam("_triumvir").gr_gid
        for owner, of, mode, said in (
                (65534, group, 0o1775, "owned by uid 65534, neither root nor"),
                (0, group, 0o1777, "anybody may write to it"),
                (0, group, 0o777, "anybody may write to it"),
                (0, group, 0o775, "it is not sticky"),
                (0, 65534, 0o1775, "a group that is not _triumvir may write")):
            os.chown(director.rundir, owner, of)
            os.chmod(director.rundir, mode)
            for name in DAEMONS:
                refused(host, director.command(name), director.rundir, said)
            equal(os.listdir(director.rundir), [], "what was made")
        os.chown(director.rundir, 0, group)
        os.chmod(director.rundir, 0o1775)
        director.start()
        director.wait_state("web", "master")


ASK = """
import os, socket, sys
uid, *groups = map(int, sys.argv[2:])
os.setgroups(groups)
os.setresgid(groups[0], groups[0], groups[0])
os.setresuid(uid, uid, uid)
for name in ("ipvsd.ctl", "vrrpd.ctl", "checkd.ctl", "rendezvous",
             "rendezvous.checkd"):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(5)
    try:
        client.connect(f"{sys.argv[1]}/{name}")
        client.send(b"x")       # no request
        print(name, "closed" if not client.recv(1) else "answers")
    except (BrokenPipeError, ConnectionResetError):
        print(name, "closed")
    except OSError as error:
        print(name, error.strerror)
"""


def askers():
    """Who may not ask cannot even connect; a sibling is not answered."""
    with Net() as net:
        host = make_host(net)
        director = Director(net, host, CONFIG).start()
        director.wait_state("web", "master")

        def tried(uid, *groups):
            done = host.run("/usr/bin/python3", "-c", ASK, director.rundir,
                            uid, *groups)
            return {line.split()[0]: " ".join(line.split()[1:])
                    for line in done.stdout.splitlines()}
        ours, askers_ = (grp.getgrnam(name).gr_gid for name in (GROUP, ASKERS))
        denied = dict.fromkeys(("ipvsd.ctl", "vrrpd.ctl", "checkd.ctl",
                                "rendezvous", "rendezvous.checkd"),
                               "Permission denied")
        equal(tried(65534, 65534), denied, "nobody")
        equal(tried(65534, 65534, ours), denied, "one of _triumvir")
        equal(tried(65534, 65534, askers_),
              {**denied, "ipvsd.ctl": "closed", "vrrpd.ctl": "closed",
               "checkd.ctl": "closed"}, "one of _vipctl")
        for role, other in (("_vrrpd", "_checkd"), ("_checkd", "_vrrpd")):
            user = pwd.getpwnam(role)
            found = tried(user.pw_uid, user.pw_gid, ours)
            equal((found[RENDEZVOUS[role]], found[RENDEZVOUS[other]]),
                  ("closed", "Permission denied"), f"{role} at the rendezvous")
        vipctl = ["setpriv", "--reuid=65534", "--regid=65534",
                  f"--groups={askers_}", binary("vipctl"), "-r",
                  director.rundir]
        expect("master" in host.run(*vipctl, "status", check=False).stdout,
               "it may ask")
        done = host.run(*vipctl, "reload", check=False)
        expect("only root may" in done.stderr, done.stderr)
        for name in DAEMONS:
            user = pwd.getpwnam(f"_{name}")
            for other in DAEMONS:
                done = host.run(
                    "/usr/bin/python3", "-c", SUMMARY,
                    f"{os.path.dirname(os.path.realpath(__file__))}/../lib",
                    f"{director.rundir}/{other}.ctl", user.pw_name,
                    user.pw_uid, user.pw_gid, check=False)
                equal(done.stdout.strip() == other, name == other,
                      f"{name} asks {other}: {done.stdout}{done.stderr[-200:]}")
        step("nobody, a daemon, one who may ask")


# The checkout may be where that user may not look.
SUMMARY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from fake_ipvsd import ctl
user, uid, gid = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
os.initgroups(user, gid)
os.setresgid(gid, gid, gid)
os.setresuid(uid, uid, uid)
print(ctl(sys.argv[2], "summary")[0]["daemon"])
"""


def no_askers(net):
    """On a host whose group(5) does not know them, root alone may ask."""
    host = make_host(net, "bare")
    copy = f"{work_directory(net)}/group"
    with open("/etc/group", encoding="utf-8") as file, \
            open(copy, "w", encoding="utf-8") as other:
        other.writelines(line for line in file
                         if not line.startswith(f"{ASKERS}:"))
    host.run("mount", "--bind", copy, "/etc/group")
    director = Director(net, host, CONFIG, node="d1").start()
    for name in DAEMONS:
        expect(f"group {ASKERS} does not exist: only root may ask" in
               director.daemons[name].process.output(), f"{name} says so")
        found = os.stat(f"{director.rundir}/{name}.ctl")
        equal((oct(found.st_mode & 0o777), found.st_uid, found.st_gid),
              ("0o660", 0, 0), f"{name}.ctl")
        expect(answers(director, name), f"{name} answers root")
    director.wait_state("web", "master")


def without_askers():
    with Net() as net:
        no_askers(net)


PARTS = [any_order, own_users, all_in_background, errors_to_a_file, refusals,
         crowd, ready_made_links, check_only, more_directories, real_server, background,
         false_server, squatted, run_directories, askers, without_askers]


def main():
    for part in PARTS:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            step(part.__name__)
            part()


run(main)
