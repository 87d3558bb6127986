"""The nodes of a run, and the machines that some runtimes give them."""

from collections.abc import Sequence
from typing import Protocol

from chaoskit.model.fault import ALL_PROCESSES
from chaoskit.model.scenario import Failback
from chaoskit.protocols.connection import Target


class Database(Protocol):
    """The nodes of a run, seen past the WAN. For starting, faults, failback and the audit; never for load.

    Every call has a deadline. StackError: it could not be done, or not in time.
    """

    def freeze(self, node: str, process: str = ALL_PROCESSES) -> None:
        """SIGSTOP (or pause) every process of the node, or those of one kind (``walreceiver``).

        Raises:
            StackError: It runs no such process.
        """

    def stopped(self, node: str, process: str) -> Sequence[bool]:
        """Of every process of one kind that the node runs, whether it is stopped by a signal, as the kernel says."""

    def resume(self, node: str) -> None:
        """Let what ``freeze`` stopped run on; idempotent."""

    def kill(self, node: str) -> None:
        """End every process of the node at once, frozen or not; idempotent."""

    def stop(self, node: str) -> None:
        """Shut a node down cleanly: its WAL is sent, its clients are disconnected. Idempotent."""

    def excuse(self, node: str, now: bool) -> None:
        """Whether from now on the end of its processes is a fault's doing, and no break of the stack; idempotent."""

    def running(self, node: str) -> bool:
        """Whether its processes exist, frozen or not."""

    def restart(self, node: str, *, isolated: bool) -> None:
        """Start a dead node from its disk; ``isolated``: alone and read-only, to be read and stopped again."""

    def destroy(self, node: str) -> None:
        """Remove the data of a dead node."""

    def rebuild(self, node: str, source: str, how: Failback, upstream: Target) -> int | None:
        """Make a dead node a replica of ``source`` and start it.

        Args:
            node: The dead node.
            source: The primary.
            how: ``rewind`` undoes what it has beyond ``source``; ``reclone`` copies everything; ``none`` changes
                nothing on its disk, for a node that was stopped cleanly and has nothing beyond ``source``.
            upstream: Where it finds ``source`` through the WAN; everything it copies comes that way, too.

        Returns:
            The bytes that it had beyond ``source`` (rewind), where they are known.
        """

    def direct(self, node: str) -> Target:
        """The node's own port, past the WAN."""


class Machines(Protocol):
    """What only nodes with a machine of their own can suffer; every call has a deadline, every undo is idempotent.

    StackError: it could not be done, or not in time.
    """

    def unplug(self, node: str) -> None:
        """Take its network interface away."""

    def plug(self, node: str) -> None:
        """Give it one again; the WAN finds it there."""

    def fill(self, node: str, leave_bytes: int) -> None:
        """Fill its data volume but for ``leave_bytes``."""

    def empty(self, node: str) -> None:
        """Remove what filled it."""

    def free_bytes(self, node: str) -> int:
        """The room on its data volume, as its server sees it, or would if it ran."""

    def throttle(self, node: str, leave: float | None) -> None:
        """Give it ``leave`` of one core; None: as much as there is."""

    def share(self, node: str) -> float | None:
        """The share of one core that it gets, read back; None: as much as there is."""

    def throttled(self, node: str) -> int:
        """How often the kernel held it back for that, since it was started."""

    def skew(self, node: str, by_ns: int) -> None:
        """Make its server's wall clock wrong by that much; 0 undoes it. Time spans stay right."""
