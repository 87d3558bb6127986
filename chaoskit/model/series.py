"""What many runs of one scenario saw of one objective, night by night."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaoskit.model.scenario import titled


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one trial saw, in the objective's unit.

    ``censored``: it was not over when the run ended, and had lasted that long. That is a failure, and no number: it
    is worse than whatever was seen to end.
    """

    value: float
    censored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The trials that were made together. ``unknown``: of so many more, nothing can be told."""

    name: str
    figures: tuple[Figure, ...]
    unknown: int = 0


class Worse(StrEnum):
    """Which way an objective gets worse, as its bounds say."""

    HIGHER = "higher"
    LOWER = "lower"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What makes figures comparable: the same objective of the same scenario on the same runtime.

    ``variant``: which one of its file's; empty: the only one.
    """

    scenario: str
    variant: str
    runtime: str
    objective: str

    @property
    def title(self) -> str:
        """The scenario with its variant."""
        return titled(self.scenario, self.variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One objective's nights, the oldest first."""

    key: Key
    measure: str
    unit: str
    worse: Worse
    nights: tuple[Night, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Where a number of trials lie. ``median`` None: half of them or more did not recover, so it is no number."""

    median: float | None
    trials: int
    censored: int


def level(figures: Sequence[Figure]) -> Level:
    """Return the level of at least one figure."""
    ordered = sorted(figures, key=lambda figure: (figure.censored, figure.value))
    lower, upper = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    middle = None if upper.censored else (lower.value + upper.value) / 2
    return Level(median=middle, trials=len(ordered), censored=sum(figure.censored for figure in ordered))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one night on, a series lies elsewhere.

    Attributes:
        since: The first night after it.
        told: The night that gave it away; nothing later was looked at.
        before: The level of the nights before it, back to the change before that.
        after: The level from ``since`` to ``told``.
        p: How likely so great a difference is where nothing changed, at the split that shows it best.
    """

    since: str
    told: str
    before: Level
    after: Level
    p: float

    @property
    def upwards(self) -> bool:
        """Whether it got higher; more that did not recover is higher."""
        return _height(self.after) > _height(self.before)


def _height(of: Level) -> tuple[float, float]:
    share = of.censored / of.trials
    return (1.0, share) if of.median is None else (0.0, of.median)
