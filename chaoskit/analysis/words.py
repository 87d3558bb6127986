"""Figures as people read them: units always, no more digits than were measured."""

import math
from collections.abc import Callable, Sequence

from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Relative

UNIT_WORDS = {"s": " s", "fraction": "%", "count": "", "bytes": " bytes"}


def figure(value: float, unit: str) -> str:
    """One figure without its unit: seconds to 10 ms (1 ms below 1 s), fractions as percents, counts whole."""
    if unit == "fraction":
        return _rounded(value * 100, 2, math.floor).rstrip("0").rstrip(".")  # 99.999 % is not 100 %
    if unit == "s":
        return _rounded(value, _digits_s(value), round)
    return f"{value:,.0f}"


def _digits_s(value_s: float) -> int:
    return 2 if value_s >= 1 else 3


def _rounded(value: float, digits: int, how: Callable[[float], int]) -> str:
    """Round ``how`` to ``digits``; what floating point added or took is not a figure."""
    scale = 10**digits
    return f"{how(round(value * scale, 6)) / scale:,.{digits}f}"


def interval_text(interval: Interval, unit: str) -> str:
    """``7.41-7.47 s`` (rounded outwards, so that it still holds the truth), ``14``, ``at least 3.20 s``."""
    lo, hi, word = interval.lo, interval.hi, UNIT_WORDS[unit]
    if hi is None:
        return f"at least {figure(lo, unit)}{word}"
    if hi == lo or unit != "s":
        ends = dict.fromkeys((figure(lo, unit), figure(hi, unit)))
        return f"{'-'.join(ends)}{word}"
    return f"{_rounded(lo, _digits_s(lo), math.floor)}-{_rounded(hi, _digits_s(lo), math.ceil)}{word}"


def bounds_text(minimum: float | Relative | None, maximum: float | Relative | None, unit: str) -> str:
    """``min 1, max 15 s``, where the scenario's own words are not at hand."""
    bounds = (("min", minimum), ("max", maximum))
    return ", ".join(f"{word} {_bound_text(bound, unit)}" for word, bound in bounds if bound is not None)


def _bound_text(bound: float | Relative, unit: str) -> str:
    if isinstance(bound, Relative):
        return f"{bound.factor:g}x {bound.phase.value}"
    return f"{figure(bound, unit)}{UNIT_WORDS[unit]}"


def seconds_text(lo_s: float, hi_s: float | None) -> str:
    """An interval of seconds in prose, to 0.1 s (0.01 s below 1 s) and outwards; one figure without a high end."""
    digits = 1 if lo_s >= 1 else 2
    if hi_s is None:
        return f"{_rounded(lo_s, digits, round)} s"
    return f"{_rounded(lo_s, digits, math.floor)}-{_rounded(hi_s, digits, math.ceil)} s"


def plural(count: int, one: str, many: str) -> str:
    """``1 write``, ``14 writes``."""
    return f"{count:,} {one if count == 1 else many}"


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
