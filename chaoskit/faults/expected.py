"""What every dial must answer now, by all that stands: cuts, delays and stopped nodes, whoever ordered them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

from chaoskit.faults.claims import State
from chaoskit.faults.ground import Ground
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party, Role
from chaoskit.protocols import Impairment, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What one dial must answer.

    Attributes:
        trip_s: The round trip; None: silence.
        added_s: How much of it standing asks have added.
        vague: Packets are lost or wait on the way, or the node is strained: it may answer late, or not at all.
    """

    trip_s: float | None
    added_s: float = 0.0
    vague: bool = False


SILENCE = Expected(trip_s=None)


def expected(ground: Ground, dials: Iterable[Dial], besides: str = "") -> dict[Dial, Expected]:
    """What must hold now of the dials that answered when all was healthy; where nothing can be said, it is left out.

    Every node is looked at once, however many dials lead to it: with containers that is a request to the engine.

    Args:
        ground: The run.
        dials: Of which it is asked.
        besides: A step; what would have to hold had it not struck.
    """
    unsettled = cache(partial(_unsettled, ground, besides))
    found = ((dial, _expected(ground, dial, besides, unsettled)) for dial in dials)
    return {dial: wanted for dial, wanted in found if wanted is not None}


def _expected(ground: Ground, dial: Dial, besides: str, unsettled: Callable[[Party], bool]) -> Expected | None:
    healthy_s = ground.baseline.trip_s(dial)
    if healthy_s is None:
        return None
    added_ns = ground.wan.passage(dial, besides)
    node = dial.target.name
    state = None if ground.claims.stopped_by(besides, node) else ground.claims.state(node)
    if added_ns is None or state is State.STOPPED:
        return SILENCE
    if state in (State.CHANGING, State.FRAIL) or unsettled(dial.target):
        return None
    vague = state is State.STRAINED or _impeded(ground, dial)
    return Expected(trip_s=healthy_s + added_ns / 1e9, added_s=added_ns / 1e9, vague=vague)


def _impeded(ground: Ground, dial: Dial) -> bool:
    return any(ground.wan.impairment(Stream(dial, upstream)) != Impairment() for upstream in (True, False))


def _unsettled(ground: Ground, besides: str, party: Party) -> bool:
    """Whether a node is in the hands of the failover manager, which stops and starts it as it sees fit."""
    if party.role is not Role.NODE or ground.claims.stopped_by(besides, party.name):
        return False
    return ground.holds(party.name) or not ground.database.running(party.name)
