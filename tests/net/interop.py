# SPDX-License-Identifier: ISC
"""A director of ours against somebody else's router, in several forms of VRRP
at once: who takes over when, in both directions, judged by the wire.

The script gives a peer (see KeepalivedPeer and FrrPeer there) with

    priority         of all its instances
    start()          begins all, leave() ends with priority 0, kill() in silence
    backs(form)      it says itself that it does not hold the form's address
    source(form)     of its adverts

d1 is 192.168.1.11 and .13, the peer's host d2 192.168.1.12: so each of them is
the greater address in one form or another.
"""

from dataclasses import dataclass

from capture import Capture, assert_no_malformed, tshark
from scenario import equal, expect, step
from suite import Director
from waiting import wait_for

OURS = {4: {11: "192.168.1.11", 13: "192.168.1.13"},
        6: {11: "fe80::11", 13: "fe80::13"}}
THEIRS = {4: "192.168.1.12", 6: "fe80::12"}
DEADLINE = 25


@dataclass
class Form:
    name: str
    vrid: int
    version: int = 3
    family: int = 4
    checksum: str = "rfc5798"	# the dialect that we send
    own: int = 11		# which of our addresses is the source
    unicast: str = "false"	# the key's value

    @property
    def interval_ms(self):
        return 1000 if self.version == 2 else 500

    @property
    def address(self):
        return (f"192.168.1.{self.vrid}" if self.family == 4 else
                f"2001:db8::{self.vrid}")

    @property
    def addresses(self):
        """With prefix length; for IPv6 a link-local one first."""
        return ([f"{self.address}/32"] if self.family == 4 else
                [f"fe80::1:{self.vrid}/64", f"{self.address}/128"])

    def text(self, priority):
        return f"""
  {self.name}:
    interface: eth0
    vrid: {self.vrid}
    version: {self.version}
    checksum: {self.checksum}
    interval: {self.interval_ms}ms
    source: {{d1: "{OURS[self.family][self.own]}"}}
    unicast: {self.unicast}
    nodes: {{d1: {priority}, d2: {priority - 1}}}
    addresses: {self.addresses}
"""


def config(forms, priority):
    return ("nodes: {d1: 192.168.1.11, d2: 192.168.1.12}\nvrrp:"
            + "".join(form.text(priority) for form in forms))


class Meeting:
    """Our director d1 and a peer on d2, and what is true of both."""

    def __init__(self, net, forms):
        self.net, self.forms = net, forms
        self.lan = net.lan(capture=False)
        self.d1, self.d2 = net.host("d1"), net.host("d2")
        self.d1.connect(self.lan, "eth0", "192.168.1.11/24",
                        "192.168.1.13/24", "2001:db8::11/64")
        self.d2.connect(self.lan, "eth0", "192.168.1.12/24",
                        "2001:db8::12/64")
        for host, addresses in ((self.d1, OURS[6].values()),
                                (self.d2, [THEIRS[6]])):
            host.ip("addr flush dev eth0 scope link",
                    *[f"addr add {address}/64 dev eth0 nodad"
                      for address in addresses])
        self.capture = Capture(self.lan, "br0", "lan")
        net.defer(self.capture.stop)
        self.peer = None
        self.quiet = []		# (from frame, to frame, who alone spoke)

    def begin(self, peer, priority):
        self.peer = peer
        self.director = Director(self.net, self.d1,
                                 config(self.forms, priority))
        self.director.start()

    def priority(self, priority):
        """Of ours, by a reload."""
        self.director.write_config(config(self.forms, priority))
        self.director.vipctl("reload")

    def rows(self):
        """Of all forms; vrrpd is ready before it has its configuration."""
        rows = {row["instance"]: row
                for row in self.director.vipctl("show", "vrrp")}
        assert {form.name for form in self.forms} <= set(rows), f"{list(rows)}"
        return rows

    def tell_all(self, command):
        for form in self.forms:
            self.director.ask(command, form.name)

    def ours(self, text, settle=True):
        """We are master of every form, and the peer of none."""
        def settled():
            rows = self.rows()
            for form in self.forms:
                assert rows[form.name]["state"] == "master", (
                    f"{form.name} is {rows[form.name]['state']}")
                assert self.d1.holds(form.address), f"{form.name}: address"
                assert not settle or self.peer.backs(form), (
                    f"{form.name}: the peer holds it too")
            return True
        wait_for(settled, DEADLINE, f"ours: {text}", interval=0.05)
        if settle:
            self._alone("adverts_tx", "ours")
        step(f"ours: {text}")

    def theirs(self, text):
        """The peer is master of every form, and we of none."""
        def settled():
            rows = self.rows()
            for form in self.forms:
                row = rows[form.name]
                found = (row["state"], row["master"], row["master_priority"])
                wanted = ("backup", self.peer.source(form),
                          self.peer.priority)
                assert found == wanted, f"{form.name}: {found}"
                assert not self.d1.holds(form.address), (
                    f"{form.name}: we hold it still")
                assert not self.peer.backs(form), f"{form.name}: not theirs"
            return True
        wait_for(settled, DEADLINE, f"theirs: {text}", interval=0.05)
        self._alone("adverts_rx", "theirs")
        step(f"theirs: {text}")

    def _alone(self, counter, who):
        """For two adverts of each form; judged at the end."""
        begin, before = self._last_frame(), self.rows()

        def two_more():
            rows = self.rows()
            return all(rows[form.name][counter]
                       >= before[form.name][counter] + 2
                       for form in self.forms)
        wait_for(two_more, DEADLINE, f"two adverts more of {who}")
        self.quiet.append((begin, self._last_frame(), who))

    def _last_frame(self):
        return len(tshark(self.capture.path, "frame"))

    def judge(self):
        """Nothing malformed, and one master alone whenever it was quiet."""
        path, mac = self.capture.stop(), self.d1.mac("eth0")
        counts = {}
        for form in self.forms:
            counts[form.name] = assert_no_malformed(
                path, f"eth.src == {mac} && vrrp.virt_rtr_id == {form.vrid}",
                form.checksum == "rfc9568")
        found = [(int(number), source == mac, int(vrid)) for
                 number, source, vrid in tshark(
                     path, "vrrp", "frame.number", "eth.src",
                     "vrrp.virt_rtr_id")]
        for begin, end, who in self.quiet:
            for form in self.forms:
                spoke = {mine for number, mine, vrid in found
                         if begin < number <= end and vrid == form.vrid}
                equal(spoke, {who == "ours"}, f"{form.name}: who spoke in "
                      f"frames {begin} to {end}, where {who} is master")
        step(f"{counts} adverts of ours, none malformed; one master alone in "
             f"each of {len(self.quiet)} quiet times")


def point_81_take_over_both_ways(meeting, peer):
    """All that the two can do to each other; peer.priority is 150."""
    peer.start()
    meeting.begin(peer, 100)
    meeting.theirs("it was there first, and has the higher priority")
    meeting.priority(200)
    meeting.ours("took over by priority")
    meeting.tell_all("resign")
    meeting.theirs("we resigned")
    meeting.tell_all("enable")
    meeting.ours("handed back")
    meeting.d1.cables["eth0"].mute()
    wait_for(lambda: not any(peer.backs(form) for form in meeting.forms),
             DEADLINE, "the peer takes over from silence")
    meeting.d1.cables["eth0"].unmute()
    meeting.ours("heard again, after the peer had taken over")
    meeting.priority(100)
    meeting.theirs("took over by priority")
    peer.kill()
    meeting.ours("the peer was killed", settle=False)
    peer.start()
    meeting.theirs("it is back")
    peer.leave()
    meeting.ours("the peer left with priority 0", settle=False)
    meeting.priority(150)
    meeting.d1.cables["eth0"].mute()
    peer.start()
    wait_for(lambda: not any(peer.backs(form) for form in meeting.forms),
             DEADLINE, "the peer is master, unheard")
    meeting.d1.cables["eth0"].unmute()
    tie_break(meeting, peer)


def tie_break(meeting, peer):
    """Equal priorities, both master: the greater address stays."""
    def settled():
        rows = meeting.rows()
        for form in meeting.forms:
            wins = form.own == 13
            assert rows[form.name]["state"] == (
                "master" if wins else "backup"), (
                    f"{form.name} is {rows[form.name]['state']}")
            assert peer.backs(form) == wins, f"{form.name}: the peer's state"
            expect(meeting.d1.holds(form.address) == wins, form.name)
        return True
    wait_for(settled, DEADLINE, "tie-break", interval=0.05)
    step("tie-break: " + ", ".join(
        f"{form.name} {'ours' if form.own == 13 else 'theirs'}"
        for form in meeting.forms))
