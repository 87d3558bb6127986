"""Counts the finished probes of one stream, as they are heard of."""

from bisect import bisect_left

from chaoskit.load.orders import FAILED
from chaoskit.protocols import TALLY_BOUNDS_S, Tally

BOUNDS_NS = tuple(round(bound_s * 1e9) for bound_s in TALLY_BOUNDS_S)


class Meter:
    """A tally that grows."""

    def __init__(self) -> None:
        self._failed = self._took_ns = 0
        self._answered = [0] * (len(BOUNDS_NS) + 1)

    def count(self, took_ns: int) -> None:
        """A probe has finished: it took that long, or FAILED."""
        if took_ns == FAILED:
            self._failed += 1
            return
        self._answered[bisect_left(BOUNDS_NS, took_ns)] += 1
        self._took_ns += took_ns

    def tally(self) -> Tally:
        """All of them so far."""
        return Tally(failed=self._failed, answered=tuple(self._answered), took_ns=self._took_ns)
