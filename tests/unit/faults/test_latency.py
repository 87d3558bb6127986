"""How added latency is shared out over directions and ticks."""

import pytest

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.event import Name
from chaoskit.model.fault import Latency, Link
from chaoskit.model.place import places

MS = 1_000_000
BOTH = Link(left=places("us.clients"), right=places("eu.nodes"))
THERE = Link(left=places("us.clients"), right=places("eu.nodes"), both_ways=False)
BACK = Link(left=places("eu.nodes"), right=places("us.clients"), both_ways=False)


def ways(world, step="step"):
    """Upstream and downstream milliseconds."""
    added = world.slowed[step]
    return [[ns // MS for stream, ns in added.items() if stream.upstream is up] for up in (True, False)]


@pytest.mark.parametrize(
    ("fault", "up_ms", "down_ms"),
    [
        (Latency(link=BOTH, add_ns=100 * MS), [50], [50]),
        (Latency(link=BOTH, add_ns=101 * MS), [51], [50]),
        (Latency(link=BOTH, factor=3.0), [80], [80]),
        (Latency(link=THERE, add_ns=70 * MS), [70], []),
        (Latency(link=BACK, add_ns=70 * MS), [], [70]),
    ],
    ids=["even", "odd", "factor", "towards", "back"],
)
def test_added_latency_is_shared_out_over_the_directions(world, fault, up_ms, down_ms):
    world.injector(fault).strike()
    assert ways(world) == [up_ms, down_ms]


@pytest.mark.parametrize(
    ("fault", "more_ms", "expected"),
    [
        (Latency(link=BOTH, add_ns=100 * MS, jitter_ns=40 * MS), 40, [[70], [70]]),
        (Latency(link=BOTH, add_ns=100 * MS, jitter_ns=40 * MS), -40, [[30], [30]]),
        (Latency(link=THERE, add_ns=100 * MS, jitter_ns=40 * MS), -40, [[60], []]),
        (Latency(link=THERE, add_ns=100 * MS, jitter_ns=40 * MS), 0, [[100], []]),
    ],
    ids=["more", "less", "one-way", "neither"],
)
def test_jitter_is_shared_out_alike(world, fault, more_ms, expected):
    world.injector(fault).slow(more_ms * MS)
    assert ways(world) == expected


def test_only_the_swing_of_a_jitter_changes(world):
    slow = world.injector(Latency(link=BOTH, add_ns=100 * MS, jitter_ns=40 * MS))
    steady = []
    for more_ms in (0, 40, -40, 13):
        slow.slow(more_ms * MS)
        steady.append(world.steady["step"])
    assert set(steady[0].values()) == {30 * MS}, "what is added at least"
    assert steady == [steady[0]] * 4


def test_jitter_follows_its_draws_after_the_proof_and_stops_at_the_heal(world):
    slow = world.injector(Latency(link=BOTH, add_ns=100 * MS, jitter_ns=40 * MS), jitter_ns=(40 * MS,))
    slow.strike()
    assert slow.settle().ok is True
    wait_for(
        lambda: None if ways(world) == [[70], [70]] else "not yet", clock=world.clock, timeout_s=5, what="a first draw"
    )
    slow.heal()
    assert world.slowed == {}
    slow._jitter._vary(40 * MS)
    assert world.slowed == {}


@pytest.mark.parametrize("error", [StackError("gone"), ValueError("gone"), ConnectionRefusedError("gone")])
def test_jitter_that_dies_of_whatever_says_so(world, monkeypatch, error):
    slow = world.injector(Latency(link=BOTH, add_ns=100 * MS, jitter_ns=40 * MS), jitter_ns=(40 * MS,))
    slow.strike()

    def die(_key, _added_ns, _swing_ns):
        raise error

    monkeypatch.setattr(world, "slow", die)
    slow.settle()
    wait_for(lambda: None if world.events else "silence", clock=world.clock, timeout_s=5, what="a word of it")
    (told,) = world.events
    assert (told.event, told.detail["what"]) == (Name.BROKEN, "the jitter of step")
    assert "gone" in told.detail["why"]


def test_jitter_holds_still_while_a_proof_is_taken(world):
    stillness = world.ground.claims.stillness
    with stillness.keep(), stillness.keep():
        assert stillness.kept
    assert not stillness.kept
