"""Which acknowledged writes a fault has taken, and which of them were worthless already when they were acknowledged."""

from collections.abc import Sequence

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.promotion import FROM_THE_START, Answers, Promotion, reigns

NOBODY = -1


def hollow_writes(
    absent: Bools, given: Answers, faults: Sequence[FaultRecord], known: Sequence[Promotion] = ()
) -> Bools:
    """Mark acknowledged writes that are absent from the surviving state, and whose client could not really write.

    That is a write which was acknowledged under a fault that cuts; or, fault or not, by any incarnation but the one in
    charge. A write acknowledged before the onset that took it is lost, not hollow: its client could write. So what a
    promoted node acknowledged is not hollow where a later fault can have taken it; where none did, it is.

    Args:
        absent: Shape (rows,): acknowledged writes without a rank.
        given: Who answered them.
        faults: What struck, by onset.
        known: Every promotion, ascending.

    Returns:
        Shape (rows,).
    """
    since_ns, deposed = reigns(given, known)
    shadowed = deposed | _in_vain(given, since_ns, faults)
    for fault in faults:
        if fault.cuts:
            shadowed |= _under(fault, given, since_ns)
    return absent & shadowed


def _in_vain(given: Answers, since_ns: Ints, faults: Sequence[FaultRecord]) -> Bools:
    """What promoted nodes acknowledged when the last fault that cuts had struck: none is left to have taken it."""
    last_ns = max((fault.onset_first_ns for fault in faults if fault.cuts), default=NEVER_NS)
    in_vain: Bools = (since_ns != FROM_THE_START) & (given.returned_ns >= last_ns)
    return in_vain


def takers(given: Answers, faults: Sequence[FaultRecord], known: Sequence[Promotion] = ()) -> Ints:
    """Find the fault that took each lost write: the one it was acknowledged under, else the next one.

    What a deposed incarnation acknowledged belongs to the last fault before the promotion that deposed it; what a
    promoted one did when no other fault was to come, to the last fault.

    Returns:
        Shape (rows,): indices of ``faults``, which are ascending by onset; NOBODY where nothing can have taken it.
    """
    since_ns, deposed = reigns(given, known)
    taker = np.full(len(given), NOBODY, dtype=np.int64)
    cutting = [(index, fault) for index, fault in enumerate(faults) if fault.cuts]
    if cutting:
        taker[_in_vain(given, since_ns, faults)] = cutting[-1][0]
    for index, fault in reversed(cutting):
        taker[given.returned_ns < fault.onset_first_ns] = index
    for promotion in known:
        before = [index for index, fault in cutting if fault.onset_first_ns <= promotion.t_ns]
        if before:
            taker[deposed & (given.returned_ns >= promotion.t_ns)] = before[-1]
    for index, fault in cutting:
        taker[_under(fault, given, since_ns)] = index
    return taker


def _under(fault: FaultRecord, given: Answers, since_ns: Ints) -> Bools:
    """What was acknowledged while the fault stood, by someone who was not promoted since its onset."""
    until_ns = NEVER_NS if fault.healed_ns is None else fault.healed_ns
    stood = (given.returned_ns >= fault.onset_first_ns) & (given.returned_ns <= until_ns)
    under: Bools = stood & (since_ns < fault.onset_first_ns)
    return under
