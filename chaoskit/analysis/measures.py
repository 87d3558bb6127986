"""From an objective's measure and scope to the figures it speaks of (GRAMMAR, objectives)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chaoskit.analysis.columns import nearest_rank
from chaoskit.analysis.downtime import Downtime, longest, summed
from chaoskit.analysis.evidence import Evidence
from chaoskit.analysis.latency import latencies_ms
from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import OPERATIONS, ProbeStream
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.rto import Recovery
from chaoskit.analysis.waterfall import PARTS, Waterfall
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective
from chaoskit.model.verdict import FindingResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One figure, in the objective's unit.

    Attributes:
        where: Of what: ``eu-west write established``; empty: of the whole run.
        censored: It had not ended when the run did: misses every maximum.
        resolution_s: The probe interval, where a target must be at least five of it.
    """

    where: str
    interval: Interval
    censored: bool = False
    resolution_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures of one objective; each must hold.

    Attributes:
        values: None of them: nothing was checked, ``unknown`` says why.
        witnessed: Counted from witnesses: doubt can only mean that there is more.
        unknown: Why it cannot be told.
    """

    values: tuple[Value, ...] = ()
    witnessed: bool = False
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """All that was measured in a run."""

    streams: tuple[ProbeStream, ...]
    outages: tuple[Outage, ...]
    recoveries: tuple[Recovery, ...]
    downtimes: tuple[Downtime, ...]
    waterfalls: tuple[Waterfall, ...]
    evidence: Evidence
    rpo: Rpo
    lost_regions: frozenset[str]


def measure(objective: Objective, facts: Facts) -> Measured:
    """Find the figures that ``objective`` bounds."""
    if objective.measure in facts.evidence.findings and objective.measure != "split_brain":
        return _finding(objective, facts)
    family, _, detail = objective.measure.partition(".")
    find = FAMILIES.get(family)
    if find is None:
        return Measured(unknown=facts.evidence.crashed or f"{objective.measure} was not checked")
    if objective.step and family not in STEP_SCOPED:
        return Measured(unknown=f"{objective.measure} cannot be limited to a step")
    return find(objective, detail, facts)


def matches(objective: Objective, lane: ProbeStream | Outage | Recovery | Downtime) -> bool:
    """Whether a stream's figures are in the objective's scope (a probe's kind names its operation)."""
    operation = OPERATIONS.get(objective.operation or "", objective.operation)
    wanted = ((objective.region, lane.region), (operation, lane.operation), (objective.connection, lane.connection))
    return all(scope is None or scope == actual for scope, actual in wanted)


def _lane(lane: ProbeStream | Outage | Recovery | Downtime) -> str:
    return f"{lane.region} {lane.operation} {lane.connection}"


def _exactly(value: float) -> Interval:
    return Interval(lo=value, hi=value)


def _rto(objective: Objective, _detail: str, facts: Facts) -> Measured:
    rows = [row for row in facts.recoveries if objective.step in (None, row.step)]
    if not rows:
        return Measured(unknown="no fault struck, so there was nothing to recover from")
    rows = [row for row in rows if matches(objective, row)]
    several = len({(row.step, row.cause) for row in rows}) > 1
    values = tuple(_recovery_value(row, several) for row in rows if row.lo_ns is not None)
    return Measured(values=values, unknown="" if values else _nobody(rows))


def _recovery_value(row: Recovery, several: bool) -> Value:
    lo_s = (row.lo_ns or 0) / 1e9
    return Value(
        where=f"{_lane(row)}, {row.cause} of {row.step}" if several else _lane(row),
        interval=Interval(lo=lo_s, hi=None if row.hi_ns is None else row.hi_ns / 1e9),
        censored=row.censored,
        resolution_s=row.interval_ns / 1e9,
    )


def _nobody(rows: list[Recovery]) -> str:
    return "the clients it speaks of were lost with their region" if rows else "no probe is in its scope"


def _mine(objective: Objective, facts: Facts) -> list[ProbeStream]:
    return [s for s in facts.streams if matches(objective, s) and s.region not in facts.lost_regions]


def _caused(objective: Objective, stream: ProbeStream, facts: Facts) -> tuple[Outage, ...]:
    return tuple(o for o in of_stream(stream, facts.outages) if objective.step in (None, o.cause.step))


def _streams(values: list[Value]) -> Measured:
    return Measured(values=tuple(values), unknown="" if values else "no probe of surviving clients is in its scope")


def _downtime(objective: Objective, _detail: str, facts: Facts) -> Measured:
    mine = _mine(objective, facts)
    return _streams([_duration(s.name, summed(_caused(objective, s, facts), s.interval_ns)) for s in mine])


def _duration(where: str, interval: Interval) -> Value:
    return Value(where=where, interval=interval, censored=interval.hi is None)


def _outage(objective: Objective, _detail: str, facts: Facts) -> Measured:
    """One figure for the run: the longest outage, wherever it was."""
    found = [_duration(_lane(s), longest(_caused(objective, s, facts), s.interval_ns)) for s in _mine(objective, facts)]
    if not found:
        return _streams([])
    open_ended = [value for value in found if value.censored]
    lo_s = max(value.interval.lo for value in found)
    hi_s = None if open_ended else max(value.interval.hi or 0.0 for value in found)
    where = max(open_ended or found, key=lambda value: value.interval.hi or value.interval.lo).where
    return Measured(values=(_duration(where, Interval(lo=lo_s, hi=hi_s)),))


def _availability(objective: Objective, _detail: str, facts: Facts) -> Measured:
    rows = [row for row in facts.downtimes if matches(objective, row) and not row.excluded]
    return _streams([Value(where=_lane(row), interval=_exactly(row.availability)) for row in rows])


def percentile(detail: str) -> float:
    """``p99.9`` and ``max`` as percents; ValueError for other words."""
    return 100.0 if detail == "max" else float(detail.removeprefix("p"))


def _latency(objective: Objective, detail: str, facts: Facts) -> Measured:
    mine = _mine(objective, facts)
    silent = [stream.name for stream in mine if not stream.ok.any()]
    if silent:
        return Measured(unknown=f"no probe of {', '.join(silent)} succeeded, so there is no latency")
    percent = percentile(detail)
    values = [Value(where=s.name, interval=_exactly(nearest_rank(latencies_ms(s)[s.ok], percent) / 1e3)) for s in mine]
    return _streams(values)


def _staleness(objective: Objective, detail: str, facts: Facts) -> Measured:
    evidence = facts.evidence
    if evidence.staleness_unknown:
        return Measured(unknown=evidence.staleness_unknown)
    if objective.operation not in (None, "read") or objective.connection is not None:
        return Measured(unknown="staleness can be limited to a region only")
    regions = [
        region
        for region in evidence.behind_ns
        if objective.region in (None, region) and region not in facts.lost_regions
    ]
    values = [_stale_value(region, evidence.behind_ns, percentile(detail)) for region in regions]
    return Measured(values=tuple(values), unknown="" if values else "no read of surviving clients is in its scope")


def _stale_value(region: str, behind_ns: Mapping[str, npt.NDArray[np.int64]], percent: float) -> Value:
    seconds = nearest_rank(behind_ns[region].astype(np.float64), percent) / 1e9
    return Value(where=f"{region} read", interval=_exactly(seconds))


def _scoped(objective: Objective) -> str:
    """The words of an objective's scope; empty: the whole run."""
    scope = (objective.region, objective.operation, objective.connection, objective.step)
    return " ".join(word for word in scope if word)


def _rpo_window(objective: Objective, _detail: str, facts: Facts) -> Measured:
    window_ns = facts.rpo.window_ns
    return _loss(objective, facts, None if window_ns is None else window_ns / 1e9)


def _rpo_bytes(objective: Objective, _detail: str, facts: Facts) -> Measured:
    return _loss(objective, facts, facts.rpo.wal_bytes)


def _loss(objective: Objective, facts: Facts, value: float | None) -> Measured:
    if _scoped(objective):
        return Measured(unknown=f"{objective.measure} is one figure for the run; it cannot be limited")
    if value is None:
        return Measured(unknown=facts.rpo.unknown or "the lost positions cannot be compared with the fork")
    return Measured(values=(Value(where="", interval=_exactly(value)),), witnessed=True)


def _split_brain(objective: Objective, _detail: str, facts: Facts) -> Measured:
    """A duration: the window of the finding."""
    finding = facts.evidence.findings.get("split_brain")
    if finding is None:
        return Measured(unknown=facts.evidence.crashed or "split_brain was not checked")
    if finding.result is FindingResult.UNKNOWN:
        return Measured(unknown=finding.reason or "split_brain is unknown")
    if _scoped(objective):
        return Measured(unknown="split_brain is one figure for the run; it cannot be limited")
    window_s = facts.evidence.split_brain_s or 0.0
    return Measured(values=(Value(where="", interval=_exactly(window_s)),), witnessed=True)


def _waterfall(objective: Objective, detail: str, facts: Facts) -> Measured:
    """One figure for the run: the longest of the part over regions and steps."""
    rows = [
        row for row in facts.waterfalls if objective.step in (None, row.step) and objective.region in (None, row.region)
    ]
    if objective.operation or objective.connection:
        return Measured(unknown="a waterfall can be limited to a region or a step only")
    spans = [(row.region, _span_s(row, detail)) for row in rows]
    missing = [region for region, seconds in spans if seconds is None]
    if not spans or missing:
        return Measured(unknown=f"{detail} never happened" + (f" for {', '.join(missing)}" if missing else ""))
    region, worst_s = max(((region, seconds or 0.0) for region, seconds in spans), key=lambda span: span[1])
    return Measured(values=(Value(where=region, interval=_exactly(worst_s)),))


def _span_s(row: Waterfall, part: str) -> float | None:
    """Seconds that one part, or all of them, took; None: it did not happen."""
    if part == "total":
        return (row.parts[-1].end_ns - row.parts[0].start_ns) / 1e9 if row.complete else None
    here = [p for p in row.parts if p.part == part and part in PARTS]
    return (here[0].end_ns - here[0].start_ns) / 1e9 if here else None


def _finding(objective: Objective, facts: Facts) -> Measured:
    finding = facts.evidence.findings[objective.measure]
    if finding.result is FindingResult.UNKNOWN:
        return Measured(unknown=finding.reason or f"{objective.measure} is unknown")
    if _scoped(objective):
        return Measured(unknown=f"{objective.measure} is one figure for the run; it cannot be limited")
    return Measured(values=(Value(where="", interval=_exactly(finding.count)),), witnessed=True)


FAMILIES: Mapping[str, Callable[[Objective, str, Facts], Measured]] = {
    "rto": _rto,
    "downtime": _downtime,
    "outage": _outage,
    "availability": _availability,
    "latency": _latency,
    "staleness": _staleness,
    "rpo_window": _rpo_window,
    "rpo_bytes": _rpo_bytes,
    "split_brain": _split_brain,
    "waterfall": _waterfall,
}
STEP_SCOPED = frozenset({"rto", "downtime", "outage", "waterfall", "rpo_window", "rpo_bytes", "split_brain"})
