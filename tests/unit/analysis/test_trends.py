"""Nights that changed are told from nights that did not, and what did not recover stays a failure."""

from collections.abc import Sequence

import numpy as np
import pytest

from chaoskit.analysis.trends.changes import changes, least_p
from chaoskit.analysis.trends.difference import difference
from chaoskit.analysis.trends.order import night_order
from chaoskit.analysis.trends.ranks import tail
from chaoskit.model.difference import Apart
from chaoskit.model.series import Change, Figure, Key, Night, Series, Worse, level

LOST = Figure(value=30.0, censored=True)


def figures(*values: float) -> tuple[Figure, ...]:
    return tuple(Figure(value=value) for value in values)


def night(number: int, *values: float) -> Night:
    return Night(name=f"{number:03d}", figures=figures(*values))


def series(nights: Sequence[Night], objective: str = "rto") -> Series:
    key = Key(scenario="s", variant="", runtime="local", objective=objective)
    return Series(key=key, measure="rto", unit="s", worse=Worse.HIGHER, nights=tuple(nights))


def found(nights: Sequence[Night], **options: float) -> tuple[Change, ...]:
    of = series(nights)
    return changes([of], **options)[of.key]


def simulated(seed: int, *, nights: int, shift_s: float = 0.0) -> list[Night]:
    """Five trials a night of 18 s, 15 % noise; from night 30 on longer by ``shift_s``."""
    rng = np.random.default_rng(seed)
    values = rng.normal(18, 2.7, (nights, 5))
    values[30:] += shift_s
    return [night(number, *row) for number, row in enumerate(values)]


@pytest.mark.parametrize(
    ("above", "first", "second", "expected"),
    [
        (9, 3, 3, 1 / 20),  # all of three above all of three: one way of C(6, 3)
        (8, 3, 3, 2 / 20),
        (0, 3, 3, 1.0),
        (10, 2, 5, 1 / 21),
        (250, 5, 50, 1 / 3478761),
    ],
)
def test_the_tail_counts_arrangements(above, first, second, expected):
    assert tail(above, first, second) == pytest.approx(expected, rel=1e-12)
    assert tail(above, second, first) == pytest.approx(expected, rel=1e-12)


def test_a_trial_that_did_not_recover_is_above_every_number():
    lost, slow = Night(name="b", figures=(*figures(1, 2, 3), LOST)), night(0, 1, 2, 3, 900)
    two = Night(name="c", figures=(*figures(1, 2), LOST, LOST))
    order = night_order([lost, two, slow, night(1, 1, 2, 3, 4)])
    assert list(np.argsort(order)) == [3, 2, 0, 1]


def test_how_long_was_waited_for_what_did_not_recover_does_not_matter():
    long = Night(name="b", figures=(Figure(value=900, censored=True), Figure(value=5)))
    short = Night(name="c", figures=(Figure(value=5), Figure(value=3, censored=True)))
    assert len(set(night_order([long, short]))) == 1


def test_a_planted_change_is_found_soon_and_where_it_is():
    told = [found(simulated(seed, nights=40, shift_s=4.0)) for seed in range(10)]
    first = [one[0] for one in told if one]
    assert len(first) == 10
    assert all("026" <= change.since <= "034" and change.upwards for change in first)
    assert sum("030" <= change.told <= "034" for change in first) >= 8
    assert all(len(one) == 1 for one in told)


def test_nothing_later_than_the_night_that_told_it_was_looked_at():
    nights = simulated(3, nights=40, shift_s=4.0)
    (change,) = found(nights)
    seen = int(change.told) + 1
    assert found(nights[:seen]) == (change,)
    assert found(nights[: seen - 1]) == ()


def test_where_nothing_changes_alarms_are_rare():
    alarms = sum(bool(found(simulated(seed, nights=60))) for seed in range(40))
    assert alarms <= 2  # 3 % of 90 nights; these seeds always give the same


def test_of_many_series_in_which_nothing_changes_alarms_are_no_more_often():
    alarmed = 0
    for seed in range(5):
        many = [series(simulated(1000 * seed + i, nights=40), f"o{i}") for i in range(12)]
        alarmed += any(changes(many).values())
    assert alarmed <= 1


def test_the_order_of_the_trials_in_a_night_does_not_matter():
    nights = simulated(5, nights=40, shift_s=4.0)
    rng = np.random.default_rng(1)
    shuffled = [Night(name=n.name, figures=tuple(rng.permutation(np.array(n.figures)).tolist())) for n in nights]
    assert found(shuffled) == found(nights)


def test_what_never_varies_never_changes_and_costs_the_others_nothing():
    constant = [night(number, 0, 0, 0) for number in range(60)]
    assert found(constant) == ()
    of = series(simulated(3, nights=40, shift_s=4.0))
    beside = [series(constant, f"c{i}") for i in range(20)]
    assert changes([of, *beside])[of.key] == changes([of])[of.key]


def test_recovering_no_more_is_a_change_and_no_number():
    lost = [Night(name=f"{number:03d}", figures=(LOST, LOST, LOST)) for number in range(30, 36)]
    (change,) = found(simulated(1, nights=30) + lost)
    assert change.after.median is None
    assert (change.since, change.after.censored) == ("030", change.after.trials)
    assert change.upwards


def test_a_difference_too_small_to_matter_is_not_told_however_certain():
    nights = [night(number, *(18 + 0.001 * i + (0.3 if number >= 30 else 0) for i in range(5))) for number in range(45)]
    assert least_p(nights[:36]) < 1e-5
    assert found(nights) == ()
    assert len(found(nights, smallest=0.01)) == 1


def test_after_a_change_the_series_begins_anew():
    values = [10.0] * 30 + [15.0] * 30 + [10.0] * 30
    rng = np.random.default_rng(2)
    nights = [night(number, *(value + rng.normal(0, 0.3, 5))) for number, value in enumerate(values)]
    assert [(change.since, change.upwards) for change in found(nights)] == [("030", True), ("060", False)]


def test_nights_of_which_nothing_is_known_are_passed_over():
    nights = simulated(3, nights=40, shift_s=4.0)
    dark = [Night(name=f"{number:03d}x", figures=(), unknown=5) for number in range(40)]
    mixed = sorted([*nights, *dark], key=lambda one: one.name)
    assert [change.since for change in found(mixed)] == [change.since for change in found(nights)]


def test_a_level_is_a_number_only_while_more_than_half_recovered():
    assert level(figures(3, 1, 2)).median == 2
    assert level((*figures(1, 2, 3), LOST, LOST)).median == 3
    assert level((*figures(1, 2), LOST, LOST)).median is None
    assert level((LOST,)).median is None


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_two_groups_apart_differ_and_a_group_does_not_differ_from_itself():
    a, b = figures(6.1, 6.2, 6.3, 6.4, 6.5), figures(7.1, 7.2, 7.3, 7.4, 7.5)
    apart = difference(a, b, rng=rng())
    assert (apart.apart, apart.shift, apart.above) == (Apart.HIGHER, pytest.approx(1.0), 1.0)
    assert apart.interval is not None
    assert 0 < apart.interval[0] <= 1.0 <= apart.interval[1]
    assert difference(b, a, rng=rng()).apart is Apart.LOWER
    assert difference(a, a[::-1], rng=rng()).apart is Apart.ALIKE


def test_one_trial_on_a_side_has_no_interval():
    one = difference(figures(6.1), figures(9, 9.1, 9.2, 9.3, 9.4), rng=rng())
    assert (one.interval, one.apart) == (None, Apart.UNKNOWN)
    assert one.shift == pytest.approx(3.1)


def test_trials_that_did_not_recover_leave_ranks_and_no_interval():
    a, b = figures(6, 6.1, 6.2, 6.3, 6.4), (*figures(6, 6.1), LOST, LOST, LOST)
    told = difference(a, b, rng=rng())
    assert (told.shift, told.interval) == (None, None)
    assert told.b.censored == 3
    assert told.above > 0.5
    assert difference(a, (LOST,) * 5, rng=rng()).apart is Apart.HIGHER
    assert difference((LOST,) * 5, (LOST,) * 5, rng=rng()).apart is Apart.ALIKE


def test_a_difference_does_not_depend_on_the_order_of_the_trials():
    a, b = figures(6.1, 6.5, 6.3, 6.2, 6.4), figures(6.3, 7.2, 6.2, 7.4, 6.5)
    assert difference(a, b, rng=rng()) == difference(a[::-1], b[::-1], rng=rng())
