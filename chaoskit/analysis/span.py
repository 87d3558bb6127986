"""The part of a run that is measured: from the confirmed steady state to the end of the load."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, ints
from chaoskit.model.event import Event, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """``t0_ns`` and ``end_ns`` in run ns."""

    t0_ns: int
    end_ns: int

    @property
    def duration_s(self) -> float:
        """Its length."""
        return (self.end_ns - self.t0_ns) / 1e9

    def since_s(self, t_ns: int) -> float:
        """Seconds since t0."""
        return (t_ns - self.t0_ns) / 1e9


def span_of(events: Sequence[Event], history: pd.DataFrame) -> Span:
    """Find t0 (steady state, else the load's start, else the first operation) and the end of the load.

    Without a ``load_stopped`` event the last instant of any operation is the end.
    """
    t0_ns = _first(events, (Name.STEADY, Name.LOAD_STARTED))
    if t0_ns is None:
        t0_ns = int(ints(history, "scheduled_ns").min()) if len(history) else 0
    end_ns = _first(events, (Name.LOAD_STOPPED,))
    if end_ns is None:
        end_ns = _last_instant(history, t0_ns)
    return Span(t0_ns=t0_ns, end_ns=max(t0_ns, end_ns))


def _first(events: Sequence[Event], names: Sequence[Name]) -> int | None:
    for name in names:
        for event in events:
            if event.event is name:
                return event.t_ns
    return None


def _last_instant(history: pd.DataFrame, otherwise_ns: int) -> int:
    instants_ns = np.concatenate([ints(history, "invoked_ns"), ints(history, "returned_ns")])
    known_ns = instants_ns[instants_ns != NEVER_NS]
    return int(known_ns.max()) if len(known_ns) else otherwise_ns
