"""What follows for a stream from everything that is still asked for."""

from dataclasses import replace
from itertools import permutations

import pytest

from chaoskit.model.fault import Mode
from chaoskit.protocols import Impairment
from chaoskit.runtimes.wan.asks import Asks
from chaoskit.runtimes.wan.chain import Condition


@pytest.fixture
def asks(stream):
    return Asks(base_ms={stream: 40, replace(stream, upstream=False): 40})


def test_an_unasked_stream_has_its_planned_delay_and_passes_bytes(asks, stream):
    assert asks.condition(stream) == Condition(planned_ms=40)
    assert asks.refused() == frozenset()


def test_delays_add_and_one_of_less_than_base_counts_too(asks, stream):
    asks.slow("more", {stream: 30})
    asks.slow("less", {stream: -10})
    assert asks.condition(stream).added_ms == 20


def test_a_delay_is_replaced_by_the_next_of_the_same_key(asks, stream):
    asks.slow("jitter", {stream: 30})
    asks.slow("jitter", {stream: 5})
    assert asks.condition(stream).added_ms == 5


def test_a_swing_is_added_to_what_is_steady_and_forgotten_with_it(asks, stream):
    asks.slow("jitter", {stream: 30}, {stream: 5})
    asks.slow("other", {stream: 10})
    assert (asks.condition(stream).rtt_ms, asks.condition(stream).gate_ms) == (80, 5)
    assert asks.passage_ms(stream.dial) == 45
    asks.slow("jitter", {stream: 30})
    assert asks.condition(stream).gate_ms == 0
    asks.withdraw("jitter")
    assert asks.passage_ms(stream.dial) == 10


def test_no_stream_is_faster_than_at_once(asks, stream):
    asks.slow("less", {stream: -70})
    assert asks.condition(stream).rtt_ms == 0
    assert asks.passage_ms(stream.dial) == -40


class TestPassage:
    """What comes back through a dial, and how much later."""

    def test_delays_of_both_directions_add_up(self, asks, stream):
        asks.slow("up", {stream: 30})
        asks.slow("both", {stream: 5, replace(stream, upstream=False): 7})
        assert asks.passage_ms(stream.dial) == 42

    @pytest.mark.parametrize("upstream", [True, False])
    @pytest.mark.parametrize("mode", list(Mode))
    def test_a_cut_of_one_direction_lets_nothing_come_back_until_it_is_healed(self, asks, stream, mode, upstream):
        assert asks.passage_ms(stream.dial) == 0
        asks.cut("cut", [replace(stream, upstream=upstream)], mode)
        assert asks.passage_ms(stream.dial) is None
        asks.withdraw("cut")
        assert asks.passage_ms(stream.dial) == 0

    @pytest.mark.parametrize("mode", list(Mode))
    def test_what_comes_back_without_one_key_is_told_and_nothing_is_forgotten(self, asks, stream, mode):
        asks.slow("late", {stream: 30})
        asks.cut("cut", [stream], mode)
        assert asks.without("cut").passage_ms(stream.dial) == 30
        assert asks.without("late").passage_ms(stream.dial) is None
        asks.cut("other", [replace(stream, upstream=False)], Mode.STALL)
        assert asks.without("cut").passage_ms(stream.dial) is None
        assert asks.passage_ms(stream.dial) is None
        asks.withdraw("other")
        asks.withdraw("cut")
        assert asks.passage_ms(stream.dial) == 30


@pytest.mark.parametrize("order", list(permutations(Mode)), ids="-".join)
def test_every_cut_holds_until_its_own_key_is_withdrawn(asks, stream, order):
    for mode in order:
        asks.cut(mode, [stream], mode)
    assert asks.condition(stream) == Condition(planned_ms=40, held=True, lost=True)
    assert asks.impairment(stream).cut
    assert asks.refused() == {stream.dial.name}
    for count, mode in enumerate(order, start=1):
        asks.withdraw(mode)
        left = order[count:]
        condition = asks.condition(stream)
        assert (condition.held, condition.lost) == (Mode.STALL in left, bool(left)), "lost bytes stay a gap to the last"
        assert bool(asks.refused()) == (Mode.REFUSE in left)
        assert asks.impairment(stream).cut == (Mode.PACKETS in left)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("upstream", [True, False])
def test_a_dropped_connection_is_torn_when_nothing_cuts_either_of_its_directions(asks, stream, mode, upstream):
    asks.cut("drop", [stream], Mode.DROP)
    asks.cut("other", [replace(stream, upstream=upstream)], mode)
    asks.withdraw("drop")
    assert asks.condition(stream).lost
    assert asks.passage_ms(stream.dial) is None
    asks.withdraw("other")
    assert not asks.condition(stream).lost


def test_a_cut_of_another_dial_keeps_no_gap_open(asks, stream):
    other = replace(stream, dial=replace(stream.dial, target=stream.dial.source))
    asks.cut("other", [other], Mode.STALL)
    asks.cut("drop", [stream], Mode.DROP)
    asks.withdraw("drop")
    assert not asks.condition(stream).lost


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
    assert asks.condition(stream) == Condition(planned_ms=40)


class TestImpairment:
    """What becomes of packets: of all that is asked, together."""

    def test_what_one_ask_loses_the_next_cannot(self, asks, stream):
        asks.impair("one", {stream: Impairment(lost=0.5)})
        assert asks.impairment(stream) == Impairment(lost=0.5)
        asks.impair("other", {stream: Impairment(lost=0.2)})
        assert asks.impairment(stream) == Impairment(lost=0.6)

    def test_the_tightest_limit_holds(self, asks, stream):
        for key, limit in {"wide": 2e6, "thin": 1e6, "none": None}.items():
            asks.impair(key, {stream: Impairment(bytes_per_s=limit)})
        assert asks.impairment(stream) == Impairment(bytes_per_s=1e6)
        asks.withdraw("thin")
        assert asks.impairment(stream) == Impairment(bytes_per_s=2e6)

    def test_a_cut_by_packets_loses_all_of_them_and_holds_and_tears_no_bytes(self, asks, stream):
        asks.impair("loss", {stream: Impairment(lost=0.5, bytes_per_s=1e6)})
        asks.cut("cut", [stream], Mode.PACKETS)
        assert asks.impairment(stream) == Impairment(lost=1.0, bytes_per_s=1e6)
        assert asks.condition(stream) == Condition(planned_ms=40)
        assert asks.passage_ms(stream.dial) is None

    def test_loss_and_limits_add_no_known_delay_and_silence_nobody(self, asks, stream):
        asks.impair("loss", {stream: Impairment(lost=0.99, bytes_per_s=1.0)})
        assert asks.passage_ms(stream.dial) == 0

    def test_only_what_differs_from_nothing_is_impaired(self, asks, stream):
        asks.impair("nothing", {stream: Impairment()})
        assert asks.impaired() == {}
        asks.impair("loss", {stream: Impairment(lost=0.1)})
        assert asks.impaired() == {stream: Impairment(lost=0.1)}
