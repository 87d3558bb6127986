import pytest

from chaoskit.analysis.words import bounds_text, interval_text, listed, plural, seconds_text
from chaoskit.model.interval import Interval
from chaoskit.model.verdict import Verdict


@pytest.mark.parametrize(
    ("lo", "hi", "unit", "text"),
    [
        (7.411, 7.468, "s", "7.41-7.47 s"),
        (0.0, 0.05, "s", "0.000-0.050 s"),
        (7.419, 7.461, "s", "7.41-7.47 s"),
        (0.9991, 1.0001, "s", "0.999-1.001 s"),
        (7.419, 7.419, "s", "7.42 s"),
        (3, 5, "count", "3-5"),
        (3.2, None, "s", "at least 3.20 s"),
        (0.99999, 0.99999, "fraction", "99.99%"),
        (1.0, 1.0, "fraction", "100%"),
        (0.5, 0.5, "fraction", "50%"),
        (4012, 4012, "count", "4,012"),
        (2048, 2048, "bytes", "2,048 bytes"),
    ],
)
def test_an_interval_reads_with_its_unit_and_no_more_digits_than_were_measured(
    lo: float, hi: float | None, unit: str, text: str
) -> None:
    assert interval_text(Interval(lo=lo, hi=hi), unit) == text


def test_bounds_read_as_the_scenario_would_write_them() -> None:
    assert bounds_text(1, None, "count") == "min 1"
    assert bounds_text(1, 15, "s") == "min 1.00 s, max 15.00 s"
    assert bounds_text(None, 0.999, "fraction") == "max 99.9%"


def test_prose_is_rounded_to_tenths_and_finer_below_a_second() -> None:
    assert seconds_text(7.41, 7.49) == "7.4-7.5 s"
    assert seconds_text(7.41, 7.44) == "7.4-7.5 s"
    assert seconds_text(7.4, 7.5) == "7.4-7.5 s"
    assert seconds_text(0.04, 0.12) == "0.04-0.12 s"
    assert seconds_text(3.0, None) == "3.0 s"


def test_lists_and_counts_read_as_prose() -> None:
    lists: list[list[str]] = [["a"], ["a", "b"], ["a", "b", "c"], []]
    assert [listed(words) for words in lists] == ["a", "a and b", "a, b and c", ""]
    assert [plural(1, "write", "writes"), plural(1400, "write", "writes")] == ["1 write", "1,400 writes"]


@pytest.mark.parametrize(
    ("lo", "hi", "under_10", "over_10"),
    [
        (1, 10, Verdict.PASS, Verdict.INCONCLUSIVE),
        (10, 10, Verdict.PASS, Verdict.PASS),
        (9, 11, Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (11, 12, Verdict.FAIL, Verdict.PASS),
        (1, 2, Verdict.PASS, Verdict.FAIL),
        (1, None, Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (11, None, Verdict.FAIL, Verdict.PASS),
    ],
)
def test_an_interval_meets_a_bound_with_its_far_end_and_misses_it_with_its_near_end(
    lo: float, hi: float | None, under_10: Verdict, over_10: Verdict
) -> None:
    interval = Interval(lo=lo, hi=hi)
    assert interval.under(10) is under_10
    assert interval.over(10) is over_10
    assert interval.within(None, 10) is under_10
    assert interval.within(10, None) is over_10


def test_of_two_bounds_the_worse_answer_counts() -> None:
    assert Interval(lo=3, hi=4).within(1, 3) is Verdict.INCONCLUSIVE
    assert Interval(lo=3, hi=4).within(5, 3) is Verdict.FAIL
    assert Interval(lo=3, hi=4).within(None, None) is Verdict.INCONCLUSIVE


def test_an_empty_interval_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="empty"):
        Interval(lo=2, hi=1)
