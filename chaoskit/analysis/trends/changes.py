"""Change points, as they could have been told: each night sees itself and the past, never what came later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaoskit.analysis.trends.order import night_order
from chaoskit.analysis.trends.ranks import tail
from chaoskit.model.series import Change, Key, Level, Night, Series, level

FEWEST_BEFORE, FEWEST_AFTER, MOST_AFTER, MOST_BEFORE = 5, 3, 14, 90
"""Nights. One bad night, or two, are no change; what is older than a quarter says little of tonight."""

FALSE_ALARMS, PERIOD = 0.05, 90
"""Where nothing changed, at most this share of periods of so many nights sees any alarm, over all series together."""

LOOKS = 250
"""What a series is looked at in such a period comes to so many independent looks.

Every night tries up to a dozen splits, and tonight's are nearly last night's. How many independent ones that makes is
known by simulation: the test is exact whatever the noise, so one figure holds for all. tests/bench/bench_trend.py
measures it.
"""

SMALLEST = 0.05
"""A difference of the medians below this share is not worth being told, however certain it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where a stretch of nights falls apart best. ``after``: so many of the last; 0: nowhere."""

    after: int = 0
    p: float = 1.0


def best_split(nights: Sequence[Night]) -> Split:
    """Return the split whose two sides are least likely to be alike; each night must have a figure."""
    most = min(MOST_AFTER, len(nights) - FEWEST_BEFORE)
    if most < FEWEST_AFTER:
        return Split()
    order = night_order(nights)
    higher = order[:, None] > order[None, :]
    best = Split()
    for after in range(FEWEST_AFTER, most + 1):
        before = len(nights) - after
        above, below = int(higher[before:, :before].sum()), int(higher[:before, before:].sum())
        p = min(1.0, 2 * tail(max(above, below), after, before))
        if p < best.p:
            best = Split(after=after, p=p)
    return best


def changes(series: Sequence[Series], *, smallest: float = SMALLEST) -> Mapping[Key, tuple[Change, ...]]:
    """Return the changes of every series, the oldest first.

    Of all series that a night looks at, those are told that pass the step-up rule of Benjamini and Hochberg at
    ``FALSE_ALARMS`` in ``PERIOD`` nights. After a change a series begins anew.
    """
    watches = [_Watch(of=one) for one in series]
    for name in sorted({night.name for one in series for night in one.nights}):
        suspects = [(split, watch) for watch in watches if (split := watch.look(name)) is not None]
        suspects.sort(key=lambda suspect: suspect[0].p)
        level_p = FALSE_ALARMS / (LOOKS * len(suspects)) if suspects else 0.0
        told = max((i for i, (split, _) in enumerate(suspects, 1) if split.p <= i * level_p), default=0)
        for split, watch in suspects[:told]:
            watch.tell(split, smallest)
    return {watch.of.key: tuple(watch.found) for watch in watches}


@dataclass(slots=True, kw_only=True)
class _Watch:
    """One series while its nights go by."""

    of: Series
    seen: list[Night] = field(default_factory=list)
    found: list[Change] = field(default_factory=list)
    next: int = 0

    def look(self, name: str) -> Split | None:
        """Take the night of that name; None: it has none, or no figure in it, or nothing ever varied."""
        if self.next == len(self.of.nights) or self.of.nights[self.next].name != name:
            return None
        night = self.of.nights[self.next]
        self.next += 1
        if not night.figures:
            return None
        self.seen = [*self.seen, night][-(MOST_BEFORE + MOST_AFTER) :]
        if len({(f.censored, f.censored or f.value) for seen in self.seen for f in seen.figures}) == 1:
            return None
        return best_split(self.seen)

    def tell(self, split: Split, smallest: float) -> None:
        """Note the change and begin anew after it, if it is large enough."""
        before, after = self.seen[: -split.after], self.seen[-split.after :]
        change = Change(since=after[0].name, told=after[-1].name, before=_level(before), after=_level(after), p=split.p)
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
