"""Which acknowledged writes a fault has taken, and which of them were worthless already when they were acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints
from chaoskit.analysis.failover import Failover
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.promotion import FROM_THE_START, Answers, Promotion, reigns
from chaoskit.model.event import Name

NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """When acknowledgements could be worthless because of ``faults[index]``, in run ns, both ends included."""

    index: int
    from_ns: int
    until_ns: int


def shadows(faults: Sequence[FaultRecord], found: Sequence[Failover] = ()) -> tuple[Shadow, ...]:
    """Of each fault that cuts, until its heal; of each that provoked a failover, also up to the promotion.

    Args:
        faults: What struck, by onset.
        found: Every failover.
    """
    rows = []
    for index, fault in enumerate(faults):
        ends_ns = [f.first_ns(Name.PROMOTED) for f in found if f.fault == fault]
        if fault.cuts:
            ends_ns.append(NEVER_NS if fault.healed_ns is None else fault.healed_ns)
        known_ns = [end_ns for end_ns in ends_ns if end_ns is not None]
        if known_ns:
            rows.append(Shadow(index=index, from_ns=fault.onset_first_ns, until_ns=max(known_ns)))
    return tuple(rows)


def hollow_writes(absent: Bools, given: Answers, cast: Sequence[Shadow], known: Sequence[Promotion] = ()) -> Bools:
    """Mark acknowledged writes that are absent from the surviving state, and whose client could not really write.

    That is a write which was acknowledged in the shadow of a fault; or, fault or not, by any incarnation but the one in
    charge. A write acknowledged before the onset that took it is lost, not hollow: its client could write. So what a
    promoted node acknowledged is not hollow where a later fault can have taken it; where none did, it is.

    Args:
        absent: Shape (rows,): acknowledged writes without a rank.
        given: Who answered them.
        cast: Every shadow, by onset.
        known: Every promotion, ascending.

    Returns:
        Shape (rows,).
    """
    since_ns, deposed = reigns(given, known)
    shadowed = deposed | _in_vain(given, since_ns, cast)
    for shadow in cast:
        shadowed |= _under(shadow, given, since_ns)
    return absent & shadowed


def _in_vain(given: Answers, since_ns: Ints, cast: Sequence[Shadow]) -> Bools:
    """What promoted nodes acknowledged when the last fault that casts a shadow had struck: none is left to take it."""
    last_ns = max((shadow.from_ns for shadow in cast), default=NEVER_NS)
    in_vain: Bools = (since_ns != FROM_THE_START) & (given.returned_ns >= last_ns)
    return in_vain


def takers(given: Answers, cast: Sequence[Shadow], known: Sequence[Promotion] = ()) -> Ints:
    """Find the fault that took each lost write: the one it was acknowledged under, else the next one.

    What a deposed incarnation acknowledged belongs to the last fault before the promotion that deposed it; what a
    promoted one did when no other fault was to come, to the last fault.

    Returns:
        Shape (rows,): indices of the faults; NOBODY where nothing can have taken it.
    """
    since_ns, deposed = reigns(given, known)
    taker = np.full(len(given), NOBODY, dtype=np.int64)
    if cast:
        taker[_in_vain(given, since_ns, cast)] = cast[-1].index
    for shadow in reversed(cast):
        taker[given.returned_ns < shadow.from_ns] = shadow.index
    for promotion in known:
        before = [shadow.index for shadow in cast if shadow.from_ns <= promotion.t_ns]
        if before:
            taker[deposed & (given.returned_ns >= promotion.t_ns)] = before[-1]
    for shadow in cast:
        taker[_under(shadow, given, since_ns)] = shadow.index
    return taker


def _under(shadow: Shadow, given: Answers, since_ns: Ints) -> Bools:
    """What was acknowledged in the shadow, by someone who was not promoted since it fell."""
    stood = (given.returned_ns >= shadow.from_ns) & (given.returned_ns <= shadow.until_ns)
    under: Bools = stood & (since_ns < shadow.from_ns)
    return under
