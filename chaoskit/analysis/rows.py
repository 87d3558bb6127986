"""From measurements to the rows of ``result.json``: plain values, seconds since t0."""

from collections.abc import Mapping
from typing import cast

from chaoskit.analysis.downtime import Downtime
from chaoskit.analysis.evidence import Finding
from chaoskit.analysis.failback import Failback
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.instrument import Instrument
from chaoskit.analysis.latency import LatencySummary
from chaoskit.analysis.outages import Outage
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.rto import Recovery
from chaoskit.analysis.shapes import (
    DowntimeRow,
    FailbackRow,
    FaultRow,
    FindingRow,
    InstrumentRow,
    LatencyRow,
    OutageRow,
    RpoRow,
    RtoRow,
    WaterfallPart,
    WaterfallRow,
)
from chaoskit.analysis.span import Span
from chaoskit.analysis.waterfall import Part, Waterfall
from chaoskit.model.plan import Plan


def seconds(duration_ns: int | None) -> float | None:
    """A duration in seconds; None stays None."""
    return None if duration_ns is None else duration_ns / 1e9


def fault_row(fault: FaultRecord, span: Span) -> FaultRow:
    """One fault."""
    return {
        "step": fault.step,
        "fault": fault.fault,
        "action": fault.is_action,
        "target": fault.target,
        "resolved": fault.resolved,
        "text": fault.text,
        "at_s": span.since_s(fault.onset_first_ns),
        "onset_first_ns": fault.onset_first_ns,
        "onset_last_ns": fault.onset_last_ns,
        "healed_ns": fault.healed_ns,
        "healed_s": None if fault.healed_ns is None else span.since_s(fault.healed_ns),
        "healed_by": fault.healed_by,
        "acted_s": None if fault.acted_ns is None else span.since_s(fault.acted_ns),
        "took_effect": fault.took_effect,
        "proof": fault.proof,
        "heal_took_effect": fault.heal_took_effect,
        "heal_proof": fault.heal_proof,
        "links": list(fault.links),
        "excluded_regions": list(fault.excluded_regions),
    }


def outage_row(outage: Outage, span: Span) -> OutageRow:
    """One outage."""
    return {
        "region": outage.region,
        "operation": outage.operation,
        "connection": outage.connection,
        "cause": outage.cause.step,
        "cause_event": outage.cause.event,
        "begin_s": span.since_s(outage.begin_ns),
        "end_lo_s": span.since_s(outage.end_lo_ns),
        "end_hi_s": None if outage.end_hi_ns is None else span.since_s(outage.end_hi_ns),
        "ended": outage.ended,
        "clients_lost_s": None if outage.lost_ns is None else span.since_s(outage.lost_ns),
        "failed_probes": outage.failed_probes,
        "hollow": outage.hollow,
    }


def rto_row(row: Recovery) -> RtoRow:
    """One recovery."""
    return {
        "step": row.step,
        "cause": row.cause,
        "region": row.region,
        "operation": row.operation,
        "connection": row.connection,
        "lo_s": seconds(row.lo_ns),
        "hi_s": seconds(row.hi_ns),
        "censored": row.censored,
        "excluded": row.excluded,
        "overtaken": row.overtaken,
    }


def downtime_row(row: Downtime) -> DowntimeRow:
    """One stream's downtime."""
    return {
        "region": row.region,
        "operation": row.operation,
        "connection": row.connection,
        "downtime_s": row.observed_s,
        "downtime_lo_s": row.total_s.lo,
        "recovered": row.total_s.hi is not None,
        "availability": row.availability,
        "scheduled": row.scheduled,
        "ok": row.ok,
        "excluded": row.excluded,
    }


def latency_row(row: LatencySummary) -> LatencyRow:
    """One stream's latency in one phase."""
    return {
        "region": row.region,
        "operation": row.operation,
        "connection": row.connection,
        "phase": row.phase.value,  # type: ignore[typeddict-item]  # never "always"
        "p50_ms": row.p50_ms,
        "p95_ms": row.p95_ms,
        "p99_ms": row.p99_ms,
        "max_ms": row.max_ms,
        "count": row.count,
    }


def waterfall_row(row: Waterfall, span: Span) -> WaterfallRow:
    """One region's waterfall."""
    parts = [_part(part, span) for part in row.parts]
    return {"step": row.step, "node": row.node, "region": row.region, "parts": parts}


def _part(part: Part, span: Span) -> WaterfallPart:
    lo_ns, hi_ns = part.predicted_ns or (None, None)
    return {
        "part": part.part,
        "start_s": span.since_s(part.start_ns),
        "end_s": span.since_s(part.end_ns),
        "predicted_lo_s": seconds(lo_ns),
        "predicted_hi_s": seconds(hi_ns),
    }


def failback_row(row: Failback, span: Span) -> FailbackRow:
    """What became of one deposed primary."""
    return {
        "step": row.step,
        "node": row.node,
        "how": row.how,
        "from_s": span.since_s(row.deposed_ns),
        "took_s": seconds(row.took_ns),
        "redundancy_s": None if row.done_ns is None else seconds(row.done_ns - row.deposed_ns),
        "bytes": row.bytes,
        "ok": row.verified,
        "why": row.why,
    }


def rpo_row(rpo: Rpo) -> RpoRow:
    """The loss."""
    row: RpoRow = {
        "lost_writes": rpo.lost_writes,
        "lost_warned": rpo.lost_warned,
        "acknowledged": rpo.acknowledged,
        "window_s": seconds(rpo.window_ns),
        "wal_bytes": rpo.wal_bytes,
        "unplaced": rpo.unplaced,
    }
    if rpo.unknown:
        row["reason"] = rpo.unknown
    return row


def finding_rows(findings: Mapping[str, Finding]) -> dict[str, FindingRow]:
    """Every finding by name, as its checker tells it."""
    return {name: cast(FindingRow, finding.as_json()) for name, finding in findings.items()}


def instrument_row(judged: Instrument, plan: Plan | None) -> InstrumentRow:
    """The instrument."""
    answers = judged.answers
    p99_s, slowest_s = (None, None) if answers is None else (answers.p99_s, answers.slowest_s)
    return {
        "probe_lateness_p99_ms": max(judged.lateness_p99_ms.values(), default=None),
        "probe_lateness_p99_ms_by_region": judged.lateness_p99_ms,
        "wan_answer_p99_ms": None if p99_s is None else p99_s * 1e3,
        "wan_answer_slowest_second_ms": None if slowest_s is None else slowest_s * 1e3,
        "probe_interval_ms": None if plan is None else plan.probes.interval_ns / 1e6,
        "probe_timeout_ms": None if plan is None else plan.probes.timeout_ns / 1e6,
        "doubts": list(judged.doubts),
    }
