"""Nights from the lowest to the highest, as ranks: what an outlier or a trial without recovery does is bounded."""

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from chaoskit.model.series import Night

Floats = NDArray[np.float64]


def night_order(nights: Sequence[Night]) -> Floats:
    """Return a number per night, each with a figure: the higher, the higher the night; equal nights tie.

    Every trial is ranked among all trials of all nights, one that did not recover above every number, and gets the
    normal score of its rank; a night counts as the mean of its trials.
    """
    values = np.array([np.inf if figure.censored else figure.value for night in nights for figure in night.figures])
    trials = np.array([len(night.figures) for night in nights])
    starts = np.cumsum(trials) - trials
    means = np.add.reduceat(_normal_scores(values), starts) / trials
    _, place = np.unique(np.round(means, 9), return_inverse=True)  # whatever the order of the trials in a night
    return np.asarray(place, dtype=np.float64)


def _normal_scores(values: Floats) -> Floats:
    """The quantile of the normal distribution at each value's share, equal values at the middle of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = 2 * np.cumsum(counts) - counts  # in halves of a trial
    return np.asarray(_quantiles(2 * len(values))[middle][which], dtype=np.float64)


@lru_cache(maxsize=1024)
def _quantiles(halves: int) -> Floats:
    """At 0/halves … halves/halves; the ends, which no value reaches, are 0."""
    inner = [_normal.inv_cdf(half / halves) for half in range(1, halves)]
    return np.array([0.0, *inner, 0.0])


_normal = NormalDist()
