"""All servers of a local run: cloned from one template, streaming through the WAN."""

import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.plan import Dial, Plan
from chaoskit.model.topology import Node
from chaoskit.processes import User
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.local.node import ISOLATED, PostgresNode
from chaoskit.runtimes.postgres.config import HBA, postgresql_conf
from chaoskit.sql import Unanswered, ask

STREAMING_TIMEOUT_S = 30.0


class Cluster:
    """The servers of a plan (implements ``protocols.Database``).

    Args:
        nodes: A server for every node of the topology, by name.
        template: A data directory made by initdb, to be copied.
        user: Who owns the copies; None: we do.
    """

    def __init__(
        self, plan: Plan, nodes: Mapping[str, PostgresNode], *, template: Path, user: User | None, clock: Clock
    ) -> None:
        self._plan, self._nodes, self._template, self._user, self._clock = plan, nodes, template, user, clock
        self._topology = plan.scenario.stack.topology

    def clone(self, upstreams: Mapping[str, str]) -> None:
        """Copy the template for every node and write its configuration; ``upstreams`` are conninfos by node name."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: self._clone(node, upstreams.get(node.name, "")), self._topology.nodes))

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
        for node in standbys:
            node.ready()
            self._slots(node.name)
        wait_for(
            lambda: self._not_streaming(len(standbys)),
            clock=self._clock,
            timeout_s=STREAMING_TIMEOUT_S,
            what="not every replica streams",
            fix="see the server logs in the run directory",
        )

    def freeze(self, node: str) -> None:
        """SIGSTOP every process of the node."""
        self._nodes[node].freeze()

    def kill(self, node: str) -> None:
        """SIGKILL every process of the node, frozen or not; idempotent."""
        self._nodes[node].kill()

    def restart(self, node: str, *, isolated: bool) -> None:
        """Start a dead node from its disk; ``isolated``: alone and read-only, for the audit to read."""
        if isolated:
            (self._nodes[node].data / "standby.signal").unlink(missing_ok=True)
        self._nodes[node].start(ISOLATED if isolated else None)
        self._nodes[node].ready()

    def direct(self, node: str) -> Target:
        """The node's own port, past the WAN."""
        return self._nodes[node].target

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
            (server.data / "standby.signal").touch()
            self._own(server.data / "standby.signal")

    def _own(self, path: Path) -> None:
        path.chmod(0o600)  # conninfos hold the run's password
        if self._user is not None:
            shutil.chown(path, self._user.uid, self._user.gid)

    def _slots(self, name: str) -> None:
        """A slot per peer on every node: whoever is promoted can serve all others without losing their place."""
        peers = [node for node in self._topology.nodes if node.name != name]
        self._run(self.direct(name), [f"SELECT pg_create_physical_replication_slot('{peer.slot}')" for peer in peers])

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


def upstreams(plan: Plan, dials: Mapping[Dial, Target]) -> dict[str, str]:
    """How each replica finds the primary: through its own dial, under its own name."""
    topology = plan.scenario.stack.topology
    return {
        dial.source.name: target.conninfo(application_name=dial.source.name)
        for dial, target in dials.items()
        if dial.target.name == topology.primary and dial.source.name in {node.name for node in topology.nodes}
    }
