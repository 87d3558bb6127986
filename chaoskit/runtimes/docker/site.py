"""The containers of one stack, as they become its WAN, its servers and its machines."""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from docker import APIClient

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.plan import Plan
from chaoskit.model.topology import Role
from chaoskit.planning.routes import initial
from chaoskit.protocols import Clock, Stream, Target
from chaoskit.runtimes.docker import fence, isolation, names
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.machines import ContainerMachines, Machine
from chaoskit.runtimes.docker.packets import Packets
from chaoskit.runtimes.docker.project import SUPERUSER, Choices
from chaoskit.runtimes.docker.server import DockerServer
from chaoskit.runtimes.postgres.cluster import Cluster
from chaoskit.runtimes.postgres.replication import await_streaming, make_slots, slots
from chaoskit.runtimes.wan.api import Server as ToxiproxyServer
from chaoskit.runtimes.wan.delays import one_way_ns
from chaoskit.runtimes.wan.wan import Place, ToxiproxyWan
from chaoskit.sql import ask

WAN_TIMEOUT_S = 10.0
EVERYWHERE = Place(listen="0.0.0.0", for_nodes=names.WAN)  # noqa: S104 - what may arrive there, the fence decides


class Site:
    """The containers of one stack, as they become parts of it."""

    def __init__(self, api: APIClient, plan: Plan, choices: Choices, clock: Clock) -> None:
        self._api, self._plan, self._choices, self._clock = api, plan, choices, clock
        self._topology = plan.scenario.stack.topology
        self._machines = {node.name: self.container(names.machine(node)) for node in self._topology.nodes}
        self._addresses = {
            node.name: self._machines[node.name].address(self._network(node.region)) for node in self._topology.nodes
        }
        self._servers = {node.name: self._server(node.name, names.server(node)) for node in self._topology.nodes}
        self._toxiproxy = ToxiproxyServer(choices.control)

    def container(self, service: str) -> Container:
        """The container of a service."""
        return Container(self._api, names.container(self._plan.run, service), clock=self._clock)

    @property
    def primary_machine(self) -> Container:
        """The machine of the first primary; all are of one image."""
        return self._machines[self._topology.primary]

    def wan(self, packets: Packets) -> ToxiproxyWan:
        """The WAN, its proxies leading to where the nodes are now."""
        wait_for(
            lambda: None if self._toxiproxy.running() else "its API does not answer",
            clock=self._clock,
            timeout_s=WAN_TIMEOUT_S,
            what="Toxiproxy is not up",
            fix="see logs/toxiproxy.log in the run directory",
        )
        wan = ToxiproxyWan(
            self._toxiproxy,
            clock=self._clock,
            ports=self._choices.ports,
            nodes={name: f"{address}:{names.PORT}" for name, address in self._addresses.items()},
            credentials=self._credentials("127.0.0.1"),
            delays_ms={
                stream: one_way_ns(self._plan, stream) // 1_000_000
                for dial in self._plan.dials
                for stream in (Stream(dial, True), Stream(dial, False))
            },
            place=EVERYWHERE,
            packets=packets,
        )
        wan.create(initial(self._plan))
        return wan

    def fence(self) -> None:
        """Let every region's nodes find their own dials at the WAN, and nothing else."""
        fence.build(self.container(names.GUARD), self._wan_addresses(), self._allowed())

    def prove_fence(self) -> None:
        """Prove from inside every node that it finds nothing but its own dials at the WAN."""
        addresses, allowed = self._wan_addresses(), self._allowed()
        self._prove({region: self._others_ports(region, addresses, allowed) for region in allowed})

    def prove_isolation(self) -> None:
        """Prove from inside every node that it reaches no other region's node; the servers listen by now."""
        self._prove({region: self._others_nodes(region) for region in self._topology.regions})

    def cluster(self, wan: ToxiproxyWan) -> Cluster:
        """The servers, once all of them answer and stream."""
        kept = slots(self._topology)
        primary = self._servers[self._topology.primary]

        def settle(name: str) -> None:
            self._servers[name].ready()
            make_slots(self._servers[name].target, kept[name], clock=self._clock)

        settle(primary.name)
        with ThreadPoolExecutor() as pool:
            list(pool.map(settle, [name for name in self._servers if name != primary.name]))
        await_streaming(primary.target, len(self._servers) - 1, clock=self._clock)
        major = self._plan.scenario.stack.postgres_version
        return Cluster(self._servers, kept, major=major, wan=wan, clock=self._clock)

    def machines(self, wan: ToxiproxyWan) -> ContainerMachines:
        """What the nodes' machines can suffer; who gets another address is found there."""

        def moved(node: str, address: str) -> None:
            self._servers[node].target = replace(self._servers[node].target, host=address)
            wan.move(node, f"{address}:{names.PORT}")

        nodes = self._topology.nodes
        parts = {
            node.name: Machine.of(
                server=self.container(names.server(node)),
                machine=self._machines[node.name],
                network=self._network(node.region),
            )
            for node in nodes
        }
        return ContainerMachines(parts, moved=moved)

    def servers(self) -> Mapping[str, Container]:
        """The container of each node's server."""
        return {node.name: self.container(names.server(node)) for node in self._topology.nodes}

    def versions(self) -> Mapping[str, str]:
        """What the containers' programs say of themselves.

        Raises:
            StackError: PostgreSQL is another than the scenario asks for.
        """
        primary = self._servers[self._topology.primary].target
        said = ask(primary, ["SHOW server_version"], clock=self._clock, timeout_s=5)[0].rows[0][0] or ""
        asked, found = self._plan.scenario.stack.postgres_version, re.match(r"\d+", said)
        if found is None or int(found[0]) != asked:
            raise StackError(
                f"the scenario asks for PostgreSQL {asked}, the image is {said}",
                fix="choose another with CHAOSKIT_POSTGRES_IMAGE, or change stack.postgres.version",
            )
        return {"postgresql": said, "toxiproxy": self._toxiproxy.version()}

    def _server(self, name: str, service: str) -> DockerServer:
        return DockerServer(
            name,
            server=self.container(service),
            machine=self._machines[name],
            target=self._credentials(self._addresses[name], names.PORT),
            clock=self._clock,
        )

    def _network(self, name: str) -> str:
        return f"{names.project(self._plan.run)}_{name}"

    def _wan_addresses(self) -> dict[str, str]:
        """The WAN's own address in each network."""
        inside = self.container(names.WAN)
        return {name: inside.address(self._network(name)) for name in (names.EDGE, *self._topology.regions)}

    def _allowed(self) -> dict[str, list[int]]:
        """The WAN's ports that each region's nodes may dial."""
        return {region: self._ports_from(region) for region in self._topology.regions}

    def _ports_from(self, region: str) -> list[int]:
        """Ports of the dials that the region's nodes make."""
        dials = [d for d in self._plan.dials if d.source.role is Role.NODE and d.source.region == region]
        return [self._choices.ports[dial.name] for dial in dials]

    def _prove(self, forbidden: Mapping[str, Sequence[str]]) -> None:
        """Try every way out of every node; ``forbidden`` by region."""
        allowed = self._allowed()
        isolation.prove(
            self._machines,
            own={n.name: [f"{names.WAN}:{port}" for port in allowed[n.region][:1]] for n in self._topology.nodes},
            forbidden={node.name: forbidden[node.region] for node in self._topology.nodes},
            clock=self._clock,
        )

    def _others_nodes(self, region: str) -> list[str]:
        """Nodes of other regions."""
        return [f"{self._addresses[n.name]}:{names.PORT}" for n in self._topology.nodes if n.region != region]

    def _others_ports(
        self, region: str, addresses: Mapping[str, str], allowed: Mapping[str, Sequence[int]]
    ) -> list[str]:
        """The WAN's ports that are meant for somebody else, at any address of it."""
        others = [port for other, ports in allowed.items() if other != region for port in ports[:1]]
        control = [f"{address}:{self._choices.control}" for address in addresses.values()]
        return [*control, *(f"{addresses[region]}:{port}" for port in others)]

    def _credentials(self, host: str, port: int = 0) -> Target:
        return Target(host=host, port=port, user=SUPERUSER, password=self._choices.password)


def assembled(site: Site, wan: ToxiproxyWan) -> Cluster:
    """The servers behind their fence.

    What the fence stops takes its time to be stopped, so it is tried while the servers come up. That no node reaches
    another is tried when all of them listen, for a closed port looks like a good fence.
    """

    def fenced() -> None:
        site.fence()
        site.prove_fence()

    with ThreadPoolExecutor() as pool:
        proved = pool.submit(fenced)
        cluster = site.cluster(wan)
        proved.result()
    site.prove_isolation()
    return cluster
