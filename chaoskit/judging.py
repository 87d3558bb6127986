"""Judges a run directory: reads it, analyses it, writes ``result.json``, ``lanes.json`` and ``report.html``.

A run ends with it, and ``chaoskit analyze`` repeats it, so a judgement never depends on anything but the files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from chaoskit import planning, scenario_file
from chaoskit.analysis.record import (
    Pulse,
    RunRecord,
    audit_from_json,
    pulse_from_json,
    sample_from_json,
    wan_bytes_from_json,
)
from chaoskit.analysis.result import analyze
from chaoskit.errors import UsageError
from chaoskit.model.event import Event
from chaoskit.model.history import FINAL_COLUMNS, HISTORY_COLUMNS
from chaoskit.model.verdict import Verdict
from chaoskit.report.html import render

SCENARIO = "scenario.original.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict and where its evidence is."""

    verdict: Verdict
    result: Mapping[str, Any]
    report: Path


def judge(directory: Path) -> Judgement:
    """Analyse the run in ``directory`` and write its result and report.

    Raises:
        UsageError: There is no history to analyse, or it lacks columns.
    """
    analysis = analyze(load(directory))
    _write_json(directory / "result.json", analysis.result)
    _write_json(directory / "lanes.json", analysis.lanes)
    return Judgement(
        verdict=Verdict(analysis.result["verdict"]), result=analysis.result, report=write_report(directory)
    )


def write_report(directory: Path) -> Path:
    """Render ``report.html`` from the finished ``result.json`` of ``directory``.

    Raises:
        UsageError: It was not analysed yet.
    """
    if not (directory / "result.json").exists():
        raise UsageError(f"no result.json in {directory}", fix=f"chaoskit analyze {directory}")
    result, lanes = (
        json.loads((directory / name).read_text(encoding="utf-8")) for name in ("result.json", "lanes.json")
    )
    path = directory / "report.html"
    path.write_text(render(result, lanes, _ndjson(directory / "events.ndjson")), encoding="utf-8")
    return path


def load(directory: Path) -> RunRecord:
    """Read a run directory; one with nothing but a history gives a record with nothing but a history."""
    history = _table(directory, "history", HISTORY_COLUMNS)
    if history is None:
        raise UsageError(f"no history in {directory}", fix="it needs history.parquet or history.ndjson")
    facts = _json(directory / "run.json")
    source = directory / SCENARIO
    scenario = plan = None
    if source.exists() and facts:
        text, sets, variant = source.read_text(encoding="utf-8"), facts.get("sets", ()), facts.get("variant")
        scenario = scenario_file.parse(text, str(facts["source"]), sets, variant=variant, here=False)
        plan = planning.plan(scenario, seed=int(facts["seed"]), run=str(facts["run"]))
    audit = _json(directory / "audit.json")
    return RunRecord(
        history=history.sort_values("invoked_ns", kind="stable", ignore_index=True),
        scenario=scenario,
        plan=plan,
        run_dir=str(directory),
        runtime=str(facts.get("runtime", "")),
        seed=facts.get("seed"),
        trial=int(facts.get("trial", 1)),
        started_at=str(facts.get("started_at", "")),
        final=_table(directory, "final", FINAL_COLUMNS),
        audit=audit_from_json(audit) if audit else None,
        events=tuple(Event.from_json(row) for row in _ndjson(directory / "events.ndjson")),
        environment=_json(directory / "environment.json"),
        samples=tuple(sample_from_json(row) for row in _ndjson(directory / "samples.ndjson")),
        pulses=_pulses(directory / "pulse.ndjson"),
        wan_bytes=wan_bytes_from_json(_json(directory / "price.json")),
    )


def _pulses(path: Path) -> tuple[Pulse, ...] | None:
    """None: a run of somebody else's, or of before there was a pulse."""
    return tuple(pulse_from_json(row) for row in _ndjson(path)) if path.exists() else None


def _table(directory: Path, name: str, columns: Mapping[str, tuple[str, bool]]) -> pd.DataFrame | None:
    """Parquet where there is one, else NDJSON from anywhere; None where there is neither."""
    parquet, ndjson = directory / f"{name}.parquet", directory / f"{name}.ndjson"
    if parquet.exists():
        table = pd.read_parquet(parquet)
    elif ndjson.exists():
        rows = _ndjson(ndjson)
        table = pd.DataFrame({column: [row.get(column) for row in rows] for column in columns})
    else:
        return None
    required = [column for column, (_, nullable) in columns.items() if not nullable]
    if missing := [c for c in required if c not in table or bool(table[c].isna().any())]:
        fix = "reports/README.md lists the columns"
        raise UsageError(f"{name} in {directory} lacks values of {', '.join(missing)}", fix=fix)
    return table.astype({column: _dtype(kind, nullable=nullable) for column, (kind, nullable) in columns.items()})


def _dtype(kind: str, *, nullable: bool) -> str:
    if kind == "int64":
        return "Int64" if nullable else "int64"
    return {"bool": "bool", "string": "string"}[kind]


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _ndjson(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
