"""What a person watching wants to know, four times a second."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a run.

    Attributes:
        phase: What it is doing.
        t_s: Seconds since t0; None before it.
        end_s: When the timeline ends, seconds since t0.
        upcoming: What comes next, and in how many seconds.
        availability: Answered share of the probes of the last moments, by region and operation; None: there were none.
        operations: Operations of users so far, by region.
    """

    phase: str
    t_s: float | None = None
    end_s: float | None = None
    upcoming: tuple[str, float] | None = None
    availability: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    operations: Mapping[str, int] = field(default_factory=dict)


Watch = Callable[[Progress], None]
EVERY_S = 0.25
WINDOW_NS = 2_000_000_000


def shares(counts: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, float | None]]:
    """Streams ``region/operation/connection`` -> (ok, finished) as one share per region and operation."""
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for stream, (ok, finished) in counts.items():
        region, operation, _ = stream.split("/")
        had = totals.get((region, operation), (0, 0))
        totals[region, operation] = (had[0] + ok, had[1] + finished)
    found: dict[str, dict[str, float | None]] = {}
    for (region, operation), (ok, finished) in totals.items():
        found.setdefault(region, {})[operation] = ok / finished if finished else None
    return found
