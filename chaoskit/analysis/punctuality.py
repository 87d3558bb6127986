"""Whether steps began and faults stood as the plan says: what happened at another time answers another question."""

from collections.abc import Sequence

from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.span import Span
from chaoskit.analysis.window import Course, resolved_ns
from chaoskit.model.event import Event
from chaoskit.model.plan import Plan, PlannedStep

LATE_NS = 500_000_000
"""A step that begins so much later than planned found another stack than the one that was asked for."""
SLACK_NS, SLACK = 1_000_000_000, 0.1
"""A fault may stand that much shorter and be healed that much later, or by a tenth: strikes and heals take a while."""


def untimely(plan: Plan, faults: Sequence[FaultRecord], events: Sequence[Event], span: Span) -> list[str]:
    """Doubts about steps that began late, and about faults that stood for another time than was asked for."""
    course = Course(faults=tuple(faults), events=tuple(events), t0_ns=span.t0_ns, end_ns=span.end_ns)
    struck = {fault.step: fault for fault in faults}
    return [doubt for step in plan.steps if step.name in struck for doubt in _untimely(step, struck[step.name], course)]


def _untimely(step: PlannedStep, fault: FaultRecord, course: Course) -> list[str]:
    from_ns = resolved_ns(step.at, course)
    if from_ns is None:
        return []
    doubts = []
    if (late_ns := fault.onset_first_ns - from_ns) > LATE_NS:
        doubts.append(f"Step {step.name} began {late_ns / 1e9:.1f} s later than planned.")
    until_ns = _until_ns(step, from_ns, course)
    if until_ns is not None and fault.healed_on_time:
        doubts += _length(fault, until_ns - from_ns, until_ns)
    return doubts


def _until_ns(step: PlannedStep, from_ns: int, course: Course) -> int | None:
    if step.for_ns is not None:
        return from_ns + step.for_ns
    return None if step.until is None else resolved_ns(step.until, course)


def _length(fault: FaultRecord, asked_ns: int, until_ns: int) -> list[str]:
    """Doubts about how long it stood: on every link and node of it, and on any."""
    assert fault.heal_first_ns is not None
    assert fault.healed_ns is not None
    doubts, stood_ns = [], max(0, fault.heal_first_ns - fault.onset_last_ns)
    slack_ns = max(SLACK_NS, round(SLACK * asked_ns))
    if stood_ns < asked_ns - min(slack_ns, asked_ns // 2):
        doubts.append(
            f"Fault {fault.step} stood for {stood_ns / 1e9:.1f} s, and {asked_ns / 1e9:.1f} s were asked for."
        )
    if (late_ns := fault.healed_ns - until_ns) > slack_ns:
        doubts.append(f"Fault {fault.step} was healed {late_ns / 1e9:.1f} s later than planned.")
    return doubts
