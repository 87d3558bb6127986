"""When the clients of a region were lost with it: what they did not do in the meantime is nobody's outage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, Spans, union
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.probes import ProbeStream
from chaoskit.model.event import Event, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Absences:
    """By region, when it had no clients; regions that always had theirs are absent."""

    spans: Mapping[str, Spans] = field(default_factory=dict)

    def of(self, region: str) -> Spans:
        """The spans of one region."""
        return self.spans.get(region, ())

    def at(self, region: str, instant_ns: int) -> bool:
        """Whether the region had no clients at that instant."""
        return any(from_ns <= instant_ns < until_ns for from_ns, until_ns in self.of(region))

    def cover(self, region: str, instants_ns: Ints) -> Bools:
        """Which instants fall into the spans of ``region``; shape (instants,)."""
        covered = np.zeros(len(instants_ns), dtype=bool)
        for from_ns, until_ns in self.of(region):
            covered |= (instants_ns >= from_ns) & (instants_ns < until_ns)
        return covered

    def lost_ns(self, region: str) -> int | None:
        """When its clients were lost for good; None: they were not."""
        return next((from_ns for from_ns, until_ns in self.of(region) if until_ns == NEVER_NS), None)

    @property
    def for_good(self) -> frozenset[str]:
        """The regions whose clients never returned."""
        return frozenset(region for region in self.spans if self.lost_ns(region) is not None)

    def absent_ns(self, region: str, from_ns: int, until_ns: int) -> int:
        """For how much of [from_ns, until_ns) the region had no clients."""
        return sum(max(0, min(until, until_ns) - max(start, from_ns)) for start, until in self.of(region))


NOBODY = Absences()
"""Every region kept its clients."""


def absences(faults: Sequence[FaultRecord], events: Sequence[Event]) -> Absences:
    """Collect the spans: from the onset of a fault that takes a region's clients until they are back."""
    found: dict[str, list[tuple[int, int]]] = {}
    for fault in faults:
        for region in fault.excluded_regions:
            span = (fault.onset_first_ns, _back_ns(region, fault.onset_first_ns, events))
            found.setdefault(region, []).append(span)
    return Absences(spans={region: union(spans) for region, spans in found.items()})


def _back_ns(region: str, lost_ns: int, events: Sequence[Event]) -> int:
    returns_ns = (
        event.t_ns
        for event in events
        if event.event is Name.CLIENTS_BACK
        and (event.region or event.detail.get("region")) == region
        and event.t_ns >= lost_ns
    )
    return min(returns_ns, default=NEVER_NS)


def present(stream: ProbeStream, absent: Absences) -> ProbeStream:
    """Leave out the probes of clients that were lost: those on the grid of a span, and those that it cut short."""
    gone = absent.cover(stream.region, stream.scheduled_ns)
    for from_ns, _ in absent.of(stream.region):
        gone |= ~stream.ok & (stream.scheduled_ns < from_ns) & (stream.ends_ns >= from_ns)
    return stream.only(~gone) if gone.any() else stream


def segments(stream: ProbeStream, absent: Absences) -> tuple[tuple[ProbeStream, int | None], ...]:
    """Split a stream where its clients were lost; with each part, when they were (None: never)."""
    parts: list[tuple[ProbeStream, int | None]] = []
    since_ns = None
    for from_ns, until_ns in absent.of(stream.region):
        parts.append((_between(stream, since_ns, until_ns), from_ns))
        since_ns = until_ns
    if since_ns != NEVER_NS:
        parts.append((_between(stream, since_ns, None), None))
    return tuple((part, lost_ns) for part, lost_ns in parts if len(part))


def _between(stream: ProbeStream, since_ns: int | None, until_ns: int | None) -> ProbeStream:
    if since_ns is None and until_ns is None:
        return stream
    kept = np.ones(len(stream), dtype=bool)
    if since_ns is not None:
        kept &= stream.scheduled_ns >= since_ns
    if until_ns is not None:
        kept &= stream.scheduled_ns < until_ns
    return stream.only(kept)
