"""A node reaches no other region but through its own dials, whatever it tries; and each time its own dials answer."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address, ip_network

import psutil
import pytest
from docker import APIClient
from docker.errors import APIError

from chaoskit.errors import StackError
from chaoskit.runtimes.docker import fence, isolation, names
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.ownership import labels
from chaoskit.toolchain.images import images

pytestmark = pytest.mark.docker
HOME = "us-east"
AT_ONCE = 30
EXEC_S = 10.0
HOOK = ["-j", fence.CHAIN]


class Site:
    """A live stack as somebody in its first region finds it.

    Attributes:
        networks: Full names, by the stack's own.
        gateways: The host's address in each network.
        wan: The WAN's address in each network.
        own: What the region's node may dial there.
        foreign: Every other port of the WAN, the one of its API first.
    """

    def __init__(self, live, api: APIClient) -> None:
        self.live, self.api, self.run = live, api, live.plan.run
        topology = live.plan.scenario.stack.topology
        self.networks = {n: f"{names.project(self.run)}_{n}" for n in (names.EDGE, *topology.regions)}
        found = {name: api.inspect_network(full)["IPAM"]["Config"][0] for name, full in self.networks.items()}
        self.gateways = {name: settings["Gateway"] for name, settings in found.items()}
        self.subnets = {name: settings["Subnet"] for name, settings in found.items()}
        wan = self.container(names.WAN)
        self.wan = {name: wan.address(full) for name, full in self.networks.items()}
        ports = {dial.name: live.stack.wan.target(dial).port for dial in live.plan.dials}
        self.own = [port for name, port in ports.items() if name.startswith(f"{HOME}:")]
        ends = {end.port for pair in live.stack.endpoints().values() for end in (pair.write, pair.read)}
        bound = wan.inspect()["NetworkSettings"]["Ports"]
        published = {int(key.partition("/")[0]) for key, where in bound.items() if where}
        (self.control,) = published - ends - set(ports.values())
        self.foreign = [self.control, *sorted(published - {self.control, *self.own})]
        self.nodes = [n.name for n in topology.nodes if n.region != HOME]

    def container(self, service: str) -> Container:
        return Container(self.api, names.container(self.run, service), clock=self.live.clock)

    def prove(self, container: Container, forbidden: list[str]) -> None:
        """Try all of these from inside the container, some at a time and each time beside a dial of its own."""
        assert forbidden
        own = {"it": [f"{self.wan[HOME]}:{self.own[0]}"]}
        for start in range(0, len(forbidden), AT_ONCE):
            some = {"it": forbidden[start : start + AT_ONCE]}
            isolation.prove({"it": container}, own, some, clock=self.live.clock)

    def some_ports(self) -> list[int]:
        """Of every kind: its own dials, the API, and some that are meant for others."""
        return [*self.own, self.control, *self.foreign[1::6]]


@pytest.fixture(scope="module")
def site(live_stack, engine: APIClient) -> Site:
    return Site(live_stack, engine)


FORBIDDEN: Mapping[str, Callable[[Site], list[str]]] = {
    "nodes of other regions": lambda site: [
        f"{site.live.stack.database.direct(node).host}:{names.PORT}" for node in site.nodes
    ],
    "the WAN's API and what is meant for others": lambda site: [f"{site.wan[HOME]}:{port}" for port in site.foreign],
    "the WAN's other addresses": lambda site: [
        f"{address}:{port}" for name, address in site.wan.items() if name != HOME for port in site.some_ports()
    ],
    "ports published on the host": lambda site: [
        f"{address}:{port}" for address in hosts(site) for port in site.some_ports()
    ],
}


def hosts(site: Site) -> list[str]:
    """The host's addresses, but for its loopback."""
    found = {a.address for some in psutil.net_if_addrs().values() for a in some if a.family == socket.AF_INET}
    return sorted(a for a in found | set(site.gateways.values()) if not ip_address(a).is_loopback)


@pytest.mark.parametrize("forbidden", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_no_node_reaches(site: Site, forbidden: Callable[[Site], list[str]]) -> None:
    site.prove(site.container(f"{HOME}-1-machine"), forbidden(site))


@pytest.fixture(params=["a container beside it", "its own network namespace"])
def attacker(request: pytest.FixtureRequest, site: Site) -> Iterator[Container]:
    """Somebody in the region who may change the network of the place where he is; he leaves its routes as they were."""
    machine = names.container(site.run, f"{HOME}-1-machine")
    where = {
        "a container beside it": site.networks[HOME],
        "its own network namespace": f"container:{machine}",
    }[request.param]
    created = site.api.create_container(
        images(os.environ)[-1],
        ["sleep", "infinity"],
        labels=labels(site.run, role="attacker"),
        host_config=site.api.create_host_config(network_mode=where, cap_add=["NET_ADMIN"]),
    )
    container = Container(site.api, created["Id"], clock=site.live.clock)
    try:
        container.start()
        before = default(container)
        yield container
        container.exec(["ip", "route", "flush", "root", "0.0.0.0/0", "match", "0.0.0.0/0"], timeout_s=EXEC_S)
        for route in before:
            container.exec(["ip", "route", "add", *route.split()], timeout_s=EXEC_S)
    finally:
        with suppress(APIError):
            site.api.remove_container(created["Id"], force=True, v=True)


def default(container: Container) -> list[str]:
    return container.exec(["ip", "route", "show", "default"], timeout_s=EXEC_S).splitlines()


WAYS: Mapping[str, Callable[[Site], str]] = {
    "its gateway": lambda site: site.gateways[HOME],
    "the WAN": lambda site: site.wan[HOME],
    "another region's gateway": lambda site: site.gateways["eu-west"],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_nobody_reaches_anything_over_a_route_of_his_own(
    site: Site, attacker: Container, way: Callable[[Site], str]
) -> None:
    route = ["ip", "route", "replace", "default", "via", way(site), "dev", "eth0", "onlink"]
    attacker.exec(route, timeout_s=EXEC_S)
    assert any(way(site) in line for line in default(attacker))
    site.prove(attacker, [address for some in FORBIDDEN.values() for address in some(site)])


def test_nobody_reaches_a_region_whose_network_he_claims_to_be_in(site: Site, attacker: Container) -> None:
    network = ip_network(site.subnets["eu-west"])
    address = f"{network[-2]}/{network.prefixlen}"
    attacker.exec(["ip", "address", "add", address, "dev", "eth0"], timeout_s=EXEC_S)
    try:
        nodes = FORBIDDEN["nodes of other regions"](site)
        site.prove(attacker, [*nodes, *(f"{site.wan['eu-west']}:{port}" for port in site.some_ports())])
    finally:
        attacker.exec(["ip", "address", "del", address, "dev", "eth0"], timeout_s=EXEC_S)


@pytest.mark.parametrize("attacker", ["a container beside it"], indirect=True)
def test_nobody_reaches_the_hosts_loopback_by_calling_it_his_gateways(site: Site, attacker: Container) -> None:
    for words in (
        ["address", "del", "127.0.0.1/8", "dev", "lo"],
        ["route", "replace", "127.0.0.1/32", "via", site.gateways[HOME], "dev", "eth0"],
    ):
        attacker.exec(["ip", *words], timeout_s=EXEC_S)
    site.prove(attacker, [f"127.0.0.1:{port}" for port in site.some_ports()])


def test_a_fence_that_is_gone_is_noticed(site: Site) -> None:
    guard, machine = site.container(names.GUARD), site.container(f"{HOME}-1-machine")
    guarded = FORBIDDEN["the WAN's API and what is meant for others"](site)
    guard.exec(["iptables", "-t", "raw", "-D", "PREROUTING", *HOOK], timeout_s=EXEC_S)
    try:
        with pytest.raises(StackError, match="past the WAN"):
            site.prove(machine, guarded)
    finally:
        guard.exec(["iptables", "-t", "raw", "-A", "PREROUTING", *HOOK], timeout_s=EXEC_S)
    site.prove(machine, guarded)


def test_a_stack_without_a_fence_does_not_come_up(live, bring_up, of_run, monkeypatch) -> None:
    monkeypatch.setattr(fence, "build", lambda *_: None)
    with pytest.raises(StackError, match="past the WAN"), bring_up(live):
        pass
    assert of_run(live.plan.run) == []
