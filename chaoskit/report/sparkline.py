"""A series of nights as a small drawing: SVG inside the page, no script."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from chaoskit.model.series import Change, Level, Night, Series, level
from chaoskit.report.levels import level_text

WIDTH, HEIGHT, TOP = 320, 48, 8
"""Above ``TOP`` stand the nights in which half of the trials or more did not recover."""
MOST_NIGHTS = 90


def sparkline(series: Series, changes: Sequence[Change], bound: float | None) -> Markup:
    """Return the drawing of the last ``MOST_NIGHTS``: their medians, the range of their trials, the objective's bound.

    Args:
        series: What to draw; nights without a figure are gaps.
        changes: Drawn as upright lines where they began.
        bound: The bound in the series' unit, drawn dashed; None: none, or relative.
    """
    nights = [night for night in series.nights[-MOST_NIGHTS:] if night.figures]
    if not nights:
        return Markup("")
    levels = [level(night.figures) for night in nights]
    x = _Scale(0, max(1, len(nights) - 1), 4, WIDTH - 4)
    known = [f.value for night in nights for f in night.figures if not f.censored] + ([] if bound is None else [bound])
    y = _Scale(min([0.0, *known]), max([*known, 1e-9]), HEIGHT - 4, TOP + 4)
    label = escape(f"{series.key.objective}: {len(nights)} nights, the last {level_text(levels[-1], series.unit)}")
    parts = "".join((*_band(nights, x, y), *_bound(bound, y), *_line(levels, x, y), *_marks(nights, changes, x)))
    return Markup(  # noqa: S704 - numbers of ours, and text that was escaped
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{parts}</svg>'
    )


class _Scale:
    """Values from ``low`` to ``high`` as pixels from ``first`` to ``last``."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self.low, self.first = low, first
        self.per = (last - first) / ((high - low) or 1.0)

    def __call__(self, value: float) -> str:
        return f"{self.first + (value - self.low) * self.per:.1f}"


def _band(nights: Sequence[Night], x: _Scale, y: _Scale) -> Iterator[str]:
    """From the lowest to the highest trial of each night."""
    for index, night in enumerate(nights):
        values = [figure.value for figure in night.figures if not figure.censored]
        if len(values) > 1:
            yield f'<line class="range" x1="{x(index)}" x2="{x(index)}" y1="{y(min(values))}" y2="{y(max(values))}"/>'


def _bound(bound: float | None, y: _Scale) -> Iterator[str]:
    if bound is not None:
        yield f'<line class="bound" x1="0" x2="{WIDTH}" y1="{y(bound)}" y2="{y(bound)}"/>'


def _line(levels: Sequence[Level], x: _Scale, y: _Scale) -> Iterator[str]:
    """The medians; where there is none the line breaks and a cross stands above."""
    stretch: list[str] = []
    for index, found in enumerate((*levels, None)):
        if found is not None and found.median is not None:
            stretch.append(f"{x(index)},{y(found.median)}")
            continue
        if len(stretch) == 1:
            left, top = stretch[0].split(",")
            yield f'<circle class="median" cx="{left}" cy="{top}" r="1.5"/>'
        elif stretch:
            yield f'<polyline class="median" points="{" ".join(stretch)}"/>'
        stretch = []
        if found is not None:
            yield f'<text class="lost" x="{x(index)}" y="{TOP}">×</text>'


def _marks(nights: Sequence[Night], changes: Sequence[Change], x: _Scale) -> Iterator[str]:
    names = [night.name for night in nights]
    for change in changes:
        if change.since in names:
            at = x(names.index(change.since))
            yield f'<line class="change" x1="{at}" x2="{at}" y1="0" y2="{HEIGHT}"/>'
