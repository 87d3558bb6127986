"""Resolved places in a scenario's own words: ``us-east + eu-west/1``."""

from collections.abc import Iterator

from chaoskit.model.fault import Carried
from chaoskit.model.topology import Party, Role, Topology


def called(parties: frozenset[Party], topology: Topology) -> str:
    """The parties in the topology's order; a region of which all three parts are there goes by its own name."""
    return " + ".join(word for region in topology.regions for word in _words(region, parties, topology))


def link_called(link: Carried, topology: Topology) -> str:
    """A resolved link, as ``us-east <-> eu-west + ap-south``."""
    arrow = "<->" if link.both_ways else "->"
    return f"{called(link.left, topology)} {arrow} {called(link.right, topology)}"


def _words(region: str, parties: frozenset[Party], topology: Topology) -> Iterator[str]:
    servers = [Party(region=region, role=Role.NODE, number=n.number) for n in topology.nodes if n.region == region]
    others = [Party(region=region, role=role) for role in (Role.CLIENTS, Role.MANAGER)]
    present = [party for party in (*servers, *others) if party in parties]
    if len(present) == len(servers) + len(others):
        yield region
        return
    yield from (party.name for party in present)
