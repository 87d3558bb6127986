"""Objectives as rows of the result."""

from typing import Any

from chaoskit.analysis.facts import Measured, Value
from chaoskit.analysis.objective_rows import objective_rows
from chaoskit.analysis.objectives import decide
from chaoskit.analysis.shapes import ObjectiveRow
from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective, Phase, Relative

FIGURE = Value(where="eu-west write fresh", interval=Interval(lo=0.2, hi=0.3))
BEFORE = Measured(values=(Value(where="eu-west write fresh", interval=Interval(lo=0.1, hi=0.1)),))


def row(figure: Value = FIGURE, **given: Any) -> ObjectiveRow:
    asked = Objective(name="o", measure="downtime", unit="s", **{"maximum": 1.0, **given})
    (made,) = objective_rows([decide(asked, Measured(values=(figure,)), (), {Phase.BEFORE: BEFORE})])
    return made


def test_an_objective_says_what_was_wanted_and_in_which_phase() -> None:
    plain = row()
    assert (plain["expectation"], plain["because"], plain["phase"]) == ("met", "", "always")
    assert (plain["expect"], plain["observed"]["lo"]) == ({"min": None, "max": 1.0}, 0.2)
    missed = row(missed=True, because="it is slow", phase=Phase.DURING, step="cut")
    assert (missed["expectation"], missed["because"], missed["phase"]) == ("missed", "it is slow", "during")
    assert missed["scope"] == {"step": "cut"}
    assert missed["verdict"] == "fail"


def test_a_relative_bound_is_shown_as_what_it_came_to() -> None:
    made = row(maximum=Relative(factor=4, phase=Phase.BEFORE))
    assert made["expect"] == {"min": None, "max": 0.4}
    assert made["expected"] == "max 4x before"


def test_a_relative_bound_without_a_figure_came_to_nothing() -> None:
    made = row(Value(where="elsewhere", interval=Interval(lo=1, hi=1)), maximum=Relative(factor=4, phase=Phase.BEFORE))
    assert (made["expect"]["max"], made["verdict"]) == (None, "inconclusive")


def test_two_instants_are_told_as_they_were_asked() -> None:
    ends = (since_t0(5_000_000_000), Instant(offset_ns=10_000_000_000, after=Moment(event="promoted", step="lose")))
    assert row(between=ends)["phase"] == "between 5 s and lose.promoted + 10 s"


def test_what_cannot_be_told_is_no_number() -> None:
    made = row(Value(where="a", interval=Interval(lo=0, hi=None), untold="a was out already"))
    assert (made["observed"]["lo"], made["observed"]["hi"], made["observed"]["where"]) == (None, None, "a")
    assert made["observed"]["text"] == "not observed"
