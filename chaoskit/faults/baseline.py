"""What every dial answered while the stack was healthy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaoskit.model.plan import Dial
from chaoskit.protocols import Clock, Wan

ROUNDS = 3  # noise only ever adds, so the quickest of some answers is the truest
SLACK_S = 0.3  # a loaded server forks a backend before it answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Round trips of a healthy stack.

    Attributes:
        trips_s: The quickest of some round trips per dial; None: it did not answer, and its silence proves nothing.
        taken_ns: When the last of them was in, since the run's epoch.
    """

    trips_s: Mapping[Dial, float | None]
    taken_ns: int

    @classmethod
    def measured(cls, wan: Wan, clock: Clock) -> "Baseline":
        """Ping every dial; takes some round trips of the slowest."""
        dials = tuple(dict.fromkeys(stream.dial for stream in wan.streams()))
        patience_s = max(planned_s(wan).values(), default=0.0) + SLACK_S
        return cls(trips_s=quickest(wan, dials, patience_s, ROUNDS), taken_ns=clock.now_ns())

    def trip_s(self, dial: Dial) -> float | None:
        """The healthy round trip of ``dial``; None: it is no witness."""
        return self.trips_s.get(dial)

    def slowest_s(self, dials: Iterable[Dial]) -> float:
        """The longest healthy round trip of some dials; 0 if none of them answered."""
        return max((trip for dial in dials if (trip := self.trip_s(dial)) is not None), default=0.0)


def planned_s(wan: Wan) -> dict[Dial, float]:
    """The round trip that the plan gives to each dial."""
    trips: dict[Dial, float] = {}
    for stream in wan.streams():
        trips[stream.dial] = trips.get(stream.dial, 0.0) + wan.base_delay_ns(stream) / 1e9
    return trips


def quickest(wan: Wan, dials: Sequence[Dial], patience_s: float, rounds: int) -> dict[Dial, float | None]:
    """The best round trip of some rounds of pings; None: no answer in any of them."""
    best: dict[Dial, float | None] = dict.fromkeys(dials)
    for _ in range(rounds):
        for dial, trip in wan.ping(dials, patience_s).items():
            best[dial] = min((seen for seen in (best[dial], trip) if seen is not None), default=None)
    return best
