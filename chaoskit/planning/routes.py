"""Which endpoint leads where: names in the WAN and the routes with which a run begins."""

from collections.abc import Mapping

from chaoskit.model.plan import Dial, Plan
from chaoskit.model.scenario import Reads
from chaoskit.model.topology import Role


def endpoint(kind: str, region: str) -> str:
    """The name of a region's endpoint in the WAN."""
    return f"{kind}.{region}"


def initial(plan: Plan) -> Mapping[str, Dial]:
    """Where each endpoint leads when the run begins."""
    topology = plan.scenario.stack.topology
    local = {node.region: node.name for node in reversed(topology.nodes)}
    routes = {}
    for region in topology.regions:
        reads = local[region] if plan.scenario.stack.reads is Reads.LOCAL else topology.primary
        routes[endpoint("write", region)] = client_dial(plan, region, topology.primary)
        routes[endpoint("read", region)] = client_dial(plan, region, reads)
    return routes


def client_dial(plan: Plan, region: str, node: str) -> Dial:
    """The dial of a region's clients to a node.

    Raises:
        KeyError: The plan has none.
    """
    for dial in plan.dials:
        if dial.source.role is Role.CLIENTS and dial.source.region == region and dial.target.name == node:
            return dial
    raise KeyError((region, node))
