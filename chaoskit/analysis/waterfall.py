"""What an outage was made of: detect, decide, promote, route, reconnect (DESIGN §6). Explains; never defines RTO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaoskit.analysis.cause import ONSET
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import Outage
from chaoskit.model.event import Event, Name
from chaoskit.model.history import Connection
from chaoskit.model.plan import Prediction

PARTS = ("detect", "decide", "promote", "route", "reconnect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part, in run ns; ``predicted_ns`` is the shortest and longest that the manager's settings explain."""

    part: str
    start_ns: int
    end_ns: int
    predicted_ns: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The parts of one step's outage in one region, in order; parts that never happened are absent."""

    step: str
    region: str
    parts: tuple[Part, ...]

    @property
    def complete(self) -> bool:
        """Whether clients wrote again."""
        return len(self.parts) == len(PARTS)


def waterfalls(
    faults: Sequence[FaultRecord],
    events: Sequence[Event],
    found: Sequence[Outage],
    predictions: Mapping[str, Prediction],
    regions: Sequence[str],
) -> tuple[Waterfall, ...]:
    """One row per fault that set off a failover and region in ``regions`` (those that kept their clients).

    Args:
        faults: What struck, by onset.
        events: Every event; a failover belongs to the latest fault before its detection.
        found: Every outage: the last write outage that the fault caused ends the last part.
        predictions: By step.
        regions: Where clients survived.
    """
    rows = []
    for index, fault in enumerate(faults):
        until_ns = faults[index + 1].onset_first_ns if index + 1 < len(faults) else NEVER_NS
        mine = sorted((e for e in events if fault.onset_first_ns <= e.t_ns < until_ns), key=lambda e: e.t_ns)
        if any(event.event is Name.DETECTED for event in mine):
            predicted = predictions[fault.step].parts if fault.step in predictions else {}
            rows += [
                Waterfall(step=fault.step, region=region, parts=_parts(fault, mine, found, predicted, region))
                for region in regions
            ]
    return tuple(rows)


def _parts(
    fault: FaultRecord,
    mine: Sequence[Event],
    found: Sequence[Outage],
    predicted: Mapping[str, tuple[int, int]],
    region: str,
) -> tuple[Part, ...]:
    marks = [_first(mine, name) for name in (Name.DETECTED, Name.DECIDED, Name.PROMOTED)]
    marks += [_routed(mine, region, after_ns=marks[-1]), _reconnected(fault, found, region)]
    parts: list[Part] = []
    start_ns = fault.onset_first_ns
    for name, end_ns in zip(PARTS, marks, strict=True):
        if end_ns is None:
            break
        end_ns = max(start_ns, end_ns)
        parts.append(Part(part=name, start_ns=start_ns, end_ns=end_ns, predicted_ns=predicted.get(name)))
        start_ns = end_ns
    return tuple(parts)


def _first(mine: Sequence[Event], name: Name) -> int | None:
    return next((event.t_ns for event in mine if event.event is name), None)


def _routed(mine: Sequence[Event], region: str, *, after_ns: int | None) -> int | None:
    """When the region's write endpoint first pointed to what was promoted."""
    for event in mine:
        here = event.detail.get("region", event.region) == region and event.detail.get("endpoint") == "write"
        if event.event is Name.ROUTED and here and after_ns is not None and event.t_ns >= after_ns:
            return event.t_ns
    return None


def _reconnected(fault: FaultRecord, found: Sequence[Outage], region: str) -> int | None:
    """When clients in the region wrote again: on connections they had, else on new ones."""
    ends: dict[str, int | None] = {
        outage.connection: outage.end_hi_ns
        for outage in found
        if (outage.region, outage.operation) == (region, "write")
        and (outage.cause.step, outage.cause.event) == (fault.step, ONSET)
    }
    return ends.get(Connection.ESTABLISHED, ends.get(Connection.FRESH))
