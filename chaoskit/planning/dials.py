"""Who dials whom through the WAN."""

from collections.abc import Iterator

from chaoskit.model.plan import Dial
from chaoskit.model.round_trips import clients, manager
from chaoskit.model.scenario import Runbook, Stack
from chaoskit.model.topology import Party, Role, party


def dials(stack: Stack) -> tuple[Dial, ...]:
    """Return every directed pair that carries traffic, in the order of the regions.

    First every region's clients to every node, then every node to every other node, then the runbook's operator to
    every node and to every region's clients, where the control of their endpoints is: for R regions of one node
    R^2 + R(R-1), and 2R more with a runbook.
    """
    return tuple(
        Dial(source=source, target=target)
        for source in _sources(stack)
        for target in _targets(stack, source)
        if source != target
    )


def _sources(stack: Stack) -> Iterator[Party]:
    yield from (clients(region) for region in stack.topology.regions)
    yield from (party(node) for node in stack.topology.nodes)
    if isinstance(stack.failover, Runbook):
        yield manager(stack.failover.origin)


def _targets(stack: Stack, source: Party) -> Iterator[Party]:
    yield from (party(node) for node in stack.topology.nodes)
    if source.role is Role.MANAGER:
        yield from (clients(region) for region in stack.topology.regions)
