"""The lanes as compact data for the page's script: the probes of every stream, the faults, outages, marks and lag."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chaoskit.report.faults import fault_rows
from chaoskit.report.reading import Row, number, part, rows, text
from chaoskit.report.recovery import MOST_OUTAGES
from chaoskit.report.thinning import Probe, thin, thinning
from chaoskit.report.timeline import marks

TICKS_PER_S = 10_000  # instants are whole ticks of 0.1 ms
HOLE = 5  # intervals of the grid without a probe: nobody probed then, and no line is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """``data`` for the script; far from what happened, ``thinned`` probes in a row became few."""

    data: dict[str, object]
    thinned: int


def drawing(result: Row, lanes: Row, events: Sequence[Row]) -> Drawing:
    """Everything that the lanes draw. Instants are seconds since t0, unless packed."""
    streams = [(lane, tuple(_probes(lane))) for lane in rows(lanes, "lanes")]
    ticks = [probes[index][0] for _, probes in streams if probes for index in (0, -1)]
    end_s = number(lanes, "end_s") or max(ticks, default=0) / TICKS_PER_S
    faults, told = _faults(result, end_s), marks(result, events)
    outages = [_outage(row, end_s) for row in rows(result, "outages")[:MOST_OUTAGES]]
    edges = [
        *(fault[end] for fault in faults for end in ("from_s", "to_s")),
        *(outage[end] for outage in outages for end in ("begin_s", "end_hi_s")),
        *(mark.at_s for mark in told),
    ]
    known_s = [edge for edge in edges if isinstance(edge, float | int)]
    thinned, close = thinning([probes for _, probes in streams], known_s, TICKS_PER_S)
    data: dict[str, object] = {
        "ticks_per_s": TICKS_PER_S,
        "begin_s": min([0.0, *(tick / TICKS_PER_S for tick in ticks)]),
        "end_s": end_s,
        "thinned": thinned,
        "lanes": _grouped([(lane, probes, thin(probes, thinned, close)) for lane, probes in streams]),
        "faults": faults,
        "outages": outages,
        "marks": [{"at_s": mark.at_s, "label": mark.label, "region": mark.region} for mark in told],
        "lag": part(lanes, "lag"),
    }
    return Drawing(data=data, thinned=thinned)


def _faults(result: Row, end_s: float) -> list[dict[str, object]]:
    return [
        {
            "step": row.step,
            "text": row.sentence,
            "from_s": row.from_s,
            "to_s": end_s if row.to_s is None else row.to_s,
        }
        for row in fault_rows(result)
        if row.from_s is not None
    ]


def lane_names(lanes: Row) -> tuple[tuple[str, str], ...]:
    """(region, operation) of every lane, in the order of the streams."""
    return tuple(dict.fromkeys((text(lane, "region"), text(lane, "operation")) for lane in rows(lanes, "lanes")))


def _probes(lane: Row) -> Iterator[Probe]:
    for t_s, latency_ms, ok in zip(
        lane.get("t") or (), lane.get("latency_ms") or (), lane.get("ok") or (), strict=True
    ):
        known = latency_ms is not None and math.isfinite(latency_ms)
        yield round(t_s * TICKS_PER_S), latency_ms if known else None, bool(ok)


def _grouped(streams: Sequence[tuple[Row, Sequence[Probe], Sequence[Probe]]]) -> list[dict[str, object]]:
    """By lane, of each stream what is drawn of all its probes."""
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for lane, probes, drawn in streams:
        interval_s = number(lane, "interval_s")
        packed = {
            "connection": text(lane, "connection"),
            "interval_s": interval_s,
            **_packed(drawn),
            "broken": _broken(probes, drawn, HOLE * (interval_s or math.inf) * TICKS_PER_S),
        }
        groups.setdefault((text(lane, "region"), text(lane, "operation")), []).append(packed)
    return [{"region": region, "operation": op, "streams": packed} for (region, op), packed in groups.items()]


def _packed(probes: Sequence[Probe]) -> dict[str, object]:
    """The first tick, then distances, each alone or with how often it repeats (a grid is one pair); latency; hollow.

    ``hollow`` are the answered probes that failed, by index.
    """
    runs: list[list[int]] = []
    for before, after in pairwise(probes):
        distance = after[0] - before[0]
        if runs and runs[-1][0] == distance:
            runs[-1][1] += 1
        else:
            runs.append([distance, 1])
    return {
        "first": probes[0][0] if probes else 0,
        "runs": [distance if times == 1 else [distance, times] for distance, times in runs],
        "latency_ms": [None if probe[1] is None else _three_digits(probe[1]) for probe in probes],
        "hollow": [index for index, probe in enumerate(probes) if probe[1] is not None and not probe[2]],
    }


def _three_digits(latency_ms: float) -> float | int:
    """As exact as a chart can be."""
    return round(latency_ms) if latency_ms >= 100 else round(latency_ms, 1 if latency_ms >= 10 else 2)


def _broken(probes: Sequence[Probe], drawn: Sequence[Probe], hole_ticks: float) -> list[int]:
    """The drawn probes that follow a hole in all probes, by index: their clients were not there before."""
    holes = [b[0] for a, b in pairwise(probes) if b[0] - a[0] > hole_ticks]
    return [
        index
        for index, (a, b) in enumerate(pairwise(drawn), start=1)
        if bisect_right(holes, b[0]) > bisect_right(holes, a[0])
    ]


def _outage(row: Row, end_s: float) -> dict[str, object]:
    begin_s = number(row, "begin_s") or 0.0
    ended = bool(row.get("ended", True))
    end_lo_s = number(row, "end_lo_s") if ended else end_s
    end_hi_s = number(row, "end_hi_s") if ended else end_s
    return {
        "region": text(row, "region"),
        "operation": text(row, "operation"),
        "connection": text(row, "connection"),
        "begin_s": begin_s,
        "end_lo_s": end_s if end_lo_s is None else end_lo_s,
        "end_hi_s": end_s if end_hi_s is None else end_hi_s,
        "ended": ended,
    }
