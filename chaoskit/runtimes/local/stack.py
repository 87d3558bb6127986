"""The local runtime: servers and their WAN as processes of this machine, brought up and taken down."""

import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.leftovers import release_segments
from chaoskit.model.plan import Plan
from chaoskit.planning.routes import endpoint, initial
from chaoskit.processes import Launcher, Process, User
from chaoskit.protocols import Clock, Endpoints, Stream, Target
from chaoskit.runtimes.local.beginning import bring_up, clone
from chaoskit.runtimes.local.node import PostgresNode
from chaoskit.runtimes.local.room import choose
from chaoskit.runtimes.ports import free_ports
from chaoskit.runtimes.postgres.cluster import Cluster
from chaoskit.runtimes.postgres.replication import slots, upstreams
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.delays import one_way_ns
from chaoskit.runtimes.wan.wan import ToxiproxyWan
from chaoskit.toolchain.postgres import VARIABLE as POSTGRES_VARIABLE

SUPERUSER = "chaoskit"
WAN_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The programs a local stack is made of.

    Attributes:
        postgres: The directory of PostgreSQL's programs.
        toxiproxy: The server's binary.
        template: A data directory made by initdb, and the password of its superuser.
        user: Whom servers run as; None: as we do.
        versions: What the programs say of themselves; ``postgresql`` like ``18.4``.
    """

    postgres: Path
    toxiproxy: Path
    template: Path
    template_password: str
    user: User | None
    versions: Mapping[str, str]

    @property
    def postgres_major(self) -> int:
        """PostgreSQL's major version."""
        found = re.match(r"\d+", self.versions["postgresql"])
        assert found is not None
        return int(found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """A WAN and the nodes behind it, up and streaming (implements ``protocols.Stack``)."""

    wan: ToxiproxyWan
    database: Cluster
    regions: tuple[str, ...]
    facts: Mapping[str, Any]
    toxiproxy: Process
    servers: Mapping[str, PostgresNode]
    machines: None = None  # all nodes share this one

    def endpoints(self) -> Mapping[str, Endpoints]:
        """The clients' endpoints by region, already proxied."""
        find = self.wan.endpoint
        return {r: Endpoints(write=find(endpoint("write", r)), read=find(endpoint("read", r))) for r in self.regions}

    def environment(self) -> Mapping[str, Any]:
        """Versions, filesystem and limits, for the report."""
        return self.facts

    def keep_logs(self) -> None:
        """Every process writes its log where the run keeps it."""

    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds of every running node since its server was started, where the kernel tells."""
        used = {name: server.cpu_s() for name, server in self.servers.items()}
        return {name: seconds for name, seconds in used.items() if seconds is not None}

    def crossed(self) -> Mapping[tuple[str, str], int]:
        """Bytes by (from, to) region since the start; ends every connection of the WAN."""
        return self.wan.crossed()

    def broken(self) -> Sequence[str]:
        """What ended by itself, though nobody had stopped it."""
        code = self.toxiproxy.exit_code
        return [*([] if code is None else [f"Toxiproxy ended by itself with code {code}"]), *self.database.broken()]


class LocalRuntime:
    """Brings up local stacks (implements ``protocols.Runtime``).

    Args:
        intend: Told, before it happens, of every directory that will be made: the journal's undo.
    """

    def __init__(self, tools: Tools, *, launcher: Launcher, clock: Clock, intend: Callable[[Path], None]) -> None:
        self._tools, self._launcher, self._clock, self._intend = tools, launcher, clock, intend

    @contextmanager
    def up(self, plan: Plan) -> Iterator[LocalStack]:
        """Everything started, replicas streaming, delays in force; taken down on exit, whatever happened.

        Raises:
            StackError: It cannot be brought up; what had been started is gone again.
        """
        _require_version(plan, self._tools)
        topology = plan.scenario.stack.topology
        room = choose(len(topology.nodes))
        home = room.path / f"chaoskit-{plan.run}"
        with ExitStack() as undo:
            self._intend(home)
            undo.callback(shutil.rmtree, home, ignore_errors=True)
            undo.callback(release_segments, home)
            home.mkdir(mode=0o755)
            credentials = Target(host="127.0.0.1", port=0, user=SUPERUSER, password=secrets.token_hex(16))
            wan, nodes, toxiproxy = self._prepare(plan, home, credentials, undo)
            dials = {stream.dial: wan.target(stream.dial) for stream in wan.streams()}
            clone(plan, nodes, self._tools.template, upstreams(plan, dials))
            for node in nodes.values():
                undo.callback(node.kill)
            bring_up(plan, nodes, template_password=self._tools.template_password, clock=self._clock)
            major = self._tools.postgres_major
            cluster = Cluster(nodes, slots(topology), major=major, wan=wan, clock=self._clock)
            wan.engage()
            facts = {"versions": dict(self._tools.versions), "filesystem": room.filesystem, "fsync": "on"}
            yield LocalStack(
                wan=wan, database=cluster, regions=topology.regions, facts=facts, toxiproxy=toxiproxy, servers=nodes
            )

    def _prepare(
        self, plan: Plan, home: Path, credentials: Target, undo: ExitStack
    ) -> tuple[ToxiproxyWan, dict[str, PostgresNode], Process]:
        """Start the WAN and decide every port; no PostgreSQL runs yet."""
        nodes = plan.scenario.stack.topology.nodes
        routes = initial(plan)
        names = [node.name for node in nodes] + [dial.name for dial in plan.dials] + list(routes)
        control, *ports = free_ports(len(names) + 1, seed=int(plan.run, 16))
        port = dict(zip(names, ports, strict=True))
        servers = {node.name: self._node(node.name, node.slot, home, credentials, port[node.name]) for node in nodes}
        streams = [Stream(dial, upstream) for dial in plan.dials for upstream in (True, False)]
        process, server = self._toxiproxy(control, undo)
        wan = ToxiproxyWan(
            server,
            clock=self._clock,
            ports={name: port[name] for name in names},
            nodes={node.name: f"127.0.0.1:{port[node.name]}" for node in nodes},
            credentials=credentials,
            delays_ms={s: one_way_ns(plan, s) // 1_000_000 for s in streams},
        )
        undo.callback(wan.close)
        wan.create(routes)
        return wan, servers, process

    def _toxiproxy(self, port: int, undo: ExitStack) -> tuple[Process, Server]:
        argv: list[str | Path] = [self._tools.toxiproxy, "-host", "127.0.0.1", "-port", str(port), "-proxy-metrics"]
        process = self._launcher.start("toxiproxy", argv, env={"LOG_LEVEL": "error"})
        undo.callback(process.stop)
        server = Server(port)
        wait_for(
            lambda: None if server.running() else "its API does not answer",
            clock=self._clock,
            timeout_s=WAN_TIMEOUT_S,
            what="Toxiproxy is not up",
            fix="see logs/toxiproxy.log in the run directory",
        )
        return process, server

    def _node(self, name: str, directory: str, home: Path, credentials: Target, port: int) -> PostgresNode:
        target = replace(credentials, port=port)
        return PostgresNode(
            name,
            home=home / directory,
            programs=self._tools.postgres,
            user=self._tools.user,
            target=target,
            launcher=self._launcher,
            clock=self._clock,
        )


def _require_version(plan: Plan, tools: Tools) -> None:
    """Refuse a scenario that asks for another PostgreSQL than the one that was found."""
    asked, found = plan.scenario.stack.postgres_version, tools.postgres_major
    if asked != found:
        raise StackError(
            f"the scenario asks for PostgreSQL {asked}, this is {tools.versions['postgresql']}",
            why=f"its programs are those of {tools.postgres}",
            fix=f"set {POSTGRES_VARIABLE} to the bin folder of a PostgreSQL {asked}, "
            f"or change stack.postgres.version to {found}",
        )
