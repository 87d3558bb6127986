"""Which incarnation of the database was in charge, and from when on: its promotions, from the events."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, Texts, ints, texts
from chaoskit.analysis.faults import FaultRecord
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Switchover

FROM_THE_START = -1
"""When the reign of whoever was primary first began; also stands for a reign that is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A node that became primary.

    Attributes:
        t_ns: When that was known to have happened.
        timeline: Its timeline from then on; None: not recorded.
        fork: Position in bytes at which it left the timeline before; None: not recorded.
        planned: By an action, after it had taken the old primary out of service; not by a failover.
    """

    t_ns: int
    node: str
    timeline: int | None = None
    fork: int | None = None
    planned: bool = False


def promotions(events: Sequence[Event], faults: Sequence[FaultRecord] = ()) -> tuple[Promotion, ...]:
    """Collect the promotions, ascending."""
    found: list[Promotion] = []
    for event in sorted((e for e in events if e.event is Name.PROMOTED), key=lambda e: e.t_ns):
        since_ns = found[-1].t_ns if found else None
        found.append(_promotion(event, planned=_planned(event.t_ns, since_ns, events, faults)))
    return tuple(found)


def _planned(t_ns: int, since_ns: int | None, events: Sequence[Event], faults: Sequence[FaultRecord]) -> bool:
    """Whether an action handed over to the node that was promoted then, the first one since."""
    handed_ns = [
        event.t_ns
        for event in events
        if event.event is Name.DEMOTED
        and event.detail.get("how") == Switchover.word
        and event.t_ns <= t_ns
        and (since_ns is None or event.t_ns > since_ns)
    ]
    actions = (fault for fault in faults if fault.is_action and t_ns <= fault.over_ns)
    return any(action.onset_first_ns <= at_ns for action in actions for at_ns in handed_ns)


def _promotion(event: Event, *, planned: bool) -> Promotion:
    timeline = event.detail.get("pg_timeline")
    return Promotion(
        t_ns=event.t_ns,
        node=event.node or str(event.detail.get("node", "")),
        timeline=None if timeline is None else int(timeline),
        fork=lsn_bytes(str(event.detail.get("fork_lsn") or "")),
        planned=planned,
    )


def lsn_bytes(text: str) -> int | None:
    """``16/B374D848`` as a number of bytes; None where the text is not a position."""
    high, slash, low = text.partition("/")
    try:
        return (int(high, 16) << 32) + int(low, 16) if slash else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Who answered what when; arrays have shape (rows,). ``returned_ns`` NEVER_NS: nobody did."""

    returned_ns: Ints
    node: Texts
    timeline: Ints

    def __len__(self) -> int:
        return len(self.returned_ns)


def answers(history: pd.DataFrame) -> Answers:
    """Read them from a history; ``node`` empty and ``timeline`` NEVER_NS where the server did not say."""
    return Answers(
        returned_ns=ints(history, "returned_ns"), node=texts(history, "node"), timeline=ints(history, "pg_timeline")
    )


def reigns(given: Answers, known: Sequence[Promotion]) -> tuple[Ints, Bools]:
    """Tell answers of the incarnation in charge from those of others.

    Args:
        given: Who answered.
        known: Every promotion, ascending.

    Returns:
        Shapes (rows,): since when the one who answered had been in charge, FROM_THE_START where nobody had been
        promoted or another was in charge; and whether another was: it was deposed, or did not say who it is.
    """
    since_ns = np.full(len(given), FROM_THE_START, dtype=np.int64)
    deposed = np.zeros(len(given), dtype=bool)
    for promotion in known:
        after = given.returned_ns >= promotion.t_ns
        loyal = (given.node == promotion.node).astype(bool)
        if promotion.timeline is not None:
            loyal &= (given.timeline == promotion.timeline) | (given.timeline == NEVER_NS)
        since_ns[after] = np.where(loyal[after], promotion.t_ns, FROM_THE_START)
        deposed[after] = ~loyal[after]
    return since_ns, deposed
