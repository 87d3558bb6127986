"""Two groups of trials of one objective, side by side."""

from dataclasses import dataclass
from enum import StrEnum

from chaoskit.model.series import Level


class Apart(StrEnum):
    """What may be said of B beside A."""

    HIGHER = "higher"
    LOWER = "lower"
    ALIKE = "no difference seen"
    UNKNOWN = "too few trials to tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """B beside A.

    Attributes:
        shift: Median of B minus median of A; None: one of them has none, because trials did not recover.
        interval: The interval of ``shift``; None: too few trials, or some that did not recover.
        above: The share of pairs of trials in which B is higher, ties half: 0.5 is alike.
        p: How likely so one-sided a share is by chance alone; ties do not count.
    """

    a: Level
    b: Level
    shift: float | None
    interval: tuple[float, float] | None
    above: float
    p: float
    apart: Apart
