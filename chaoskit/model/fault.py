"""What can be broken, and what can be done on purpose. Each means exactly one thing (docs/faults.md)."""

from dataclasses import dataclass
from enum import StrEnum

from chaoskit.model import place
from chaoskit.model.place import Place, RoleWord, Situation, Term
from chaoskit.model.topology import Party

Streams = tuple[frozenset[Party], frozenset[Party]]
"""Who sends and who receives: the bytes from any of the first to any of the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """All bytes that travel between two groups of places.

    ``both_ways`` is the scenario's ``<->``; without it bytes from ``left`` to ``right``, whoever dialled.
    """

    left: Place
    right: Place
    both_ways: bool = True

    def __post_init__(self) -> None:
        if not self.left or not self.right:
            raise ValueError("a link joins two groups of places")

    def ends(self, now: Situation) -> Streams:
        """Who stands on the left and who on the right; roles are those of ``now``."""
        return _side(self.left, self.right, now), _side(self.right, self.left, now)

    def __str__(self) -> str:
        return f"{place.text(self.left)} {'<->' if self.both_ways else '->'} {place.text(self.right)}"


def _side(side: Place, other: Place, now: Situation) -> frozenset[Party]:
    if not any(term.role is RoleWord.REST for term in side):
        return place.parties(side, now)
    taken = set(place.regions(other, now))
    part = side[0].part
    rest = tuple(Term(word=region, part=part) for region in now.topology.regions if region not in taken)
    return place.parties(rest, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A link whose roles are resolved: asked of every stream of the WAN."""

    left: frozenset[Party]
    right: frozenset[Party]
    both_ways: bool

    def carries(self, source: Party, target: Party) -> bool:
        """Whether bytes from ``source`` to ``target`` travel on it."""
        forth = source in self.left and target in self.right
        return forth or (self.both_ways and source in self.right and target in self.left)


def carried(link: Link, now: Situation) -> Carried:
    """Resolve a link."""
    left, right = link.ends(now)
    return Carried(left=left, right=right, both_ways=link.both_ways)


class Mode(StrEnum):
    """What a partition does to bytes: hold them, lose them, refuse connections, or lose the packets below them."""

    STALL = "stall"
    DROP = "drop"
    REFUSE = "refuse"
    PACKETS = "packets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The link is cut."""

    link: Link
    mode: Mode = Mode.STALL
    word = "partition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The link is slower. On ``<->`` figures are round trips, half each way; exactly one of the first two is given.

    ``jitter_ns``: what is added varies by up to that much more or less, as drawn in the plan.
    """

    link: Link
    add_ns: int | None = None
    factor: float | None = None
    jitter_ns: int = 0
    word = "latency"

    def __post_init__(self) -> None:
        if (self.add_ns is None) == (self.factor is None):
            raise ValueError("exactly one of add_ns and factor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """The link carries no more than that, in each direction that it names and for every connection pair by itself."""

    link: Link
    bytes_per_s: float
    word = "bandwidth"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketLoss:
    """Of the packets on the link this share, from 0 to 1, never arrives; TCP sends them again."""

    link: Link
    share: float
    word = "packet_loss"


class Data(StrEnum):
    """What becomes of a lost region's disks."""

    KEPT = "kept"
    DESTROYED = "destroyed"


class Clients(StrEnum):
    """What becomes of a lost region's clients: gone with it, or alive and sent elsewhere."""

    LOST = "lost"
    REROUTED = "rerouted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLoss:
    """The regions' links are cut, then every process in them freezes. A role means the region that holds it."""

    target: Place
    data: Data = Data.KEPT
    clients: Clients = Clients.LOST
    word = "region_loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """Every process of the nodes dies at once; they are restarted at the heal."""

    target: Place
    word = "crash"


ALL_PROCESSES = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Processes of the nodes stop running and keep everything open. ``process``: "all", or PostgreSQL's own word."""

    target: Place
    process: str = ALL_PROCESSES
    word = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """The nodes' cables are pulled: their network interfaces are gone, and come back with the same address."""

    target: Place
    word = "disconnect"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFull:
    """The nodes' data volumes are filled but for that much; writes fail with ENOSPC."""

    target: Place
    leave_bytes: int
    word = "disk_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """The nodes get this share of one core, from 0 to 1."""

    target: Place
    leave: float
    word = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """The wall clock of the nodes' servers, and of nothing else, is wrong by that much."""

    target: Place
    by_ns: int
    word = "clock_skew"


LinkFault = Partition | Latency | Bandwidth | PacketLoss
MachineFault = Disconnect | DiskFull | Cpu | ClockSkew
"""What happens to a machine of its own: containers have one, processes of one host do not."""

NodeFault = Crash | Freeze | MachineFault
"""Strikes nodes, each of which belongs to one such fault at a time."""

Fault = LinkFault | RegionLoss | NodeFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchover:
    """A planned change of primary to the node ``target``; nothing is lost by it."""

    target: Place
    word = "switchover"


Action = Switchover
Deed = Fault | Action
"""What a step does: a fault, which chaoskit undoes, or an action, which it does not."""
