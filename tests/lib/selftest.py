#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Does the library of the tests itself do what it says?

Each part is shown to see the bad case too: a test that cannot fail is none.
"""

import glob
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from itertools import islice
from types import SimpleNamespace

import fault_matrix
import field_story
import machine
import soak_cost
import soak_story
import suite
from capture import Capture, arp_senders, assert_no_malformed, tshark
from net import Net
from peers import keepalived
from probe import Probe, answer_on, arp_owners
from scenario import NOT_JUDGED, equal, expect, results, run, step
from waiting import Late, wait_for
from web import Requester, WebServer, requests

KEEPALIVED = """
vrrp_instance web {{
    interface eth1
    virtual_router_id 7
    priority {priority}
    advert_int 0.2
    version 3
    virtual_ipaddress {{
        192.168.1.200/32 dev eth1 label eth1:200
    }}
}}
"""

FAKE_DAEMON = """#!/usr/bin/python3
import os, pwd, signal, socket, sys
if os.path.basename(sys.argv[0]) == "checkd":
    sys.exit("cannot start")
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
user = pwd.getpwnam("_" + os.path.basename(sys.argv[0]))
os.initgroups(user.pw_name, user.pw_gid)
os.setresgid(*[user.pw_gid] * 3)
os.setresuid(*[user.pw_uid] * 3)
notify.sendto(b"READY=1\\nSTATUS=fine", os.environ["NOTIFY_SOCKET"])
open(sys.argv[sys.argv.index("-r") + 1] + "/was-here", "w").close()
while True:
    signal.pause()
"""


def fails(function, *arguments, error=AssertionError, **named):
    """The call fails as it should; returns what it said."""
    try:
        function(*arguments, **named)
    except error as raised:
        return str(raised)
    raise AssertionError(f"{function.__name__} did not fail")


def waiting():
    began = time.monotonic()
    text = fails(wait_for, lambda: False, 0.2, "never", error=Late)
    took = time.monotonic() - began
    expect(0.2 <= took < 1 + machine.lost(began) + machine.longest(began),
           f"timed out after {took:.2f} s")
    equal(text, "never: not within 0.2 s", "the complaint")

    def complains():
        assert False, "still red"
    text = fails(wait_for, complains, 0.1, "colour", error=Late)
    expect("still red" in text, text)
    equal(wait_for(lambda: 42, 0, "at once"), 42, "the result")


def stand_still(seconds):
    """The machine is away, for who asks the loop that looks."""
    loop = machine.loop()
    os.kill(loop, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(loop, signal.SIGCONT)


def machine_away():
    """What fails is judged, but for who had less time than the limit; a
    deadline is a machine's time."""
    def missed(limit, away):
        with machine.judged(limit):
            stand_still(away)
            raise AssertionError("too late")
    equal(fails(missed, 60, 0), "too late", "the machine was there")
    text = fails(missed, 0.2, 0.4, error=machine.NotJudged)
    expect(re.match(r"not judged: the machine was away for \d{3,} ms, the "
                    "limit is 200 ms: too late$", text), text)
    equal(fails(missed, 60, 0.4), "too late", "away for less than the limit")

    def early():
        with machine.judged(0.2):
            stand_still(0.4)
            raise machine.TooEarly("too early")
    equal(fails(early), "too early", "no absence makes anything early")

    began = time.monotonic()
    stand_still(0.5)
    wait_for(lambda: machine.lost(began) > 0.4, 5, "the loss is told")
    expect(machine.lost(time.monotonic()) == 0, "lost in no time")
    late = threading.Thread(target=stand_still, args=[0.5])
    late.start()
    began = time.monotonic()
    fails(wait_for, lambda: False, 0.6, "never", error=Late)
    took = time.monotonic() - began
    late.join()
    expect(took >= 0.95, f"a deadline of 0.6 s was over after {took:.2f} s")


SCENARIO = """#!/usr/bin/python3
import sys
import time
sys.path.insert(0, {lib!r})
from selftest import stand_still
from scenario import run
def main():
    stand_still(float(sys.argv[2]))
    time.sleep(float(sys.argv[3]))
    assert sys.argv[1] == "good", "too late"
run(main, limit=0.2)
"""


def not_judged():
    """Tried twice; told apart from good and bad; no more than twice in a
    row."""
    with tempfile.TemporaryDirectory() as directory:
        path, notes = f"{directory}/one", f"{directory}/notes"
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCENARIO.format(lib=os.path.dirname(__file__)))

        def runs(kind, away, takes="0", timeout="60"):
            done = subprocess.run(
                ["/usr/bin/python3", path, kind, away, takes], text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                env={**os.environ, "TRIUMVIR_NOT_JUDGED": notes,
                     "TRIUMVIR_TIMEOUT": timeout,
                     "TRIUMVIR_RESULTS": f"{directory}/results"})
            return done.returncode, done.stdout
        equal(runs("good", "0.4")[0], 0, "good, although away")
        equal(runs("bad", "0")[0], 1, "bad")
        for number in (1, 2):
            status, text = runs("bad", "0.4")
            equal((status, text.count("once more")), (NOT_JUDGED, 1), repr(text))
            expect("NOT JUDGED  one: not judged: the machine was away for"
                   in text, repr(text))
        equal(runs("bad", "0.4")[0], 1, "three times in a row")
        equal(runs("good", "0")[0], 0, "good")
        equal(runs("bad", "0.4")[0], NOT_JUDGED, "counted anew")
        status, text = runs("good", "0", "60", "1.5")
        expect(status == 1 and "not done within 1.5 s" in text, repr(text))
        equal(runs("good", "2.5", "0.5", "2.5")[0], 0, "the machine's time")


def hosts_and_cables(net, lan, d1, d2, client):
    equal(d1.addresses("eth1", family="inet"), ["192.168.1.43/24"],
          "addresses")
    equal(d1.run("hostname").stdout, "d1\n", "host name")
    fails(d1.run, "false")
    client.run("ping", "-c1", "-W2", "192.168.1.43")
    equal(arp_owners(client, "eth0", "192.168.1.43"), [d1.mac("eth1")],
          "who answers ARP")
    equal(arp_owners(client, "eth0", "192.168.1.99"), [], "ARP of nobody")
    for cut, mend in (("pull", "plug"), ("mute", "unmute")):
        getattr(d1.cables["eth1"], cut)()
        fails(client.run, "ping", "-c1", "-W1", "192.168.1.43")
        state = d1.ip("link show eth1")
        equal("LOWER_UP" in state, cut == "mute", f"carrier after {cut}")
        getattr(d1.cables["eth1"], mend)()
        wait_for(lambda: client.run("ping", "-c1", "-W1", "192.168.1.43",
                                    check=False).returncode == 0, 5, mend)


def web(net, d1, d2, client):
    server = WebServer(d1)
    answers = requests(client, "http://192.168.1.43/", 10)
    equal(dict(answers.by_server), {"d1": 10}, "answers")
    equal(server.accesses(), 10, "access log")
    health = "http://192.168.1.43/healthz"
    equal(dict(requests(client, health, 1).by_server), {"ok": 1}, "health")
    server.set_healthy(False)
    equal(requests(client, health, 1).failures, ["status 503"], "sick")
    server.set_healthy(True)
    equal(server.accesses(), 10, "health checks in the access log")

    requester = Requester(client, "http://192.168.1.43/", timeout=1)
    server.stop()
    wait_for(lambda: requester.answers().failures, 5, "a failed request")
    server.start()
    failed = len(requester.answers().failures)
    good = requester.answers().by_server["d1"]
    wait_for(lambda: requester.answers().by_server["d1"] > good, 5, "recovery")
    expect(len(requester.stop().failures) <= failed + 1, "failures went on")


def fail_over(net, lan, d1, d2, client):
    """With keepalived, and the 1 ms probe as witness."""
    for host, priority in ((d1, 200), (d2, 100)):
        answer_on(host)
        keepalived(net, host, KEEPALIVED.format(priority=priority))
    wait_for(lambda: d1.holds("192.168.1.200"), 15, "d1 as master")
    equal(d1.addresses("eth1", label=True, family="inet")[1],
          "192.168.1.200/32 eth1:200", "label")
    expect(not d2.holds("192.168.1.200"), "d2 holds it too")
    probe = Probe(client, "192.168.1.200")
    probe.wait_answer("d1", 5)
    before = time.monotonic()
    d1.cables["eth1"].mute()
    probe.wait_answer("d2", 5)
    wait_for(lambda: probe.silences(0.4, since=before - 1), 5, "the gap")
    silence = probe.silences(0.4, since=before - 1)[0]
    # Active_Down_Interval: 3 x 0.2 s + skew (156/256 x 0.2 s).
    expect(0.4 < silence.length < 2, f"silence of {silence.length:.3f} s")
    equal((silence.before, silence.after), ("d1", "d2"), "who around it")
    step(f"silence {silence.length * 1000:.0f} ms")
    d1.cables["eth1"].unmute()
    probe.wait_answer("d1", 5)
    probe.stop()
    equal(probe.owners(), ["d1", "d2", "d1"], "owners")


def judge(lan):
    """tshark judges good adverts good and bad ones bad."""
    from scapy.all import IP, Ether, PcapReader, PcapWriter
    pcap = lan.capture.path
    step(f"{assert_no_malformed(pcap)} adverts are good")
    fails(assert_no_malformed, pcap, "vrrp.prio == 3")
    fails(assert_no_malformed, pcap, rfc9568_checksum=True)
    advert = next(packet for packet in PcapReader(pcap)
                  if IP in packet and packet[IP].proto == 112)
    raw = bytearray(bytes(advert))
    for name, change in (("checksum", {14 + 20 + 6: 0xaa, 14 + 20 + 7: 0x55}),
                         ("count", {14 + 20 + 3: 9})):
        bad = bytearray(raw)
        for offset, value in change.items():
            bad[offset] = value
        path = f"{results()}/bad-{name}.pcap"
        writer = PcapWriter(path, linktype=1)
        writer.write(Ether(bytes(bad)))
        writer.close()
        equal(len(tshark(path, "vrrp")), 1, "packets")
        fails(assert_no_malformed, path)


def director(net, host):
    """Daemons that do nothing: users, READY=1, ends."""
    suite.ensure_users()
    build = suite.work_directory(net)
    for name in suite.DAEMONS:
        os.mkdir(f"{build}/{name}")
        with open(f"{build}/{name}/{name}", "w", encoding="utf-8") as file:
            file.write(FAKE_DAEMON)
        os.chmod(f"{build}/{name}/{name}", 0o755)
    os.environ["TRIUMVIR_BUILD"] = build
    try:
        one = suite.Director(net, host, "nodes: {}\n")
        one.start("ipvsd")
        equal(one.daemons["ipvsd"].notified["STATUS"], "fine", "status")
        wait_for(lambda: os.path.exists(f"{one.rundir}/was-here"), 5,
                 "a file made by the dropped daemon")
        text = fails(one.start, "checkd", error=RuntimeError)
        expect("cannot start" in text, text)
        one.stop("ipvsd")
        one.start("ipvsd")
        one.send(signal.SIGSTOP, "ipvsd")
        one.kill()
        expect(not one.daemons["ipvsd"].process.alive(), "alive after kill")
    finally:
        del os.environ["TRIUMVIR_BUILD"]


def soak():
    """Stories are replayable; each loss is charged to what may cost it."""
    short, long = (soak_story.draw(7, seconds)[1] for seconds in (100, 300))
    equal(long[:len(short)], short, "a longer story of one seed")
    expect(soak_story.draw(8, 100)[1] != short, "two seeds, one story")

    world = soak_story.World("keep")
    window = soak_cost.Window(1, soak_story.Step(soak_story.WEB_DOWN, "s2",
                                                 detail=(80,)),
                              world.copy(), 10, end=20)
    world.apply(window.step)
    quiet = soak_cost.Window(2, soak_story.Step(soak_story.BAD_RELOAD, "d1"),
                             world.copy(), 20, end=30)
    reset = "ConnectionResetError: [Errno 104] Connection reset by peer"
    for service, at, error, wrong in (
            ("http", 11, reset, 0), ("app", 11, reset, 1),
            ("http", 11, "timed out", 1), ("http", 15, reset, 1),
            ("http", 25, reset, 1)):
        found = soak_cost.charge(
            [window, quiet], service, [{"at": at, "took": 0.1, "error": error}])
        equal(len(found), wrong, f"{service} at {at}: {error}: {found}")
    equal(window.lost["http"], 3, "lost in the first window")
    equal(world.table("d1")["TCP 10.0.0.100:80"],
          {"10.0.0.21:80": 1, "10.0.0.23:80": 1}, "without s2")
    equal(world.table("d2")["TCP 10.0.0.100:8080"],
          {"10.0.0.11:8080": 0, "10.0.0.12:8080": 1, "10.0.0.21:8080": 0},
          "a backup that is a real server")


def field():
    """Nothing lasts after an act, and each kind comes."""
    kinds = field_story.WITH_IPVS
    equal(list(islice(field_story.draw(7, kinds), 50)),
          list(islice(field_story.draw(7, kinds), 50)), "a story of one seed")
    for seed in range(20):
        seen = set()
        for act in islice(field_story.draw(seed, kinds), len(kinds)):
            world = field_story.World()
            world.pair = len(act.events) > 1
            for one in act.steps:
                (world.begin if one.begins else world.end)(one.event)
            for instance in field_story.INSTANCES.values():
                equal(world.holders(instance), {frozenset(instance.nodes[:1])},
                      f"{instance.name} after {act}")
            seen |= {event.kind for event in act.events}
        for kind in (field_story.FORGED, field_story.LEFT, field_story.EMPTY):
            expect(kind in seen, f"seed {seed}: no {kind}")
    world = field_story.World()
    web = field_story.INSTANCES["web"]
    world.begin(field_story.Event(field_story.PULL, "d1", "eth1"))
    equal(world.holders(web), {frozenset({"d2"})}, "a second cable")
    world.begin(field_story.Event(field_story.MUTE, "d1", "eth0"))
    equal(world.holders(web), {frozenset({"d1", "d2"})}, "a split")
    equal(world.answering(web, "eth0"), "d2", "who is heard")


def crash_loop():
    """The peer's wait counts from the last kill that its term survived."""
    fault_matrix.LIVES = (0.01,) * 5
    for back_in_time, counts in (((), 1), ((1,), 2), ((1, 2), 3), ((2, 4), 5),
                                 ((1, 2, 3, 4, 5), 5)):
        kills, log = [], [fault_matrix.TERM_TAKEN_UP]  # one of a former fault
        vrrpd = SimpleNamespace(output=lambda: " ".join(log),
                                alive=lambda: False)

        def launch(_):
            if len(kills) in back_in_time:
                log.append(fault_matrix.TERM_TAKEN_UP)

        begin = fault_matrix.crash_loop(SimpleNamespace(
            daemons={"vrrpd": SimpleNamespace(process=vrrpd)}, launch=launch,
            send=lambda *_: kills.append(time.monotonic())), ["vrrpd"])
        equal(next(number for number, when in enumerate(kills, 1)
                   if when >= begin), counts, f"back after {back_in_time}")


def benches():
    """Each finds what it imports: CI does not run them."""
    here = os.path.dirname(os.path.realpath(__file__))
    ours = {os.path.basename(path).removesuffix(".py")
            for path in glob.glob(f"{here}/*.py")
            + glob.glob(f"{here}/../bench/*.py")}
    for path in glob.glob(f"{here}/../bench/*.py"):
        with open(path, encoding="utf-8") as file:
            imports = re.findall(r"^(?:from|import) (\w+)", file.read(), re.M)
        first = next(name for name in imports if name in ours)
        expect(first == "measure" or path.endswith("/measure.py"),
               f"{path} imports {first} before it can be found")


def main():
    step("benches")
    benches()
    step("waiting")
    waiting()
    step("machine")
    machine_away()
    step("not judged")
    not_judged()
    step("soak")
    soak()
    field()
    step("crash loop")
    crash_loop()
    with Net() as net:
        lan = net.lan()
        d1, d2, client = (net.host(name) for name in ("d1", "d2", "client"))
        d1.connect(lan, "eth1", "192.168.1.43/24")
        d2.connect(lan, "eth1", "192.168.1.44/24")
        client.connect(lan, "eth0", "192.168.1.45/24")
        own = Capture(client, "eth0", "client-eth0")
        step("hosts and cables")
        hosts_and_cables(net, lan, d1, d2, client)
        step("web")
        web(net, d1, d2, client)
        step("fail-over")
        fail_over(net, lan, d1, d2, client)
        step("judge")
        judge(lan)
        senders = arp_senders(own.stop(), client.mac("eth0"))
        equal(len(senders), len(tshark(own.path, "arp && eth.src == "
                                       + client.mac("eth0"))),
              "ARP packets of the client")
        # Its own address, and none in the probes of arp_owners().
        equal(set(senders), {"192.168.1.45", "0.0.0.0"}, "ARP senders")
        step("director")
        director(net, client)
        everyone = [pid for host in (lan, d1, d2, client)
                    for pid in [host.holder.pid, *host.members()]]
    # A zombie that nobody reaps has no namespace any more.
    left = [pid for pid in everyone if os.path.exists(f"/proc/{pid}/ns/net")]
    expect(not left, f"processes are left: {left}")


if __name__ == "__main__":
    run(main)
