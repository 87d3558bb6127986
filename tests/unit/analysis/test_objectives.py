"""Every rule of the verdict by name (docs/definitions.md, Verdicts)."""

from dataclasses import replace

import pytest

from chaoskit.analysis.facts import Measured, Value
from chaoskit.analysis.objectives import Judgement, decide
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective, Phase, Relative
from chaoskit.model.verdict import Verdict

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
DOUBT = ("The prober of eu-west was late.",)


def at_most(maximum: float, measure: str = "rto", unit: str = "s") -> Objective:
    return Objective(name=measure, measure=measure, unit=unit, maximum=maximum, expected_text=f"max {maximum:g}{unit}")


def at_least(minimum: float, measure: str = "rto", unit: str = "s") -> Objective:
    return Objective(name=measure, measure=measure, unit=unit, minimum=minimum)


def rto(lo: float, hi: float | None, where: str = "eu-west write fresh", interval_s: float = 0.05) -> Value:
    return Value(where=where, interval=Interval(lo=lo, hi=hi), censored=hi is None, resolution_s=interval_s)


def counted(count: int) -> Measured:
    return Measured(values=(Value(where="", interval=Interval(lo=count, hi=count)),), witnessed=True)


def verdict(objective: Objective, *values: Value, doubts: tuple[str, ...] = ()) -> Verdict:
    return decide(objective, Measured(values=values), doubts).verdict


@pytest.mark.parametrize(("maximum", "expected"), [(15, PASS), (7.5, PASS), (7.45, INCONCLUSIVE), (7, FAIL)])
def test_an_interval_meets_a_maximum_with_its_high_end_and_misses_it_with_its_low_end(
    maximum: float, expected: Verdict
) -> None:
    assert verdict(at_most(maximum), rto(7.4, 7.5)) is expected


@pytest.mark.parametrize(("minimum", "expected"), [(7, PASS), (7.4, PASS), (7.45, INCONCLUSIVE), (8, FAIL)])
def test_an_interval_meets_a_minimum_with_its_low_end_and_misses_it_with_its_high_end(
    minimum: float, expected: Verdict
) -> None:
    assert verdict(at_least(minimum), rto(7.4, 7.5)) is expected


def test_every_value_must_hold_by_itself_and_the_worst_is_reported() -> None:
    judged = decide(at_most(10), Measured(values=(rto(1, 2, "a"), rto(11, 12, "b"), rto(20, 21, "c"))), ())
    assert judged.verdict is FAIL
    assert judged.value is not None
    assert judged.value.where == "c"
    assert judged.reason == "20.00-21.00 s (c), asked for: max 10s"


def test_of_values_that_all_hold_the_one_nearest_to_the_bound_is_reported() -> None:
    values = Measured(values=(rto(1, 2, "a"), rto(5, 6, "b")))
    highest, lowest = decide(at_most(10), values, ()), decide(at_least(0.5), values, ())
    assert (highest.value and highest.value.where, highest.reason) == ("b", "")
    assert lowest.value
    assert lowest.value.where == "a"


def test_one_inconclusive_value_among_passes_is_inconclusive() -> None:
    judged = decide(at_most(10), Measured(values=(rto(1, 2), rto(9, 11, "b"))), ())
    assert judged.verdict is INCONCLUSIVE
    assert judged.reason == "9.00-11.00 s (b) does not tell whether max 10s holds"


def test_a_censored_rto_misses_every_maximum_however_generous() -> None:
    judged = decide(at_most(3600), Measured(values=(rto(3, None),)), ())
    assert judged.verdict is FAIL
    assert judged.observed == "not over after 3.0 s, when the run ended"


def test_a_censored_rto_meets_a_minimum_that_it_has_passed_and_no_other() -> None:
    assert verdict(at_least(2), rto(3, None)) is PASS
    assert verdict(at_least(4), rto(3, None)) is INCONCLUSIVE


def test_a_target_of_less_than_five_probe_intervals_is_inconclusive() -> None:
    assert verdict(at_most(1.0), rto(0, 0.2, interval_s=0.2)) is PASS
    judged = decide(at_most(0.9), Measured(values=(rto(0, 0.2, interval_s=0.2),)), ())
    assert judged.verdict is INCONCLUSIVE
    assert "a probe every 200 ms" in judged.reason
    assert verdict(at_most(0.9), rto(3, 4, interval_s=0.2)) is INCONCLUSIVE
    assert verdict(at_most(0.9), rto(3, None, interval_s=0.2)) is FAIL


@pytest.mark.parametrize("value", [rto(1, 2), rto(20, 21), rto(3, None)])
def test_doubt_makes_a_measured_objective_inconclusive_whatever_its_value(value: Value) -> None:
    judged = decide(at_most(10), Measured(values=(value,)), DOUBT)
    assert judged.verdict is INCONCLUSIVE
    assert judged.reason == DOUBT[0]


def test_a_witnessed_finding_fails_in_spite_of_doubt() -> None:
    assert decide(at_most(0, "lost_writes", "count"), counted(3), DOUBT).verdict is FAIL


def test_no_objective_passes_in_spite_of_doubt_however_much_was_witnessed() -> None:
    assert decide(at_least(1, "lost_writes", "count"), counted(3), ()).verdict is PASS
    assert decide(at_least(1, "lost_writes", "count"), counted(3), DOUBT).verdict is INCONCLUSIVE


def test_nothing_found_under_doubt_is_inconclusive() -> None:
    assert decide(at_most(0, "lost_writes", "count"), counted(0), ()).verdict is PASS
    assert decide(at_most(0, "lost_writes", "count"), counted(0), DOUBT).verdict is INCONCLUSIVE
    assert decide(at_most(5, "lost_writes", "count"), counted(3), DOUBT).verdict is INCONCLUSIVE
    assert decide(at_least(1, "lost_writes", "count"), counted(0), DOUBT).verdict is INCONCLUSIVE
    assert decide(at_least(1, "lost_writes", "count"), counted(0), ()).verdict is FAIL


def test_an_unknown_finding_is_inconclusive_with_its_reason() -> None:
    judged = decide(at_most(0, "phantom", "count"), Measured(unknown="a stream has no end"), ())
    assert (judged.verdict, judged.reason, judged.observed) == (INCONCLUSIVE, "a stream has no end", "not observed")


def test_nothing_measured_is_inconclusive() -> None:
    judged = decide(at_most(1), Measured(), ())
    assert (judged.verdict, judged.reason) == (INCONCLUSIVE, "nothing was measured")


def test_what_was_expected_is_told_in_the_files_words_or_in_ours() -> None:
    assert decide(at_most(15), Measured(), ()).expected == "max 15s"
    assert decide(at_least(1, "lost_writes", "count"), Measured(), ()).expected == "min 1"


def expected_to_miss(objective: Objective) -> Objective:
    return replace(objective, missed=True, because="the runbook is slow")


def test_an_objective_that_is_expected_to_be_missed_passes_when_it_is() -> None:
    judged = decide(expected_to_miss(at_most(5)), Measured(values=(rto(7, 8),)), ())
    assert (judged.verdict, judged.reason, judged.observed) == (PASS, "", "7.00-8.00 s")
    assert decide(expected_to_miss(at_most(5)), Measured(values=(rto(7, None),)), ()).verdict is PASS


def test_an_objective_that_is_expected_to_be_missed_fails_when_it_holds() -> None:
    judged = decide(expected_to_miss(at_most(10)), Measured(values=(rto(7, 8),)), ())
    assert judged.verdict is FAIL
    assert judged.reason == "expected to be missed (because the runbook is slow), but it held: 7.00-8.00 s"


def test_an_objective_that_is_expected_to_be_missed_stays_inconclusive() -> None:
    asked = expected_to_miss(at_most(7.5))
    assert decide(asked, Measured(values=(rto(7, 8),)), ()).verdict is INCONCLUSIVE
    assert decide(asked, Measured(values=(rto(7, 8),)), DOUBT).verdict is INCONCLUSIVE
    assert decide(asked, Measured(unknown="no audit"), ()).verdict is INCONCLUSIVE


def test_a_witnessed_miss_that_was_expected_is_no_pass_under_doubt() -> None:
    judged = decide(expected_to_miss(at_most(0, "lost_writes", "count")), counted(3), DOUBT)
    assert (judged.verdict, judged.reason) == (INCONCLUSIVE, DOUBT[0])


def test_a_figure_that_cannot_be_told_leaves_only_itself_inconclusive() -> None:
    untold = replace(rto(0, None, "b"), censored=False, untold="b was out already")
    judged = decide(at_most(10), Measured(values=(rto(1, 2, "a"), untold)), ())
    assert (judged.verdict, judged.reason, judged.observed) == (INCONCLUSIVE, "b was out already", "not observed")
    assert decide(at_most(10), Measured(values=(rto(11, 12, "a"), untold)), ()).verdict is FAIL


def times(factor: float, **more: float) -> Objective:
    bound = Relative(factor=factor, phase=Phase.BEFORE)
    return Objective(name="latency", measure="latency.p99", unit="s", phase=Phase.DURING, maximum=bound, **more)


def seen(lo: float, hi: float, where: str = "a", *, single: bool = False) -> Value:
    return Value(where=where, interval=Interval(lo=lo, hi=hi), single=single)


def relative(objective: Objective, before: Measured, *values: Value) -> Judgement:
    return decide(objective, Measured(values=values), (), {Phase.BEFORE: before})


def test_a_relative_bound_is_a_multiple_of_the_same_streams_figure() -> None:
    before = Measured(values=(seen(0.1, 0.1, "a"), seen(0.4, 0.4, "b")))
    assert relative(times(1.5), before, seen(0.15, 0.15, "a"), seen(0.5, 0.5, "b")).verdict is PASS
    judged = relative(times(1.5), before, seen(0.2, 0.2, "a"), seen(0.5, 0.5, "b"))
    assert judged.verdict is FAIL
    assert judged.reason == "0.200 s (a), asked for: max 1.5x before"
    assert judged.bounds.maximum is not None
    assert judged.bounds.maximum.lo == pytest.approx(0.15)


@pytest.mark.parametrize(("value", "expected"), [(1.0, PASS), (1.5, INCONCLUSIVE), (2.1, FAIL)])
def test_a_multiple_of_an_interval_is_an_interval(value: float, expected: Verdict) -> None:
    before = Measured(values=(seen(0.5, 1.0),))
    assert relative(times(2), before, seen(value, value)).verdict is expected
    least = Objective(name="x", measure="x", unit="s", minimum=Relative(factor=2, phase=Phase.BEFORE))
    turned = {PASS: FAIL, FAIL: PASS}.get(expected, expected)
    shifted = value - 0.05 if expected is PASS else value
    assert relative(least, before, seen(shifted, shifted)).verdict is turned


def test_the_one_figure_of_a_run_is_compared_wherever_it_was_observed() -> None:
    before = Measured(values=(seen(1, 1, "a", single=True),))
    assert relative(times(1.5), before, seen(1.2, 1.2, "b", single=True)).verdict is PASS


def test_without_a_figure_to_compare_with_it_is_inconclusive() -> None:
    judged = relative(times(1.5), Measured(unknown="no probe"), seen(1, 1))
    assert judged.verdict is INCONCLUSIVE
    assert judged.reason == "the phase `before` has no figure of a to compare with: no probe"
    open_ended = Measured(values=(Value(where="a", interval=Interval(lo=1, hi=None)),))
    assert relative(times(1.5), open_ended, seen(9, 9)).verdict is INCONCLUSIVE
