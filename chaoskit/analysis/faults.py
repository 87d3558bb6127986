"""What was broken, or done on purpose, and when: from the events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chaoskit.analysis.columns import NEVER_NS
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Bandwidth, ClockSkew, Cpu, Latency, PacketLoss, Switchover

BY_TIMELINE = "timeline"
ACTIONS = frozenset({Switchover.word})
HINDERING = frozenset({Latency.word, Bandwidth.word, PacketLoss.word, Cpu.word, ClockSkew.word})
"""Faults under which everything still arrives, though late: what they alone let be acknowledged, survives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRecord:
    """One fault or action as it happened. Instants in run ns.

    Attributes:
        fault: The scenario's word.
        target: What it struck, in the scenario's words.
        resolved: The same, its roles as they were then; empty: not recorded.
        text: One sentence of what was done.
        onset_first_ns: The first link's onset.
        onset_last_ns: The last link's.
        heal_first_ns: When its heal began; None: never healed.
        healed_ns: When its heal was complete.
        healed_by: ``timeline``, ``audit`` or ``interrupt``; None: never healed.
        acted_ns: When an action was over, whether or not it succeeded; None: a fault, or not over.
        took_effect: Whether its onset was proved, or the action carried out; None: could not be told.
        heal_took_effect: The same of its heal.
        excluded_regions: Regions whose clients were lost with it.
    """

    step: str
    fault: str
    onset_first_ns: int
    onset_last_ns: int
    target: str = ""
    resolved: str = ""
    text: str = ""
    heal_first_ns: int | None = None
    healed_ns: int | None = None
    healed_by: str | None = None
    acted_ns: int | None = None
    took_effect: bool | None = None
    proof: str = ""
    heal_took_effect: bool | None = None
    heal_proof: str = ""
    links: tuple[str, ...] = ()
    excluded_regions: tuple[str, ...] = ()

    @property
    def cuts(self) -> bool:
        """Whether it can make an acknowledgement worthless; what hinders cannot, nor what is done on purpose."""
        return self.fault not in HINDERING and not self.is_action

    @property
    def is_action(self) -> bool:
        """Whether it was done on purpose, and is never undone."""
        return self.fault in ACTIONS

    @property
    def struck(self) -> str:
        """What it struck, as well as it is known."""
        return self.resolved or self.target or self.step

    @property
    def over_ns(self) -> int:
        """When it was over while the load still ran: a fault healed, an action done; NEVER_NS: it was not."""
        if self.is_action:
            return NEVER_NS if self.acted_ns is None else self.acted_ns
        return NEVER_NS if self.healed_ns is None or not self.healed_on_time else self.healed_ns

    def stands(self, from_ns: int, until_ns: int) -> bool:
        """Whether it was in force at any time in [from_ns, until_ns]; an action never is."""
        if self.is_action:
            return False
        return self.onset_first_ns <= until_ns and (self.healed_ns is None or from_ns <= self.healed_ns)

    @property
    def healed_on_time(self) -> bool:
        """Whether it was healed while the load still ran."""
        return self.healed_by == BY_TIMELINE


def fault_records(events: Sequence[Event]) -> tuple[FaultRecord, ...]:
    """Collect the faults and actions that began, by onset."""
    starts = [event for event in events if event.event is Name.START]
    return tuple(sorted((_record(start, events) for start in starts), key=lambda f: f.onset_first_ns))


def _record(start: Event, events: Sequence[Event]) -> FaultRecord:
    detail = start.detail
    first_ns = int(detail.get("onset_first_ns", start.t_ns))
    onset, heal = _proof(start, events, "onset"), _proof(start, events, "heal")
    end, acted = (_of_step(start, events, name) for name in (Name.END, Name.ACTED))
    if not onset and acted is not None:
        onset = {"ok": acted.detail.get("ok"), "proof": acted.detail.get("why", "")}
    return FaultRecord(
        step=start.step or "",
        fault=str(detail.get("fault", "")),
        onset_first_ns=first_ns,
        onset_last_ns=max(first_ns, int(detail.get("onset_last_ns", first_ns))),
        target=str(detail.get("target", "")),
        resolved=str(detail.get("resolved", "")),
        text=str(detail.get("text", "")),
        **_healing(end),
        acted_ns=None if acted is None else acted.t_ns,
        took_effect=onset.get("ok"),
        proof=str(onset.get("proof", "")),
        heal_took_effect=heal.get("ok"),
        heal_proof=str(heal.get("proof", "")),
        links=tuple(detail.get("links", ())),
        excluded_regions=tuple(detail.get("excluded_regions", ())),
    )


def _of_step(start: Event, events: Sequence[Event], name: Name) -> Event | None:
    return next((event for event in events if event.event is name and event.step == start.step), None)


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
