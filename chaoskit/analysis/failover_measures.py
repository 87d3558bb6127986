"""Measures of what the failover manager did: parts of the waterfall, failovers, failback debt; and the WAN's bytes."""

from chaoskit.analysis.facts import Facts, Measured, Value, exactly, single
from chaoskit.analysis.failback import Failback
from chaoskit.analysis.waterfall import PARTS, Waterfall
from chaoskit.analysis.window import Window
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective


def waterfall(objective: Objective, detail: str, facts: Facts, _window: Window) -> Measured:
    """One figure for the run: the longest of the part over regions and failovers."""
    rows = _rows(objective, facts)
    spans = [(row.region, _span_s(row, detail)) for row in rows]
    missing = [region for region, seconds in spans if seconds is None]
    if not spans or missing:
        return Measured(unknown=f"{detail} never happened" + (f" for {', '.join(missing)}" if missing else ""))
    region, worst_s = max(((region, seconds or 0.0) for region, seconds in spans), key=lambda span: span[1])
    return Measured(values=single(worst_s, region))


def _rows(objective: Objective, facts: Facts) -> list[Waterfall]:
    step, region = objective.step, objective.region
    return [row for row in facts.waterfalls if step in (None, row.step) and region in (None, row.region)]


def _span_s(row: Waterfall, part: str) -> float | None:
    """Seconds that one part, or all of them, took; None: it did not happen."""
    if part == "total":
        return (row.parts[-1].end_ns - row.parts[0].start_ns) / 1e9 if row.complete else None
    here = [p for p in row.parts if p.part == part and part in PARTS]
    return (here[0].end_ns - here[0].start_ns) / 1e9 if here else None


def prediction_misses(objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """How many parts of waterfalls lasted less or longer than the manager's settings predict."""
    rows = _rows(objective, facts)
    if not any(part.predicted_ns for row in rows for part in row.parts):
        return Measured(unknown="nothing that was predicted happened")
    if stuck := [row.region for row in rows if not row.complete]:
        return Measured(unknown=f"the failover was not over for {', '.join(dict.fromkeys(stuck))}")
    return Measured(values=single(sum(row.misses for row in rows)))


def failovers(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """How many nodes were promoted, but for planned switchovers."""
    return Measured(values=single(sum(not promotion.planned for promotion in facts.promotions)))


def failback(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """Failback debt of every deposed primary: seconds until redundancy was restored."""
    rows = facts.failbacks
    if not rows:
        return Measured(unknown="no primary was deposed, so there was nothing to fail back")
    return Measured(values=tuple(_debt(row, facts.course.end_ns) for row in rows))


def _debt(row: Failback, end_ns: int) -> Value:
    """Of a node that was not rebuilt while the load ran: at least what was left of the run."""
    if row.done_ns is None:
        lo_s = max(0, end_ns - row.deposed_ns) / 1e9
        return Value(where=row.node, interval=Interval(lo=lo_s, hi=None), censored=True)
    return Value(where=row.node, interval=exactly((row.done_ns - row.deposed_ns) / 1e9))


def failback_bytes(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """WAL that deposed primaries had beyond their successors, and that rebuilding them undid."""
    rows = facts.failbacks
    if not rows:
        return Measured(unknown="no primary was deposed, so there was nothing to fail back")
    untold = [row.node for row in rows if row.bytes is None]
    if untold:
        return Measured(unknown=f"it is not known how much WAL of {', '.join(untold)} had diverged")
    return Measured(values=single(sum(row.bytes or 0 for row in rows)))


def wan_bytes(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """What crossed region boundaries."""
    if facts.wan_bytes is None:
        return Measured(unknown="the bytes of the WAN were not measured")
    return Measured(values=single(facts.wan_bytes))
