"""What a canary concludes from pings, and how latency is shared out; the WAN here is a table of round trips."""

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.faults.ground import Ground
from chaoskit.faults.latency import LatencyInjector
from chaoskit.faults.proof import ROUNDS, SLACK_S, Canary, dials_of, patience_s, tolerance_s
from chaoskit.model.fault import Latency, Link
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party, Role
from chaoskit.protocols import Stream

MS = 1_000_000


def dial(source, target):
    return Dial(source=Party(region=source, role=Role.CLIENTS), target=Party(region=target, role=Role.NODE, number=1))


NEAR, FAR = dial("a", "b"), dial("a", "c")
STREAMS = [Stream(each, upstream) for each in (NEAR, FAR) for upstream in (True, False)]
LINK = Link(left=("a",), right=("b", "c"))


class Table:
    """A WAN that answers pings from a table, and remembers what it was asked for."""

    def __init__(self):
        self.trips = {NEAR: 0.08, FAR: 0.2}
        self.slowed = {}
        self.noise_s = []

    def streams(self):
        return STREAMS

    def base_delay_ns(self, stream):
        return (40 if stream.dial is NEAR else 100) * MS

    def ping(self, dials, timeout_s):
        late_s = self.noise_s.pop(0) if self.noise_s else 0.0
        return {each: None if (trip := self.trips[each]) is None else trip + late_s for each in dials}

    def slow(self, key, added_ns):
        self.slowed[key] = dict(added_ns)
        return 1, 2


@pytest.fixture
def wan():
    return Table()


@pytest.fixture
def canary(wan):
    canary = Canary(wan, STREAMS, MonotonicClock())
    canary.before()
    return canary


def test_each_dial_is_asked_once_and_with_patience_for_the_slowest(wan):
    assert dials_of(STREAMS) == (NEAR, FAR)
    assert patience_s(wan, STREAMS) == pytest.approx(0.2 + SLACK_S)
    assert patience_s(wan, STREAMS[:1]) == pytest.approx(0.08 + SLACK_S)


@pytest.mark.parametrize(
    ("near", "far", "ok"), [(None, None, True), (0.08, None, False), (0.08, 0.2, False)], ids=["cut", "leak", "nothing"]
)
def test_a_cut_is_proved_by_the_silence_of_all(wan, canary, near, far, ok):
    wan.trips = {NEAR: near, FAR: far}
    assert canary.cut().ok is ok


def test_a_dial_that_was_silent_before_is_no_witness_and_is_counted_out(wan):
    wan.trips[FAR] = None
    canary = Canary(wan, STREAMS, MonotonicClock())
    canary.before()
    wan.trips = {NEAR: None, FAR: None}
    assert canary.cut().text == "1 of 2 links answered before and none after the cut"
    wan.trips = {NEAR: 0.08, FAR: None}
    assert canary.healed().text == "all 1 links answer again"


@pytest.mark.parametrize(
    ("grown_s", "ok"), [(0.1, True), (0.119, True), (0.081, True), (0.13, False), (0.07, False), (0.0, False)]
)
def test_latency_is_proved_within_a_fifth(wan, canary, grown_s, ok):
    wan.trips = {NEAR: 0.08 + grown_s, FAR: 0.2 + grown_s}
    assert canary.slower({NEAR: 0.1, FAR: 0.1}).ok is ok


def test_noise_before_and_after_is_not_taken_for_latency(wan):
    canary = Canary(wan, STREAMS, MonotonicClock())
    wan.noise_s = [0.05, 0.0, 0.09]
    canary.before(ROUNDS)
    wan.trips = {NEAR: 0.18, FAR: 0.3}
    wan.noise_s = [0.07, 0.04, 0.0]
    assert canary.slower({NEAR: 0.1, FAR: 0.1}).ok is True


def test_one_dial_of_another_latency_disproves_it_and_is_named(wan, canary):
    wan.trips = {NEAR: 0.18, FAR: 0.2}
    proof = canary.slower({NEAR: 0.1, FAR: 0.1})
    assert (proof.ok, NEAR.name in proof.text, FAR.name in proof.text) == (False, False, True)


@pytest.mark.parametrize(
    ("fault", "up_ms", "down_ms"),
    [
        (Latency(link=LINK, add_ns=100 * MS), [50, 50], [50, 50]),
        (Latency(link=LINK, add_ns=101 * MS), [51, 51], [50, 50]),
        (Latency(link=LINK, factor=3.0), [80, 200], [80, 200]),
        (Latency(link=Link(left=("a",), right=("b", "c"), both_ways=False), add_ns=70 * MS), [70, 70], []),
        (Latency(link=Link(left=("b",), right=("a",), both_ways=False), add_ns=70 * MS), [], [70]),
    ],
    ids=["even", "odd", "factor", "towards", "back"],
)
def test_added_latency_is_shared_out_over_the_directions(wan, fault, up_ms, down_ms):
    ground = Ground(plan=None, wan=wan, database=None, load=None, clock=MonotonicClock(), intend=print)
    LatencyInjector("step", fault, ground).strike()
    added = wan.slowed["step"]
    assert [ns // MS for stream, ns in added.items() if stream.upstream] == up_ms
    assert [ns // MS for stream, ns in added.items() if not stream.upstream] == down_ms


@pytest.mark.parametrize("wanted_s", [0.002, 0.01, 0.03, 0.2, 2.0])
def test_no_growth_at_all_never_passes_for_the_growth_that_was_asked(wanted_s):
    assert 0 < tolerance_s(wanted_s) < wanted_s
