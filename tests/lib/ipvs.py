# SPDX-License-Identifier: ISC
"""A host's IPVS table, read through ipvsadm: our judge is not our own code."""

from dataclasses import dataclass, field

from waiting import wait_for


@dataclass
class Server:
    forward: str
    weight: int
    active: int
    inactive: int


@dataclass
class Service:
    scheduler: str
    flags: list
    servers: dict = field(default_factory=dict)


def table(host):
    """{"TCP 192.168.1.200:80": Service}, its servers by "address:port"."""
    services = {}
    current = None
    for line in host.run("ipvsadm", "-Ln").stdout.splitlines():
        words = line.split()
        if words[0] in ("TCP", "UDP", "SCTP", "FWM"):
            current = Service(words[2], words[3:])
            services[f"{words[0]} {words[1]}"] = current
        elif words[0] == "->" and words[1] != "RemoteAddress:Port":
            current.servers[words[1]] = Server(words[2], *map(int, words[3:6]))
    return services


def connections(host):
    """Connections counted so far: {service: {server: count}}."""
    counts = {}
    current = None
    text = host.run("ipvsadm", "-Ln", "--stats", "--exact").stdout
    for line in text.splitlines():
        words = line.split()
        if words[0] in ("TCP", "UDP", "SCTP", "FWM"):
            current = counts.setdefault(f"{words[0]} {words[1]}", {})
        elif words[0] == "->" and words[1] != "RemoteAddress:Port":
            current[words[1]] = int(words[2])
    return counts


def server_of(host, port):
    """The real server that a connection from that port of a client has."""
    for line in host.run("ipvsadm", "-Lnc").stdout.splitlines():
        words = line.split()
        if words[0] in ("TCP", "UDP") and words[3].endswith(f":{port}"):
            return words[5]
    return None


def weights(host, service):
    """{"address:port": weight}, empty when there is no such service."""
    found = table(host).get(service)
    return {} if found is None else {
        name: server.weight for name, server in found.servers.items()}


def wait_weights(host, service, wanted, deadline):
    """Wait until the service has exactly these servers and weights."""
    def same():
        found = weights(host, service)
        assert found == wanted, f"is {found}, should be {wanted}"
        return True
    wait_for(same, deadline, f"{host.name}: servers of {service}")


def wait_counted(host, service, server, count, deadline=10):
    """Wait for a server's count of connections, which the kernel sums up every
    two seconds."""
    def same():
        found = connections(host).get(service, {}).get(server)
        assert found == count, f"is {found}, should be {count}"
        return True
    wait_for(same, deadline, f"{host.name}: connections of {server}")


def direct_real_server(host, address):
    """Make a host by hand a real server of a directly routed address."""
    host.sysctls({"net.ipv4.conf.all.arp_ignore": 1,
                  "net.ipv4.conf.all.arp_announce": 2})
    host.ip(f"addr add {address}/32 dev lo")
