"""What a run that does not pass says: where in the file, what was seen, what was asked for, and where the report is."""

from collections.abc import Iterator
from pathlib import Path

from chaoskit.model.verdict import Verdict
from chaoskit.report.figures import printable
from chaoskit.report.objectives import ObjectiveRow, objective_rows
from chaoskit.report.reading import Row, rows, text
from chaoskit.report.words import verdict_of, where


def shown(path: Path) -> Path:
    """The path as people write it: from here where it is below, else whole."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def failures(result: Row, report: Path) -> str:
    """``scenarios/x.chaos.yaml:16:8: write-rto in eu-west: observed 22.0-22.1 s, max 15 s``, a line each."""
    lines = [*_lines(result)]
    if verdict_of(result) is Verdict.INCONCLUSIVE:
        lines.insert(0, f"inconclusive: {text(result, 'reason') or 'nobody can tell why'}")
    return "\n".join(printable(line) for line in (*lines, f"report: {shown(report)}"))


def _lines(result: Row) -> Iterator[str]:
    """Every objective that is missed; and that nobody can tell of, where that is not the whole run's reason."""
    for shown, row in zip(objective_rows(result), rows(result, "objectives"), strict=True):
        if shown.verdict is Verdict.FAIL:
            strict = text(row, "expectation") == "missed"
            seen = shown.reason if strict else f"observed {shown.observed}, {shown.expected}"
            yield f"{_head(shown)}: {seen}"
        elif shown.verdict is Verdict.INCONCLUSIVE and shown.reason.rstrip(".") not in text(result, "reason"):
            yield f"{_head(shown)}: inconclusive: {shown.reason}"


def _head(shown: ObjectiveRow) -> str:
    """``scenarios/x.chaos.yaml:16:8: write-rto in eu-west write established``."""
    place = "" if shown.where == where({}) else f" in {shown.where}"
    return f"{shown.position}: {shown.name}{place}"
