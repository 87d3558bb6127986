"""Who is promoted, and what that may cost: decisions without I/O."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chaoskit.model.scenario import Async, Replication, needed, voters
from chaoskit.model.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The replica to promote. ``behind`` names a reachable one that holds more; None: there is none."""

    node: str
    behind: str | None = None


def choose(positions: Mapping[str, str], candidates: Sequence[str], topology: Topology, origin: str) -> Choice | None:
    """Choose among the replicas that were reached.

    Args:
        positions: How far each has got, as an LSN, in the topology's order; WAL reception has ended there.
        candidates: Regions or nodes in order of preference; the first that was reached wins, in a region its most
            advanced node. None: the most advanced of all, among equals one in the operator's own region.
        topology: Tells which region a node is in.
        origin: The operator's region.

    Returns:
        None where nobody may be promoted.
    """
    allowed = next(filter(None, (_within(place, positions, topology) for place in candidates)), [])
    best = _most_advanced(positions, list(positions) if not candidates else allowed, topology, origin)
    if best is None:
        return None
    ahead = _most_advanced(positions, list(positions), topology, origin)
    lags = ahead is not None and lsn_bytes(positions[ahead]) > lsn_bytes(positions[best])
    return Choice(node=best, behind=ahead if lags else None)


def _within(place: str, nodes: Collection[str], topology: Topology) -> list[str]:
    return [node for node in nodes if place in (node, topology.node(node).region)]


def _most_advanced(positions: Mapping[str, str], nodes: Collection[str], topology: Topology, origin: str) -> str | None:
    return max(nodes, key=lambda n: (lsn_bytes(positions[n]), topology.node(n).region == origin), default=None)


def may_lose(
    replication: Replication, topology: Topology, old: str, reached: Collection[str]
) -> tuple[int, int] | None:
    """Whether a commit on ``old`` may have been confirmed by voters of which none was reached.

    A commit waits for n of N voters, so N - n + 1 of them hold every commit between them: under ``sync`` any one does.

    Returns:
        (voters reached, voters needed) where they are too few; None: enough, or commits wait for nobody.
    """
    if isinstance(replication, Async):
        return None
    electorate = [node.name for node in voters(replication, topology, old)]
    least = len(electorate) - needed(replication, topology, old) + 1
    met = len([node for node in electorate if node in reached])
    return (met, least) if met < least else None


def lsn_bytes(lsn: str) -> int:
    """``16/B374D848`` as a number of bytes."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)
