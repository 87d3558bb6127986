"""Whether what was asked for holds (DESIGN §7): three-valued, each figure by itself, the worst wins."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.measures import Facts, Measured, Value, measure
from chaoskit.analysis.words import bounds_text, interval_text, seconds_text
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective
from chaoskit.model.verdict import Verdict, worst

COARSEST = 5
"""A target must be at least so many probe intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An objective's verdict, and the figure that decided it (None: there was none)."""

    objective: Objective
    verdict: Verdict
    reason: str = ""
    value: Value | None = None

    @property
    def expected(self) -> str:
        """The bounds in the scenario's own words."""
        asked = self.objective
        return asked.expected_text or bounds_text(asked.minimum, asked.maximum, asked.unit)

    @property
    def observed(self) -> str:
        """The deciding figure in words."""
        if self.value is None:
            return "not observed"
        if self.value.censored:
            return f"not over after {seconds_text(self.value.interval.lo, None)}, when the run ended"
        return interval_text(self.value.interval, self.objective.unit)


def judge(objective: Objective, facts: Facts, doubts: Sequence[str]) -> Judgement:
    """Judge one objective. A checker that crashes makes it inconclusive, never a pass and never a crash."""
    try:
        measured = measure(objective, facts)
    except Exception as crash:  # noqa: BLE001 - whatever a checker raises is a reason not to trust it
        measured = Measured(unknown=f"the checker of {objective.measure} crashed: {type(crash).__name__}: {crash}")
    return decide(objective, measured, doubts)


def decide(objective: Objective, measured: Measured, doubts: Sequence[str]) -> Judgement:
    """Judge an objective by its figures.

    Doubts make a measured objective inconclusive whatever its value. What was witnessed stays witnessed: a count can
    then only be higher, so it still misses a maximum and still meets a minimum.
    """
    if measured.unknown or not measured.values:
        reason = measured.unknown or "nothing was measured"
        return Judgement(objective=objective, verdict=Verdict.INCONCLUSIVE, reason=reason)
    verdicts = [_verdict(objective, measured, value, doubts) for value in measured.values]
    verdict = worst(verdicts)
    deciding = [value for value, own in zip(measured.values, verdicts, strict=True) if own is verdict]
    judged = Judgement(objective=objective, verdict=verdict, value=_worst_value(objective, deciding))
    return Judgement(objective=objective, verdict=verdict, value=judged.value, reason=_reason(judged, doubts))


def _verdict(objective: Objective, measured: Measured, value: Value, doubts: Sequence[str]) -> Verdict:
    if doubts:
        open_ended = Interval(lo=value.interval.lo, hi=None)
        return open_ended.within(objective.minimum, objective.maximum) if measured.witnessed else Verdict.INCONCLUSIVE
    if value.censored and objective.maximum is not None:
        return Verdict.FAIL
    if not value.censored and _too_coarse(objective, value):
        return Verdict.INCONCLUSIVE
    return value.interval.within(objective.minimum, objective.maximum)


def _too_coarse(objective: Objective, value: Value) -> bool:
    """Whether a target is less than five probe intervals."""
    targets = [target for target in (objective.minimum, objective.maximum) if target is not None]
    return value.resolution_s is not None and value.resolution_s > min(targets) / COARSEST


def _worst_value(objective: Objective, values: Sequence[Value]) -> Value:
    """The highest where there is a maximum, else the lowest; one that had not ended is the highest."""
    if objective.maximum is not None:
        return max(values, key=lambda v: (v.interval.hi is None, v.interval.hi or 0.0, v.interval.lo))
    return min(values, key=lambda v: (v.interval.lo, v.where))


def _reason(judged: Judgement, doubts: Sequence[str]) -> str:
    """One clause; empty for a pass."""
    asked, value = judged.objective, judged.value
    if judged.verdict is Verdict.PASS or value is None:
        return ""
    where = f" ({value.where})" if value.where else ""
    if judged.verdict is Verdict.FAIL:
        return f"{judged.observed}{where}, asked for: {judged.expected}"
    if doubts:
        return " ".join(doubts)
    if not value.censored and _too_coarse(asked, value):
        interval_ms = (value.resolution_s or 0.0) * 1e3
        return f"a probe every {interval_ms:g} ms{where} is too coarse for {judged.expected}"
    return f"{judged.observed}{where} does not tell whether {judged.expected} holds"
