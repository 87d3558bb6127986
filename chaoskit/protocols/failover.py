"""Who promotes whom, who leads clients to it, and who looks at nodes on their behalf."""

from collections.abc import Sequence
from typing import Protocol


class Router(Protocol):
    """Re-points endpoints. Whether the one who asks can reach the region is the asker's affair."""

    def point(self, region: str, kind: str, node: str) -> None:
        """Send the region's "write" or "read" endpoint to ``node``; closes its connections."""

    def node(self, region: str, kind: str) -> str:
        """The node that the endpoint leads to now."""


class FailoverManager(Protocol):
    """Who promotes whom, and what becomes of a deposed primary."""

    def start(self) -> None:
        """Begin watching; returns at once."""

    def stop(self) -> None:
        """Stop watching and join; idempotent."""

    def primary(self) -> str:
        """The node it holds for the primary now."""

    def deposed(self) -> Sequence[str]:
        """Nodes that were primary, are not any more, and have not been made replicas."""

    def holds(self, node: str) -> bool:
        """Whether a dead node must stay down, because it is to be rebuilt; asked by whoever would restart it."""

    def switchover(self, target: str) -> None:
        """Make the replica ``target`` primary without losing anything, and the primary a replica of it.

        Raises:
            StackError: It cannot be done; says where it stopped.
        """

    def complete(self, deadline_ns: int) -> None:
        """Everything is healed: finish re-routing, fencing and failback; returns when done or at the deadline."""


class Witness(Protocol):
    """Who looks at nodes for the failover manager, and keeps what was seen."""

    def evidence(self, node: str) -> None:
        """Start a dead node alone, keep all that it holds, and stop it again: a rebuild erases the evidence.

        Raises:
            StackError: It cannot be read.
        """

    def differs(self, node: str, primary: str) -> str | None:
        """Why the content of a rebuilt replica is not that of the primary; None: it is. Takes a moment."""
