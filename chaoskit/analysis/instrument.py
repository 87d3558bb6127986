"""Whether what was measured can be trusted (docs/definitions.md, Verdicts): every doubt is one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.absence import Absences
from chaoskit.analysis.columns import nearest_rank
from chaoskit.analysis.failover import Failover
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.idle import idle
from chaoskit.analysis.owed import hole_ns, owed
from chaoskit.analysis.probes import OPERATIONS, ProbeStream, interval_ns
from chaoskit.analysis.pulse import Answers, busy
from chaoskit.analysis.punctuality import untimely
from chaoskit.analysis.record import Audit, RunRecord
from chaoskit.analysis.span import Span
from chaoskit.model.event import Event, Name
from chaoskit.model.history import Connection
from chaoskit.model.plan import Plan, PlannedStep

MISSING_PROBES = 5
"""So many probes in a row without a row each: their prober was not there."""
RETURN_NS = 10_000_000_000
"""Clients that are back may take that long to begin: their processes start anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """The instrument as it worked.

    Attributes:
        lateness_p99_ms: Of each region's prober: invocation - scheduled instant.
        answers: How long the WAN itself took to answer; None: nobody was to ask.
        doubts: Why the measured figures may be wrong.
    """

    lateness_p99_ms: dict[str, float]
    answers: Answers | None
    doubts: tuple[str, ...]


def instrument(
    record: RunRecord,
    streams: Sequence[ProbeStream],
    faults: Sequence[FaultRecord],
    span: Span,
    absent: Absences,
    found: Sequence[Failover] = (),
    rankless: str = "",
) -> Instrument:
    """Judge the instrument. A bare history (no plan) has no instrument, and so nothing to doubt.

    Args:
        record: What should have happened, and what did.
        streams: Every probe that was sent, those of clients about to be lost included.
        faults: What struck, by onset.
        span: What is measured.
        absent: When regions had no clients.
        found: Every failover.
        rankless: Why the surviving state is not known; empty: it is.
    """
    plan, events = record.plan, record.events
    lateness_ms = _lateness_p99_ms(streams)
    answers = None if record.pulses is None else Answers.of(record.pulses, span)
    if plan is None:
        return Instrument(lateness_p99_ms=lateness_ms, answers=answers, doubts=())
    last_ns = max((int(stream.scheduled_ns[-1]) for stream in streams), default=span.end_ns)
    measured = Span(t0_ns=span.t0_ns, end_ns=max(span.t0_ns, last_ns))
    doubts = [
        *_course(events),
        *_broken(events),
        *_unprovoked(found),
        *_never_started(streams),
        *_late(lateness_ms, plan.probes.interval_ns / 1e6),
        *busy(answers),
        *_absent(plan, streams, measured, absent),
        *idle(plan, record.history, measured, absent),
        *_undone(plan, faults, events),
        *_unhealed(plan, faults, events),
        *untimely(plan, faults, events, span),
        *_unproved(faults),
        *_audited(record.audit, rankless),
    ]
    return Instrument(lateness_p99_ms=lateness_ms, answers=answers, doubts=tuple(doubts))


def _lateness_p99_ms(streams: Sequence[ProbeStream]) -> dict[str, float]:
    by_region: dict[str, list[ProbeStream]] = {}
    for stream in streams:
        by_region.setdefault(stream.region, []).append(stream)
    return {
        region: nearest_rank(np.concatenate([(s.invoked_ns - s.scheduled_ns)[s.sent] / 1e6 for s in mine]), 99)
        for region, mine in by_region.items()
    }


def _course(events: Sequence[Event]) -> list[str]:
    """Doubts about how the run went."""
    doubts = []
    names = {event.event for event in events}
    if Name.STEADY not in names:
        why = next((str(e.detail.get("why", "")) for e in events if e.event is Name.NO_STEADY_STATE), "")
        doubts.append(f"The steady state was never reached{f': {why}' if why else ''}.")
    if Name.INTERRUPTED in names:
        doubts.append("The run was interrupted before its end.")
    return doubts


def _broken(events: Sequence[Event]) -> list[str]:
    """Doubts about parts of the harness that failed while it measured; each is told once."""
    details = [event.detail for event in events if event.event is Name.BROKEN]
    failures = (f"{detail.get('what', 'some part')}{_because(str(detail.get('why', '')))}" for detail in details)
    return [f"A part of the harness failed: {failure}." for failure in dict.fromkeys(failures)]


def _unprovoked(found: Sequence[Failover]) -> list[str]:
    """Doubts about failovers that nothing explains: what was asked of the old primary was then asked of another."""
    return [
        f"The failover manager held {failover.node} for dead although no fault stood, so the faults met another stack."
        for failover in found
        if failover.fault is None
    ]


def _never_started(streams: Sequence[ProbeStream]) -> list[str]:
    """Doubts about probers that stood still: they would be measured as outages of the database."""
    counts: dict[str, int] = {}
    for stream in streams:
        late = stream.invoked_ns - stream.scheduled_ns >= stream.timeout_ns
        counts[stream.region] = counts.get(stream.region, 0) + int(np.count_nonzero(late & stream.sent))
    return [
        f"The prober of {region} stood still: {count} probes began after their own deadline."
        for region, count in counts.items()
        if count
    ]


def _late(lateness_ms: dict[str, float], interval_ms: float) -> list[str]:
    return [
        f"The prober of {region} was late: 1 in 100 probes was sent {late_ms:.1f} ms or more after its time, "
        f"and half a probe interval is {interval_ms / 2:g} ms."
        for region, late_ms in lateness_ms.items()
        if late_ms > interval_ms / 2
    ]


def _absent(plan: Plan, streams: Sequence[ProbeStream], span: Span, absent: Absences) -> list[str]:
    """Doubts about probes that should have been there; ``span`` ends with the last one of any stream."""
    known = {(stream.region, stream.operation, stream.connection): stream for stream in streams}
    doubts = []
    for region in plan.scenario.stack.topology.regions:
        for operation in OPERATIONS.values():
            for connection in (Connection.ESTABLISHED.value, Connection.FRESH.value):
                stream = known.get((region, operation, connection))
                sent_ns = np.zeros(0, dtype=np.int64) if stream is None else stream.scheduled_ns
                spans = owed(absent.of(region), sent_ns, span.t0_ns, span.end_ns, return_ns=RETURN_NS)
                longest_ns = max((hole_ns(sent_ns, one) for one in spans), default=0)
                if longest_ns > MISSING_PROBES * interval_ns(plan.probes, connection):
                    which = f"{operation} probe ({connection}) of {region}"
                    doubts.append(f"No {which} was recorded for {longest_ns / 1e9:.1f} s.")
    return doubts


def _undone(plan: Plan, faults: Sequence[FaultRecord], events: Sequence[Event]) -> list[str]:
    """Doubts about steps that were not done."""
    struck = {fault.step for fault in faults}
    skipped = {e.step: str(e.detail.get("why", "")) for e in events if e.event is Name.SKIPPED}
    doubts = [f"Step {step} was skipped{_because(why)}." for step, why in skipped.items()]
    missed = [step.name for step in plan.steps if step.name not in struck and step.name not in skipped]
    return [*doubts, *(f"Step {name} never ran." for name in missed)]


def _unhealed(plan: Plan, faults: Sequence[FaultRecord], events: Sequence[Event]) -> list[str]:
    """Doubts about faults that should have been healed while the load ran; an interrupt is one already."""
    if any(event.event is Name.INTERRUPTED for event in events):
        return []
    standing = {fault.step for fault in faults if not fault.healed_on_time}
    return [
        f"Fault {step.name} was to be healed {_when(step)}, and that never came while the load ran."
        for step in plan.steps
        if step.name in standing and (step.for_ns is not None or step.until is not None)
    ]


def _when(step: PlannedStep) -> str:
    return f"at {step.until}" if step.for_ns is None else f"after {step.for_ns / 1e9:g} s"


def _unproved(faults: Sequence[FaultRecord]) -> list[str]:
    """Doubts about faults and actions: not proved, or their heal not proved."""
    doubts = []
    for fault in faults:
        if fault.took_effect is not True:
            what = f"Action {fault.step} is not proved to have been carried out"
            what = what if fault.is_action else f"Fault {fault.step} is not proved to have taken effect"
            doubts.append(f"{what}{_because(fault.proof)}.")
        if fault.heal_took_effect is False or (fault.healed_on_time and fault.heal_took_effect is not True):
            doubts.append(f"Fault {fault.step} is not proved to have healed{_because(fault.heal_proof)}.")
    return doubts


def _because(proof: str) -> str:
    return f": {proof.rstrip('.')}" if proof else ""


def _audited(audit: Audit | None, rankless: str) -> list[str]:
    if audit is None:
        return ["There was no audit, so nobody knows what survived."]
    doubts = []
    if not audit.quiescent:
        doubts.append(f"The nodes were not at rest when they were read{_because(audit.reason)}.")
    if rankless:
        doubts.append(f"What survived is not known, so acknowledged writes may have been hollow{_because(rankless)}.")
    if not audit.streams_complete:
        who = ", ".join(audit.streams_incomplete) or "some process"
        doubts.append(f"The recording of {who} has no end, so operations may be missing.")
    return doubts
