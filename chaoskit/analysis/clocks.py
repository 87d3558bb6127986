"""Commit timestamps that a wrong clock may have made."""

from collections.abc import Sequence

from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.faults import FaultRecord
from chaoskit.model.fault import ClockSkew
from chaoskit.model.scenario import Scenario

NOTICED_NS = 1_000_000_000
"""A server may notice that much later that its clock was changed."""


def doubted(scenario: Scenario | None, faults: Sequence[FaultRecord]) -> tuple[tuple[int, int], ...]:
    """The spans, in run ns, of which a timestamp may be that of another instant.

    What a skewed server committed bears its own wrong time: the span of the fault, shifted by what the clock was off.
    Which node committed a row is not recorded, so a right timestamp in such a span is not trusted either.
    """
    steps = () if scenario is None else scenario.timeline
    by_ns = {step.name: step.deed.by_ns for step in steps if isinstance(step.deed, ClockSkew)}
    return tuple(_shifted(fault, by_ns[fault.step]) for fault in faults if fault.step in by_ns)


def _shifted(fault: FaultRecord, by_ns: int) -> tuple[int, int]:
    first_ns = fault.onset_first_ns + by_ns - NOTICED_NS
    return first_ns, NEVER_NS - 1 if fault.healed_ns is None else fault.healed_ns + by_ns + NOTICED_NS
