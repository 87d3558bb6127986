"""The lanes as compact data for the page's script: every probe of every stream, the faults, outages and marks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chaoskit.report.faults import fault_rows
from chaoskit.report.reading import Row, number, rows, text
from chaoskit.report.recovery import MOST_OUTAGES
from chaoskit.report.timeline import marks

TICKS_PER_S = 10_000  # instants are whole ticks of 0.1 ms
MOST_PROBES = 90_000  # drawn; more are thinned, which the page says
HOLE = 5  # intervals of the grid without a probe: nobody probed then, and no line is drawn
Probe = tuple[int, float | None, bool]  # tick, latency in ms or None, ok


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """``data`` for the script; of every ``thinned`` probes in a row the slowest and the first failed are drawn."""

    data: dict[str, object]
    thinned: int


def drawing(result: Row, lanes: Row, events: Sequence[Row]) -> Drawing:
    """Everything that the lanes draw. Instants are seconds since t0, unless packed."""
    streams = [(lane, tuple(_probes(lane))) for lane in rows(lanes, "lanes")]
    total = sum(len(probes) for _, probes in streams)
    thinned = 1 if total <= MOST_PROBES else math.ceil(2 * total / MOST_PROBES)
    shown = [(lane, _thin(probes, thinned)) for lane, probes in streams]
    ticks = [probes[index][0] for _, probes in shown if probes for index in (0, -1)]
    end_s = number(lanes, "end_s") or max(ticks, default=0) / TICKS_PER_S
    data: dict[str, object] = {
        "ticks_per_s": TICKS_PER_S,
        "begin_s": min([0.0, *(tick / TICKS_PER_S for tick in ticks)]),
        "end_s": end_s,
        "lanes": _grouped(shown, thinned),
        "faults": [
            {
                "step": row.step,
                "text": row.sentence,
                "from_s": row.from_s,
                "to_s": end_s if row.to_s is None else row.to_s,
            }
            for row in fault_rows(result)
            if row.from_s is not None
        ],
        "outages": [_outage(row, end_s) for row in rows(result, "outages")[:MOST_OUTAGES]],
        "marks": [{"at_s": mark.at_s, "label": mark.label, "region": mark.region} for mark in marks(result, events)],
    }
    return Drawing(data=data, thinned=thinned)


def lane_names(lanes: Row) -> tuple[tuple[str, str], ...]:
    """(region, operation) of every lane, in the order of the streams."""
    return tuple(dict.fromkeys((text(lane, "region"), text(lane, "operation")) for lane in rows(lanes, "lanes")))


def _probes(lane: Row) -> Iterator[Probe]:
    for t_s, latency_ms, ok in zip(
        lane.get("t") or (), lane.get("latency_ms") or (), lane.get("ok") or (), strict=True
    ):
        known = latency_ms is not None and math.isfinite(latency_ms)
        yield round(t_s * TICKS_PER_S), latency_ms if known else None, bool(ok)


def _thin(probes: Sequence[Probe], group: int) -> Sequence[Probe]:
    if group == 1:
        return probes
    kept: list[Probe] = []
    for start in range(0, len(probes), group):
        kept += _pair(probes[start : start + group])
    return kept


def _pair(probes: Sequence[Probe]) -> list[Probe]:
    """The slowest good probe and the first bad one, in their order."""
    good = max((probe for probe in probes if probe[2]), key=lambda probe: probe[1] or 0.0, default=None)
    bad = next((probe for probe in probes if not probe[2]), None)
    return sorted((probe for probe in (good, bad) if probe), key=lambda probe: probe[0])


def _grouped(streams: Sequence[tuple[Row, Sequence[Probe]]], thinned: int) -> list[dict[str, object]]:
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for lane, probes in streams:
        hole_ticks = HOLE * thinned * (number(lane, "interval_s") or math.inf) * TICKS_PER_S
        packed = {"connection": text(lane, "connection"), **_packed(probes), "broken": _broken(probes, hole_ticks)}
        groups.setdefault((text(lane, "region"), text(lane, "operation")), []).append(packed)
    return [{"region": region, "operation": op, "streams": packed} for (region, op), packed in groups.items()]


def _packed(probes: Sequence[Probe]) -> dict[str, object]:
    """The first tick and runs of equal distances (a grid is one run); latency; the answered probes that failed."""
    runs: list[list[int]] = []
    for before, after in pairwise(probes):
        distance = after[0] - before[0]
        if runs and runs[-1][0] == distance:
            runs[-1][1] += 1
        else:
            runs.append([distance, 1])
    return {
        "first": probes[0][0] if probes else 0,
        "runs": runs,
        "latency_ms": [None if probe[1] is None else round(probe[1], 1 if probe[1] >= 10 else 2) for probe in probes],
        "hollow": [index for index, probe in enumerate(probes) if probe[1] is not None and not probe[2]],
    }


def _broken(probes: Sequence[Probe], hole_ticks: float) -> list[int]:
    """The probes that follow a hole, by index: their clients were not there before."""
    return [index for index, (a, b) in enumerate(pairwise(probes), start=1) if b[0] - a[0] > hole_ticks]


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
