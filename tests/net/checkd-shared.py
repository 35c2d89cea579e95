#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""One probe for a server, however many services ask for the same check.

The operator's file goes through the real loader to checkd; connections are
counted where they arrive. Usage: checkd-shared.py
"""

import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, f"{HERE}/../lib")

from checkd_peer import Checkd, control  # noqa: E402
from net import Net  # noqa: E402
from scenario import equal, expect, run, step  # noqa: E402
from suite import binary, build  # noqa: E402
from waiting import wait_for  # noqa: E402

SERVICES, SERVERS, PORT = 10, 20, 8000
INTERVAL = 0.5
GENERATION_AT = 12		# in an encoded configuration, common/conf/wire_form.h
COUNTER = """
import socket, threading
count = 0
def serve():
    global count
    while True:
        connection = listener.accept()[0]
        count += 1
        connection.recv(1)
        connection.close()
listener = socket.create_server(("0.0.0.0", %d), backlog=1024)
threading.Thread(target=serve, daemon=True).start()
print("ready", flush=True)
while input() == "":
    print(count, flush=True)
""" % PORT


def config():
    vips = [f"10.98.0.{n + 1}/32" for n in range(SERVICES)]
    servers = ", ".join(f"10.99.0.{n + 1}" for n in range(SERVERS))
    text = ("nodes: {d1: 10.98.1.1}\n"
            "vrrp:\n  v: {interface: d0, vrid: 1, nodes: {d1: 100},"
            f" addresses: [{', '.join(vips)}]}}\n"
            f"checks:\n  up: {{type: tcp, port: {PORT}, "
            "interval: 500ms, timeout: 300ms}\nservices:\n")
    for number, vip in enumerate(vips):
        text += (f"  s{number}: {{address: \"{vip[:-3]}:{PORT}\", vrrp: v, "
                 "scheduler: wlc, forward: nat, check: up, "
                 f"servers: [{servers}]}}\n")
    return text


def encoded(directory):
    path = f"{directory}/director.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(config())
    program = f"{build()}/tests/net/encode-conf"
    return subprocess.run([program, path, "d1", "checkd"], check=True,
                          capture_output=True).stdout


class Counter:
    def __init__(self, host):
        self.popen = subprocess.Popen(
            [sys.executable, "-c", COUNTER], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, preexec_fn=host.enter)
        equal(self.popen.stdout.readline(), "ready\n", "counter")

    def count(self):
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()
        return int(self.popen.stdout.readline())

    def close(self):
        self.popen.kill()
        self.popen.wait()


def check(checkd, counter, directory):
    data = encoded(directory)
    generation = int.from_bytes(
        data[GENERATION_AT:GENERATION_AT + 8], "big")
    checkd.ipvsd.commit_encoded(generation, data)
    equal(len(checkd.ipvsd.verdicts), SERVERS, "probes")
    wait_for(lambda: counter.count() >= 3 * SERVERS, 10, "three rounds")
    start, began = counter.count(), time.monotonic()
    wait_for(lambda: counter.count() >= start + 4 * SERVERS, 10,
             "four rounds more")
    took = time.monotonic() - began
    step(f"{4 * SERVERS} connections to {SERVERS} servers in {took:.2f} s, "
         f"an interval of {INTERVAL} s")
    expect(took > 3 * INTERVAL, "more than one probe a server")
    checkd.ipvsd.until(lambda: {v.health for v in
                                checkd.ipvsd.verdicts.values()} == {"up"},
                       5, "all up")
    equal(len(control(directory, "probes")), SERVERS, "probes shown")


def main():
    with Net() as net, tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        host = net.host("d1")
        host.ip("route add local 10.99.0.0/16 dev lo")
        counter = Counter(host)
        net.defer(counter.close)
        checkd = Checkd(binary("checkd"), directory, enter=host.enter)
        try:
            check(checkd, counter, directory)
        finally:
            status = checkd.stop()
        equal(status, 0, f"exit status; {checkd.output()[-3000:]}")


run(main)
