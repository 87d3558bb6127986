"""Each failover of a run: who was held for dead, which fault provoked it, and what followed."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.faults import FaultRecord
from chaoskit.model.event import Event, Name

DEEDS = frozenset(
    {
        Name.DETECTED,
        Name.DECIDED,
        Name.FENCED,
        Name.CANDIDATE,
        Name.PROMOTION_MAY_LOSE,
        Name.PROMOTED,
        Name.REPOINTED,
        Name.UNREACHED,
    }
)
"""What the manager says of a failover itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """One failover.

    Attributes:
        detected_ns: When the primary was held for dead.
        suspected_ns: When the first of the checks began whose failures made that up.
        node: The primary that was held for dead.
        fault: What provoked it; None: nothing stood.
        events: From the detection up to the next failover or action, ascending.
    """

    detected_ns: int
    suspected_ns: int
    node: str
    fault: FaultRecord | None
    events: tuple[Event, ...]

    def first_ns(self, name: Name) -> int | None:
        """When an event of that name first came; None: it did not."""
        return next((event.t_ns for event in self.events if event.event is name), None)

    def routed_ns(self, region: str) -> int | None:
        """When the region's write endpoint first pointed to what was promoted; None: it did not."""
        promoted_ns = self.first_ns(Name.PROMOTED)
        for event in self.events:
            here = event.detail.get("region", event.region) == region and event.detail.get("endpoint") == "write"
            if event.event is Name.ROUTED and here and promoted_ns is not None and event.t_ns >= promoted_ns:
                return event.t_ns
        return None

    def over_ns(self, region: str) -> int:
        """When it was over for a region: its clients were led to the new primary, or the manager did no more."""
        routed_ns = self.routed_ns(region)
        deeds_ns = (event.t_ns for event in self.events if event.event in DEEDS)
        return max(deeds_ns, default=self.detected_ns) if routed_ns is None else routed_ns


def failovers(
    events: Sequence[Event], faults: Sequence[FaultRecord], check_timeout_ns: int = 0
) -> tuple[Failover, ...]:
    """Collect the failovers, ascending.

    Args:
        events: Every event.
        faults: What struck, by onset.
        check_timeout_ns: How long a health check may be in flight.
    """
    ordered = sorted(events, key=lambda event: event.t_ns)
    begun_ns = [event.t_ns for event in ordered if event.event is Name.DETECTED]
    ends_ns = sorted([*begun_ns, *(fault.onset_first_ns for fault in faults if fault.is_action)])
    rows = []
    for event in ordered:
        if event.event is Name.DETECTED:
            until_ns = next((end_ns for end_ns in ends_ns if end_ns > event.t_ns), NEVER_NS)
            rows.append(
                Failover(
                    detected_ns=event.t_ns,
                    suspected_ns=suspected_ns(event),
                    node=event.node or str(event.detail.get("node", "")),
                    fault=_provoker(event, faults, check_timeout_ns),
                    events=tuple(e for e in ordered if event.t_ns <= e.t_ns < until_ns),
                )
            )
    return tuple(rows)


def suspected_ns(detected: Event) -> int:
    """When the first failed check of a detection began."""
    first_ns = int(detected.detail.get("first_failure_ns") or detected.t_ns)
    return min(first_ns, detected.t_ns)


def _provoker(detected: Event, faults: Sequence[FaultRecord], check_timeout_ns: int) -> FaultRecord | None:
    """The first that struck while the first failed check was in flight, else the last before it, else one after it."""
    first_ns = suspected_ns(detected)
    standing = [fault for fault in faults if fault.stands(first_ns, detected.t_ns)]
    struck = [f for f in standing if first_ns <= f.onset_first_ns <= first_ns + check_timeout_ns]
    before = [fault for fault in standing if fault.onset_first_ns < first_ns]
    return next(iter([*struck[:1], *before[-1:], *standing]), None)
