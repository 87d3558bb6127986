"""Cutting links and opening them again, so that nobody hears through a cut what only a heal may tell."""

from collections.abc import Iterable, Sequence

from chaoskit.faults.claims import State
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import dials_of
from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.protocols import Span, Stream


def cut(ground: Ground, step: str, streams: Sequence[Stream], mode: Mode) -> Span:
    """Cut the streams in one burst, and mind who must not exit behind it, where an end would be heard.

    A refusal has closed its connections already, and where packets are lost an end is lost with them.
    """
    if mode not in (Mode.REFUSE, Mode.PACKETS):
        ground.claims.cuts.stand(step, dials_of(streams))
    return ground.wan.cut(step, streams, mode)


def hold_unread(ground: Ground, key: str, dials: Iterable[Dial]) -> None:
    """Hold what the WAN would send to those who dialled and cannot hear it.

    What nobody reads fills the WAN's buffers, and then its links cannot be changed or healed any more. Released by
    ``ground.wan.heal(key)``, when they hear again.
    """
    deaf = set(dials)
    ground.wan.cut(key, [s for s in ground.wan.streams() if s.dial in deaf and not s.upstream], Mode.STALL)


def reopen(ground: Ground, step: str) -> Span:
    """End the doomed that only this step's cut has kept, then heal what it asked of the WAN; idempotent."""
    for node in ground.claims.cuts.due(step):
        ground.database.kill(node)
        ground.claims.cuts.spare(node)
    span = ground.wan.heal(step)
    ground.claims.cuts.lift(step)
    return span


def crash(ground: Ground, node: str) -> None:
    """End a claimed node at once, or, behind a cut, freeze it until the cut heals."""
    ground.claims.mark(node, State.CHANGING)
    ground.intend(f"crash {node}")
    if ground.claims.cuts.over(node):
        ground.claims.cuts.doom(node)
        ground.database.freeze(node)
    else:
        ground.database.kill(node)
    ground.claims.mark(node, State.STOPPED)


def end(ground: Ground, step: str, node: str) -> str:
    """End a stopped node so that it can be brought back; idempotent.

    Returns:
        What was heard of it that should not have been; empty: nothing.
    """
    alive = ground.database.running(node)
    over = ground.claims.cuts.over(node, apart_from=step)
    ground.claims.mark(node, State.CHANGING)
    ground.database.kill(node)
    ground.claims.cuts.spare(node)
    return f"the end of {node} was heard through the cut of {' and '.join(over)}" if alive and over else ""
