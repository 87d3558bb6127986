"""A whole run whose answer is known by hand: us-east is lost at 2 s, eu-west takes over at 4 s."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from chaoskit.analysis.evidence import Evidence
from chaoskit.analysis.examine import Examiner
from chaoskit.analysis.record import Audit, NodeAudit, RunRecord
from chaoskit.analysis.result import Analysis
from chaoskit.analysis.result import analyze as judge_run
from chaoskit.analysis.schema import schema_text
from chaoskit.analysis.series import LanesRow
from chaoskit.analysis.shapes import ResultRow
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import RegionLoss
from chaoskit.model.history import FINAL_COLUMNS
from chaoskit.model.instant import since_t0
from chaoskit.model.place import places
from chaoskit.model.plan import Plan, PlannedStep
from chaoskit.model.scenario import Objective

MS = 1_000_000
S = 1_000_000_000
ONSET_NS, BACK_NS, END_NS = 2 * S, 4 * S, 6 * S
REGIONS = ("us-east", "eu-west", "ap-south")
LOST = 3  # acknowledged by us-east in the last 150 ms before the onset, one probe per 50 ms
STEP = PlannedStep(name="lose", deed=RegionLoss(target=places("us-east")), at=since_t0(ONSET_NS))


def bound(name: str, unit: str = "count", **given: Any) -> Objective:
    given.setdefault("measure", name)
    return Objective(name=name, unit=unit, position="x.chaos.yaml:9:3", **given)


RTO = bound("rto", "s", maximum=5.0, expected_text="max 5s", operation="write")
LOSES = bound("lost_writes", minimum=1.0, expected_text="min 1")


def probe(region: str, operation: str, connection: str, at_ns: int) -> dict[str, object]:
    """A probe as its client saw it: 5 ms, except for writes between loss and takeover, and in the lost region."""
    write = operation == "write"
    gone = region == "us-east" and at_ns >= ONSET_NS
    ok = not gone and not (write and ONSET_NS <= at_ns < BACK_NS)
    made: dict[str, object] = {
        "region": region,
        "client": region,
        "session": f"{region}.{operation}.{connection}",
        "kind": f"probe_{operation}",
        "connection": connection,
        "key": f"{region}.{operation}.{connection}",
        "scheduled_ns": at_ns,
        "returned_ns": at_ns + 5 * MS if ok else None,
        "outcome": "ok" if ok else "unknown",
        "error": None if ok else "timeout",
    }
    if write:
        made |= {"value": f"{made['key']}.{at_ns}", "version": at_ns // MS + 1 if ok else None}
        if ok:
            late = at_ns >= BACK_NS
            made |= {
                "node": "eu-west/1" if late else "us-east/1",
                "pg_timeline": 2 if late else 1,
                "lsn": f"0/{0x10000 + at_ns // MS:X}",
            }
    return made


def probes() -> list[dict[str, object]]:
    return [
        probe(region, operation, connection, at_ns)
        for region in REGIONS
        for operation in ("write", "read")
        for connection, every_ns in (("established", 50 * MS), ("fresh", 200 * MS))
        for at_ns in range(0, END_NS, every_ns)
        if region != "us-east" or at_ns < ONSET_NS + 100 * MS
    ]


def survivors(table: pd.DataFrame) -> pd.DataFrame:
    """What eu-west/1 holds: every acknowledged write but us-east's established ones of the last 150 ms."""
    acked = table[(table["kind"] == "probe_write") & (table["outcome"] == "ok")]
    at_ns = acked["scheduled_ns"]
    taken = (acked["session"] == "us-east.write.established") & (at_ns >= ONSET_NS - 150 * MS) & (at_ns < ONSET_NS)
    kept = acked[~taken]
    rows = {
        "audit": "final",
        "node": "eu-west/1",
        "authoritative": True,
        "key": kept["key"].to_list(),
        "version": kept["version"].astype("int64").to_list(),
        "value": kept["value"].to_list(),
        "pg_timeline": 2,
        "committed_ns": kept["returned_ns"].astype("int64").to_list(),
    }
    return pd.DataFrame(rows, columns=list(FINAL_COLUMNS))


EVENTS = (
    Event(t_ns=0, event=Name.STEADY, detail={"availability": {}}),
    Event(
        t_ns=ONSET_NS,
        event=Name.START,
        step="lose",
        detail={
            "fault": "region_loss", "target": "us-east", "text": "us-east lost", "onset_first_ns": ONSET_NS,
            "onset_last_ns": ONSET_NS + MS, "links": ["us-east <-> eu-west"], "excluded_regions": ["us-east"],
        },
    ),
    Event(t_ns=ONSET_NS + MS, event=Name.PROVED, step="lose", detail={"phase": "onset", "ok": True, "proof": "-"}),
    Event(t_ns=3 * S, event=Name.DETECTED, detail={"node": "us-east/1", "failures": 6}),
    Event(t_ns=3 * S + 500 * MS, event=Name.DECIDED, detail={"node": "us-east/1"}),
    Event(
        t_ns=3 * S + 800 * MS,
        event=Name.PROMOTED,
        detail={"node": "eu-west/1", "pg_timeline": 2, "fork_lsn": f"0/{0x10000 + 1850:X}"},
    ),
    Event(t_ns=3 * S + 900 * MS, event=Name.ROUTED, detail={"region": "eu-west", "endpoint": "write"}),
    Event(t_ns=3 * S + 950 * MS, event=Name.ROUTED, detail={"region": "ap-south", "endpoint": "write"}),
    Event(t_ns=END_NS, event=Name.LOAD_STOPPED),
    Event(t_ns=END_NS + S, event=Name.END, step="lose", detail={"by": "audit"}),
)  # fmt: skip
AUDIT = Audit(
    quiescent=True,
    authoritative="eu-west/1",
    claimants=("eu-west/1",),
    endpoints={"eu-west": "eu-west/1", "ap-south": "eu-west/1"},
    nodes=(NodeAudit(audit="final", node="eu-west/1", answered=True, in_recovery=False, timeline=2, rows=1),),
)
Judge = Callable[[RunRecord], Analysis]
Histories = Callable[[list[dict[str, object]]], pd.DataFrame]


@pytest.fixture
def record(history: Histories, plan: Callable[..., Plan]) -> RunRecord:
    table = history(probes())
    planned = plan(STEP, objectives=(RTO, LOSES))
    return RunRecord(
        scenario=planned.scenario,
        plan=planned,
        run_dir="reports/region-loss/x",
        runtime="local",
        seed=7,
        started_at="2030-01-01T00:00:00Z",
        history=table,
        final=survivors(table),
        audit=AUDIT,
        events=EVENTS,
        environment={"cores": 2},
    )


@pytest.fixture
def analyze(examiner: Examiner) -> Judge:
    return lambda run: judge_run(run, examiner=examiner)


def asked(record: RunRecord, *objectives: Objective) -> RunRecord:
    assert record.scenario is not None
    return replace(record, scenario=replace(record.scenario, objectives=objectives))


def verdicts(result: ResultRow) -> dict[str, str]:
    return {row["name"]: row["verdict"] for row in result["objectives"]}


def test_a_region_loss_is_measured_as_it_was_planted(record: RunRecord, analyze: Judge) -> None:
    result = analyze(record).result
    established = {row["region"]: row for row in result["rto"] if row["connection"] == "established"
                   and row["operation"] == "write"}  # fmt: skip
    # Last failed probe at 3.95 s, first success returned at 4.005 s; onset 2.000 to 2.001 s.
    assert established["eu-west"]["lo_s"] == pytest.approx(1.949)
    assert established["eu-west"]["hi_s"] == pytest.approx(2.005)
    assert established["us-east"]["excluded"]
    assert result["rpo"]["lost_writes"] == LOST
    # First lost acknowledgement at 1.855 s, onset at 2 s.
    assert result["rpo"]["window_s"] == pytest.approx(0.145)
    assert result["rpo"]["wal_bytes"] == 100
    assert result["instrument"]["doubts"] == []
    assert verdicts(result) == {"rto": "pass", "lost_writes": "pass"}
    assert (result["verdict"], result["reason"]) == ("pass", "")


def test_the_summary_tells_it_to_someone_who_was_not_there(record: RunRecord, analyze: Judge) -> None:
    result = analyze(record).result
    assert result["summary"].startswith(
        "PASS. After us-east was lost, eu-west could not write for 1.9-2.1 s and ap-south for 1.9-2.1 s; 3 of "
    )


def test_a_result_and_its_lanes_are_plain_json_of_the_documented_shape(record: RunRecord, analyze: Judge) -> None:
    for run in (record, RunRecord(history=record.history), asked(record)):
        analysis = analyze(run)
        text = json.dumps(analysis.result, allow_nan=False)
        TypeAdapter(ResultRow).validate_json(text, strict=True)
        TypeAdapter(LanesRow).validate_json(json.dumps(analysis.lanes, allow_nan=False), strict=True)


def test_the_schema_in_the_docs_is_the_one_of_the_types() -> None:
    file = Path(__file__).parents[3] / "docs" / "result.schema.json"
    command = """python -c "from chaoskit.analysis.schema import schema_text; print(schema_text(), end='')" """
    assert file.read_text() == schema_text(), f"out of date: {command}> docs/result.schema.json"


def test_the_same_record_gives_the_same_result(record: RunRecord, analyze: Judge) -> None:
    assert analyze(record) == analyze(record)


def test_a_missed_objective_fails_the_run_and_the_reason_names_it(record: RunRecord, analyze: Judge) -> None:
    result = analyze(asked(record, replace(RTO, maximum=1.0, expected_text="max 1s"), LOSES)).result
    assert verdicts(result) == {"rto": "fail", "lost_writes": "pass"}
    assert result["verdict"] == "fail"
    assert result["reason"].startswith("rto: ")
    assert "Missed: rto" in result["summary"]


def test_a_run_that_was_asked_nothing_is_inconclusive(record: RunRecord, analyze: Judge) -> None:
    result = analyze(asked(record)).result
    assert (result["verdict"], result["reason"]) == ("inconclusive", "no objectives")


def test_a_fault_that_was_not_proved_leaves_only_what_was_witnessed(record: RunRecord, analyze: Judge) -> None:
    events = tuple(event for event in EVENTS if event.event is not Name.PROVED)
    result = analyze(replace(record, events=events)).result
    assert verdicts(result) == {"rto": "inconclusive", "lost_writes": "inconclusive"}
    assert result["verdict"] == "inconclusive"
    none_lost = bound("lost_writes", maximum=0.0)
    assert verdicts(analyze(asked(replace(record, events=events), none_lost)).result) == {"lost_writes": "fail"}


def test_without_an_audit_nothing_is_said_about_losses(record: RunRecord, analyze: Judge) -> None:
    result = analyze(replace(record, audit=None, final=None)).result
    assert result["rpo"]["lost_writes"] is None
    assert verdicts(result) == {"rto": "inconclusive", "lost_writes": "inconclusive"}


def with_a_zombie(record: RunRecord) -> RunRecord:
    """Probes of eu-west at 4.00 to 4.45 s were acknowledged by the old primary, which is not what survived."""
    assert record.final is not None
    key, until = "eu-west.write.established", BACK_NS // MS + 500
    final = record.final[~((record.final["key"] == key) & record.final["version"].between(BACK_NS // MS, until))]
    zombie = record.history["key"].eq(key) & record.history["scheduled_ns"].between(BACK_NS, BACK_NS + 450 * MS)
    history = record.history.assign(
        node=record.history["node"].mask(zombie, "us-east/1"), pg_timeline=record.history["pg_timeline"].mask(zombie, 1)
    )
    return replace(record, history=history, final=final)


def test_hollow_writes_prolong_an_outage(record: RunRecord, analyze: Judge) -> None:
    key = "eu-west.write.established"
    result = analyze(with_a_zombie(record)).result
    (row,) = [r for r in result["rto"] if (r["region"], r["operation"], r["connection"]) == tuple(key.split("."))]
    assert row["lo_s"] == pytest.approx(2.449)
    (outage,) = [o for o in result["outages"] if (o["region"], o["connection"]) == ("eu-west", "established")]
    assert outage["hollow"] == 10


@pytest.mark.parametrize("harm", ["a time that cannot be", "no final state", "a final state that is torn"])
def test_a_surviving_state_that_is_not_known_makes_no_hollow_write_a_pass(record: RunRecord, harm: str) -> None:
    hollow = with_a_zombie(asked(record, replace(RTO, maximum=2.2, expected_text="max 2.2s")))
    assert judge_run(hollow).result["verdict"] == "fail"
    history, final = hollow.history.copy(), hollow.final
    assert final is not None
    match harm:
        case "a time that cannot be":
            history.loc[0, "returned_ns"] = -1
        case "no final state":
            final = None
        case _:
            final = final[:0]
    result = judge_run(replace(hollow, history=history, final=final)).result
    assert result["verdict"] == "inconclusive"
    (doubt,) = result["instrument"]["doubts"]
    assert doubt.startswith("What survived is not known, so acknowledged writes may have been hollow: ")


def test_a_bare_history_has_findings_and_no_recovery_times(record: RunRecord, analyze: Judge) -> None:
    result = analyze(RunRecord(history=record.history, final=record.final)).result
    assert result["rto"] == []
    assert result["findings"]["lost_writes"]["count"] == LOST
    assert (result["verdict"], result["scenario"], result["topology"]) == ("inconclusive", None, None)


def test_a_history_without_operations_is_inconclusive(record: RunRecord, analyze: Judge) -> None:
    result = analyze(RunRecord(history=record.history[:0])).result
    assert result["verdict"] == "inconclusive"
    assert result["duration_s"] == 0


def test_a_waterfall_explains_the_outage_of_each_surviving_region(record: RunRecord, analyze: Judge) -> None:
    rows = {row["region"]: [part["end_s"] for part in row["parts"]] for row in analyze(record).result["waterfall"]}
    assert rows == {"eu-west": [3.0, 3.5, 3.8, 3.9, 4.005], "ap-south": [3.0, 3.5, 3.8, 3.95, 4.005]}


def test_lanes_hold_every_probe_of_every_stream(record: RunRecord, analyze: Judge) -> None:
    lanes = analyze(record).lanes
    assert lanes["regions"] == list(REGIONS)
    assert len(lanes["lanes"]) == 12
    assert sum(len(lane["t"]) for lane in lanes["lanes"]) == len(record.history)
    assert np.all(np.diff(lanes["lanes"][4]["t"]) > 0)


def test_checkers_that_crash_make_the_run_inconclusive_and_never_end_the_analysis(record: RunRecord) -> None:
    def crash(record: RunRecord, faults: object) -> Evidence:
        raise KeyError("value")

    result = judge_run(record, examiner=crash).result
    assert verdicts(result) == {"rto": "inconclusive", "lost_writes": "inconclusive"}
    assert result["rpo"]["reason"] == "the checkers crashed: KeyError: 'value'"
    assert any("the checkers crashed: KeyError: 'value'" in doubt for doubt in result["instrument"]["doubts"])
