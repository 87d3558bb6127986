"""Regions, nodes and the round-trip times between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One PostgreSQL server. ``name`` is its ``cluster_name`` and ``application_name``: ``us-east/1``."""

    region: str
    number: int = 1

    @property
    def name(self) -> str:
        """The name a scenario uses, ``region/number``."""
        return f"{self.region}/{self.number}"

    @property
    def slot(self) -> str:
        """The name of its physical replication slot (slot names reject ``-`` and ``/``)."""
        return self.name.replace("-", "_").replace("/", "_")


class Role(StrEnum):
    """Which part of a region a party of the WAN is."""

    CLIENTS = "clients"
    NODE = "node"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who dials, or is dialled: a region's clients, its failover manager, or one node."""

    region: str
    role: Role
    number: int = 0

    @property
    def name(self) -> str:
        """``us-east.clients``, ``us-east.manager`` or ``us-east/1``."""
        if self.role is Role.NODE:
            return f"{self.region}/{self.number}"
        return f"{self.region}.{self.role}"


def party(node: Node) -> Party:
    """The node as a party of the WAN."""
    return Party(region=node.region, role=Role.NODE, number=node.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """The regions in the order of the file, their nodes, and where the primary starts.

    Attributes:
        nodes: Every node, in the order of the regions.
        primary: Name of the node that starts as primary.
        rtt_ns: Round trip per unordered region pair, keyed by both orders; a pair of a region with itself is absent.
    """

    nodes: tuple[Node, ...]
    primary: str
    rtt_ns: Mapping[tuple[str, str], int]

    def __post_init__(self) -> None:
        if self.primary not in {node.name for node in self.nodes}:
            raise ValueError(f"no node {self.primary}")

    @property
    def regions(self) -> tuple[str, ...]:
        """Region names, each once, in order."""
        return tuple(dict.fromkeys(node.region for node in self.nodes))

    @property
    def primary_region(self) -> str:
        """The region that holds the primary at the start."""
        return self.node(self.primary).region

    def node(self, name: str) -> Node:
        """Return the node called ``name``; KeyError if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def rtt(self, a: str, b: str) -> int:
        """Round trip between two regions in ns, 0 inside one."""
        return 0 if a == b else self.rtt_ns[a, b]
