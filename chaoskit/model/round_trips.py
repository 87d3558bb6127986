"""Round trips under the faults of a timeline, and the shortest deadlines that follow from them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from chaoskit.model.fault import (
    ALL_PROCESSES,
    Bandwidth,
    Clients,
    ClockSkew,
    Cpu,
    Crash,
    Disconnect,
    DiskFull,
    Fault,
    Freeze,
    Latency,
    PacketLoss,
    Partition,
    RegionLoss,
    carried,
)
from chaoskit.model.place import Situation, at_start, nodes, regions
from chaoskit.model.scenario import NoFailover, Replication, Runbook, Stack, Step, needed, voters
from chaoskit.model.schedule import windows
from chaoskit.model.topology import Node, Party, Role, Topology, party

# A fresh connection and one statement: startup, two messages of SCRAM, the statement itself.
CHECK_ROUND_TRIPS = 4
# A fresh probe write with room to spare: 4 round trips measured 0.81-0.89 s at 200 ms, 6 leave a third over.
PROBE_ROUND_TRIPS = 6
PROBE_ALLOWANCE_NS = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The network while ``faults`` are active, roles as at the start. Delays add; what is cut has no round trip.

    What packets sent again cost, or bytes that queue in a thin pipe, depends on the traffic, and is not counted.
    """

    topology: Topology
    faults: tuple[Fault, ...] = ()

    def rtt_ns(self, a: Party, b: Party) -> int | None:
        """Return the round trip between two parties in ns, None where one of its directions is cut."""
        forth, back = self._one_way_ns(a, b), self._one_way_ns(b, a)
        return None if forth is None or back is None else math.ceil(forth + back)

    def answers(self, node: Node) -> bool:
        """Whether the node can answer anybody: not crashed, frozen, disconnected or lost with its region."""
        now = at_start(self.topology)
        return not any(node in stopped(fault, now) for fault in self.faults)

    def commit_ns(self, replication: Replication, primary: Node) -> int | None:
        """Return how long a commit on ``primary`` waits for standbys, in ns; None where it waits for ever."""
        wanted = needed(replication, self.topology, primary.name)
        if not wanted:
            return 0
        asked = [node for node in voters(replication, self.topology, primary.name) if self.answers(node)]
        trips = (self.rtt_ns(party(primary), party(node)) for node in asked)
        reachable = sorted(trip for trip in trips if trip is not None)
        return reachable[wanted - 1] if len(reachable) >= wanted else None

    def _one_way_ns(self, source: Party, target: Party) -> float | None:
        now = at_start(self.topology)
        base = self.topology.rtt(source.region, target.region) / 2
        total = base
        for fault in self.faults:
            added = _added_ns(fault, source, target, base, now)
            if added is None:
                return None
            total += added
        return total


def stopped(fault: Fault, now: Situation) -> tuple[Node, ...]:
    """The nodes that surely answer nobody while ``fault`` is in force."""
    match fault:
        case Crash() | Disconnect():
            return nodes(fault.target, now)
        case Freeze():
            return nodes(fault.target, now) if fault.process == ALL_PROCESSES else ()
        case RegionLoss():
            lost = regions(fault.target, now)
            return tuple(node for node in now.topology.nodes if node.region in lost)
        case Partition() | Latency() | Bandwidth() | PacketLoss() | DiskFull() | Cpu() | ClockSkew():
            return ()
        case _:
            assert_never(fault)


def _added_ns(fault: Fault, source: Party, target: Party, base_ns: float, now: Situation) -> float | None:
    """What the fault adds to one way; None: nothing arrives."""
    match fault:
        case RegionLoss():
            lost = regions(fault.target, now)
            return None if any(_lost(end, lost, fault) for end in (source, target)) else 0.0
        case Partition():
            return None if carried(fault.link, now).carries(source, target) else 0.0
        case Latency():
            return _slower_ns(fault, base_ns) if carried(fault.link, now).carries(source, target) else 0.0
        case Bandwidth() | PacketLoss() | Crash() | Freeze() | Disconnect() | DiskFull() | Cpu() | ClockSkew():
            return 0.0
        case _:
            assert_never(fault)


def _lost(end: Party, lost: Sequence[str], fault: RegionLoss) -> bool:
    return end.region in lost and (end.role is not Role.CLIENTS or fault.clients is Clients.LOST)


def _slower_ns(fault: Latency, base_ns: float) -> float:
    jitter_ns = fault.jitter_ns / 2 if fault.link.both_ways else fault.jitter_ns
    if fault.factor is not None:
        return (fault.factor - 1) * base_ns + jitter_ns
    added = fault.add_ns or 0
    return (added / 2 if fault.link.both_ways else added) + jitter_ns


def situations(topology: Topology, timeline: Sequence[Step]) -> Iterator[Conditions]:
    """Yield the healthy network, then the network at every known instant at which a step begins or ends.

    A latency whose onset an event decides may meet any of them, and counts in all; a cut would only take pairs away.
    """
    yield Conditions(topology=topology)
    found = windows(timeline)
    anywhen = tuple(w.step.fault for w in found if w.at_ns is None and isinstance(w.step.fault, Latency))
    instants = {t for w in found for t in (w.at_ns, w.end_ns) if t is not None}
    for instant in sorted(instants | ({0} if anywhen else set())):
        yield Conditions(topology=topology, faults=(*active_at(timeline, instant), *anywhen))


def active_at(timeline: Sequence[Step], instant_ns: int) -> tuple[Fault, ...]:
    """The faults that are known to be in force at ``instant_ns`` after t0."""
    return tuple(w.step.fault for w in windows(timeline) if w.step.fault is not None and w.holds(instant_ns))


def possible_primaries(stack: Stack) -> tuple[Node, ...]:
    """Return the nodes that may be primary during the run."""
    topology = stack.topology
    if isinstance(stack.failover, NoFailover):
        return (topology.node(topology.primary),)
    wanted = stack.failover.candidates
    return tuple(
        node
        for node in topology.nodes
        if not wanted or node.name == topology.primary or node.name in wanted or node.region in wanted
    )


def clients(region: str) -> Party:
    """The clients of a region."""
    return Party(region=region, role=Role.CLIENTS)


def manager(region: str) -> Party:
    """A failover manager that sits in a region."""
    return Party(region=region, role=Role.MANAGER)


def required_check_timeout_ns(topology: Topology, failover: Runbook) -> int:
    """Return the least timeout of the runbook's health checks, in ns: 4 round trips to the farthest node.

    Latency faults do not count: a check that they make too slow is what a runbook would suffer, too.
    """
    return CHECK_ROUND_TRIPS * max(topology.rtt(failover.origin, region) for region in topology.regions)


def required_probe_timeout_ns(stack: Stack, timeline: Sequence[Step]) -> int:
    """Return the least timeout of a probe in ns: 6 x RTT + commit RTT + 200 ms.

    The worst over every region's clients, every node that may become primary, and every situation of the timeline.
    Pairs that are cut do not count, nor commits that cannot end. Reads never need more than the writes counted here.
    """
    bounds = [
        PROBE_ROUND_TRIPS * rtt_ns + commit_ns + PROBE_ALLOWANCE_NS
        for conditions in situations(stack.topology, timeline)
        for primary in possible_primaries(stack)
        if (commit_ns := conditions.commit_ns(stack.replication, primary)) is not None
        for region in stack.topology.regions
        if (rtt_ns := conditions.rtt_ns(clients(region), party(primary))) is not None
    ]
    return max(bounds, default=PROBE_ALLOWANCE_NS)
