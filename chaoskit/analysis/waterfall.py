"""What an outage was made of: detect, decide, promote, route, reconnect. Explains; never defines RTO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.cause import ONSET
from chaoskit.analysis.failover import Failover
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import Outage
from chaoskit.model.event import Name
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

    @property
    def missed(self) -> bool:
        """Whether it lasted less or longer than predicted."""
        if self.predicted_ns is None:
            return False
        least_ns, most_ns = self.predicted_ns
        return not least_ns <= self.end_ns - self.start_ns <= most_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The parts of one failover's outage in one region, in order; parts that never happened are absent.

    ``step`` is the fault that provoked it, ``node`` the primary that was held for dead.
    """

    step: str
    region: str
    parts: tuple[Part, ...]
    node: str = ""

    @property
    def complete(self) -> bool:
        """Whether clients wrote again."""
        return len(self.parts) == len(PARTS)

    @property
    def misses(self) -> int:
        """How many parts took less or more time than was predicted."""
        return sum(part.missed for part in self.parts)


def waterfalls(
    failovers: Sequence[Failover],
    found: Sequence[Outage],
    predictions: Mapping[str, Prediction],
    regions: Sequence[str],
    absent: Absences = NOBODY,
) -> tuple[Waterfall, ...]:
    """One row per failover that a fault provoked, and region that had its clients when it was detected.

    Args:
        failovers: Every failover.
        found: Every outage: the last write outage that the fault caused ends the last part.
        predictions: By step.
        regions: Every region.
        absent: When regions had no clients.
    """
    rows = []
    for failover in failovers:
        fault = failover.fault
        if fault is not None:
            predicted = predictions[fault.step].parts if fault.step in predictions else {}
            rows += [
                Waterfall(
                    step=fault.step,
                    region=region,
                    node=failover.node,
                    parts=_parts(failover, fault, found, predicted, region),
                )
                for region in regions
                if not absent.at(region, failover.detected_ns)
            ]
    return tuple(rows)


def _parts(
    failover: Failover,
    fault: FaultRecord,
    found: Sequence[Outage],
    predicted: Mapping[str, tuple[int, int]],
    region: str,
) -> tuple[Part, ...]:
    marks = [failover.first_ns(name) for name in (Name.DETECTED, Name.DECIDED, Name.PROMOTED)]
    marks += [failover.routed_ns(region), _reconnected(fault, found, region)]
    parts: list[Part] = []
    start_ns = fault.onset_first_ns
    for name, end_ns in zip(PARTS, marks, strict=True):
        if end_ns is None:
            break
        end_ns = max(start_ns, end_ns)
        parts.append(Part(part=name, start_ns=start_ns, end_ns=end_ns, predicted_ns=predicted.get(name)))
        start_ns = end_ns
    return tuple(parts)


def _reconnected(fault: FaultRecord, found: Sequence[Outage], region: str) -> int | None:
    """When clients in the region wrote again: on connections they had, else on new ones."""
    ends: dict[str, int | None] = {
        outage.connection: outage.end_hi_ns
        for outage in found
        if (outage.region, outage.operation) == (region, "write")
        and (outage.cause.step, outage.cause.event) == (fault.step, ONSET)
    }
    return ends.get(Connection.ESTABLISHED, ends.get(Connection.FRESH))
