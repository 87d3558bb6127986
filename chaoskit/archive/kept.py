"""What is kept of a run when the run itself is not: a result without its evidence, a few kB."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoskit.model.scenario import titled
from chaoskit.report.reading import Row, part, rows, text
from chaoskit.report.terminal import decisive

RESULT, FACTS, RESOLVED, REPORT = "result.json", "run.json", "scenario.resolved.yaml", "report.html"
KEYS = ("schema", "scenario", "variant", "trial", "runtime", "seed", "started_at", "duration_s", "verdict", "reason")
LONGEST = 500  # characters of one text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One run.

    Attributes:
        path: The run directory, or the file that is kept of it.
        row: As ``slim`` makes it.
        report: Whether there is a report beside it.
    """

    path: Path
    row: Row
    report: bool

    @property
    def night(self) -> str:
        """Which runs were made together: as nightly said, else all of one day, by UTC."""
        return text(self.row, "night") or text(self.row, "started_at")[:10]

    @property
    def scenario(self) -> str:
        """The scenario's name; of a bare history: history."""
        return text(self.row, "scenario", "history")

    @property
    def variant(self) -> str:
        """Which one of its file's; empty: the only one."""
        return text(self.row, "variant")

    @property
    def title(self) -> str:
        """The scenario with its variant."""
        return titled(self.scenario, self.variant)


def slim(directory: Path, *, night: str = "") -> dict[str, Any]:
    """Return what is kept of the run in ``directory``; nothing in it tells of the machine's folders.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no result.
    """
    result = _read(directory / RESULT)
    facts = _read(directory / FACTS) if (directory / FACTS).exists() else {}
    return {
        **{key: _short(result.get(key)) for key in KEYS},
        "kept": 1,
        "night": night,
        "run": text(facts, "run"),
        "sets": facts.get("sets", []),
        "digest": digest(resolved(directory)),
        "told": _short(decisive(result)),
        "objectives": [{key: _short(value) for key, value in row.items()} for row in rows(result, "objectives")],
        "rpo": {"lost_writes": part(result, "rpo").get("lost_writes")},
        "instrument": {"doubts": [_short(doubt) for doubt in part(result, "instrument").get("doubts") or ()]},
        "environment": dict(part(result, "environment")),
    }


def whole(kept: Kept) -> Row:
    """The whole result of a run directory; of what nightly keeps, what it keeps.

    Raises:
        OSError: It is not there any more.
        ValueError: It is no result.
    """
    return _read(kept.path / RESULT) if kept.path.is_dir() else kept.row


def read_kept(path: Path) -> dict[str, Any]:
    """Return what was kept in a file of its own.

    Raises:
        OSError: It cannot be read.
        ValueError: It is something else.
    """
    row = _read(path)
    if row.get("kept") != 1:
        raise ValueError("no result that chaoskit kept")
    return row


def resolved(directory: Path) -> str:
    """The scenario with all its defaults, as it was run; empty: unknown."""
    path = directory / RESOLVED
    return path.read_text(encoding="utf-8") if path.exists() else ""


def digest(scenario: str) -> str:
    """Twelve hex digits that tell two scenarios apart; empty where it is unknown."""
    return hashlib.sha256(scenario.encode()).hexdigest()[:12] if scenario else ""


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not isinstance(found.get("schema", 1), int):
        raise ValueError("no JSON object of chaoskit's")  # noqa: TRY004 - wrong text, not a wrong call
    return found


def _short(value: object) -> object:
    return value[:LONGEST] if isinstance(value, str) else value
