"""The waterfall's geometry: each part of an outage as a bar, and beside it what the settings predicted."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.report.figures import NOTHING, instant, interval, seconds
from chaoskit.report.reading import Row, number, rows, text

WIDTH = 1000.0  # units of the drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """From ``x`` over ``width``, both in units of ``WIDTH``."""

    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One part. The predicted bar is solid up to the shortest and pale up to the longest expected duration."""

    name: str
    start: str
    observed: str
    predicted: str
    bar: Bar | None
    predicted_least: Bar | None
    predicted_most: Bar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The parts of one region's outage, drawn on one scale from ``begin`` to ``end``."""

    step: str
    node: str  # the primary that was held for dead
    region: str
    begin: str
    end: str
    parts: tuple[PartRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    begin_s: float
    span_s: float

    def bar(self, from_s: float, to_s: float) -> Bar:
        """At least as wide as an eye can see."""
        x = (from_s - self.begin_s) / self.span_s * WIDTH
        return Bar(x=round(x, 2), width=round(max((to_s - from_s) / self.span_s * WIDTH, 2.0), 2))


def waterfalls(result: Row) -> tuple[Waterfall, ...]:
    """One per step and surviving region, all drawn to one scale so that regions can be compared."""
    found = rows(result, "waterfall")
    scale = _scale([part for row in found for part in rows(row, "parts")])
    if scale is None:
        return ()
    return tuple(
        Waterfall(
            step=text(row, "step"),
            node=text(row, "node"),
            region=text(row, "region"),
            begin=instant(scale.begin_s),
            end=instant(scale.begin_s + scale.span_s),
            parts=tuple(_part(part, scale) for part in rows(row, "parts")),
        )
        for row in found
    )


def _scale(parts: Sequence[Row]) -> _Scale | None:
    starts = [start for part in parts if (start := number(part, "start_s")) is not None]
    ends = [end for part in parts if (end := _latest(part)) is not None]
    if not starts or not ends:
        return None
    return _Scale(begin_s=min(starts), span_s=max(max(ends) - min(starts), 1e-3))


def _latest(part: Row) -> float | None:
    """The later of the observed end and the longest predicted one."""
    start, end, longest = number(part, "start_s"), number(part, "end_s"), number(part, "predicted_hi_s")
    ends = [end] if end is not None else []
    if start is not None and longest is not None:
        ends.append(start + longest)
    return max(ends, default=None)


def _part(part: Row, scale: _Scale) -> PartRow:
    start, end = number(part, "start_s"), number(part, "end_s")
    least, most = number(part, "predicted_lo_s"), number(part, "predicted_hi_s")
    known = start is not None and end is not None
    expected = start is not None and least is not None and most is not None
    return PartRow(
        name=text(part, "part"),
        start=instant(start),
        observed=seconds(end - start) if start is not None and end is not None else "did not end",
        predicted=interval(least, most) if least is not None and most is not None else NOTHING,
        bar=scale.bar(start or 0.0, end or 0.0) if known else None,
        predicted_least=scale.bar(start or 0.0, (start or 0.0) + (least or 0.0)) if expected else None,
        predicted_most=scale.bar(start or 0.0, (start or 0.0) + (most or 0.0)) if expected else None,
    )
