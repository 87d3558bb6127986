"""``failover: none``: nobody promotes anything."""

from collections.abc import Sequence

from chaoskit.errors import StackError


class NoFailoverManager:
    """Watches nothing (implements ``protocols.FailoverManager``)."""

    def __init__(self, primary: str) -> None:
        self._primary = primary

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""

    def primary(self) -> str:
        """The node that was primary from the start."""
        return self._primary

    def deposed(self) -> Sequence[str]:
        """Nobody ever is."""
        return ()

    def holds(self, node: str) -> bool:  # noqa: ARG002 - the answer is the same for all
        """Nothing is rebuilt, so nothing stays down."""
        return False

    def switchover(self, target: str) -> None:
        """Nobody is there to do it.

        Raises:
            StackError: Always.
        """
        raise StackError(
            f"no switchover to {target}; {self._primary} is primary",
            why="`failover: none` promotes nobody",
            fix="give the stack a `failover: runbook`",
        )

    def complete(self, deadline_ns: int) -> None:
        """Nothing was begun."""
