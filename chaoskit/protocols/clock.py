"""The one clock of a run."""

from typing import Protocol


class Clock(Protocol):
    """The one clock of a run."""

    epoch_monotonic_ns: int

    def now_ns(self) -> int:
        """CLOCK_MONOTONIC since the run's epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait that long."""

    def epoch_wall_ns(self) -> int:
        """Wall time of the run's epoch, by the clocks' offset now: for metadata and server timestamps."""
