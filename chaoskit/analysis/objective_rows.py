"""Objectives as rows of ``result.json``."""

from collections.abc import Sequence

from chaoskit.analysis.objectives import Judgement
from chaoskit.analysis.shapes import ObjectiveRow, ObservedRow
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective, Relative


def objective_rows(judged: Sequence[Judgement]) -> list[ObjectiveRow]:
    """Every objective in the order of the file."""
    return [_row(one) for one in judged]


def _row(judged: Judgement) -> ObjectiveRow:
    asked, bounds = judged.objective, judged.bounds
    return {
        "name": asked.name,
        "measure": asked.measure,
        "scope": _scope(asked),
        "observed": _observed(judged),
        "expect": {"min": _number(asked.minimum, bounds.minimum), "max": _number(asked.maximum, bounds.maximum)},
        "expected": judged.expected,
        "expectation": "missed" if asked.missed else "met",
        "because": asked.because,
        "phase": _phase(asked),
        "verdict": judged.verdict.value,
        "reason": judged.reason,
        "position": asked.position,
    }


def _number(asked: float | Relative | None, used: Interval | None) -> float | None:
    """The bound as a number; of a relative one, what it came to for the figure that decided."""
    if isinstance(asked, Relative):
        return None if used is None else used.lo
    return asked


def _phase(asked: Objective) -> str:
    if asked.between is None:
        return asked.phase.value
    from_, until = asked.between
    return f"between {from_} and {until}"


def _scope(asked: Objective) -> dict[str, str]:
    scope = {
        "region": asked.region,
        "operation": asked.operation,
        "connection": asked.connection,
        "step": asked.step,
    }
    return {key: value for key, value in scope.items() if value is not None}


def _observed(judged: Judgement) -> ObservedRow:
    value = judged.value if judged.value is None or not judged.value.untold else None
    unit = judged.objective.unit
    return {
        "lo": None if value is None else value.interval.lo,
        "hi": None if value is None else value.interval.hi,
        "unit": unit,  # type: ignore[typeddict-item]  # a scenario's unit is one of the four
        "text": judged.observed,
        "where": "" if judged.value is None else judged.value.where,
    }
