"""How much was lost: acknowledged writes, the window in which they were acknowledged, and bytes of WAL (DESIGN §6)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, ints, texts
from chaoskit.analysis.faults import FaultRecord, shadows
from chaoskit.model.event import Event, Name
from chaoskit.model.history import ACKNOWLEDGED, WRITES, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpo:
    """What a failover cost. ``unknown`` says why nothing but ``acknowledged`` can be told; empty: it can.

    Attributes:
        lost_warned: Of the lost writes, those whose client was warned that they are not durable.
        wal_bytes: From the fork to the highest position of a lost commit, at least; None where the positions cannot be
            compared.
    """

    acknowledged: int
    lost_writes: int | None = None
    lost_warned: int | None = None
    window_ns: int | None = None
    wal_bytes: int | None = None
    unknown: str = ""


def rpo(
    history: pd.DataFrame,
    lost: pd.DataFrame | None,
    faults: Sequence[FaultRecord],
    events: Sequence[Event],
    *,
    unknown: str = "",
) -> Rpo:
    """Measure the loss.

    Args:
        history: Every operation.
        lost: The rows of history that are lost writes; None: not known, ``unknown`` says why.
        faults: What struck, by onset.
        events: For the position at which the surviving timeline forked.
        unknown: Why ``lost`` is not known.
    """
    acknowledged = int((history["kind"].isin(WRITES) & history["outcome"].isin(ACKNOWLEDGED)).sum())
    if lost is None:
        return Rpo(acknowledged=acknowledged, unknown=unknown or "which writes were lost is not known")
    return Rpo(
        acknowledged=acknowledged,
        lost_writes=len(lost),
        lost_warned=int((lost["outcome"] == Outcome.OK_WARNED.value).sum()),
        window_ns=_window_ns(lost, faults, [event.t_ns for event in events if event.event is Name.PROMOTED]),
        wal_bytes=_wal_bytes(lost, events),
    )


def _window_ns(lost: pd.DataFrame, faults: Sequence[FaultRecord], promoted_ns: Sequence[int]) -> int:
    """Max(onset, last lost ack) - first lost ack."""
    if not len(lost):
        return 0
    returned_ns = ints(lost, "returned_ns")
    first_ns, last_ns = int(returned_ns.min()), int(returned_ns.max())
    return max(last_ns, _onset_ns(first_ns, faults, promoted_ns)) - first_ns


def _onset_ns(first_ns: int, faults: Sequence[FaultRecord], promoted_ns: Sequence[int]) -> int:
    """The onset that took the write acknowledged at ``first_ns``: the fault in whose shadow it was, else the next."""
    spans = shadows(faults, promoted_ns)
    around = [fault.onset_first_ns for fault, until_ns in spans if fault.onset_first_ns <= first_ns <= until_ns]
    after = [fault.onset_first_ns for fault, _ in spans if fault.onset_first_ns > first_ns]
    return [*around[-1:], *after, first_ns][0]


def _wal_bytes(lost: pd.DataFrame, events: Sequence[Event]) -> int | None:
    """Highest lost position - fork, if the lost commits share the timeline from which the survivor forked."""
    if not len(lost):
        return 0
    timelines = np.unique(ints(lost, "pg_timeline"))
    positions = [position for text in texts(lost, "lsn") if (position := lsn_bytes(text)) is not None]
    fork = _fork(int(timelines[0]), events) if len(timelines) == 1 and timelines[0] != NEVER_NS else None
    if fork is None or not positions or max(positions) < fork:
        return None
    return max(positions) - fork


def _fork(timeline: int, events: Sequence[Event]) -> int | None:
    """Where the only promotion from ``timeline`` to the next one left it."""
    forks = [
        lsn_bytes(str(event.detail.get("fork_lsn") or ""))
        for event in events
        if event.event is Name.PROMOTED and event.detail.get("pg_timeline") == timeline + 1
    ]
    return forks[0] if len(forks) == 1 else None


def lsn_bytes(text: str) -> int | None:
    """``16/B374D848`` as a number of bytes; None where the text is not a position."""
    high, slash, low = text.partition("/")
    try:
        return (int(high, 16) << 32) + int(low, 16) if slash else None
    except ValueError:
        return None
