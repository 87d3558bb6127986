"""Columns of a history as plain numpy arrays, whatever wrote the table."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Spans = tuple[tuple[int, int], ...]
"""Ascending and apart: [from, until) in run ns; NEVER_NS: it does not end."""

NEVER_NS = int(np.iinfo(np.int64).max)
"""Stands for a null ``returned_ns``: later than everything."""


def ints(frame: pd.DataFrame, name: str, *, null: int = NEVER_NS) -> Ints:
    """Column ``name`` as int64, shape (rows,), with ``null`` in place of nulls (also of an absent column)."""
    out = np.full(len(frame), null, dtype=np.int64)
    if name in frame:
        column = frame[name]
        present = column.notna().to_numpy(dtype=bool)
        out[present] = column[present].astype("int64").to_numpy()
    return out


def texts(frame: pd.DataFrame, name: str) -> Texts:
    """Column ``name`` as str objects, shape (rows,), with ``""`` in place of nulls (also of an absent column)."""
    out = np.full(len(frame), "", dtype=object)
    if name in frame:
        column = frame[name]
        present = column.notna().to_numpy(dtype=bool)
        out[present] = column[present].astype(str).to_numpy(dtype=object)
    return out


def nearest_rank(values: npt.NDArray[np.float64], percent: float) -> float:
    """The percentile by nearest rank, so that it is a value that was measured; ``values`` must not be empty."""
    return float(np.percentile(values, percent, method="inverted_cdf"))


def union(spans: Iterable[tuple[int, int]]) -> Spans:
    """Join spans that overlap or touch."""
    apart: list[tuple[int, int]] = []
    for from_ns, until_ns in sorted(spans):
        if apart and from_ns <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], until_ns))
        else:
            apart.append((from_ns, until_ns))
    return tuple(apart)
