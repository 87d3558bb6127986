"""How much was lost: acknowledged writes, the window in which they were acknowledged, and bytes of WAL."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, ints, texts
from chaoskit.analysis.promotion import Promotion, answers, lsn_bytes
from chaoskit.analysis.shadow import Shadow, takers
from chaoskit.model.history import ACKNOWLEDGED, WRITES, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpo:
    """What a failover cost. ``unknown`` says why nothing but ``acknowledged`` can be told; empty: it can.

    Attributes:
        lost_warned: Of the lost writes, those whose client was warned that they are not durable.
        window_ns: Of the fault that took the longest one.
        wal_bytes: From the fork to the highest position of a lost commit, at least, summed over the timelines that lost
            commits; None where the positions cannot be compared.
        unplaced: Lost writes whose position nobody knows: where there are any, more bytes may be lost than these.
    """

    acknowledged: int
    lost_writes: int | None = None
    lost_warned: int | None = None
    window_ns: int | None = None
    wal_bytes: int | None = None
    unplaced: int = 0
    unknown: str = ""


def rpo(
    history: pd.DataFrame,
    lost: pd.DataFrame | None,
    cast: Sequence[Shadow],
    known: Sequence[Promotion],
    *,
    unknown: str = "",
) -> Rpo:
    """Measure the loss.

    Args:
        history: Every operation.
        lost: The rows of history that are lost writes; None: not known, ``unknown`` says why.
        cast: The shadow of every fault, by onset.
        known: Every promotion, for the positions at which timelines parted.
        unknown: Why ``lost`` is not known.
    """
    acknowledged = int((history["kind"].isin(WRITES) & history["outcome"].isin(ACKNOWLEDGED)).sum())
    if lost is None:
        return Rpo(acknowledged=acknowledged, unknown=unknown or "which writes were lost is not known")
    return Rpo(
        acknowledged=acknowledged,
        lost_writes=len(lost),
        lost_warned=int((lost["outcome"] == Outcome.OK_WARNED.value).sum()),
        window_ns=_window_ns(lost, cast, known),
        wal_bytes=_wal_bytes(lost, known),
        unplaced=sum(lsn_bytes(text) is None for text in texts(lost, "lsn")),
    )


def _window_ns(lost: pd.DataFrame, cast: Sequence[Shadow], known: Sequence[Promotion]) -> int:
    """Max(onset, last lost ack) - first lost ack; of several faults that took writes, the longest such window."""
    given = answers(lost)
    taken_by = takers(given, cast, known)
    onsets_ns = {shadow.index: shadow.from_ns for shadow in cast}
    windows_ns = [0]
    for taker in np.unique(taken_by).tolist():
        returned_ns = given.returned_ns[taken_by == taker]
        first_ns, last_ns = int(returned_ns.min()), int(returned_ns.max())
        windows_ns.append(max(last_ns, onsets_ns.get(taker, last_ns)) - first_ns)
    return max(windows_ns)


def _wal_bytes(lost: pd.DataFrame, known: Sequence[Promotion]) -> int | None:
    """Highest lost position - fork, summed over the timelines on which commits were lost."""
    timelines = ints(lost, "pg_timeline")
    beyond = [_beyond(lost[timelines == timeline], int(timeline), known) for timeline in np.unique(timelines)]
    return None if None in beyond else sum(part for part in beyond if part is not None)


def _beyond(lost: pd.DataFrame, timeline: int, known: Sequence[Promotion]) -> int | None:
    """Of one timeline; None where the positions cannot be compared with the point at which the survivor left it."""
    positions = [position for text in texts(lost, "lsn") if (position := lsn_bytes(text)) is not None]
    fork = None if timeline == NEVER_NS else _fork(timeline, known)
    if fork is None or not positions or max(positions) < fork:
        return None
    return max(positions) - fork


def _fork(timeline: int, known: Sequence[Promotion]) -> int | None:
    """Where the next timeline left this one; None: there is none, or two nodes made it apart."""
    later = [promotion.timeline for promotion in known if promotion.timeline is not None]
    following = min((other for other in later if other > timeline), default=None)
    forks = [promotion.fork for promotion in known if promotion.timeline == following]
    return forks[0] if following is not None and len(forks) == 1 else None
