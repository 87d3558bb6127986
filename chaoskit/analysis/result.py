"""From what a run left behind to its verdict: ``analyze`` makes the whole ``result.json`` and ``lanes.json``."""

from dataclasses import dataclass, replace

from chaoskit.analysis import rows
from chaoskit.analysis.cause import causes
from chaoskit.analysis.columns import ints
from chaoskit.analysis.downtime import downtimes
from chaoskit.analysis.evidence import Evidence
from chaoskit.analysis.examine import Examiner, examine, examined
from chaoskit.analysis.faults import FaultRecord, fault_records, hollow_writes, lost_at_ns
from chaoskit.analysis.instrument import Instrument, instrument
from chaoskit.analysis.lanes import lanes
from chaoskit.analysis.latency import latency_summaries
from chaoskit.analysis.measures import Facts
from chaoskit.analysis.objectives import Judgement, judge
from chaoskit.analysis.operations import operations, users
from chaoskit.analysis.outages import outages
from chaoskit.analysis.probes import ProbeStream, probe_streams
from chaoskit.analysis.record import RunRecord
from chaoskit.analysis.rpo import rpo
from chaoskit.analysis.rto import overtaken, recoveries
from chaoskit.analysis.setting import setting
from chaoskit.analysis.shapes import SCHEMA, LanesRow, ResultRow
from chaoskit.analysis.span import Span, span_of
from chaoskit.analysis.summary import summarize
from chaoskit.analysis.waterfall import waterfalls
from chaoskit.model.event import Name
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
    streams = probe_streams(
        record.history,
        hollow_writes(evidence.absent, ints(record.history, "returned_ns"), faults, _promoted_ns(record)),
        since_ns=span.t0_ns,
        regions=_regions(record),
        probes=record.plan.probes if record.plan else None,
    )
    facts = _facts(record, span, faults, evidence, streams)
    judged_by = instrument(record.plan, streams, faults, record.events, record.audit, span, lost_at_ns(faults))
    if evidence.crashed and record.plan:
        judged_by = replace(judged_by, doubts=(*judged_by.doubts, _sentence(evidence.crashed)))
    judged_by = replace(judged_by, doubts=(*judged_by.doubts, *overtaken(facts.outages, causes(faults))))
    asked = record.scenario.objectives if record.scenario else ()
    judged = tuple(judge(objective, facts, judged_by.doubts) for objective in asked)
    result = _result(record, span, faults, facts, judged_by, judged)
    return Analysis(result=result, lanes=lanes(streams, span, [*dict.fromkeys(s.region for s in streams)]))


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


def _promoted_ns(record: RunRecord) -> list[int]:
    return [event.t_ns for event in record.events if event.event is Name.PROMOTED]


def _regions(record: RunRecord) -> tuple[str, ...]:
    return record.scenario.stack.topology.regions if record.scenario else ()


def _facts(
    record: RunRecord,
    span: Span,
    faults: tuple[FaultRecord, ...],
    evidence: Evidence,
    streams: tuple[ProbeStream, ...],
) -> Facts:
    known = causes(faults)
    lost_ns = lost_at_ns(faults)
    found = tuple(outage for stream in streams for outage in outages(stream, known))
    surviving = [region for region in _regions(record) if region not in lost_ns]
    predictions = record.plan.predictions if record.plan else {}
    lost, lost_unknown = evidence.lost(record.history)
    return Facts(
        streams=streams,
        outages=found,
        recoveries=recoveries(streams, found, known, lost_ns),
        downtimes=downtimes(streams, found, end_ns=span.end_ns, lost=[*lost_ns]),
        waterfalls=waterfalls(faults, record.events, found, predictions, surviving),
        evidence=evidence,
        rpo=rpo(record.history, lost, faults, record.events, unknown=lost_unknown),
        lost_regions=frozenset(lost_ns),
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
    faults: tuple[FaultRecord, ...],
    facts: Facts,
    judged_by: Instrument,
    judged: tuple[Judgement, ...],
) -> ResultRow:
    scenario = record.scenario
    verdict, reason = _verdict(judged)
    return {
        "schema": SCHEMA,
        "scenario": scenario.name if scenario else None,
        "variant": record.variant,
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
        "objectives": rows.objective_rows(judged),
        "rto": [rows.rto_row(row) for row in facts.recoveries],
        "outages": [rows.outage_row(outage, span) for outage in facts.outages],
        "downtime": [rows.downtime_row(row) for row in facts.downtimes],
        "latency": [rows.latency_row(row) for row in latency_summaries(facts.streams, faults)],
        "waterfall": [rows.waterfall_row(row, span) for row in facts.waterfalls],
        "rpo": rows.rpo_row(facts.rpo),
        "findings": rows.finding_rows(facts.evidence.findings),
        "ledger": facts.evidence.ledger,
        "faults": [rows.fault_row(fault, span) for fault in faults],
        "operations": operations(record.history, span),
        "users": users(record.history, span, lost_at_ns(faults)),
        "instrument": rows.instrument_row(judged_by, record.plan),
        "environment": dict(record.environment),
    }
