"""The stack in words, for a reader who was not there."""

from chaoskit.analysis.shapes import TopologyRow
from chaoskit.model.scenario import Async, NoFailover, Quorum, Replication, Scenario, Sync


def setting(scenario: Scenario) -> TopologyRow:
    """Describe regions, round trips, replication, failover and where reads go."""
    stack, topology = scenario.stack, scenario.stack.topology
    regions = topology.regions
    pairs = [(a, b) for index, a in enumerate(regions) for b in regions[index + 1 :]]
    return {
        "regions": list(regions),
        "primary": topology.primary,
        "nodes": [node.name for node in topology.nodes],
        "rtt_ms": {f"{a} <-> {b}": topology.rtt(a, b) / 1e6 for a, b in pairs},
        "replication": _replication(stack.replication),
        "failover": "none" if isinstance(stack.failover, NoFailover) else "runbook",
        "reads": stack.reads.value,
    }


def _replication(replication: Replication) -> str:
    match replication:
        case Async():
            return "async"
        case Sync():
            return f"sync ({replication.commit.value})"
        case Quorum():
            return f"quorum any {replication.any} ({replication.commit.value})"
