"""What was broken and when, from the events; and which acknowledged writes it made hollow (DESIGN §4, §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Latency

BY_TIMELINE = "timeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRecord:
    """One fault as it happened. Instants in run ns.

    Attributes:
        fault: The scenario's word.
        target: What it struck, in the scenario's words.
        text: One sentence of what was done.
        onset_first_ns: The first link's onset.
        onset_last_ns: The last link's.
        heal_first_ns: When its heal began; None: never healed.
        healed_ns: When its heal was complete.
        healed_by: ``timeline``, ``audit`` or ``interrupt``; None: never healed.
        took_effect: Whether its onset was proved; None: could not be told.
        heal_took_effect: The same of its heal.
        excluded_regions: Regions whose clients were lost with it.
    """

    step: str
    fault: str
    onset_first_ns: int
    onset_last_ns: int
    target: str = ""
    text: str = ""
    heal_first_ns: int | None = None
    healed_ns: int | None = None
    healed_by: str | None = None
    took_effect: bool | None = None
    proof: str = ""
    heal_took_effect: bool | None = None
    heal_proof: str = ""
    links: tuple[str, ...] = ()
    excluded_regions: tuple[str, ...] = ()

    @property
    def cuts(self) -> bool:
        """Whether it can make an acknowledgement worthless; a slower link cannot."""
        return self.fault != Latency.word

    @property
    def healed_on_time(self) -> bool:
        """Whether it was healed while the load still ran."""
        return self.healed_by == BY_TIMELINE


def fault_records(events: Sequence[Event]) -> tuple[FaultRecord, ...]:
    """Collect the faults that started, by onset."""
    starts = [event for event in events if event.event is Name.START]
    return tuple(sorted((_record(start, events) for start in starts), key=lambda f: f.onset_first_ns))


def _record(start: Event, events: Sequence[Event]) -> FaultRecord:
    detail = start.detail
    first_ns = int(detail.get("onset_first_ns", start.t_ns))
    onset, heal = _proof(start, events, "onset"), _proof(start, events, "heal")
    end = next((event for event in events if event.event is Name.END and event.step == start.step), None)
    return FaultRecord(
        step=start.step or "",
        fault=str(detail.get("fault", "")),
        onset_first_ns=first_ns,
        onset_last_ns=max(first_ns, int(detail.get("onset_last_ns", first_ns))),
        target=str(detail.get("target", "")),
        text=str(detail.get("text", "")),
        **_healing(end),
        took_effect=onset.get("ok"),
        proof=str(onset.get("proof", "")),
        heal_took_effect=heal.get("ok"),
        heal_proof=str(heal.get("proof", "")),
        links=tuple(detail.get("links", ())),
        excluded_regions=tuple(detail.get("excluded_regions", ())),
    )


def _healing(end: Event | None) -> dict[str, Any]:
    if end is None:
        return {}
    first_ns = int(end.detail.get("heal_first_ns", end.t_ns))
    return {
        "heal_first_ns": first_ns,
        "healed_ns": max(first_ns, int(end.detail.get("healed_ns", first_ns))),
        "healed_by": str(end.detail.get("by", BY_TIMELINE)),
    }


def _proof(start: Event, events: Sequence[Event], phase: str) -> Mapping[str, Any]:
    """The last word on whether the fault's onset or heal took effect."""
    said = [
        event.detail
        for event in events
        if event.event is Name.PROVED and event.step == start.step and event.detail.get("phase") == phase
    ]
    return said[-1] if said else {}


def lost_at_ns(faults: Sequence[FaultRecord]) -> dict[str, int]:
    """By region, when its clients were lost; regions that kept theirs are absent."""
    lost: dict[str, int] = {}
    for fault in faults:
        for region in fault.excluded_regions:
            lost[region] = min(fault.onset_first_ns, lost.get(region, NEVER_NS))
    return lost


def shadows(faults: Sequence[FaultRecord], promoted_ns: Sequence[int]) -> tuple[tuple[FaultRecord, int], ...]:
    """Return each fault that cuts with the instant until which an acknowledgement may be its victim.

    That is its heal; or the end of time where a node was promoted after its onset and before the next fault's, because
    from then on there are two lineages, and healing the link does not join them.
    """
    cutting = [fault for fault in faults if fault.cuts]
    spans = []
    onsets_ns = [*(fault.onset_first_ns for fault in cutting), NEVER_NS]
    for fault, next_ns in zip(cutting, onsets_ns[1:], strict=True):
        split = any(fault.onset_first_ns <= t_ns < next_ns for t_ns in promoted_ns)
        until_ns = NEVER_NS if split or fault.healed_ns is None else fault.healed_ns
        spans.append((fault, until_ns))
    return tuple(spans)


def hollow_writes(absent: Bools, returned_ns: Ints, faults: Sequence[FaultRecord], promoted_ns: Sequence[int]) -> Bools:
    """Mark acknowledged writes that are absent from the surviving state and were acknowledged after an onset.

    Args:
        absent: Shape (rows,): acknowledged writes without a rank.
        returned_ns: Shape (rows,).
        faults: What struck, by onset.
        promoted_ns: When nodes were promoted.

    Returns:
        Shape (rows,). A write acknowledged before the onset that took it is lost, not hollow: its client could write.
    """
    shadowed = np.zeros(len(absent), dtype=bool)
    for fault, until_ns in shadows(faults, promoted_ns):
        shadowed |= (returned_ns >= fault.onset_first_ns) & (returned_ns <= until_ns)
    return absent & shadowed
