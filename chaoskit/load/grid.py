"""The fixed grid of instants on which probes are due, and how the lanes of a run share it."""

from collections.abc import Sequence

from chaoskit.load.orders import Lane
from chaoskit.model.history import Connection
from chaoskit.model.plan import ProbePlan

CONNECTIONS = (Connection.ESTABLISHED.value, Connection.FRESH.value)


class Grid:
    """Instants ``begin + phase + k x interval``, each handed out once, however late."""

    def __init__(self, interval_ns: int, phase_ns: int) -> None:
        self._interval_ns, self._phase_ns = interval_ns, phase_ns
        self.next_ns: int | None = None

    def begin(self, at_ns: int, now_ns: int = 0) -> None:
        """Set the common instant; if it has passed, the instants before ``now_ns`` are nobody's any more."""
        first_ns = at_ns + self._phase_ns
        missed = max(0, -((first_ns - now_ns) // self._interval_ns))  # rounded up
        self.next_ns = first_ns + missed * self._interval_ns

    def end(self) -> None:
        """No instant comes any more."""
        self.next_ns = None

    def due(self, now_ns: int) -> list[int]:
        """The instants up to ``now_ns`` that were not handed out yet."""
        instants: list[int] = []
        while self.next_ns is not None and self.next_ns <= now_ns:
            instants.append(self.next_ns)
            self.next_ns += self._interval_ns
        return instants


def lanes(probes: ProbePlan, region: str, regions: Sequence[str]) -> tuple[Lane, ...]:
    """The four lanes of ``region``, shifted so that no two lanes of the run fire at the same instant.

    The smaller interval is cut into four parts, one per lane, and each part into one per region.
    """
    intervals = {
        Connection.ESTABLISHED.value: probes.interval_ns,
        Connection.FRESH.value: round(1e9 / probes.fresh_rate_hz),
    }
    part_ns = min(intervals.values()) // 4
    own_ns = part_ns * list(regions).index(region) // len(regions)
    pairs = [(operation, connection) for connection in CONNECTIONS for operation in ("write", "read")]
    return tuple(
        Lane(
            operation=operation,
            connection=connection,
            interval_ns=intervals[connection],
            phase_ns=position * part_ns + own_ns,
        )
        for position, (operation, connection) in enumerate(pairs)
    )
