"""Two groups of trials of one objective: by how much they differ, with an interval where trials allow one.

The difference is that of the medians. Its interval is the percentile bootstrap over trials: BCa corrects by the
jackknife, which is not consistent for a median, and a mean would let one outlier in five trials decide. Where a trial
did not recover there is no difference in numbers: then only ranks speak, in which it is worse than any number.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chaoskit.analysis.trends.ranks import tail
from chaoskit.model.difference import Apart, Difference
from chaoskit.model.series import Figure, level

CONFIDENCE = 0.95
RESAMPLES = 10_000
FEWEST = 5
"""Trials per side: with five, an interval of 95 % holds the truth in 96 %, with three in 89 %: docs/trend.md."""


def difference(a: Sequence[Figure], b: Sequence[Figure], *, rng: np.random.Generator) -> Difference:
    """Compare two groups of at least one figure each; ``rng`` draws the resamples."""
    first, second = level(a), level(b)
    shift = second.median - first.median if first.median is not None and second.median is not None else None
    enough, all_ended = min(len(a), len(b)) >= FEWEST, not (first.censored or second.censored)
    interval = _interval(_values(a), _values(b), rng) if enough and all_ended else None
    above, p = _ranked(a, b)
    return Difference(
        a=first, b=second, shift=shift, interval=interval, above=above, p=p, apart=_apart(interval, above, p, enough)
    )


def _values(figures: Sequence[Figure]) -> NDArray[np.float64]:
    return np.sort(np.array([figure.value for figure in figures]))  # sorted: their order in the folder is no matter


def _interval(a: NDArray[np.float64], b: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    medians = [np.median(rng.choice(side, size=(RESAMPLES, len(side))), axis=1) for side in (a, b)]
    low, high = np.quantile(medians[1] - medians[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _ranked(a: Sequence[Figure], b: Sequence[Figure]) -> tuple[float, float]:
    pairs = [(_rank(one), _rank(other)) for one in a for other in b]
    above, below = sum(other > one for one, other in pairs), sum(other < one for one, other in pairs)
    share = (above + (len(pairs) - above - below) / 2) / len(pairs)
    return share, min(1.0, 2 * tail(max(above, below), len(a), len(b)))


def _rank(figure: Figure) -> tuple[bool, float]:
    """Trials that did not recover are alike, however long they were waited for."""
    return figure.censored, 0.0 if figure.censored else figure.value


def _apart(interval: tuple[float, float] | None, above: float, p: float, enough: bool) -> Apart:
    if interval is not None:
        low, high = interval
        return Apart.HIGHER if low > 0 else Apart.LOWER if high < 0 else Apart.ALIKE
    if not enough:
        return Apart.UNKNOWN
    if p > 1 - CONFIDENCE:
        return Apart.ALIKE
    return Apart.HIGHER if above > 1 / 2 else Apart.LOWER
