"""The Mann-Whitney test, exact: how likely so many of one group lie above those of another if only chance decides."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def tail(above: int, first: int, second: int) -> float:
    """How likely it is that at least ``above`` of the ``first * second`` pairs have the higher value in ``first``.

    Exact for values without ties; pairs that tie must not be counted, and then the answer errs on the safe side.
    """
    if above <= 0:
        return 1.0
    return float(_lower_tails(min(first, second), max(first, second))[first * second - above])


@lru_cache(maxsize=4096)
def _lower_tails(few: int, many: int) -> Floats:
    """P(U <= u) for u = 0 … few * many.

    The number of arrangements with u is the coefficient of q^u in the Gaussian binomial, made factor by factor.
    """
    counts = np.zeros(few * many + 1)
    counts[0] = 1.0
    for i in range(1, few + 1):
        shift = many + i
        if shift < len(counts):
            counts[shift:] -= counts[: len(counts) - shift].copy()
        for phase in range(i):  # divided by (1 - q^i): a running sum in steps of i
            counts[phase::i] = np.cumsum(counts[phase::i])
    return np.asarray(np.cumsum(counts) / counts.sum(), dtype=np.float64)
