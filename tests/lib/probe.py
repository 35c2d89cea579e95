# SPDX-License-Identifier: ISC
"""Who answers for an address: UDP every millisecond, and ARP."""

from dataclasses import dataclass

from waiting import wait_for
from web import TOOLS

PORT = 7007
# Before a command whose own lateness must not be taken for the network's.
REALTIME = ("chrt", "-f", "20")


@dataclass
class Answer:
    sent: float         # CLOCK_MONOTONIC, as all times here
    received: float
    number: int
    who: str


@dataclass
class Silence:
    began: float        # the last question that was answered before it
    ended: float        # the first that was answered after it
    before: str
    after: str

    @property
    def length(self):
        return self.ended - self.began


def answer_on(host, realtime=False):
    """Have the host answer probes to any address it holds."""
    process = host.popen("udpanswer", *(REALTIME if realtime else ()),
                         f"{TOOLS}/udpanswer", host.name, PORT)
    wait_for(lambda: "listening" in process.output(), 20,
             f"{host.name}: answering probes")
    return process


class Probe:
    """Asks an address from a host every interval, until stop()."""

    def __init__(self, host, address, interval=0.001, realtime=False):
        self.interval = interval
        self.process = host.popen(f"probe.{address.replace(':', '-')}",
                                  *(REALTIME if realtime else ()),
                                  f"{TOOLS}/udpask", address, PORT, interval)
        wait_for(lambda: "asking" in self.process.output(), 20, "the probe")

    def answers(self):
        """All answers so far, in the order of their questions."""
        text = self.process.output()
        lines = text[:text.rfind("\n") + 1].splitlines()
        found = [line.split() for line in lines if line[0].isdigit()]
        found = [Answer(float(sent), float(received), int(number), who)
                 for sent, received, number, who in found]
        return sorted(found, key=lambda answer: answer.number)

    def wait_answer(self, who, deadline):
        """Wait until that host answers."""
        def last():
            found = self.answers()
            return found and found[-1].who == who
        wait_for(last, deadline, f"answer by {who}")

    def silences(self, longest=0.05, since=0.0):
        """Times without an answer that were longer than that."""
        found = [answer for answer in self.answers() if answer.sent >= since]
        return [Silence(one.sent, two.sent, one.who, two.who)
                for one, two in zip(found, found[1:])
                if two.sent - one.sent > longest]

    def owners(self):
        """Who answered, in order, without repetition."""
        order = []
        for answer in self.answers():
            if not order or order[-1] != answer.who:
                order.append(answer.who)
        return order

    def stop(self):
        self.process.stop()
        return self.answers()


def arp_owners(host, interface, address, seconds=0.5):
    """The MACs of all that answer an ARP request for the address."""
    return host.run(f"{TOOLS}/arpask", interface, address,
                    seconds).stdout.split()
