"""Users and probers, in processes of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Protocol

from chaoskit.protocols.connection import Endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The finished probes of one stream so far; it only ever grows.

    Attributes:
        failed: Those that were not answered as they should have been by their deadline.
        answered: The others, by how long they took since they were scheduled: as many as took at most the bound of the
            same place in ``TALLY_BOUNDS_S`` and more than the one before; at the end those beyond all bounds.
        took_ns: What the answered ones took together.
    """

    failed: int
    answered: tuple[int, ...]
    took_ns: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            failed=self.failed + other.failed,
            answered=tuple(map(add, self.answered, other.answered)),
            took_ns=self.took_ns + other.took_ns,
        )


TALLY_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class LoadDriver(Protocol):
    """Users and probers of every region, in processes of their own."""

    def start(self) -> None:
        """Start the processes; returns at once."""

    def connect(self, endpoints: Mapping[str, Endpoints]) -> None:
        """Tell every process where its region's endpoints are; returns at once."""

    def ready(self, deadline_ns: int) -> None:
        """Wait until every process has imported, connected and opened its pools; StackError past the deadline."""

    def begin(self, at_ns: int) -> None:
        """Let every process issue from the common instant ``at_ns`` on."""

    def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
        """(ok, finished) per probe stream ``region/operation/connection`` of probes scheduled in the window."""

    def latency_ms(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[float, float]]:
        """(p50, p99) by region of answered probes scheduled in the window; for whoever watches."""

    def tallies(self) -> Mapping[str, Tally]:
        """All finished probes so far, per probe stream; for whoever watches."""

    def operations(self) -> Mapping[str, int]:
        """Operations of users so far, by region."""

    def lose(self, region: str, deadline_ns: int) -> None:
        """Drain the region's rows and pending operations into its streams, end them, and freeze its processes."""

    def restore(self, region: str) -> None:
        """Bring a lost region's clients back as new sessions, which issue as soon as they can; returns at once.

        Their streams are further files; the frozen processes are ended.
        """

    def stop(self, deadline_ns: int) -> None:
        """Stop issuing, await operations in flight, end the streams, end the processes; idempotent, never hangs."""

    def broken(self) -> Sequence[str]:
        """What went wrong with its processes: ended unplanned, or did not do as told in time."""

    def streams(self) -> Sequence[Path]:
        """Every Arrow stream file written so far."""
