"""The docker runtime: servers and their WAN as containers of one Compose project, brought up and taken down."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from docker import APIClient

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.model.fault import ClockSkew
from chaoskit.model.plan import Plan
from chaoskit.planning.routes import endpoint, initial
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Endpoints
from chaoskit.runtimes.docker import clock, compose, images, names
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.logs import Logs
from chaoskit.runtimes.docker.machines import ContainerMachines
from chaoskit.runtimes.docker.packets import Packets, needed
from chaoskit.runtimes.docker.project import Choices, compose_project
from chaoskit.runtimes.docker.site import Site, assembled
from chaoskit.runtimes.docker.subnets import free_subnets
from chaoskit.runtimes.ports import free_ports
from chaoskit.runtimes.postgres.cluster import Cluster
from chaoskit.runtimes.wan.wan import ToxiproxyWan

FILESYSTEM = "tmpfs (a volume per node)"


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
        """What ended by itself, though nobody had stopped it, and that of which nobody can tell."""
        ended = (why for container in self.watched if (why := _broken(container)) is not None)
        return [*ended, *self.database.broken()]


def _broken(container: Container) -> str | None:
    """What happened to it; that it cannot be looked at must not end a run that is over."""
    try:
        state = container.state()
    except StackError as error:
        return f"{container.name} may have ended: {' '.join(str(error).split())}"
    return None if state.running else f"{container.name} ended by itself with code {state.exit_code}"


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
            self._compose(api, project, images.used(project, self._tools.env).values())
            site = Site(api, plan, chosen, self._clock)
            packets = Packets(site.container(names.GUARD), chosen.ports, clock=self._clock)
            undo.callback(packets.close)
            _require(plan, packets)
            if chosen.skewable:
                clock.require(site.primary_machine)
            wan = site.wan(packets)
            undo.callback(wan.close)
            cluster = assembled(site, wan)
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

    def _compose(self, api: APIClient, project: Mapping[str, Any], used: Iterable[str]) -> None:
        """Bring the project up; an image that is not there and did not come is what is wrong, whatever Compose says."""
        try:
            compose.up(self._tools.compose, project, env=self._tools.env, launcher=self._launcher)
        except StackError as error:
            if not (lacking := images.missing(api, used)):
                raise
            raise StackError(
                f"the Docker engine has no image {', '.join(lacking)}",
                why=error.why,
                fix="see docs/docker.md for how images are chosen and built",
            ) from error


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
