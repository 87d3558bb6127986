"""Two groups of runs side by side: on a terminal, as Markdown, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chaoskit.model.difference import Apart, Difference
from chaoskit.model.series import Level, Worse
from chaoskit.model.verdict import Verdict
from chaoskit.report.figures import NOTHING, amount, printable
from chaoskit.report.formats.markdown import document, fenced, plain, table
from chaoskit.report.levels import level_text

HEADS = ("objective", "A", "B", "B − A (95 %)", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One group of runs of one scenario."""

    folder: str
    scenario: str
    runs: int
    verdicts: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One objective on both sides.

    Attributes:
        expected: Its bounds in the words of A and of B; None: that side has no such objective.
        unknown: Of how many runs of A and of B nothing can be told.
        levels: Of A and of B; None: nothing can be told of it at all.
        difference: None: there is nothing to hold against each other.
    """

    objective: str
    unit: str
    worse: Worse
    expected: tuple[str | None, ...]
    unknown: tuple[int, int]
    levels: tuple[Level | None, Level | None]
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything about two groups. ``news``: what else differs; ``scenario_diff``: a unified diff."""

    a: Side
    b: Side
    objectives: tuple[Compared, ...]
    news: tuple[str, ...]
    scenario_diff: str


def comparison_table(comparison: Comparison) -> RenderableType:
    """Return what a person reads on a terminal."""
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for head in HEADS:
        shown.add_column(head, overflow="fold")
    for one in comparison.objectives:
        shown.add_row(*(Text(printable(cell)) for cell in _cells(one)))
    lines = [*map(_side_text, ("A", "B"), (comparison.a, comparison.b)), ""]
    after = ["", *(f"changed: {words}" for words in comparison.news)]
    diff = ["the scenario changed:", comparison.scenario_diff] if comparison.scenario_diff else []
    return Group(*_texts(lines), shown, *_texts([*after, *diff]))


def _texts(lines: list[str]) -> list[Text]:
    """Lines that no terminal breaks: what it wraps can still be searched and copied."""
    return [Text(printable(line), no_wrap=True, overflow="ignore") for line in lines]


def _side_text(letter: str, side: Side) -> str:
    verdicts = ", ".join(f"{count} × {verdict.value}" for verdict, count in side.verdicts.items() if count)
    return f"{letter}  {side.folder}: {side.scenario}, {side.runs} {'run' if side.runs == 1 else 'runs'} ({verdicts})"


def comparison_markdown(comparison: Comparison) -> str:
    """Return a document for a job summary, at most 1 MiB."""
    title = " and ".join(dict.fromkeys(plain(side.scenario) for side in (comparison.a, comparison.b)))
    lines = [f"## chaoskit compare: {title}", ""]
    lines += [f"- {plain(_side_text(letter, side))}" for letter, side in (("A", comparison.a), ("B", comparison.b))]
    lines += ["", *table(HEADS, [tuple(map(plain, _cells(one))) for one in comparison.objectives]), ""]
    lines += [f"- changed: {plain(words)}" for words in comparison.news]
    if comparison.scenario_diff:
        lines += ["", "What changed in the scenario:", "", *fenced(comparison.scenario_diff, "diff")]
    return document(lines)


def _cells(one: Compared) -> tuple[str, str, str, str, str]:
    a, b = (_side_cell(one, side) for side in (0, 1))
    if one.difference is None:
        return one.objective, a, b, "", "nothing to compare"
    return one.objective, a, b, _shift_text(one.difference, one.unit), reading(one)


def _side_cell(one: Compared, side: int) -> str:
    level, unknown = one.levels[side], one.unknown[side]
    if one.expected[side] is None:
        return NOTHING
    if level is None:
        return "unknown"
    return level_text(level, one.unit) + (f", {unknown} more unknown" if unknown else "")


def _shift_text(found: Difference, unit: str) -> str:
    """``+0.42 s (+0.11 … +0.80)``; without an interval only where no trial is missing from the medians."""
    if found.a.censored or found.b.censored or found.shift is None:
        return f"B is higher in {found.above:.0%} of pairs".replace("%", " %")
    shift = _signed(found.shift, unit)
    if found.interval is None:
        return f"{shift} (no interval: {found.a.trials} and {found.b.trials} trials)"
    return f"{shift} ({_signed(found.interval[0], unit)} … {_signed(found.interval[1], unit)})"


def _signed(value: float, unit: str) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + amount(abs(value), unit)


def reading(one: Compared) -> str:
    """What may be said: ``B is worse``, ``B is better``, ``no difference seen``, ``too few trials to tell``."""
    found = one.difference
    if found is None or found.apart in (Apart.ALIKE, Apart.UNKNOWN):
        return Apart.UNKNOWN.value if found is None else found.apart.value
    if one.worse is Worse.EITHER:
        return f"B is {found.apart.value}"
    worse = (found.apart is Apart.HIGHER) is (one.worse is Worse.HIGHER)
    return f"B is {'worse' if worse else 'better'}"


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return JSON values; ``median`` null: half of the trials or more did not recover."""
    return {
        "schema": 1,
        "a": _side_json(comparison.a),
        "b": _side_json(comparison.b),
        "objectives": [_compared_json(one) for one in comparison.objectives],
        "changed": list(comparison.news),
        "scenario_diff": comparison.scenario_diff,
    }


def _side_json(side: Side) -> dict[str, Any]:
    verdicts = {verdict.value: count for verdict, count in side.verdicts.items()}
    return {"folder": side.folder, "scenario": side.scenario, "runs": side.runs, "verdicts": verdicts}


def _compared_json(one: Compared) -> dict[str, Any]:
    found = one.difference
    about = {"objective": one.objective, "unit": one.unit, "expected": list(one.expected), "reading": reading(one)}
    levels = {
        key: None
        if level is None
        else {"median": level.median, "trials": level.trials, "not_recovered": level.censored, "unknown": unknown}
        for key, level, unknown in zip(("a", "b"), one.levels, one.unknown, strict=True)
    }
    if found is None:
        return {**about, **levels, "shift": None, "interval": None, "above": None, "p": None}
    interval = None if found.interval is None else list(found.interval)
    return {**about, **levels, "shift": found.shift, "interval": interval, "above": found.above, "p": found.p}
