"""``failover: none``: nobody promotes anything."""


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
