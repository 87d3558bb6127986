"""Whether what was asked for holds (docs/definitions.md): three-valued, each figure by itself, the worst wins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chaoskit.analysis.facts import Facts, Measured, Value
from chaoskit.analysis.measures import measure, measure_of_phase
from chaoskit.analysis.words import bounds_text, interval_text, seconds_text
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective, Phase, Relative
from chaoskit.model.verdict import Verdict, worst

COARSEST = 5
"""A target must be at least so many probe intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one figure is held against; a bound that is a multiple of another figure is as wide as that. None: no bound.

    Attributes:
        unknown: Why a bound cannot be told; empty: it can.
    """

    minimum: Interval | None = None
    maximum: Interval | None = None
    unknown: str = ""

    def admit(self, figure: Interval) -> Verdict:
        """Whether the figure keeps both bounds, inclusive; the worse of the two answers."""
        answers = []
        if self.minimum is not None:
            answers.append(self._over(figure, self.minimum))
        if self.maximum is not None:
            answers.append(self._under(figure, self.maximum))
        return worst(answers)

    @staticmethod
    def _under(figure: Interval, bound: Interval) -> Verdict:
        if figure.under(bound.lo) is Verdict.PASS:
            return Verdict.PASS
        missed = bound.hi is not None and figure.under(bound.hi) is Verdict.FAIL
        return Verdict.FAIL if missed else Verdict.INCONCLUSIVE

    @staticmethod
    def _over(figure: Interval, bound: Interval) -> Verdict:
        if bound.hi is not None and figure.over(bound.hi) is Verdict.PASS:
            return Verdict.PASS
        return Verdict.FAIL if figure.over(bound.lo) is Verdict.FAIL else Verdict.INCONCLUSIVE

    @property
    def lowest(self) -> float:
        """The lowest target that there is."""
        return min(bound.lo for bound in (self.minimum, self.maximum) if bound is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An objective's verdict, the figure that decided it (None: there was none), and what that was held against."""

    objective: Objective
    verdict: Verdict
    reason: str = ""
    value: Value | None = None
    bounds: Bounds = Bounds()

    @property
    def expected(self) -> str:
        """The bounds in the scenario's own words."""
        asked = self.objective
        return asked.expected_text or bounds_text(asked.minimum, asked.maximum, asked.unit)

    @property
    def observed(self) -> str:
        """The deciding figure in words."""
        if self.value is None or self.value.untold:
            return "not observed"
        if self.value.censored:
            return f"not over after {seconds_text(self.value.interval.lo, None)}, when the run ended"
        return interval_text(self.value.interval, self.objective.unit)


References = Mapping[Phase, Measured]
"""The same figures in the phases that relative bounds speak of."""


def judge(objective: Objective, facts: Facts, doubts: Sequence[str]) -> Judgement:
    """Judge one objective. A checker that crashes makes it inconclusive, never a pass and never a crash."""
    try:
        measured = measure(objective, facts)
        references = {
            bound.phase: measure_of_phase(objective, bound.phase, facts)
            for bound in (objective.minimum, objective.maximum)
            if isinstance(bound, Relative)
        }
    except Exception as crash:  # noqa: BLE001 - whatever a checker raises is a reason not to trust it
        why = f"the checker of {objective.measure} crashed: {type(crash).__name__}: {crash}"
        measured, references = Measured(unknown=why), {}
    return decide(objective, measured, doubts, references)


def decide(
    objective: Objective, measured: Measured, doubts: Sequence[str], references: References | None = None
) -> Judgement:
    """Judge an objective by its figures.

    Doubts make an objective inconclusive whatever its figures; but where more was witnessed than its maximum allows, it
    is missed all the same. No objective passes in spite of a doubt, not even one that is expected to be missed.
    """
    if measured.unknown or not measured.values:
        reason = measured.unknown or "nothing was measured"
        return Judgement(objective=objective, verdict=Verdict.INCONCLUSIVE, reason=reason)
    against = [_bounds(objective, value, references or {}) for value in measured.values]
    figures = list(zip(measured.values, against, strict=True))
    verdicts = [_verdict(measured, value, bounds, doubts) for value, bounds in figures]
    verdict = worst(verdicts)
    deciding = [figure for figure, own in zip(figures, verdicts, strict=True) if own is verdict]
    value, bounds = _worst_figure(deciding)
    judged = Judgement(objective=objective, verdict=verdict, value=value, bounds=bounds)
    return _as_expected(replace(judged, reason=_reason(judged, doubts)), doubts)


def _as_expected(judged: Judgement, doubts: Sequence[str]) -> Judgement:
    """Turn the verdict of an objective that is expected to be missed."""
    asked = judged.objective
    if not asked.missed or judged.verdict is Verdict.INCONCLUSIVE:
        return judged
    if judged.verdict is Verdict.PASS:
        reason = f"expected to be missed (because {asked.because}), but it held: {judged.observed}"
        return replace(judged, verdict=Verdict.FAIL, reason=reason)
    if doubts:
        return replace(judged, verdict=Verdict.INCONCLUSIVE, reason=" ".join(doubts))
    return replace(judged, verdict=Verdict.PASS, reason="")


def _bounds(objective: Objective, value: Value, references: References) -> Bounds:
    minimum, low = _bound(objective.minimum, value, references)
    maximum, high = _bound(objective.maximum, value, references)
    return Bounds(minimum=minimum, maximum=maximum, unknown=low or high)


def _bound(bound: float | Relative | None, value: Value, references: References) -> tuple[Interval | None, str]:
    """One bound of one figure, and why it is not known."""
    if bound is None:
        return None, ""
    if not isinstance(bound, Relative):
        return Interval(lo=bound, hi=bound), ""
    measured = references.get(bound.phase, Measured())
    for other in measured.values:
        if (other.single and value.single) or other.where == value.where:
            hi = None if other.interval.hi is None else bound.factor * other.interval.hi
            return Interval(lo=bound.factor * other.interval.lo, hi=hi), other.untold
    why = measured.unknown or "it was not measured there"
    whose = f" of {value.where}" if value.where else ""
    return None, f"the phase `{bound.phase.value}` has no figure{whose} to compare with: {why}"


def _verdict(measured: Measured, value: Value, bounds: Bounds, doubts: Sequence[str]) -> Verdict:
    if bounds.unknown or value.untold:
        return Verdict.INCONCLUSIVE
    if doubts:
        more = Bounds(maximum=bounds.maximum).admit(Interval(lo=value.interval.lo, hi=None))
        return Verdict.FAIL if measured.witnessed and more is Verdict.FAIL else Verdict.INCONCLUSIVE
    if value.censored and bounds.maximum is not None:
        return Verdict.FAIL
    if not value.censored and _too_coarse(value, bounds):
        return Verdict.INCONCLUSIVE
    return bounds.admit(value.interval)


def _too_coarse(value: Value, bounds: Bounds) -> bool:
    """Whether a target is less than five probe intervals."""
    return value.resolution_s is not None and value.resolution_s > bounds.lowest / COARSEST


def _worst_figure(figures: Sequence[tuple[Value, Bounds]]) -> tuple[Value, Bounds]:
    """The highest where there is a maximum, else the lowest; one that had not ended is the highest."""
    if any(bounds.maximum is not None for _, bounds in figures):
        return max(figures, key=lambda f: (f[0].interval.hi is None, f[0].interval.hi or 0.0, f[0].interval.lo))
    return min(figures, key=lambda figure: (figure[0].interval.lo, figure[0].where))


def _reason(judged: Judgement, doubts: Sequence[str]) -> str:
    """One clause; empty for a pass."""
    value, bounds = judged.value, judged.bounds
    if judged.verdict is Verdict.PASS or value is None:
        return ""
    where = f" ({value.where})" if value.where else ""
    if judged.verdict is Verdict.FAIL:
        return f"{judged.observed}{where}, asked for: {judged.expected}"
    if why := " ".join(doubts) or value.untold or bounds.unknown:
        return why
    if not value.censored and _too_coarse(value, bounds):
        interval_ms = (value.resolution_s or 0.0) * 1e3
        return f"a probe every {interval_ms:g} ms{where} is too coarse for {judged.expected}"
    return f"{judged.observed}{where} does not tell whether {judged.expected} holds"
