"""A finding's operations as a drawing: a line per session, a bar from invocation to return, faults behind.

Time runs from left to right, but not evenly: milliseconds and minutes have to fit into one picture, so that a stretch
of time is as wide as the logarithm of its length, and only the order is to scale.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chaoskit.report.faults import fault_rows
from chaoskit.report.figures import instant
from chaoskit.report.reading import Row, number, part, rows, text

WIDTH, LEFT, RIGHT = 1000.0, 190.0, 20.0
LANE, HEAD, FOOT = 34.0, 22.0, 26.0
SHORTEST_S = 0.0005  # stretches of time below it are as narrow as it
LONGEST_LABEL = 26  # characters of a session or value that there is room for
MOST_TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One operation; ``words`` tell all of it, ``label`` what there is room for, ``anchor`` on which side."""

    x: float
    y: float
    width: float
    kind: str
    words: str
    label: str
    label_x: float
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A fault behind the bars."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """An instant on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceTime:
    """One drawing; ``link`` shows the same time on the lanes."""

    height: float
    lanes: tuple[tuple[str, str, float], ...]  # label, whole name, y
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    instants_s: tuple[float, ...]
    xs: tuple[float, ...]

    def x(self, at_s: float) -> float:
        """Where an instant is drawn: between those that are known, in proportion; outside, at the edge."""
        if at_s <= self.instants_s[0]:
            return LEFT
        if at_s >= self.instants_s[-1]:
            return WIDTH - RIGHT
        right = bisect_right(self.instants_s, at_s)
        (a, b), (xa, xb) = self.instants_s[right - 1 : right + 1], self.xs[right - 1 : right + 1]
        return xa + (xb - xa) * (at_s - a) / (b - a)


def spacetimes(result: Row, lanes: Row) -> Mapping[str, SpaceTime]:
    """By finding that has a witness with operations."""
    evidence = part(lanes, "evidence")
    return {name: _drawing(result, found) for name in evidence if (found := _timed(rows(evidence, name)))}


def _timed(operations: Sequence[Row]) -> list[Row]:
    return [row for row in operations if number(row, "invoked_s") is not None]


def _drawing(result: Row, operations: Sequence[Row]) -> SpaceTime:
    axis = _axis(operations, [fault.from_s for fault in fault_rows(result) if fault.from_s is not None])
    sessions = list(dict.fromkeys(text(row, "session") for row in operations))
    lane_y = {session: HEAD + LANE * index for index, session in enumerate(sessions)}
    bars = tuple(_bar(row, axis, lane_y[text(row, "session")]) for row in operations)
    begin_s, end_s = axis.instants_s[0], axis.instants_s[-1]
    return SpaceTime(
        height=HEAD + LANE * len(sessions) + FOOT,
        lanes=tuple((_short(session), session, y) for session, y in lane_y.items()),
        bars=bars,
        bands=_bands(result, axis),
        ticks=_ticks(operations, axis),
        link=f"#t={max(0.0, begin_s - 0.5):.2f}-{max(0.5, end_s + 0.5):.2f}",
    )


def _axis(operations: Sequence[Row], onsets_s: Sequence[float]) -> _Axis:
    """Every invocation, return and onset in order, as far apart as the logarithm of the time between them."""
    begins = [number(row, "invoked_s") or 0.0 for row in operations]
    ends = [end for row in operations if (end := number(row, "returned_s")) is not None]
    last_s = max([*begins, *ends]) + 0.01
    onsets = {at_s for at_s in onsets_s if min(begins) < at_s < last_s}
    instants_s = tuple(sorted({*begins, *ends, *onsets, last_s}))
    steps = [math.log1p((b - a) / SHORTEST_S) + 0.5 for a, b in pairwise(instants_s)]
    scale = (WIDTH - LEFT - RIGHT) / sum(steps)
    xs = [LEFT]
    for step in steps:
        xs.append(xs[-1] + step * scale)
    return _Axis(instants_s=instants_s, xs=tuple(xs))


def _bar(row: Row, axis: _Axis, y: float) -> Bar:
    begin_s, end_s = number(row, "invoked_s") or 0.0, number(row, "returned_s")
    x, end_x = axis.x(begin_s), WIDTH - RIGHT if end_s is None else axis.x(end_s)
    near_the_end = x > WIDTH * 0.72
    return Bar(
        x=round(x, 1),
        y=y + 15,
        width=round(max(end_x - x, 3.0), 1),
        kind=" ".join(("witness" if row.get("witness") else "near", *_class(row))),
        words=_words(row, begin_s, end_s),
        label=_short(f"{_deed(row)} {_value(row)}") if row.get("witness") else "",
        label_x=round(end_x if near_the_end else x, 1),
        anchor="end" if near_the_end else "start",
    )


def _class(row: Row) -> tuple[str, str]:
    answered = text(row, "outcome")
    return _deed(row), "answered" if answered.startswith("ok") else "failed" if answered == "fail" else "unknown"


def _deed(row: Row) -> str:
    return "write" if text(row, "kind").endswith("write") else "read"


def _value(row: Row) -> str:
    version = row.get("version")
    return (
        f"{text(row, 'key')} = {text(row, 'value') or 'nothing'}"
        if version is None
        else f"{text(row, 'key')} v{version}"
    )


def _words(row: Row, begin_s: float, end_s: float | None) -> str:
    version = row.get("version")
    told = f"{_deed(row)} of {text(row, 'key')}: {text(row, 'value') or 'nothing'}"
    told += "" if version is None else f", version {version}"
    told += f"; {instant(begin_s)} to {'no answer' if end_s is None else instant(end_s)}"
    return f"{told}; {text(row, 'outcome')}" + (f" by {text(row, 'node')}" if row.get("node") else "")


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_LABEL else f"…{words[-LONGEST_LABEL + 1 :]}"


def _bands(result: Row, axis: _Axis) -> tuple[Band, ...]:
    bands = []
    for fault in fault_rows(result):
        if fault.from_s is None:
            continue
        x, end_x = axis.x(fault.from_s), WIDTH - RIGHT if fault.to_s is None else axis.x(fault.to_s)
        if end_x > x:
            bands.append(Band(x=round(x, 1), width=round(end_x - x, 1), words=f"{fault.step}: {fault.sentence}"))
    return tuple(bands)


def _ticks(operations: Sequence[Row], axis: _Axis) -> tuple[Tick, ...]:
    """The instants of the witness's own operations, as many as do not touch."""
    wanted = sorted({number(row, "invoked_s") or 0.0 for row in operations if row.get("witness")})
    ticks: list[Tick] = []
    for at_s in wanted:
        x = axis.x(at_s)
        if len(ticks) < MOST_TICKS and (not ticks or x - ticks[-1].x > 90):
            ticks.append(Tick(x=round(x, 1), label=instant(at_s)))
    return tuple(ticks)
