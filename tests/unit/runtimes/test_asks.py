"""What follows for a stream from everything that is still asked for."""

from itertools import permutations

import pytest

from chaoskit.model.fault import Mode
from chaoskit.runtimes.wan.asks import Asks
from chaoskit.runtimes.wan.chain import Condition


@pytest.fixture
def asks(stream):
    return Asks(base_ms={stream: 40})


def test_an_unasked_stream_has_its_planned_delay_and_passes_bytes(asks, stream):
    assert asks.condition(stream) == Condition(delay_ms=40)
    assert asks.refused() == frozenset()


def test_delays_add_and_one_of_less_than_base_counts_too(asks, stream):
    asks.slow("more", {stream: 30})
    asks.slow("less", {stream: -10})
    assert asks.condition(stream).delay_ms == 60


@pytest.mark.parametrize("order", list(permutations(Mode)), ids="-".join)
def test_every_cut_holds_until_its_own_key_is_withdrawn(asks, stream, order):
    for mode in order:
        asks.cut(mode, [stream], mode)
    assert asks.condition(stream) == Condition(delay_ms=40, held=True, lost=True)
    assert asks.refused() == {stream.dial.name}
    for count, mode in enumerate(order, start=1):
        asks.withdraw(mode)
        left = order[count:]
        condition = asks.condition(stream)
        assert (condition.held, condition.lost) == (Mode.STALL in left, Mode.DROP in left)
        assert bool(asks.refused()) == (Mode.REFUSE in left)


def test_two_keys_with_the_same_cut_need_two_withdrawals(asks, stream):
    asks.cut("one", [stream], Mode.STALL)
    asks.cut("two", [stream], Mode.STALL)
    asks.withdraw("one")
    assert asks.condition(stream).held
    asks.withdraw("two")
    assert not asks.condition(stream).held


def test_withdrawing_twice_or_a_stranger_changes_nothing(asks, stream):
    asks.cut("one", [stream], Mode.DROP)
    asks.withdraw("stranger")
    assert asks.condition(stream).lost
    asks.withdraw("one")
    asks.withdraw("one")
    assert asks.condition(stream) == Condition(delay_ms=40)
