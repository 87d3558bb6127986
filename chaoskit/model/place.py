"""Places of a scenario: regions, nodes and roles, and the parties of the WAN they stand for: docs/scenario-file.md."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chaoskit.model.draw import one_of
from chaoskit.model.topology import Node, Party, Role, Topology, party


class Part(StrEnum):
    """A narrowed place: ``us-east.clients``. Without one a region means all three."""

    NODES = "nodes"
    CLIENTS = "clients"
    MANAGER = "manager"


class RoleWord(StrEnum):
    """Words that are resolved when a fault strikes, not when the file is read."""

    PRIMARY = "primary"
    REPLICAS = "replicas"
    REPLICA = "replica"  # one, drawn
    ANY = "any"  # a region, drawn
    ALL = "all"
    SURVIVING = "surviving"
    REST = "rest"  # of a link: every region that is not on the other side


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One place: a region, a node (``us-east/1``) or a role, perhaps narrowed to a part of it."""

    word: str
    part: Part | None = None

    @property
    def role(self) -> RoleWord | None:
        """The role it names; None: a region or a node."""
        return RoleWord(self.word) if self.word in set(RoleWord) else None

    def __str__(self) -> str:
        return self.word if self.part is None else f"{self.word}.{self.part}"


Place = tuple[Term, ...]


def text(place: Place) -> str:
    """The place as a file writes it: ``us-east.clients + eu-west/1``."""
    return " + ".join(str(term) for term in place)


def places(*words: str) -> Place:
    """The places called ``words``: ``places("us-east", "eu-west.clients")``."""
    return tuple(_term(word) for word in words)


def _term(word: str) -> Term:
    head, _, part = word.partition(".")
    return Term(word=head, part=Part(part) if part else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Who is who at the instant when roles are resolved.

    Attributes:
        primary: The node that is primary now.
        lost: Regions that are lost now.
        seed: Decides what is drawn; the same for the same run and step.
    """

    topology: Topology
    primary: str
    lost: frozenset[str] = field(default_factory=frozenset)
    seed: str = ""

    @property
    def surviving(self) -> tuple[str, ...]:
        """Regions that are not lost, in order."""
        return tuple(region for region in self.topology.regions if region not in self.lost)


def at_start(topology: Topology, seed: str = "") -> Situation:
    """The situation in which a run begins: what a plan assumes of roles."""
    return Situation(topology=topology, primary=topology.primary, seed=seed)


def nodes(place: Place, now: Situation) -> tuple[Node, ...]:
    """The nodes that a place stands for, each once, in the topology's order."""
    found = {node.name for term in place for node in _nodes(term, now)}
    return tuple(node for node in now.topology.nodes if node.name in found)


def regions(place: Place, now: Situation) -> tuple[str, ...]:
    """The regions that a place stands for, each once; of a node or role, the region that holds it."""
    found = {region for term in place for region in _regions(term, now)}
    return tuple(region for region in now.topology.regions if region in found)


def parties(place: Place, now: Situation) -> frozenset[Party]:
    """The parties of the WAN that a place stands for."""
    return frozenset(party for term in place for party in _parties(term, now))


def _parties(term: Term, now: Situation) -> Iterator[Party]:
    held = [*_nodes(term, now)]
    whole = not _is_node(term)
    if term.part in (None, Part.NODES):
        yield from (party(node) for node in held)
    for region in _regions(term, now):
        if term.part is Part.CLIENTS or (term.part is None and whole):
            yield Party(region=region, role=Role.CLIENTS)
        if term.part is Part.MANAGER or (term.part is None and whole):
            yield Party(region=region, role=Role.MANAGER)


def _is_node(term: Term) -> bool:
    """Whether it names nodes and not whole regions."""
    return "/" in term.word or term.role in (RoleWord.PRIMARY, RoleWord.REPLICAS, RoleWord.REPLICA)


def _nodes(term: Term, now: Situation) -> list[Node]:
    replicas = [node for node in now.topology.nodes if node.name != now.primary]
    match term.role:
        case RoleWord.PRIMARY:
            return [now.topology.node(now.primary)]
        case RoleWord.REPLICAS:
            return replicas
        case RoleWord.REPLICA:
            standing = [node for node in replicas if node.region not in now.lost]
            return [one_of(standing, now.seed)] if standing else []
        case None if "/" in term.word:
            return [now.topology.node(term.word)]
        case _:
            within = set(_regions(term, now))
            return [node for node in now.topology.nodes if node.region in within]


def _regions(term: Term, now: Situation) -> list[str]:
    match term.role:
        case None:
            return [term.word.partition("/")[0]]
        case RoleWord.ALL:
            return [*now.topology.regions]
        case RoleWord.SURVIVING:
            return [*now.surviving]
        case RoleWord.ANY:
            return [one_of(now.surviving, now.seed)] if now.surviving else []
        case RoleWord.REST:
            raise ValueError("`rest` has no meaning without the other side of its link")
        case _:
            return [node.region for node in _nodes(term, now)]
