"""All servers of a local run: cloned from one template, streaming through the WAN."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, assert_never

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.fault import ALL_PROCESSES, Mode
from chaoskit.model.plan import Dial, Plan
from chaoskit.model.scenario import Failback
from chaoskit.model.topology import Node, Role
from chaoskit.protocols import Clock, Target, Wan
from chaoskit.runtimes.local.node import PostgresNode
from chaoskit.runtimes.local.rebuild import Rebuilder
from chaoskit.runtimes.postgres.config import HBA, postgresql_conf
from chaoskit.sql import Unanswered, ask

STREAMING_TIMEOUT_S = 30.0
RECEIVER = "walreceiver"
Item = TypeVar("Item")


class Cluster:
    """The servers of a plan (implements ``protocols.Database``).

    Args:
        nodes: A server for every node of the topology, by name.
        template: A data directory made by initdb, to be copied.
        rebuilder: Makes replicas of dead servers; knows who owns their files.
        wan: Holds what a frozen replica does not read.
    """

    def __init__(
        self,
        plan: Plan,
        nodes: Mapping[str, PostgresNode],
        *,
        template: Path,
        rebuilder: Rebuilder,
        wan: Wan,
        clock: Clock,
    ) -> None:
        self._plan, self._nodes, self._template = plan, nodes, template
        self._rebuilder, self._wan, self._clock = rebuilder, wan, clock
        self._topology = plan.scenario.stack.topology

    def clone(self, upstreams: Mapping[str, str]) -> None:
        """Copy the template for every node and write its configuration; ``upstreams`` are conninfos by node name."""
        _each(self._topology.nodes, lambda node: self._clone(node, upstreams.get(node.name, "")))

    def bring_up(self, login: Target, password: str) -> None:
        """Start the primary, give it the run's password and slots, start the replicas, and wait until all stream.

        Args:
            login: The primary's own port with the template's password.
            password: The run's password, hexadecimal.

        Raises:
            StackError: A server does not start, or does not stream in time.
        """
        primary = self._nodes[self._topology.primary]
        primary.start()
        primary.ready(login)
        self._run(login, [f"ALTER ROLE {login.user} PASSWORD '{password}'"])
        self._slots(primary.name)
        standbys = [node for name, node in self._nodes.items() if name != primary.name]
        for node in standbys:
            node.start()
        _each(standbys, self._settle)
        wait_for(
            lambda: self._not_streaming(len(standbys)),
            clock=self._clock,
            timeout_s=STREAMING_TIMEOUT_S,
            what="not every replica streams",
            fix="see the server logs in the run directory",
        )

    def freeze(self, node: str, process: str = ALL_PROCESSES) -> None:
        """SIGSTOP every process of the node, or those of one kind (``walreceiver``).

        The WAL on its way to it is held by the WAN from then on: what nobody reads would fill the WAN's buffers, and
        the links could not be changed any more. Nobody can tell the difference, but ``passage`` says None for them.
        """
        self._nodes[node].freeze(process)
        if process in (ALL_PROCESSES, RECEIVER):
            to_node = [s for s in self._wan.streams() if s.dial.source.name == node and not s.upstream]
            self._wan.cut(_unread(node), to_node, Mode.STALL)

    def resume(self, node: str) -> None:
        """SIGCONT what ``freeze`` stopped; idempotent."""
        self._nodes[node].resume()
        self._wan.heal(_unread(node))

    def kill(self, node: str) -> None:
        """SIGKILL every process of the node, frozen or not; idempotent."""
        self._nodes[node].kill()
        self._wan.heal(_unread(node))

    def stop(self, node: str) -> None:
        """Shut a node down cleanly: its WAL is sent, its clients are disconnected. Idempotent."""
        self._nodes[node].stop()

    def running(self, node: str) -> bool:
        """Whether its processes exist, frozen or not."""
        return self._nodes[node].running()

    def restart(self, node: str, *, isolated: bool) -> None:
        """Start a dead node from its disk; ``isolated``: alone and read-only, to be read and stopped again."""
        self._nodes[node].start(alone=isolated)
        self._nodes[node].ready()

    def destroy(self, node: str) -> None:
        """Remove the data of a dead node."""
        self._rebuilder.erase(self._dead(node))

    def rebuild(self, node: str, source: str, how: Failback, upstream: Target) -> int | None:
        """Make a dead node a replica of ``source``, found at ``upstream`` through the WAN, and start it.

        Returns:
            The bytes that it had beyond ``source`` (rewind), where they are known.

        Raises:
            StackError: It cannot be done; the node is dead, and after a failed reclone without data.
        """
        server, beyond_bytes = self._dead(node), None
        if source == node:
            raise StackError(f"{node} cannot become a replica of itself", why="it is the primary")
        match how:
            case Failback.REWIND:
                beyond_bytes = self._rebuilder.rewind(server, upstream)
            case Failback.RECLONE:
                self._rebuilder.reclone(server, upstream)
            case Failback.NONE:
                pass
            case _:
                assert_never(how)
        self._rebuilder.follow(server, upstream)
        server.start()
        self._settle(server)
        return beyond_bytes

    def direct(self, node: str) -> Target:
        """The node's own port, past the WAN."""
        return self._nodes[node].target

    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds of every running node since its server was started, where the kernel tells."""
        used = {name: node.cpu_s() for name, node in self._nodes.items()}
        return {name: seconds for name, seconds in used.items() if seconds is not None}

    def broken(self) -> Sequence[str]:
        """Servers that ended though nobody had ended them."""
        return [why for node in self._nodes.values() if (why := node.broken()) is not None]

    def _dead(self, node: str) -> PostgresNode:
        if self._nodes[node].running():
            raise StackError(f"the data of {node} cannot be touched", why="it runs", fix="kill or stop it first")
        return self._nodes[node]

    def _clone(self, node: Node, upstream: str) -> None:
        server = self._nodes[node.name]
        server.home.mkdir(parents=True)
        # cp keeps owner and mode, and shares blocks where the filesystem can; hard links would share the clusters.
        subprocess.run(["cp", "-a", "--reflink=auto", self._template, server.data], check=True, capture_output=True)
        conf = postgresql_conf(self._plan, node, port=server.target.port, upstream=upstream)
        for name, text in {"node.conf": conf, "hba.conf": HBA}.items():
            (server.home / name).write_text(text)
            self._own(server.home / name)
        if node.name != self._topology.primary:
            server.standby_signal.touch()
            self._own(server.standby_signal)

    def _own(self, path: Path) -> None:
        path.chmod(0o600)  # conninfos hold the run's password
        self._rebuilder.own(path)

    def _settle(self, server: PostgresNode) -> None:
        server.ready()
        self._slots(server.name)

    def _slots(self, name: str) -> None:
        """A slot per peer on every node: whoever is promoted can serve all others without losing their place."""
        peers = [node.slot for node in self._topology.nodes if node.name != name]
        present = "SELECT FROM pg_replication_slots WHERE slot_name = '{0}'"
        make = f"SELECT pg_create_physical_replication_slot('{{0}}') WHERE NOT EXISTS ({present})"
        self._run(self.direct(name), [make.format(peer) for peer in peers])

    def _run(self, target: Target, statements: list[str]) -> None:
        # No standby exists yet that a quorum commit could wait for.
        replies = ask(target, ["SET synchronous_commit = local", *statements], clock=self._clock, timeout_s=10)
        for reply in replies:
            if reply.sqlstate:
                raise StackError("a server refused its set-up", why=reply.message)

    def _not_streaming(self, expected: int) -> str | None:
        query = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        try:
            reply = ask(self.direct(self._topology.primary), [query], clock=self._clock, timeout_s=2)[0]
        except Unanswered as error:
            return str(error)
        count = int(reply.rows[0][0] or 0) if reply.rows else 0
        return None if count >= expected else f"{count} of {expected} replicas stream"


def _unread(node: str) -> str:
    """The key under which the WAN holds what a frozen node does not read; no step can be called so."""
    return f"not read by {node}"


def _each(items: Sequence[Item], work: Callable[[Item], None]) -> None:
    """Do the work for all at once; raises what the first of them raised."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(work, items))


def upstreams(plan: Plan, dials: Mapping[Dial, Target]) -> dict[str, str]:
    """How each replica finds the primary: through its own dial, under its own name."""
    primary = plan.scenario.stack.topology.primary
    return {
        dial.source.name: target.conninfo(application_name=dial.source.name)
        for dial, target in dials.items()
        if dial.target.name == primary and dial.source.role is Role.NODE
    }
