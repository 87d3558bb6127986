"""What the runbook's own settings say a failover takes, part by part. Explains an RTO, never defines it.

Round trips are between the operator's region and the nodes. Nodes are asked side by side, each with the deadline of a
health check; statements to one node follow each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.model.fault import Crash, Mode, Partition
from chaoskit.model.plan import Prediction, ProbePlan
from chaoskit.model.round_trips import CHECK_ROUND_TRIPS, Conditions, active_at, clients, manager
from chaoskit.model.scenario import Fence, Runbook, Scenario
from chaoskit.model.schedule import Window, windows
from chaoskit.model.topology import Node, party

# Startup and two messages of SCRAM; a node's session is opened with the first question and kept.
CONNECT_ROUND_TRIPS = 3
# On each replica, all at once: forget the old primary and reload (one batch), then ask whether its receiver has ended.
STOP_ROUND_TRIPS = 2
# One more, where the receiver had not ended yet.
STOP_AGAIN_ROUND_TRIPS = 1
# On the others, before the promotion: follow the new primary and reload (one batch).
REPOINT_ROUND_TRIPS = 1
# On the chosen one: promote, wait, and ask for its timeline (one batch).
PROMOTE_ROUND_TRIPS = 1
# An allowance, not a measurement: PostgreSQL stops receiving WAL, ends recovery and takes writes on a busy host.
PROMOTION_WORK_NS = 500_000_000
# An allowance, not a measurement: the router re-points the endpoints.
ROUTING_WORK_NS = 200_000_000

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outlook:
    """The first step that takes the primary from the operator, and what is left then."""

    window: Window
    runbook: Runbook
    conditions: Conditions
    reachable: tuple[Node, ...]
    unreachable_replicas: int

    @property
    def refused(self) -> bool:
        """Whether the old primary's connections are refused at once instead of hanging."""
        deed = self.window.step.deed
        return isinstance(deed, Crash) or (isinstance(deed, Partition) and deed.mode is Mode.REFUSE)

    def rtts_ns(self) -> list[int]:
        """Round trips from the operator to each replica that it reaches."""
        operator = manager(self.runbook.origin)
        found = (self.conditions.rtt_ns(operator, party(node)) for node in self.reachable)
        return [rtt for rtt in found if rtt is not None]

    def control_rtts_ns(self) -> list[int]:
        """Round trips from the operator to each region whose endpoints it can re-point."""
        operator, regions = manager(self.runbook.origin), self.conditions.topology.regions
        found = (self.conditions.rtt_ns(operator, clients(region)) for region in regions)
        return [rtt for rtt in found if rtt is not None]


def predictions(scenario: Scenario, probes: ProbePlan) -> Mapping[str, Prediction]:
    """Return a prediction for the step that causes a failover, if there is one.

    That is the first step after whose onset the operator no longer reaches the initial primary, for long enough to
    detect it. Later steps meet a primary that is not known before the run. Absent where nobody can be promoted: no
    runbook, the operator reaches no replica, or it must fence a primary that it cannot reach.
    """
    outlook = _outlook(scenario)
    if outlook is None or not outlook.reachable or outlook.runbook.fence is Fence.REQUIRED:
        return {}
    detect = _detect(scenario, outlook)
    lasts_ns = _lasts_ns(outlook.window)
    if lasts_ns is not None and lasts_ns <= detect[0]:
        return {}
    decide_ns = outlook.runbook.decide_ns
    parts = {
        "detect": detect,
        "decide": (decide_ns, decide_ns),
        "promote": _promote(outlook),
        "route": _route(outlook),
        "reconnect": _reconnect(probes),
    }
    return {outlook.window.step.name: Prediction(parts=parts)}


def _lasts_ns(window: Window) -> int | None:
    return None if window.end_ns is None or window.at_ns is None else window.end_ns - window.at_ns


def _outlook(scenario: Scenario) -> _Outlook | None:
    runbook, topology = scenario.stack.failover, scenario.stack.topology
    if not isinstance(runbook, Runbook):
        return None
    operator, primary = manager(runbook.origin), topology.node(topology.primary)
    known = [w for w in windows(scenario.timeline) if w.at_ns is not None and w.step.fault is not None]
    for window in sorted(known, key=lambda window: window.at_ns or 0):
        conditions = Conditions(topology=topology, faults=active_at(scenario.timeline, window.at_ns or 0))
        if conditions.answers(primary) and conditions.rtt_ns(operator, party(primary)) is not None:
            continue
        replicas = [node for node in topology.nodes if node != primary]
        reachable = tuple(
            node
            for node in replicas
            if conditions.answers(node) and conditions.rtt_ns(operator, party(node)) is not None
        )
        return _Outlook(
            window=window,
            runbook=runbook,
            conditions=conditions,
            reachable=reachable,
            unreachable_replicas=len(replicas) - len(reachable),
        )
    return None


def _detect(scenario: Scenario, outlook: _Outlook) -> Span:
    """From the onset to the last of ``failures`` failed checks in a row.

    Checks begin on a fixed grid and fail one timeout after they began (at once where the connection is refused). The
    onset falls anywhere between two of them; one that had begun up to 4 round trips before may be the first to fail.
    """
    runbook, topology = outlook.runbook, scenario.stack.topology
    fails_after_ns = 0 if outlook.refused else runbook.timeout_ns
    handshake_ns = CHECK_ROUND_TRIPS * topology.rtt(runbook.origin, topology.primary_region)
    low = (runbook.failures - 1) * runbook.every_ns + fails_after_ns - (0 if outlook.refused else handshake_ns)
    return max(0, low), runbook.failures * runbook.every_ns + fails_after_ns


def _promote(outlook: _Outlook) -> Span:
    """From the decision to the new primary's first possible write.

    The fence attempt at an old primary that does not answer costs one timeout. Then every replica is told to stop
    receiving WAL (3 round trips to connect, 2 or 3 to be sure); one that does not answer costs one timeout at most. The
    others are told to follow (1) and the chosen one is promoted (1). ``lo`` promotes the nearest, ``hi`` the farthest.
    """
    runbook, rtts_ns = outlook.runbook, outlook.rtts_ns()
    farthest_ns, nearest_ns = max(rtts_ns), min(rtts_ns)
    fence_ns = 0 if outlook.refused or runbook.fence is Fence.DENIED else runbook.timeout_ns
    silent_ns = runbook.timeout_ns if outlook.unreachable_replicas else 0
    stop = CONNECT_ROUND_TRIPS + STOP_ROUND_TRIPS
    low = fence_ns + stop * farthest_ns + PROMOTE_ROUND_TRIPS * nearest_ns
    round_trips = stop + STOP_AGAIN_ROUND_TRIPS + REPOINT_ROUND_TRIPS + PROMOTE_ROUND_TRIPS
    return low, fence_ns + silent_ns + round_trips * farthest_ns + PROMOTION_WORK_NS


def _route(outlook: _Outlook) -> Span:
    """From the promotion to a reachable region's endpoint re-pointed: one check that it can be reached (4 round trips).

    Regions are handled side by side: one that does not answer delays no other.
    """
    return 0, CHECK_ROUND_TRIPS * max(outlook.control_rtts_ns(), default=0) + ROUTING_WORK_NS


def _reconnect(probes: ProbePlan) -> Span:
    """From the endpoint re-pointed to the answer of the first good probe.

    ``hi`` is one interval of the fresh stream and a probe that ends just within its deadline.
    """
    return 0, round(1e9 / probes.fresh_rate_hz) + probes.timeout_ns
