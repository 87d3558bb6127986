from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from chaoskit.analysis.absence import Absences
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.operations import operations, users
from chaoskit.analysis.setting import setting
from chaoskit.analysis.span import Span
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Sync

S = 1_000_000_000
SPAN = Span(t0_ns=S, end_ns=11 * S)


@pytest.fixture
def table(history: Callable[[list[dict[str, object]]], pd.DataFrame]) -> pd.DataFrame:
    rows: list[dict[str, object]] = [
        {"scheduled_ns": 2 * S, "returned_ns": 2 * S + 3_000_000, "kind": "write", "region": "us-east"},
        {"scheduled_ns": 3 * S, "returned_ns": 3 * S + 5_000_000, "kind": "write", "region": "us-east"},
        {"scheduled_ns": 4 * S, "outcome": "unknown", "error": "timeout", "kind": "write", "region": "us-east"},
        {"scheduled_ns": 5 * S, "outcome": "unknown", "error": "timeout", "kind": "read"},
        {"scheduled_ns": 6 * S, "outcome": "unknown", "kind": "read"},
        {"scheduled_ns": 7 * S, "outcome": "fail", "error": "25006", "returned_ns": 7 * S},
        {"scheduled_ns": 0, "returned_ns": 1, "kind": "read"},
    ]
    return history(rows)


def test_operations_are_counted_by_outcome_and_errors_by_region(table: pd.DataFrame) -> None:
    counted = operations(table, SPAN)
    assert (counted["total"], counted["users"], counted["probes"]) == (7, 6, 1)
    assert counted["by_outcome"] == {"ok": 3, "unknown": 3, "fail": 1}
    assert [(e["region"], e["error"], e["count"], e["first_s"]) for e in counted["errors"]] == [
        ("eu-west", "25006", 1, 6.0),
        ("eu-west", "no answer", 1, 5.0),
        ("eu-west", "timeout", 1, 4.0),
        ("us-east", "timeout", 1, 3.0),
    ]


def test_users_figures_are_closed_loop_and_count_until_their_region_was_lost(table: pd.DataFrame) -> None:
    read, write = users(table, SPAN, Absences(spans={"us-east": ((5 * S, NEVER_NS),)}))
    assert (write["count"], write["per_s"], write["p50_ms"], write["p99_ms"]) == (3, 0.5, 3.0, 5.0)
    assert (read["count"], read["per_s"], read["p50_ms"], read["p99_ms"]) == (2, 0.0, None, None)
    assert write["closed_loop"]


def test_a_run_of_no_length_has_no_rate(table: pd.DataFrame) -> None:
    assert users(table, Span(t0_ns=0, end_ns=0))[0]["per_s"] is None


def test_no_operations_are_no_rows(table: pd.DataFrame) -> None:
    assert operations(table[:0], SPAN) == {"total": 0, "users": 0, "probes": 0, "by_outcome": {}, "errors": []}
    assert users(table[:0], SPAN) == []


def test_the_stack_is_told_in_words(plan: Callable[..., Plan]) -> None:
    told = setting(plan().scenario)
    assert told["rtt_ms"] == {"us-east <-> eu-west": 80, "us-east <-> ap-south": 200, "eu-west <-> ap-south": 130}
    assert (told["primary"], told["replication"], told["failover"]) == ("us-east/1", "async", "runbook")
    quorum = setting(plan(quorum=True).scenario)
    assert (quorum["replication"], quorum["failover"], quorum["reads"]) == ("quorum any 1 (flush)", "none", "local")


def test_synchronous_replication_is_told_with_what_it_waits_for(plan: Callable[..., Plan]) -> None:
    scenario = plan().scenario
    told = setting(replace(scenario, stack=replace(scenario.stack, replication=Sync())))
    assert told["replication"] == "sync (flush)"
