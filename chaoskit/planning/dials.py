"""Who dials whom through the WAN."""

from collections.abc import Iterator

from chaoskit.model.plan import Dial
from chaoskit.model.scenario import Runbook, Stack
from chaoskit.model.topology import Node, Party, Role


def dials(stack: Stack) -> tuple[Dial, ...]:
    """Return every directed pair that carries traffic, in the order of the regions.

    First every region's clients to every node, then every node to every other node, then the runbook's operator to
    every node: for R regions of one node R^2 + R(R-1), and R more with a runbook.
    """
    return tuple(
        Dial(source=source, target=_party(node))
        for source in _sources(stack)
        for node in stack.topology.nodes
        if source != _party(node)
    )


def _sources(stack: Stack) -> Iterator[Party]:
    for region in stack.topology.regions:
        yield Party(region=region, role=Role.CLIENTS)
    for node in stack.topology.nodes:
        yield _party(node)
    if isinstance(stack.failover, Runbook):
        yield Party(region=stack.failover.origin, role=Role.MANAGER)


def _party(node: Node) -> Party:
    return Party(region=node.region, role=Role.NODE, number=node.number)
