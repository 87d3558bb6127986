"""Failed objectives as GitHub's workflow commands: a mark at the line of the scenario file that was missed."""

from collections.abc import Iterator

from chaoskit.model.verdict import Verdict
from chaoskit.report.figures import printable
from chaoskit.report.formats.summary import Results
from chaoskit.report.objectives import ObjectiveRow, objective_rows
from chaoskit.report.words import scenario


def annotations(results: Results) -> Iterator[str]:
    """Yield one line per objective that failed in any trial, with the words of the first."""
    failed: dict[tuple[str, str], list[ObjectiveRow]] = {}
    trials: dict[tuple[str, str], int] = {}
    for result in results:
        for row in objective_rows(result):
            key = (scenario(result), row.name)
            trials[key] = trials.get(key, 0) + 1
            if row.verdict is Verdict.FAIL:
                failed.setdefault(key, []).append(row)
    for (name, _), rows in failed.items():
        yield _line(name, rows, trials[name, rows[0].name])


def _line(name: str, rows: list[ObjectiveRow], trials: int) -> str:
    first = rows[0]
    file, line, column = _position(first.position)
    place = {"file": file, "line": line, "col": column} if file else {}
    properties = {**place, "title": f"{name}: {first.name}"}
    told = f"observed {first.observed} in {first.where}, {first.expected} ({len(rows)} of {trials} trials failed)"
    inside = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::error {inside}::{_data(' '.join(part for part in (told, first.more) if part))}"


def _position(position: str) -> tuple[str, str, str]:
    """``file:line:col``; empty where it is something else."""
    parts = position.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return parts[0], parts[1], parts[2]
    return "", "", ""


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
