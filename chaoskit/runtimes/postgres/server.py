"""One PostgreSQL server as every runtime offers it: a process here, a container there."""

from collections.abc import Sequence
from typing import Protocol

from chaoskit.model.fault import ALL_PROCESSES
from chaoskit.protocols import Target


class Server(Protocol):
    """A server, its data and the programs for its data while it is dead. StackError: not done, or not in time."""

    name: str  # its cluster_name

    @property
    def target(self) -> Target:
        """Its own port, past the WAN."""

    @property
    def data(self) -> str:
        """Its data directory, as ``tool`` sees it."""

    @property
    def config_file(self) -> str:
        """Its configuration, as ``tool`` sees it; outside the data, where a rewind cannot reach it."""

    def start(self, *, alone: bool = False) -> None:
        """Start it from its disk; ``alone``: it neither follows nor serves a peer, and refuses to write."""

    def ready(self) -> None:
        """Wait until it answers queries."""

    def running(self) -> bool:
        """Whether its processes exist, frozen or not."""

    def broken(self) -> str | None:
        """What happened to it or its processes that nobody had asked for, started again since or not."""

    def excuse(self, now: bool) -> None:
        """Whether from now on the end of its processes is a fault's doing, and not told by ``broken``; idempotent."""

    def freeze(self, process: str = ALL_PROCESSES) -> None:
        """Stop every process, or those of one kind; what was frozen before stays so."""

    def stopped(self, process: str) -> Sequence[bool]:
        """Of every process of one kind that it runs, whether it is stopped by a signal, as the kernel says."""

    def resume(self) -> None:
        """Let what was frozen run on; idempotent."""

    def kill(self) -> None:
        """End every process at once, frozen or not; idempotent."""

    def stop(self) -> None:
        """Shut down cleanly; idempotent."""

    def erase(self) -> None:
        """Remove the data of a dead server; its directory is empty afterwards."""

    def put(self, name: str, text: str) -> None:
        """Write a file of its data directory that nobody else may read."""

    def tool(self, name: str, *words: str, password: str = "") -> str:
        """Run one of PostgreSQL's programs as the server's user, where its data and its network are.

        Returns:
            What it wrote to stdout and stderr, as it came.
        """
