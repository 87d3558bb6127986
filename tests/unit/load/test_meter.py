"""Counting what has finished."""

from hypothesis import given
from hypothesis import strategies as st

from chaoskit.load.meter import BOUNDS_NS, Meter
from chaoskit.load.orders import FAILED
from chaoskit.protocols import Tally

TOOK = st.lists(st.one_of(st.just(FAILED), st.sampled_from(BOUNDS_NS), st.integers(0, 6_000_000_000)))


def counted(took_ns: list[int]) -> Tally:
    meter = Meter()
    for one in took_ns:
        meter.count(one)
    return meter.tally()


@given(TOOK)
def test_each_probe_is_counted_in_one_place_and_a_bound_belongs_to_what_is_below_it(took_ns: list[int]) -> None:
    answered = [one for one in took_ns if one != FAILED]
    tally = counted(took_ns)
    assert tally.failed == len(took_ns) - len(answered)
    assert tally.took_ns == sum(answered)
    assert sum(tally.answered) == len(answered)
    for place, bound_ns in enumerate(BOUNDS_NS):
        assert sum(tally.answered[: place + 1]) == sum(one <= bound_ns for one in answered)


@given(TOOK, TOOK)
def test_tallies_add_up(some: list[int], more: list[int]) -> None:
    assert counted(some) + counted(more) == counted([*some, *more])
