"""Change points, as they could have been told: each night sees itself and the past, never what came later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chaoskit.analysis.trends.order import night_order
from chaoskit.analysis.trends.ranks import tail
from chaoskit.model.series import Change, Key, Level, Night, Series, level

FEWEST_BEFORE, FEWEST_AFTER, MOST_AFTER, MOST_BEFORE = 5, 3, 14, 90
"""Nights. One bad night, or two, are no change; what is older than a quarter says little of tonight."""

FALSE_ALARMS, PERIOD = 0.03, 90
"""Where nothing changed, at most this share of periods of so many nights sees any alarm, over all series together."""

LOOKS = 250
"""What a series is looked at in such a period comes to so many independent looks.

Every night tries up to a dozen splits, and tonight's are nearly last night's. How many independent ones that makes is
known by simulation: the test is exact whatever the noise, so one figure holds for all. tests/bench/bench_trend.py
measures it.
"""

SMALLEST = 0.05
"""A difference of the medians below this share is not worth being told, however certain it is."""


def least_p(nights: Sequence[Night]) -> float:
    """How likely the least likely of all splits is where nothing changed; each night must have a figure."""
    order = night_order(nights)
    higher = order[:, None] > order[None, :]
    return min((_p(higher, after) for after in _splits(nights)), default=1.0)


def _splits(nights: Sequence[Night]) -> range:
    """So many of the last nights may lie elsewhere."""
    return range(FEWEST_AFTER, min(MOST_AFTER, len(nights) - FEWEST_BEFORE) + 1)


def _p(higher: NDArray[np.bool_], after: int) -> float:
    before = len(higher) - after
    above, below = int(higher[before:, :before].sum()), int(higher[:before, before:].sum())
    return min(1.0, 2 * tail(max(above, below), after, before))


def _nights_after(nights: Sequence[Night]) -> int:
    """At which split the medians of the nights deviate least from their own side's: so many lie after it.

    The p cannot say that: it is as small for a night too many as for the right number, where there are few.
    """
    known = [figure.value for night in nights for figure in night.figures if not figure.censored]
    lost = 2 * max(map(abs, known), default=1.0)  # beyond every number
    medians = np.array([np.median([lost if f.censored else f.value for f in night.figures]) for night in nights])
    return min(_splits(nights), key=lambda after: _deviation(medians[:-after]) + _deviation(medians[-after:]))


def _deviation(medians: NDArray[np.float64]) -> float:
    return float(np.abs(medians - np.median(medians)).sum())


def changes(series: Sequence[Series], *, smallest: float = SMALLEST) -> Mapping[Key, tuple[Change, ...]]:
    """Return the changes of every series, the oldest first.

    Of all series that a night looks at, those are told that pass the step-up rule of Benjamini and Hochberg at
    ``FALSE_ALARMS`` in ``PERIOD`` nights. After a change a series begins anew.
    """
    watches = [_Watch(of=one) for one in series]
    for name in sorted({night.name for one in series for night in one.nights}):
        suspects = [(p, watch) for watch in watches if (p := watch.look(name)) is not None]
        suspects.sort(key=lambda suspect: suspect[0])
        step = FALSE_ALARMS / (LOOKS * max(1, len(suspects)))
        told = max((rank for rank, (p, _) in enumerate(suspects, 1) if p <= rank * step), default=0)
        for p, watch in suspects[:told]:
            watch.tell(p, smallest)
    return {watch.of.key: tuple(watch.found) for watch in watches}


@dataclass(slots=True, kw_only=True)
class _Watch:
    """One series while its nights go by."""

    of: Series
    seen: list[Night] = field(default_factory=list)
    found: list[Change] = field(default_factory=list)
    next: int = 0

    def look(self, name: str) -> float | None:
        """Take the night of that name; its p, or None: it has none, or no figure in it, or nothing ever varied."""
        if self.next == len(self.of.nights) or self.of.nights[self.next].name != name:
            return None
        night = self.of.nights[self.next]
        self.next += 1
        if not night.figures:
            return None
        self.seen = [*self.seen, night][-(MOST_BEFORE + MOST_AFTER) :]
        if len({(f.censored, f.censored or f.value) for seen in self.seen for f in seen.figures}) == 1:
            return None
        return least_p(self.seen)

    def tell(self, p: float, smallest: float) -> None:
        """Note the change and begin anew after it, if it is large enough."""
        moved = _nights_after(self.seen)
        before, after = self.seen[:-moved], self.seen[-moved:]
        change = Change(since=after[0].name, told=after[-1].name, before=_level(before), after=_level(after), p=p)
        if _large(change, smallest):
            self.found.append(change)
            self.seen = after


def _level(nights: Sequence[Night]) -> Level:
    return level([figure for night in nights for figure in night.figures])


def _large(change: Change, smallest: float) -> bool:
    before, after = change.before.median, change.after.median
    if before is None or after is None:
        return True
    return abs(after - before) > smallest * abs(before)
