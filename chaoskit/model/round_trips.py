"""Round trips under the faults of a timeline, and the shortest deadlines that follow from them (DESIGN §4, §6)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaoskit.model.fault import Fault, Latency, Partition, RegionLoss
from chaoskit.model.scenario import NoFailover, Quorum, Replication, Runbook, Stack, Step
from chaoskit.model.topology import Topology

# A fresh connection and one statement: startup, two messages of SCRAM, the statement itself.
CHECK_ROUND_TRIPS = 4
# A fresh probe write with room to spare: 4 round trips measured 0.81-0.89 s at 200 ms, 6 leave a third over.
PROBE_ROUND_TRIPS = 6
PROBE_ALLOWANCE_NS = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The network while ``faults`` are active. Delays add; a cut or lost region has no round trip."""

    topology: Topology
    faults: tuple[Fault, ...] = ()

    def rtt_ns(self, a: str, b: str) -> int | None:
        """Return the round trip between two regions in ns, None where one of its directions is cut."""
        forth, back = self._one_way_ns(a, b), self._one_way_ns(b, a)
        return None if forth is None or back is None else math.ceil(forth + back)

    def commit_ns(self, replication: Replication, primary: str) -> int | None:
        """Return how long a commit in region ``primary`` waits for standbys, in ns; None where it waits for ever."""
        if not isinstance(replication, Quorum):
            return 0
        answers = [self.rtt_ns(primary, region) for region in replication.of if region != primary]
        reachable = sorted(rtt for rtt in answers if rtt is not None)
        return reachable[replication.any - 1] if len(reachable) >= replication.any else None

    def _one_way_ns(self, source: str, target: str) -> float | None:
        base = self.topology.rtt(source, target) / 2
        total = base
        for fault in self.faults:
            match fault:
                case RegionLoss():
                    if fault.region in {source, target}:
                        return None
                case Partition():
                    if fault.link.carries(source, target):
                        return None
                case Latency():
                    total += _added_ns(fault, source, target, base)
        return total


def _added_ns(fault: Latency, source: str, target: str, base_ns: float) -> float:
    if not fault.link.carries(source, target):
        return 0.0
    if fault.factor is not None:
        return (fault.factor - 1) * base_ns
    added = fault.add_ns or 0
    return added / 2 if fault.link.both_ways else added


def situations(topology: Topology, timeline: Sequence[Step]) -> Iterator[Conditions]:
    """Yield the healthy network, then the network at every instant at which a step begins or ends."""
    yield Conditions(topology=topology)
    ends = {step.at_ns + step.for_ns for step in timeline if step.for_ns is not None}
    for instant in sorted({step.at_ns for step in timeline} | ends):
        yield Conditions(topology=topology, faults=tuple(step.fault for step in timeline if active(step, instant)))


def active(step: Step, instant_ns: int) -> bool:
    """Whether ``step`` is in force at ``instant_ns`` after t0; it no longer is at its end."""
    return step.at_ns <= instant_ns and (step.for_ns is None or instant_ns < step.at_ns + step.for_ns)


def possible_primaries(stack: Stack) -> tuple[str, ...]:
    """Return the regions whose node may be primary during the run."""
    if isinstance(stack.failover, NoFailover):
        return (stack.topology.primary_region,)
    return stack.topology.regions


def required_check_timeout_ns(topology: Topology, failover: Runbook) -> int:
    """Return the least timeout of the runbook's health checks, in ns: 4 round trips to the farthest node.

    Latency faults do not count: a check that they make too slow is what a runbook would suffer, too.
    """
    return CHECK_ROUND_TRIPS * max(topology.rtt(failover.origin, region) for region in topology.regions)


def required_probe_timeout_ns(stack: Stack, timeline: Sequence[Step]) -> int:
    """Return the least timeout of a probe in ns: 6 x RTT + commit RTT + 200 ms (DESIGN §6).

    The worst over every region's clients, every node that may become primary, and every situation of the timeline.
    Pairs that are cut do not count, nor commits that cannot end. Reads never need more than the writes counted here.
    """
    bounds = [
        PROBE_ROUND_TRIPS * rtt_ns + commit_ns + PROBE_ALLOWANCE_NS
        for conditions in situations(stack.topology, timeline)
        for primary in possible_primaries(stack)
        if (commit_ns := conditions.commit_ns(stack.replication, primary)) is not None
        for region in stack.topology.regions
        if (rtt_ns := conditions.rtt_ns(region, primary)) is not None
    ]
    return max(bounds, default=PROBE_ALLOWANCE_NS)
