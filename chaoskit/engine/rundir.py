"""A run's directory: what is written where (reports/README.md)."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chaoskit.errors import StackError
from chaoskit.model.scenario import Scenario


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Paths inside a run's directory."""

    path: Path

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.path / "logs"

    @property
    def streams(self) -> Path:
        """The Arrow streams of the load's processes, until the history is complete."""
        return self.path / "streams"

    @property
    def journal(self) -> Path:
        """What was done and how to undo it."""
        return self.path / "journal.ndjson"

    @property
    def events(self) -> Path:
        """What happened beside the load."""
        return self.path / "events.ndjson"

    @property
    def samples(self) -> Path:
        """What was looked at once a second."""
        return self.path / "samples.ndjson"

    @property
    def pulse(self) -> Path:
        """How long the WAN itself took to answer, ten times a second."""
        return self.path / "pulse.ndjson"

    def log(self, process: str) -> Path:
        """The log of one process, by the launcher's name for it."""
        return self.logs / f"{process.replace('/', ':')}.log"

    def write_json(self, name: str, data: Mapping[str, Any]) -> None:
        """Write ``data`` as indented JSON."""
        (self.path / name).write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_text(self, name: str, text: str) -> None:
        """Write ``text``."""
        (self.path / name).write_text(text, encoding="utf-8")


def prepare(root: Path) -> None:
    """Make sure that runs can be written to ``root``, before anything else is done for one; makes nothing.

    Raises:
        StackError: They cannot.
    """
    nearest = next(path for path in (root.resolve(), *root.resolve().parents) if path.exists())
    if not nearest.is_dir():
        raise _unwritable(root, f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unwritable(root, f"{nearest} is closed to this user")


def create(root: Path, scenario: Scenario, run: str, started: datetime) -> RunDirectory:
    """Make ``root/<scenario>/<UTC time>-<run>``, of a variant ``root/<scenario>/<variant>/…``.

    Raises:
        StackError: It cannot be made or written to.
    """
    path = root / scenario.name / (scenario.variant or "") / f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{run}"
    try:
        (path / "logs").mkdir(parents=True)
        (path / "streams").mkdir()
    except OSError as error:
        raise _unwritable(root, str(error)) from error
    return RunDirectory(path)


def _unwritable(root: Path, why: str) -> StackError:
    return StackError(f"cannot write reports to {root}", why=why, fix="name a writable folder with --report-dir")
