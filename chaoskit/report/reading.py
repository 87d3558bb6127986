"""Tolerant access to ``result.json``: what an interrupted run or a bare history left out reads as absent."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def part(row: Row, key: str) -> Row:
    """The object under ``key``; empty where there is none."""
    value = row.get(key)
    return value if isinstance(value, Mapping) else {}


def rows(row: Row, key: str) -> Sequence[Row]:
    """The objects listed under ``key``; empty where there are none."""
    value = row.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def texts(row: Row, key: str) -> tuple[str, ...]:
    """The words listed under ``key``."""
    value = row.get(key)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def number(row: Row, key: str) -> float | None:
    """The finite number under ``key``; None where there is none (a truth value is not a number)."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def text(row: Row, key: str, otherwise: str = "") -> str:
    """The word under ``key``; ``otherwise`` where it is absent or null."""
    value = row.get(key)
    return otherwise if value is None else str(value)


def since_t0(result: Row, t_ns: float | None) -> float | None:
    """Seconds between the result's t0 and a run instant in ns (since the epoch where there is no t0)."""
    if t_ns is None:
        return None
    return (t_ns - (number(result, "t0_ns") or 0)) / 1e9
