"""What the WAN tells its packet filter: everything that is in force, once for each change."""

from dataclasses import replace

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.errors import StackError
from chaoskit.model.fault import Mode
from chaoskit.protocols import Impairment, PacketCount, Target
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.wan import ToxiproxyWan

LOSSY = Impairment(lost=0.1)


class Filter:
    """Remembers what it was told, and does not always take it."""

    def __init__(self):
        self.told, self.broken = [], False

    def impair(self, wanted):
        if self.broken:
            raise StackError("the kernel cannot do it")
        self.told.append(dict(wanted))

    def counts(self):
        return dict.fromkeys(self.told[-1], PacketCount(passed=9, lost=1, passed_bytes=900))


def built(stream, packets):
    """A WAN of one dial; nothing of it is started, because packets are none of the proxy's business."""
    target = Target(host="127.0.0.1", port=0, user="u", password="p")
    ways = {stream: 0, replace(stream, upstream=not stream.upstream): 0}
    nodes = {stream.dial.target.name: "127.0.0.1:1"}
    ports = {stream.dial.name: 1}
    return ToxiproxyWan(
        Server(1), clock=MonotonicClock(), ports=ports, nodes=nodes, credentials=target, delays_ms=ways, packets=packets
    )


@pytest.fixture
def packets():
    return Filter()


@pytest.fixture
def wan(stream, packets):
    return built(stream, packets)


def test_a_cut_by_packets_and_its_heal_are_told_once_each(wan, stream, packets):
    first_ns, last_ns = wan.cut("cut", [stream], Mode.PACKETS)
    assert first_ns <= last_ns
    wan.cut("same", [stream], Mode.PACKETS)
    wan.heal("same")
    wan.heal("cut")
    wan.heal("cut")
    assert packets.told == [{stream: Impairment(lost=1.0)}, {}]


def test_every_change_tells_all_that_is_in_force(wan, stream, packets):
    back = replace(stream, upstream=False)
    wan.impair("loss", {stream: LOSSY})
    wan.impair("limit", {stream: Impairment(bytes_per_s=1e6), back: Impairment(bytes_per_s=1e6)})
    wan.heal("loss")
    both = {stream: Impairment(bytes_per_s=1e6), back: Impairment(bytes_per_s=1e6)}
    assert packets.told == [{stream: LOSSY}, both | {stream: Impairment(lost=0.1, bytes_per_s=1e6)}, both]
    assert wan.impairment(stream) == Impairment(bytes_per_s=1e6)
    assert set(wan.counts()) == set(both)


def test_a_heal_that_the_filter_refuses_is_made_good_by_the_next(wan, stream, packets):
    wan.impair("loss", {stream: LOSSY})
    packets.broken = True
    with pytest.raises(StackError, match="the kernel cannot"):
        wan.heal("loss")
    packets.broken = False
    wan.heal("loss")
    assert packets.told[-1] == {}


def test_without_a_filter_nothing_can_be_asked_of_packets_and_nothing_is_left_of_it(stream):
    wan = built(stream, None)
    for ask in (
        lambda: wan.cut("cut", [stream], Mode.PACKETS),
        lambda: wan.impair("loss", {stream: LOSSY}),
    ):
        with pytest.raises(StackError, match="needs a packet filter"):
            ask()
    assert (wan.impairment(stream), wan.counts()) == (Impairment(), {})
    assert wan.passage(stream.dial) == 0
