"""Two folders of runs of one scenario each, or of one of its variants, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import numpy as np

from chaoskit.analysis.trends.difference import difference
from chaoskit.archive.kept import Kept, resolved
from chaoskit.archive.news import SCENARIO, conditions, differences
from chaoskit.archive.nights import figures, series
from chaoskit.archive.shelf import Shelf, read_shelf
from chaoskit.errors import UsageError
from chaoskit.model.series import Worse, level
from chaoskit.model.verdict import Verdict
from chaoskit.report.comparison import Compared, Comparison, Side
from chaoskit.report.reading import Row, rows, text
from chaoskit.report.words import verdict_of

SEED = 0
"""The resamples of a comparison are always the same, so that it can be repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    folder: Path
    runs: tuple[Kept, ...]

    @property
    def newest(self) -> Kept:
        return self.runs[-1]


def compare(a: Path, b: Path) -> Comparison:
    """Compare the runs at or below ``a`` with those at or below ``b``.

    Raises:
        UsageError: One of them is no folder, has no run, or runs of several scenarios.
    """
    first, second = _group(a), _group(b)
    names = dict.fromkeys(text(row, "name") for group in (first, second) for row in _objectives(group.newest))
    rng = np.random.default_rng(SEED)
    return Comparison(
        a=_side(first),
        b=_side(second),
        objectives=tuple(_compared(name, first, second, rng) for name in names),
        news=tuple(_news(first, second)),
        scenario_diff=_scenario_diff(first, second),
    )


def _group(folder: Path) -> _Group:
    if not folder.exists():
        raise UsageError(f"there is no {folder}", fix="name a run directory, or a folder of runs")
    shelf = read_shelf(folder) if folder.is_dir() else Shelf(runs=(), unreadable=())
    if not shelf.runs:
        why = "; ".join(f"{one.path}: {one.why}" for one in shelf.unreadable)
        raise UsageError(f"no runs at or below {folder}", why=why, fix="name a run directory, or a folder of runs")
    names = sorted({run.title for run in shelf.runs})
    if len(names) > 1:
        fix = f"name one of its folders, such as {shelf.runs[0].path.parent}"
        raise UsageError(f"{folder} holds runs of {len(names)} scenarios", why=", ".join(names), fix=fix)
    return _Group(folder=folder, runs=shelf.runs)


def _side(group: _Group) -> Side:
    verdicts = [verdict_of(run.row) for run in group.runs]
    return Side(
        folder=str(group.folder),
        scenario=group.newest.title,
        runs=len(group.runs),
        verdicts={verdict: verdicts.count(verdict) for verdict in Verdict},
    )


def _objectives(run: Kept) -> Sequence[Row]:
    return rows(run.row, "objectives")


def _compared(name: str, a: _Group, b: _Group, rng: np.random.Generator) -> Compared:
    found = next(one for group in (b, a) for one in series(group.runs) if one.key.objective == name)
    expected = [_expected(group, name) for group in (a, b)]
    first, second = figures(a.runs, name), figures(b.runs, name)
    return Compared(
        objective=name,
        unit=found.unit,
        worse=found.worse if expected[0] is None or expected[1] is None or expected[0] == expected[1] else Worse.EITHER,
        expected=tuple(expected),
        unknown=(len(a.runs) - len(first), len(b.runs) - len(second)),
        levels=(level(first) if first else None, level(second) if second else None),
        difference=difference(first, second, rng=rng) if first and second else None,
    )


def _expected(group: _Group, name: str) -> str | None:
    """The bounds in the scenario's words; None: it has no such objective."""
    return next((text(row, "expected") for row in _objectives(group.newest) if text(row, "name") == name), None)


def _news(a: _Group, b: _Group) -> Sequence[str]:
    first, second = conditions(a.newest), conditions(b.newest)
    sets = [" ".join(map(str, group.newest.row.get("sets") or ())) or "none" for group in (a, b)]
    changed = [f"--set {sets[0]} → {sets[1]}"] if sets[0] != sets[1] else []
    return [words for words in differences(first, second) if not words.startswith(SCENARIO)] + changed


def _scenario_diff(a: _Group, b: _Group) -> str:
    """What changed in the scenario with all its defaults, as a unified diff; empty: nothing."""
    if text(a.newest.row, "digest") == text(b.newest.row, "digest"):
        return ""
    texts = [_scenario_text(group) for group in (a, b)]
    if not all(texts):
        return "The scenarios differ, and what one of them was is not kept.\n"
    old, new = (words.splitlines(keepends=True) for words in texts)
    return "".join(unified_diff(old, new, fromfile="A", tofile="B", n=2))


def _scenario_text(group: _Group) -> str:
    """Of a run directory its own; of what nightly keeps, the text that it keeps once for each digest."""
    newest = group.newest
    if newest.path.is_dir():
        return resolved(newest.path)
    kept = newest.path.with_name(f"scenario-{text(newest.row, 'digest')}.yaml")
    return kept.read_text(encoding="utf-8") if kept.exists() else ""
