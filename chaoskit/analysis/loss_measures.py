"""Measures of what was lost or read wrong: findings, the window and bytes of a loss, a split brain."""

from dataclasses import replace

from chaoskit.analysis.facts import Facts, Measured, single
from chaoskit.analysis.operation_scope import in_scope
from chaoskit.analysis.window import Window
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective
from chaoskit.model.verdict import FindingResult


def finding(objective: Objective, _detail: str, facts: Facts, window: Window) -> Measured:
    """How many cases there are among the operations of the scope."""
    found = facts.evidence.findings[objective.measure]
    mask = in_scope(objective, facts.history, window)
    if mask is not None:
        if facts.evidence.scoped is None:
            return Measured(
                unknown=f"{objective.measure} cannot be limited: {facts.evidence.crashed or 'not examined'}"
            )
        found = facts.evidence.scoped(objective.measure, mask)
    if found.result is FindingResult.UNKNOWN:
        return Measured(unknown=found.reason or f"{objective.measure} is unknown")
    return Measured(values=single(found.count), witnessed=True)


def rpo_window(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """For how long acknowledgements were worthless."""
    window_ns = facts.rpo.window_ns
    return _loss(facts, None if window_ns is None else window_ns / 1e9)


def rpo_bytes(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """How much WAL was lost; at least so much where the position of a lost write is not known."""
    measured = _loss(facts, facts.rpo.wal_bytes)
    if not (measured.values and facts.rpo.unplaced):
        return measured
    (known,) = measured.values
    return replace(measured, values=(replace(known, interval=Interval(lo=known.interval.lo, hi=None)),))


def _loss(facts: Facts, value: float | None) -> Measured:
    if value is None:
        return Measured(unknown=facts.rpo.unknown or "the lost positions cannot be compared with the fork")
    return Measured(values=single(value), witnessed=True)


def split_brain(_objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """A duration: the window of the finding."""
    found = facts.evidence.findings.get("split_brain")
    if found is None:
        return Measured(unknown=facts.evidence.crashed or "split_brain was not checked")
    if found.result is FindingResult.UNKNOWN:
        return Measured(unknown=found.reason or "split_brain is unknown")
    return Measured(values=single(facts.evidence.split_brain_s or 0.0), witnessed=True)
