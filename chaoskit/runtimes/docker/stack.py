"""The docker runtime: servers and their WAN as containers of one Compose project, brought up and taken down."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from docker import APIClient

from chaoskit.clock import NS, wait_for
from chaoskit.errors import StackError
from chaoskit.model.fault import ClockSkew
from chaoskit.model.plan import Plan
from chaoskit.model.topology import Role
from chaoskit.planning.routes import endpoint, initial
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Endpoints, Stream, Target
from chaoskit.runtimes.docker import clock, compose, fence, isolation, names
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.logs import Logs
from chaoskit.runtimes.docker.machines import ContainerMachines, Machine
from chaoskit.runtimes.docker.packets import Packets, needed
from chaoskit.runtimes.docker.project import SUPERUSER, Choices, compose_project
from chaoskit.runtimes.docker.server import DockerServer
from chaoskit.runtimes.docker.subnets import free_subnets
from chaoskit.runtimes.ports import free_ports
from chaoskit.runtimes.postgres.cluster import Cluster
from chaoskit.runtimes.postgres.replication import await_streaming, make_slots, slots
from chaoskit.runtimes.wan.api import Server as ToxiproxyServer
from chaoskit.runtimes.wan.delays import one_way_ns
from chaoskit.runtimes.wan.wan import Place, ToxiproxyWan
from chaoskit.sql import ask

WAN_TIMEOUT_S = 10.0
FILESYSTEM = "tmpfs (a volume per node)"
EVERYWHERE = Place(listen="0.0.0.0", for_nodes=names.WAN)  # noqa: S104 - what may arrive there, the fence decides


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerTools:
    """What a stack of containers is made with.

    Attributes:
        compose: The words that are Docker Compose.
        blocks: ``compose/services.yaml``.
        env: Of Compose: where the engine is, and which images are chosen.
        versions: What the programs say of themselves.
    """

    compose: Sequence[str]
    blocks: Mapping[str, Any]
    env: Mapping[str, str]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerStack:
    """A WAN and the nodes behind it, up and streaming (implements ``protocols.Stack``)."""

    wan: ToxiproxyWan
    database: Cluster
    regions: tuple[str, ...]
    facts: Mapping[str, Any]
    watched: Sequence[Container]
    machines: ContainerMachines
    logs: Logs
    servers: Mapping[str, Container]

    def endpoints(self) -> Mapping[str, Endpoints]:
        """The clients' endpoints by region, already proxied."""
        find = self.wan.endpoint
        return {r: Endpoints(write=find(endpoint("write", r)), read=find(endpoint("read", r))) for r in self.regions}

    def environment(self) -> Mapping[str, Any]:
        """Versions, filesystem and limits, for the report."""
        return self.facts

    def keep_logs(self) -> None:
        """Bring what every container has written so far into the run's logs."""
        self.logs.keep()

    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds of every running node since its server was started, where the engine tells."""
        used = {}
        for name, container in self.servers.items():
            with suppress(StackError):
                used[name] = container.stats()["cpu_stats"]["cpu_usage"]["total_usage"] / NS
        return used

    def crossed(self) -> Mapping[tuple[str, str], int]:
        """Bytes by (from, to) region since the start; ends every connection of the WAN."""
        return self.wan.crossed()

    def broken(self) -> Sequence[str]:
        """What ended by itself, though nobody had stopped it."""
        ended = [(c.name, c.state()) for c in self.watched]
        return [
            *(f"{name} ended by itself with code {state.exit_code}" for name, state in ended if not state.running),
            *self.database.broken(),
        ]


Estate = Callable[[str], AbstractContextManager[APIClient]]
"""From a run's label to a client of the engine; whatever is made with that label meanwhile is gone afterwards."""


class DockerRuntime:
    """Brings up stacks of containers (implements ``protocols.Runtime``).

    Args:
        logs: Where what the containers say is kept.
    """

    def __init__(self, tools: DockerTools, *, launcher: Launcher, clock: Clock, logs: Path, estate: Estate) -> None:
        self._tools, self._launcher, self._clock, self._logs, self._estate = tools, launcher, clock, logs, estate

    @contextmanager
    def up(self, plan: Plan) -> Iterator[DockerStack]:
        """Everything started, replicas streaming, delays in force; taken down on exit, whatever happened.

        Raises:
            StackError: It cannot be brought up; what had been started is gone again.
        """
        with ExitStack() as undo:
            api = undo.enter_context(self._estate(plan.run))
            chosen = replace(choices(plan), subnets=_subnets(api, plan))
            project = compose_project(plan, self._tools.blocks, chosen)
            logs = Logs(api, plan, self._logs, clock=self._clock)
            undo.callback(logs.keep)
            compose.up(self._tools.compose, project, env=self._tools.env, launcher=self._launcher)
            site = _Site(api, plan, chosen, self._clock)
            packets = Packets(site.container(names.GUARD), chosen.ports, clock=self._clock)
            undo.callback(packets.close)
            _require(plan, packets)
            if chosen.skewable:
                clock.require(site.primary_machine)
            wan = site.wan(packets)
            undo.callback(wan.close)
            cluster = _assembled(site, wan)
            wan.engage()
            facts = {
                "versions": {**self._tools.versions, **site.versions()},
                "filesystem": FILESYSTEM,
                "fsync": "on",
                "images": {name: site.container(name).image() for name in project["services"]},
            }
            regions = plan.scenario.stack.topology.regions
            watched = [site.container(names.WAN), site.container(names.GUARD)]
            machines = site.machines(wan)
            yield DockerStack(
                wan=wan,
                database=cluster,
                regions=regions,
                facts=facts,
                watched=watched,
                machines=machines,
                logs=logs,
                servers=site.servers(),
            )


def choices(plan: Plan) -> Choices:
    """Free ports and a password for the project of a plan."""
    wanted = [dial.name for dial in plan.dials] + list(initial(plan))
    control, *ports = free_ports(len(wanted) + 1, seed=int(plan.run, 16))
    return Choices(
        ports=dict(zip(wanted, ports, strict=True)),
        control=control,
        password=secrets.token_hex(16),
        skewable=any(isinstance(step.deed, ClockSkew) for step in plan.steps),
    )


def _subnets(api: APIClient, plan: Plan) -> dict[str, IPv4Network]:
    regions = plan.scenario.stack.topology.regions
    return dict(zip(regions, free_subnets(api, len(regions), seed=int(plan.run, 16)), strict=True))


def _require(plan: Plan, packets: Packets) -> None:
    """Refuse a plan that asks of the kernel what it was not built with."""
    asked = {step.name: ability for step in plan.steps if (ability := needed(step.deed)) is not None}
    missing = packets.lacks() if asked else {}
    for step, ability in asked.items():
        if ability in missing:
            raise StackError(f"the kernel cannot do what step {step} asks for", why=missing[ability])


def _assembled(site: "_Site", wan: ToxiproxyWan) -> Cluster:
    """The servers behind their fence: proved when all of them listen, for a closed port looks like a good fence."""
    with ThreadPoolExecutor() as pool:
        fenced = pool.submit(site.fence)
        cluster = site.cluster(wan)
        fenced.result()
    site.prove_isolation()
    return cluster


class _Site:
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

    def prove_isolation(self) -> None:
        """Prove from inside every node that it reaches nothing past its own dials; the servers listen by now."""
        addresses, allowed = self._wan_addresses(), self._allowed()
        isolation.prove(
            self._machines,
            own={n.name: [f"{names.WAN}:{port}" for port in allowed[n.region][:1]] for n in self._topology.nodes},
            forbidden={node.name: self._forbidden(node.region, addresses, allowed) for node in self._topology.nodes},
            clock=self._clock,
        )

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

    def _forbidden(self, region: str, addresses: Mapping[str, str], allowed: Mapping[str, Sequence[int]]) -> list[str]:
        """Nodes of other regions, and the WAN's ports that are meant for somebody else, at any address of it."""
        nodes = [f"{self._addresses[n.name]}:{names.PORT}" for n in self._topology.nodes if n.region != region]
        others = [port for other, ports in allowed.items() if other != region for port in ports[:1]]
        control = self._choices.control
        foreign = [f"{a}:{control}" for a in addresses.values()]
        return [*nodes, *foreign, *(f"{addresses[region]}:{port}" for port in others)]

    def _credentials(self, host: str, port: int = 0) -> Target:
        return Target(host=host, port=port, user=SUPERUSER, password=self._choices.password)
