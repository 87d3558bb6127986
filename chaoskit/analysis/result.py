"""From what a run left behind to its verdict: ``analyze`` makes the whole ``result.json`` and ``lanes.json``."""

from dataclasses import dataclass

from chaoskit.analysis import rows
from chaoskit.analysis.absence import absences, present
from chaoskit.analysis.cause import causes
from chaoskit.analysis.columns import Bools
from chaoskit.analysis.distributions import distributions
from chaoskit.analysis.downtime import downtimes
from chaoskit.analysis.evidence import Evidence
from chaoskit.analysis.examine import Examiner, examine, examined
from chaoskit.analysis.facts import Facts
from chaoskit.analysis.failback import failbacks
from chaoskit.analysis.failover import Failover, failovers
from chaoskit.analysis.faults import FaultRecord, fault_records
from chaoskit.analysis.instrument import Instrument, instrument
from chaoskit.analysis.lag import lag
from chaoskit.analysis.lanes import lanes
from chaoskit.analysis.latency import latency_summaries
from chaoskit.analysis.neighbourhood import neighbourhoods
from chaoskit.analysis.objective_rows import objective_rows
from chaoskit.analysis.objectives import Judgement, judge
from chaoskit.analysis.operations import operations, users
from chaoskit.analysis.outages import outages
from chaoskit.analysis.price import crossed_bytes, price
from chaoskit.analysis.probes import ProbeStream, probe_streams
from chaoskit.analysis.promotion import answers, promotions
from chaoskit.analysis.record import RunRecord
from chaoskit.analysis.rpo import rpo
from chaoskit.analysis.rto import recoveries
from chaoskit.analysis.series import LanesRow
from chaoskit.analysis.setting import setting
from chaoskit.analysis.shadow import hollow_writes, shadows
from chaoskit.analysis.shapes import SCHEMA, ResultRow
from chaoskit.analysis.span import Span, span_of
from chaoskit.analysis.stages import stages
from chaoskit.analysis.summary import summarize
from chaoskit.analysis.waterfall import waterfalls
from chaoskit.analysis.window import Course
from chaoskit.model.scenario import Runbook
from chaoskit.model.verdict import Verdict, worst

NO_OBJECTIVES = "no objectives"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A judged run: plain JSON values."""

    result: ResultRow
    lanes: LanesRow


def analyze(record: RunRecord, *, examiner: Examiner = examine) -> Analysis:
    """Judge a run, or the bare history of another tool (then there are findings, but no recovery times).

    Pure: the same record gives the same result.
    """
    span = span_of(record.events, record.history)
    faults = fault_records(record.events)
    evidence = examined(record, faults, examiner)
    found = failovers(record.events, faults, _check_timeout_ns(record))
    promoted, given = promotions(record.events, faults), answers(record.history)
    hollow = hollow_writes(evidence.absent, given, shadows(faults, found), promoted)
    sent = probe_streams(
        record.history,
        hollow,
        since_ns=span.t0_ns,
        regions=_regions(record),
        probes=record.plan.probes if record.plan else None,
    )
    facts = _facts(record, span, faults, evidence, hollow, sent, found)
    judged_by = instrument(record, sent, faults, span, facts.absent, found, evidence.rankless)
    asked = record.scenario.objectives if record.scenario else ()
    judged = tuple(judge(objective, facts, judged_by.doubts) for objective in asked)
    result = _result(record, span, facts, judged_by, judged)
    drawn = lanes(
        sent,
        span,
        [*dict.fromkeys(s.region for s in sent)],
        lag=lag(record.samples, span),
        distributions=distributions(facts.streams, faults, span),
        evidence=neighbourhoods(evidence.findings, record.history, span),
    )
    return Analysis(result=result, lanes=drawn)


def _check_timeout_ns(record: RunRecord) -> int:
    failover = record.scenario.stack.failover if record.scenario else None
    return failover.timeout_ns if isinstance(failover, Runbook) else 0


def _regions(record: RunRecord) -> tuple[str, ...]:
    return record.scenario.stack.topology.regions if record.scenario else ()


def _primary(record: RunRecord) -> str:
    return record.scenario.stack.topology.primary if record.scenario else ""


def _facts(
    record: RunRecord,
    span: Span,
    faults: tuple[FaultRecord, ...],
    evidence: Evidence,
    hollow: Bools,
    sent: tuple[ProbeStream, ...],
    found: tuple[Failover, ...],
) -> Facts:
    absent = absences(faults, record.events)
    promoted = promotions(record.events, faults)
    rebuilt = failbacks(record.events, promoted, found, primary=_primary(record), end_ns=span.end_ns)
    known = causes(faults, rebuilt)
    streams = tuple(stream for one in sent if len(stream := present(one, absent)))
    out = tuple(outage for stream in streams for outage in outages(stream, known, absent, found))
    predictions = record.plan.predictions if record.plan else {}
    lost, lost_unknown = evidence.lost(record.history)
    return Facts(
        streams=streams,
        outages=out,
        recoveries=recoveries(streams, out, known, absent),
        downtimes=downtimes(streams, out, end_ns=span.end_ns, absent=absent),
        waterfalls=waterfalls(found, out, predictions, _regions(record), absent),
        evidence=evidence,
        rpo=rpo(record.history, lost, shadows(faults, found), promoted, unknown=lost_unknown),
        hollow=hollow,
        absent=absent,
        course=Course(faults=faults, events=record.events, t0_ns=span.t0_ns, end_ns=span.end_ns),
        causes=known,
        promotions=promoted,
        failbacks=rebuilt,
        history=record.history,
        wan_bytes=crossed_bytes(record.wan_bytes),
    )


def _verdict(judged: tuple[Judgement, ...]) -> tuple[Verdict, str]:
    """The worst verdict, and the reasons of the objectives that have it."""
    if not judged:
        return Verdict.INCONCLUSIVE, NO_OBJECTIVES
    verdict = worst(j.verdict for j in judged)
    if verdict is Verdict.FAIL:
        return verdict, "; ".join(f"{j.objective.name}: {j.reason}" for j in judged if j.verdict is verdict)
    reasons = {j.reason.casefold().rstrip("."): j.reason.rstrip(".") for j in judged if j.verdict is verdict}
    return verdict, "; ".join(reason for reason in reasons.values() if reason)


def _result(
    record: RunRecord,
    span: Span,
    facts: Facts,
    judged_by: Instrument,
    judged: tuple[Judgement, ...],
) -> ResultRow:
    scenario, faults = record.scenario, facts.course.faults
    verdict, reason = _verdict(judged)
    return {
        "schema": SCHEMA,
        "scenario": scenario.name if scenario else None,
        "variant": scenario.variant if scenario else None,
        "trial": record.trial,
        "runtime": record.runtime,
        "seed": record.seed,
        "started_at": record.started_at,
        "duration_s": span.duration_s,
        "run_dir": record.run_dir,
        "question": scenario.question if scenario else "",
        "hypothesis": scenario.hypothesis if scenario else "",
        "tags": list(scenario.tags) if scenario else [],
        "verdict": verdict.value,
        "reason": reason,
        "summary": summarize(verdict, reason, faults, facts, judged),
        "t0_ns": span.t0_ns,
        "end_ns": span.end_ns,
        "topology": setting(scenario) if scenario else None,
        "objectives": objective_rows(judged),
        "rto": [rows.rto_row(row) for row in facts.recoveries],
        "outages": [rows.outage_row(outage, span) for outage in facts.outages],
        "downtime": [rows.downtime_row(row) for row in facts.downtimes],
        "latency": [rows.latency_row(row) for row in latency_summaries(facts.streams, faults)],
        "waterfall": [rows.waterfall_row(row, span) for row in facts.waterfalls],
        "failback": [rows.failback_row(row, span) for row in facts.failbacks],
        "rpo": rows.rpo_row(facts.rpo),
        "findings": rows.finding_rows(facts.evidence.findings),
        "ledger": facts.evidence.ledger,
        "faults": [rows.fault_row(fault, span) for fault in faults],
        "stages": stages(scenario, record.events, span) if scenario else [],
        "price": price(record, faults, span),
        "operations": operations(record.history, span),
        "users": users(record.history, span, facts.absent),
        "instrument": rows.instrument_row(judged_by, record.plan),
        "environment": dict(record.environment),
    }
