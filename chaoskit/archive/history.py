"""The history that nightly keeps: a small file per run, and each scenario's text once."""

import json
from datetime import UTC, datetime
from pathlib import Path

from chaoskit.archive.kept import Kept, digest, resolved, slim
from chaoskit.archive.shelf import write_atomically


def night_name(started: datetime) -> str:
    """``2026-11-21 02:00``, by UTC: what is started in one minute is one night."""
    return f"{started.astimezone(UTC):%Y-%m-%d %H:%M}"


def keep(directory: Path, history: Path, night: str) -> Path:
    """Keep the run in ``directory`` as ``<history>/<scenario>/<night>-<run>.json``, a variant's a folder below.

    Raises:
        OSError: It cannot be read, or not be written there.
        ValueError: It has no result.
    """
    row = slim(directory, night=night)
    kept = Kept(path=directory, row=row, report=False)
    folder = history / kept.scenario / kept.variant
    folder.mkdir(parents=True, exist_ok=True)
    text = resolved(directory)
    scenario = folder / f"scenario-{digest(text)}.yaml"
    if text and not scenario.exists():
        write_atomically(scenario, text)
    compact = night.replace("-", "").replace(" ", "T").replace(":", "")
    path = folder / f"{compact}-{row['run'] or directory.name}.json"
    write_atomically(path, json.dumps(row, indent=1) + "\n")
    return path
