"""The lanes carry every probe, compactly, and never an error as a latency."""

import json
from collections.abc import Mapping
from typing import Any

from chaoskit.report.html import render
from chaoskit.report.series import TICKS_PER_S, drawing
from chaoskit.report.thinning import MOST_PROBES

Json = Mapping[str, Any]
MEGABYTE = 1_000_000


def unpacked(stream: Mapping[str, Any]) -> list[float]:
    """The instants of a stream as the page's script reads them."""
    ticks = [stream["first"]] if stream["latency_ms"] else []
    for run in stream["runs"]:
        distance, times = run if isinstance(run, list) else (run, 1)
        for _ in range(times):
            ticks.append(ticks[-1] + distance)
    return [tick / TICKS_PER_S for tick in ticks]


def grid(count: int, failing: range = range(0)) -> dict[str, Any]:
    return {
        "region": "eu-west", "operation": "write", "connection": "established", "t": [i * 0.05 for i in range(count)],
        "latency_ms": [None if i in failing else 80.0 + i % 7 for i in range(count)],
        "ok": [int(i not in failing) for i in range(count)],
    }  # fmt: skip


def test_instants_survive_packing(result: Json, lanes: Json) -> None:
    data: Any = drawing(result, lanes, []).data
    streams = [stream for lane in data["lanes"] for stream in lane["streams"]]
    assert [unpacked(stream) for stream in streams] == [lane["t"] for lane in lanes["lanes"]]


def test_one_lane_holds_both_connections(result: Json, lanes: Json) -> None:
    data: Any = drawing(result, lanes, []).data
    assert len(data["lanes"]) == 6
    assert [stream["connection"] for stream in data["lanes"][0]["streams"]] == ["established", "fresh"]


def test_a_failed_probe_has_no_latency(result: Json) -> None:
    data: Any = drawing(result, {"lanes": [grid(10, range(3, 6))], "end_s": 1.0}, []).data
    assert [i for i, ms in enumerate(data["lanes"][0]["streams"][0]["latency_ms"]) if ms is None] == [3, 4, 5]


def test_a_hollow_write_counts_as_failed_although_it_was_answered(result: Json) -> None:
    lane = grid(4)
    lane["ok"][2] = 0
    data: Any = drawing(result, {"lanes": [lane], "end_s": 1.0}, []).data
    assert data["lanes"][0]["streams"][0]["hollow"] == [2]


def test_a_line_is_broken_where_its_clients_were_not_there(result: Json) -> None:
    lane = {**grid(20), "interval_s": 0.05}
    for column in ("t", "latency_ms", "ok"):
        lane[column] = [figure for i, figure in enumerate(lane[column]) if i not in (2, 3) and not 6 <= i < 12]
    data: Any = drawing(result, {"lanes": [lane], "end_s": 1.0}, []).data
    (stream,) = data["lanes"][0]["streams"]
    assert [unpacked(stream)[i] for i in stream["broken"]] == [0.6]


def test_far_from_what_happened_the_extremes_and_the_first_failed_probe_are_kept() -> None:
    lane = grid(3 * MOST_PROBES, range(1000, 1003))
    lane["latency_ms"][7] = 9000.0
    lane["latency_ms"][9] = 0.25
    drawn = drawing({}, {"lanes": [lane], "end_s": 1.0}, [])
    data: Any = drawn.data
    latency = data["lanes"][0]["streams"][0]["latency_ms"]
    assert drawn.thinned > 3
    assert len(latency) <= MOST_PROBES
    assert {9000.0, 0.25, None} <= set(latency)


def test_near_a_fault_every_probe_is_drawn_however_many_there_are(result: dict[str, Any]) -> None:
    result["outages"] = []
    lane = grid(3 * MOST_PROBES)
    data: Any = drawing(result, {"lanes": [lane], "end_s": lane["t"][-1]}, []).data
    drawn = unpacked(data["lanes"][0]["streams"][0])
    around = [round(t, 4) for t in lane["t"] if 5.01 < t < 14.99]  # the fault of the fixture struck at 10 s
    assert set(around) <= set(drawn)
    assert len(drawn) <= MOST_PROBES


def test_where_something_happens_all_the_time_the_page_stays_small(result: dict[str, Any]) -> None:
    first = result["outages"][0]
    result["outages"] = [
        {**first, "begin_s": 3.0 * n, "end_lo_s": 3.0 * n + 1, "end_hi_s": 3.0 * n + 2} for n in range(300)
    ]
    lanes = {"end_s": 1000.0, "lanes": [{**grid(20_000), "region": f"r{n}"} for n in range(12)]}
    assert len(render(result, lanes, []).encode()) < MEGABYTE


def test_a_line_that_was_thinned_breaks_only_where_nobody_probed() -> None:
    lane = {**grid(3 * MOST_PROBES), "interval_s": 0.05}
    for column in ("t", "latency_ms", "ok"):
        del lane[column][MOST_PROBES : MOST_PROBES + 8]
    data: Any = drawing({}, {"lanes": [lane], "end_s": 1.0}, []).data
    (stream,) = data["lanes"][0]["streams"]
    (gap,) = stream["broken"]
    at = unpacked(stream)
    assert at[gap - 1] < MOST_PROBES * 0.05 <= at[gap]


def test_outages_are_drawn_from_their_own_ends_not_from_probes(result: Json, lanes: Json) -> None:
    data: Any = drawing(result, lanes, []).data
    first = next(outage for outage in data["outages"] if outage["region"] == "eu-west")
    assert (first["begin_s"], first["end_lo_s"], first["end_hi_s"]) == (9.95, 17.41, 17.47)


def test_a_fault_that_was_not_healed_lasts_to_the_end(result: dict[str, Any], lanes: Json) -> None:
    result["faults"][0]["healed_ns"] = None
    data: Any = drawing(result, lanes, []).data
    assert data["faults"][0]["to_s"] == lanes["end_s"]


def test_a_failed_fence_is_no_mark(result: Json, lanes: Json, events: list[Json]) -> None:
    data: Any = drawing(result, lanes, events).data
    assert [mark["label"] for mark in data["marks"]] == ["detected", "decided", "promoted", "routed", "routed"]


def test_the_page_of_a_short_run_is_small(result: Json, lanes: Json, events: list[Json]) -> None:
    assert len(render(result, lanes, events).encode()) < 0.3 * MEGABYTE


def test_the_page_stays_below_a_megabyte_however_long_the_run(result: Json) -> None:
    lanes = {"end_s": 20_000.0, "lanes": [{**grid(60_000), "region": f"r{n}"} for n in range(6)]}
    page = render(result, lanes, [])
    assert len(page.encode()) < MEGABYTE
    assert "the fastest, the slowest and the first failed one are drawn" in page


def test_the_data_cannot_end_its_element(result: Json, lanes: dict[str, Any]) -> None:
    lanes["lanes"][0]["region"] = "</script>\u2028<!--"
    page = render(result, lanes, [])
    raw = page.split('id="lanes-data">')[1].split("</script>")[0]
    assert not set("<>&\u2028") & set(raw)
    assert json.loads(raw)["lanes"][0]["region"] == "</script>\u2028<!--"
