"""Latencies before, in and after each step: a small histogram and its percentiles, one row per stream and phase."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from chaoskit.report.figures import count, milliseconds
from chaoskit.report.reading import Row, number, rows, text

MOST_SHAPES = 150  # rows of all steps; lanes.json has them all
WIDTH, HEIGHT = 200.0, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One stream in one phase of a step. ``path`` is a drawing of ``WIDTH`` by ``HEIGHT``; ``first``: of its stream."""

    stream: str
    phase: str
    first: bool
    path: str
    p50: str
    p95: str
    p99: str
    highest: str
    count: str
    failed: str
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShapes:
    """The rows of one step, on one scale from ``low`` to ``high``."""

    step: str
    low: str
    high: str
    shapes: tuple[Shape, ...]


def step_shapes(lanes: Row) -> tuple[StepShapes, ...]:
    """By step, in the order of the run; all on one scale of whole decades, so that everything can be compared."""
    found = rows(lanes, "distributions")[:MOST_SHAPES]
    low, high = _decades(found)
    return tuple(
        StepShapes(step=step, low=_edge(low), high=_edge(high), shapes=_shapes(list(group), low, high))
        for step, group in groupby(found, key=lambda row: text(row, "step"))
    )


def more_shapes(lanes: Row) -> int:
    """How many rows ``step_shapes`` leaves out."""
    return max(0, len(rows(lanes, "distributions")) - MOST_SHAPES)


def _decades(found: Sequence[Row]) -> tuple[int, int]:
    """Powers of ten of ms that hold every bin."""
    edges = [(_at(row, 0), _at(row, len(row["counts"]))) for row in found if row.get("counts")]
    low = min((math.floor(lo) for lo, _ in edges), default=0)
    return low, max(low + 1, max((math.ceil(hi) for _, hi in edges), default=3))


def _at(row: Row, index: int) -> float:
    """The lower edge of a bin, as a power of ten of ms."""
    return ((number(row, "first") or 0) + index) / (number(row, "per_decade") or 1)


def _edge(power: int) -> str:
    return f"{10**power:g} ms" if power < 3 else f"{10 ** (power - 3):g} s"


def _shapes(found: Sequence[Row], low: int, high: int) -> tuple[Shape, ...]:
    made: list[Shape] = []
    for row in found:
        stream = f"{text(row, 'region')} {text(row, 'operation')} {text(row, 'connection')}"
        failed = number(row, "failed")
        made.append(
            Shape(
                stream=stream,
                phase=text(row, "phase"),
                first=not made or made[-1].stream != stream,
                path=_path(row, low, high),
                p50=milliseconds(number(row, "p50_ms")),
                p95=milliseconds(number(row, "p95_ms")),
                p99=milliseconds(number(row, "p99_ms")),
                highest=milliseconds(number(row, "max_ms")),
                count=count(number(row, "count")),
                failed=count(failed),
                bad=bool(failed),
            )
        )
    return tuple(made)


def _path(row: Row, low: int, high: int) -> str:
    """The histogram as an SVG path: the highest bin fills the height."""
    counts = row.get("counts") or ()
    most = max(counts, default=0)
    if not most:
        return ""
    scale = WIDTH / (high - low)
    edges = [(_at(row, index) - low) * scale for index in range(len(counts) + 1)]
    steps = [f"M{edges[0]:.1f} {HEIGHT:g}"]
    steps += [f"V{HEIGHT - HEIGHT * n / most:.1f}H{edge:.1f}" for n, edge in zip(counts, edges[1:], strict=True)]
    return "".join([*steps, f"V{HEIGHT:g}Z"])
