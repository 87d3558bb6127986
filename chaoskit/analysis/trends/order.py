"""Nights from the lowest to the highest, as ranks: what an outlier or a night without recovery does is bounded."""

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from chaoskit.model.series import Night

Floats = NDArray[np.float64]


def night_order(nights: Sequence[Night]) -> Floats:
    """Return a number per night, each with a figure: the higher, the higher the night; equal nights tie.

    Every trial is ranked among all trials of all nights, and gets the normal score of its rank; a night counts as the
    mean of its trials. A night with a larger share of trials that did not recover is above every night with fewer.
    """
    trials = np.array([len(night.figures) for night in nights])
    owner = np.repeat(np.arange(len(nights)), trials)
    ended = np.array([not figure.censored for night in nights for figure in night.figures])
    values = np.array([figure.value for night in nights for figure in night.figures])[ended]
    recovered = np.bincount(owner[ended], minlength=len(nights))
    sums = np.bincount(owner[ended], weights=_normal_scores(values), minlength=len(nights))
    scores = np.round(sums / np.maximum(recovered, 1), 9)  # so that the order of the trials in a night is no matter
    keys = np.stack([1 - recovered / trials, np.where(recovered > 0, scores, 0.0)])
    _, place = np.unique(keys, axis=1, return_inverse=True)  # by the first row, then by the second
    return np.asarray(place, dtype=np.float64).reshape(-1)


def _normal_scores(values: Floats) -> Floats:
    """The quantile of the normal distribution at each value's share, equal values at the middle of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = 2 * np.cumsum(counts) - counts  # in halves of a trial
    table = _quantiles(2 * len(values))
    return table[middle][which] if len(values) else values


@lru_cache(maxsize=1024)
def _quantiles(halves: int) -> Floats:
    """At 0/halves … halves/halves; the ends, which no value reaches, are 0."""
    inner = [_normal.inv_cdf(half / halves) for half in range(1, halves)]
    return np.array([0.0, *inner, 0.0])


_normal = NormalDist()
