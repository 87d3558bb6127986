"""All servers of a run, whatever they run on."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from chaoskit.errors import StackError
from chaoskit.model.fault import ALL_PROCESSES, Mode
from chaoskit.model.scenario import Failback
from chaoskit.protocols import Clock, Target, Wan
from chaoskit.runtimes.postgres.rebuild import follow, reclone, rewind
from chaoskit.runtimes.postgres.replication import make_slots
from chaoskit.runtimes.postgres.server import Server

RECEIVER = "walreceiver"


class Cluster:
    """The servers of a plan (implements ``protocols.Database``).

    Args:
        servers: A server for every node of the topology, by name.
        slots: The slots that each of them keeps, by name.
        major: PostgreSQL's version.
        wan: Holds what a frozen replica does not read.
    """

    def __init__(
        self,
        servers: Mapping[str, Server],
        slots: Mapping[str, Sequence[str]],
        *,
        major: int,
        wan: Wan,
        clock: Clock,
    ) -> None:
        self._servers, self._slots, self._major = servers, slots, major
        self._wan, self._clock = wan, clock

    def freeze(self, node: str, process: str = ALL_PROCESSES) -> None:
        """Stop every process of the node, or those of one kind (``walreceiver``).

        The WAL on its way to it is held by the WAN from then on: what nobody reads would fill the WAN's buffers, and
        the links could not be changed any more. Nobody can tell the difference, but ``passage`` says None for them.
        """
        self._servers[node].freeze(process)
        if process in (ALL_PROCESSES, RECEIVER):
            to_node = [s for s in self._wan.streams() if s.dial.source.name == node and not s.upstream]
            self._wan.cut(_unread(node), to_node, Mode.STALL)

    def stopped(self, node: str, process: str) -> Sequence[bool]:
        """Of every process of one kind that the node runs, whether it is stopped by a signal, as the kernel says."""
        return self._servers[node].stopped(process)

    def resume(self, node: str) -> None:
        """Let what ``freeze`` stopped run on; idempotent."""
        self._servers[node].resume()
        self._wan.heal(_unread(node))

    def kill(self, node: str) -> None:
        """End every process of the node at once, frozen or not; idempotent."""
        self._servers[node].kill()
        self._wan.heal(_unread(node))

    def stop(self, node: str) -> None:
        """Shut a node down cleanly: its WAL is sent, its clients are disconnected. Idempotent."""
        self._servers[node].stop()

    def running(self, node: str) -> bool:
        """Whether its processes exist, frozen or not."""
        return self._servers[node].running()

    def restart(self, node: str, *, isolated: bool) -> None:
        """Start a dead node from its disk; ``isolated``: alone and read-only, to be read and stopped again."""
        self._servers[node].start(alone=isolated)
        self._servers[node].ready()

    def destroy(self, node: str) -> None:
        """Remove the data of a dead node."""
        self._dead(node).erase()

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
                beyond_bytes = rewind(server, upstream, major=self._major, clock=self._clock)
            case Failback.RECLONE:
                reclone(server, upstream)
            case Failback.NONE:
                pass
            case _:
                assert_never(how)
        follow(server, upstream)
        server.start()
        server.ready()
        make_slots(server.target, self._slots[node], clock=self._clock)
        return beyond_bytes

    def direct(self, node: str) -> Target:
        """The node's own port, past the WAN."""
        return self._servers[node].target

    def excuse(self, node: str, now: bool) -> None:
        """Whether from now on the end of its processes is a fault's doing, and not told by ``broken``; idempotent."""
        self._servers[node].excuse(now)

    def broken(self) -> Sequence[str]:
        """What happened to servers that nobody had asked for, and those of which nobody can tell."""
        return [why for server in self._servers.values() if (why := _broken(server)) is not None]

    def _dead(self, node: str) -> Server:
        if self._servers[node].running():
            raise StackError(f"the data of {node} cannot be touched", why="it runs", fix="kill or stop it first")
        return self._servers[node]


def _unread(node: str) -> str:
    """The key under which the WAN holds what a frozen node does not read; no step can be called so."""
    return f"not read by {node}"


def _broken(server: Server) -> str | None:
    """What happened to it; that it cannot be looked at must not end a run that is over."""
    try:
        return server.broken()
    except StackError as error:
        return f"PostgreSQL {server.name} may have ended: {' '.join(str(error).split())}"
