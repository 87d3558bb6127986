"""What the report draws beside the lanes: distributions, lag, price, and the operations around a witness."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from chaoskit.analysis.distributions import distributions
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.lag import lag
from chaoskit.analysis.neighbourhood import NEIGHBOURS, neighbourhoods
from chaoskit.analysis.price import crossed_bytes, price
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.record import RunRecord, Sample, wan_bytes_from_json
from chaoskit.analysis.span import Span

MS = 1_000_000
S = 1_000_000_000
SPAN = Span(t0_ns=0, end_ns=10 * S)
CUT = FaultRecord(
    step="cut", fault="partition", onset_first_ns=200 * MS, onset_last_ns=200 * MS, healed_ns=400 * MS,
    healed_by="timeline",
)  # fmt: skip
Stream = Callable[..., ProbeStream]
Histories = Callable[[list[dict[str, object]]], pd.DataFrame]


def test_a_distribution_counts_every_probe_once_and_failures_apart(stream: Stream) -> None:
    probes = stream("....xx...." + "." * 6)
    rows = distributions([probes], [CUT], SPAN)
    assert [row["phase"] for row in rows] == ["before", "during", "after"]
    assert [(row["count"], row["failed"]) for row in rows] == [(4, 0), (2, 2), (8, 0)]
    assert [sum(row["counts"]) for row in rows] == [row["count"] for row in rows]


def test_a_latency_lies_in_the_bin_that_holds_it(stream: Stream) -> None:
    (before, *_) = distributions([stream("....", latency_ns=40 * MS)], [CUT], SPAN)
    lowest_ms = 10 ** (before["first"] / before["per_decade"])
    assert lowest_ms <= 40 < 10 ** ((before["first"] + 1) / before["per_decade"])
    assert before["counts"] == [4]


def test_a_phase_without_an_answer_has_no_percentiles(stream: Stream) -> None:
    _, during = distributions([stream("....xxxx")], [CUT], SPAN)
    assert (during["p50_ms"], during["max_ms"], during["counts"], during["failed"]) == (None, None, [], 4)


def test_a_replica_of_which_nobody_told_has_no_lag_rather_than_none() -> None:
    samples = [Sample(t_ns=S, lag_bytes={"b": 7, "c": 0}), Sample(t_ns=2 * S), Sample(t_ns=3 * S, lag_bytes={"c": 9})]
    assert lag(samples, Span(t0_ns=S, end_ns=4 * S)) == {
        "t": [0.0, 1.0, 2.0], "bytes": {"b": [7, None, None], "c": [0, None, 9]},
    }  # fmt: skip


def record(samples: list[Sample], history: pd.DataFrame, **more: Any) -> RunRecord:
    return RunRecord(history=history, samples=tuple(samples), **more)


def test_cpu_is_counted_by_phase_and_over_restarts(history: Histories) -> None:
    used_s = [0.0, 1.0, 3.0, 0.5, 0.75]  # the server was started anew before the fourth look
    samples = [Sample(t_ns=i * S, cpu_s={"a": used}) for i, used in enumerate(used_s)]
    struck = FaultRecord(step="x", fault="crash", onset_first_ns=5 * S // 2, onset_last_ns=5 * S // 2)
    rows = price(record(samples, history([])), [struck], SPAN)["cpu"]
    assert [(row["phase"], row["used_s"], row["observed_s"]) for row in rows] == [
        ("before", 3.0, 2.0),
        ("during", 0.25, 1.0),
    ]


def test_a_server_that_is_started_anew_within_a_phase_costs_what_it_used_since(history: Histories) -> None:
    samples = [Sample(t_ns=i * S, cpu_s={"a": used}) for i, used in enumerate([2.0, 3.0, 0.5])]
    (row,) = price(record(samples, history([])), [], SPAN)["cpu"]
    assert (row["used_s"], row["observed_s"]) == (1.5, 2.0)


def test_bytes_inside_a_region_do_not_cross_the_wan(history: Histories) -> None:
    pairs = wan_bytes_from_json({"wan": [{"from": "a", "to": "a", "bytes": 9}, {"from": "a", "to": "b", "bytes": 5}]})
    assert crossed_bytes(pairs) == 5
    assert price(record([], history([]), wan_bytes=pairs), [], SPAN)["wan"] == [
        {"from_region": "a", "to_region": "b", "bytes": 5}
    ]


@pytest.mark.parametrize("told", [{}, {"wan": None}])
def test_a_wan_that_was_not_measured_has_no_price(told: dict[str, Any], history: Histories) -> None:
    assert wan_bytes_from_json(told) is None
    assert crossed_bytes(None) is None
    assert price(record([], history([])), [], SPAN)["wan"] is None


def witness_of(*ops: int) -> Any:
    return {"lost": SimpleNamespace(as_json=lambda: {"witness": {"operations": [{"op": op} for op in ops]}})}


def test_a_witness_is_shown_among_its_sessions_and_keys_in_order_of_time(history: Histories) -> None:
    table = history([
        {"scheduled_ns": 4 * S, "session": "a", "key": "k1", "returned_ns": 5 * S},
        {"scheduled_ns": 2 * S, "session": "a", "key": "k2"},
        {"scheduled_ns": 3 * S, "session": "b", "key": "k1"},
        {"scheduled_ns": 3 * S, "session": "b", "key": "k2"},
    ])  # fmt: skip
    rows = neighbourhoods(witness_of(0), table, SPAN)["lost"]
    assert [(row["op"], row["witness"]) for row in rows] == [(1, False), (2, False), (0, True)]
    assert (rows[-1]["invoked_s"], rows[-1]["returned_s"], rows[0]["returned_s"]) == (4.0, 5.0, None)


def test_only_the_nearest_neighbours_are_shown(history: Histories) -> None:
    table = history([{"scheduled_ns": i * S, "session": "a"} for i in range(100)])
    rows = neighbourhoods(witness_of(50), table, SPAN)["lost"]
    assert [row["op"] for row in rows] == list(range(45, 51 + NEIGHBOURS // 2))


def test_a_finding_without_operations_has_no_picture(history: Histories) -> None:
    assert neighbourhoods(witness_of(), history([{"scheduled_ns": 0}]), SPAN) == {}
