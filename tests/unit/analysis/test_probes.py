from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chaoskit.analysis.columns import NEVER_NS, ints, nearest_rank, texts
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.lanes import lanes
from chaoskit.analysis.latency import latencies_ms, latency_summaries
from chaoskit.analysis.probes import ProbeStream, probe_streams
from chaoskit.analysis.span import Span, span_of
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan

MS = 1_000_000
S = 1_000_000_000
History = Callable[[list[dict[str, object]]], pd.DataFrame]
Stream = Callable[..., ProbeStream]


def test_probes_are_split_by_region_operation_and_connection_and_users_are_left_out(
    history: History, plan: Callable[..., Plan]
) -> None:
    table = history(
        [
            {"scheduled_ns": 3 * MS, "kind": "probe_read"},
            {"scheduled_ns": 2 * MS, "connection": "fresh"},
            {"scheduled_ns": 2 * MS},
            {"scheduled_ns": 1 * MS},
            {"scheduled_ns": 1 * MS, "region": "us-east"},
            {"scheduled_ns": 1 * MS, "kind": "write"},
            {"scheduled_ns": 0},
        ]
    )
    none = np.zeros(len(table), dtype=bool)
    streams = probe_streams(table, none, since_ns=1 * MS, regions=["us-east", "eu-west"], probes=plan().probes)
    assert [s.name for s in streams] == [
        "us-east write established", "eu-west write established", "eu-west write fresh", "eu-west read established",
    ]  # fmt: skip
    assert streams[1].scheduled_ns.tolist() == [1 * MS, 2 * MS]
    assert [s.interval_ns for s in streams] == [50 * MS, 50 * MS, 200 * MS, 50 * MS]


def test_a_hollow_write_and_an_answer_that_never_came_are_failures(history: History) -> None:
    table = history(
        [
            {"scheduled_ns": 0, "returned_ns": 5},
            {"scheduled_ns": 10, "returned_ns": 15, "outcome": "ok_warned"},
            {"scheduled_ns": 20, "returned_ns": 25, "outcome": "fail"},
            {"scheduled_ns": 30, "returned_ns": 35},
            {"scheduled_ns": 40, "returned_ns": None},
            {"scheduled_ns": 50, "returned_ns": None, "outcome": "unknown", "connection": None},
        ]
    )
    (stream,) = probe_streams(table, np.arange(6) == 3, since_ns=0)
    assert stream.ok.tolist() == [True, True, False, False, False, False]
    assert stream.hollow.tolist() == [False, False, False, True, False, False]
    assert (stream.interval_ns, int(stream.ends_ns[2]), int(stream.ends_ns[5])) == (10, 25, NEVER_NS)


def test_a_success_after_the_deadline_is_a_failed_probe(history: History, plan: Callable[..., Plan]) -> None:
    rows: list[dict[str, object]] = [
        {"scheduled_ns": 0, "returned_ns": 500 * MS},
        {"scheduled_ns": 0, "returned_ns": 500 * MS + 1},
    ]
    (stream,) = probe_streams(history(rows), np.zeros(2, dtype=bool), since_ns=0, probes=plan().probes)
    assert stream.ok.tolist() == [True, False]
    assert stream.ends_ns[1] == 500 * MS


def test_one_probe_alone_has_no_interval(history: History) -> None:
    (stream,) = probe_streams(history([{"scheduled_ns": 5}]), np.array([False]), since_ns=0)
    assert stream.interval_ns == 0


@pytest.mark.parametrize("dtype", ["Int64", "float64", "object"])
def test_nulls_of_any_table_become_never(dtype: str) -> None:
    frame = pd.DataFrame({"t": pd.Series([1, None, 3], dtype=dtype)})
    assert ints(frame, "t").tolist() == [1, NEVER_NS, 3]
    assert ints(frame, "absent", null=0).tolist() == [0, 0, 0]


@pytest.mark.parametrize("dtype", ["category", "string", "object"])
def test_texts_of_any_table_are_strings(dtype: str) -> None:
    frame = pd.DataFrame({"w": pd.Series(["a", None], dtype=dtype)})
    assert texts(frame, "w").tolist() == ["a", ""]
    assert texts(frame, "absent").tolist() == ["", ""]


def test_percentiles_are_values_that_were_measured() -> None:
    values = np.array([1.0, 2.0, 3.0, 10.0])
    assert [nearest_rank(values, p) for p in (50, 75, 99, 100)] == [2.0, 3.0, 10.0, 10.0]


def test_latency_runs_from_the_scheduled_instant_and_a_failure_has_none(stream: Stream) -> None:
    took = latencies_ms(stream(".xeh"))
    assert took[0] == 10.0
    assert np.isnan(took[1:]).all()


CUT = FaultRecord(
    step="cut", fault="partition", onset_first_ns=100, onset_last_ns=100, heal_first_ns=200, healed_ns=210,
    healed_by="timeline",
)  # fmt: skip


def test_latency_is_summed_up_per_phase_in_which_any_probe_succeeded(stream: Stream) -> None:
    slow = FaultRecord(step="cut", fault="partition", onset_first_ns=200 * MS, onset_last_ns=200 * MS)
    (row,) = latency_summaries([stream("....xxxx")], [slow])
    assert (row.phase, row.p50_ms, row.p99_ms, row.max_ms, row.count) == ("before", 10.0, 10.0, 10.0, 4)


def test_a_lane_has_every_probe_and_null_for_a_failure(stream: Stream) -> None:
    nothing_else: Any = {"lag": {"t": [], "bytes": {}}, "distributions": [], "evidence": {}}
    drawn = lanes([stream(".xh", start_ns=S)], Span(t0_ns=S, end_ns=3 * S), ["eu-west"], **nothing_else)
    assert drawn["end_s"] == 2.0
    assert drawn["lanes"] == [
        {
            "region": "eu-west", "operation": "write", "connection": "established", "interval_s": 0.05,
            "t": [0.0, 0.05, 0.1], "latency_ms": [10.0, None, None], "ok": [1, 0, 0],
        }
    ]  # fmt: skip


def test_the_span_runs_from_the_steady_state_to_the_end_of_the_load(history: History) -> None:
    table = history([{"scheduled_ns": 5, "returned_ns": 9}, {"scheduled_ns": 7}])
    started, steady, stopped = (
        Event(t_ns=t, event=name) for t, name in ((1, Name.LOAD_STARTED), (3, Name.STEADY), (8, Name.LOAD_STOPPED))
    )
    assert span_of([started, steady, stopped], table) == Span(t0_ns=3, end_ns=8)
    assert span_of([started], table) == Span(t0_ns=1, end_ns=9)
    assert span_of([], table) == Span(t0_ns=5, end_ns=9)
    assert span_of([], table[:0]) == Span(t0_ns=0, end_ns=0)
