"""What can be broken. Each fault means exactly one thing (DESIGN §4)."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """All bytes that travel between two disjoint groups of regions.

    ``both_ways`` is the scenario's ``<->``; without it bytes from ``left`` to ``right``, whoever dialled.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    both_ways: bool = True

    def __post_init__(self) -> None:
        if not self.left or not self.right or set(self.left) & set(self.right):
            raise ValueError("a link joins two disjoint, non-empty groups of regions")

    def carries(self, source: str, target: str) -> bool:
        """Whether bytes from region ``source`` to region ``target`` travel on this link."""
        forth = source in self.left and target in self.right
        return forth or (self.both_ways and source in self.right and target in self.left)

    def __str__(self) -> str:
        return f"{' + '.join(self.left)} {'<->' if self.both_ways else '->'} {' + '.join(self.right)}"


class Mode(StrEnum):
    """What a partition does to bytes: hold them, lose them, or refuse connections."""

    STALL = "stall"
    DROP = "drop"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The link is cut."""

    link: Link
    mode: Mode = Mode.STALL
    word = "partition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The link is slower. On ``<->`` ``add_ns`` is a round trip, half each way; exactly one of the two is given."""

    link: Link
    add_ns: int | None = None
    factor: float | None = None
    word = "latency"

    def __post_init__(self) -> None:
        if (self.add_ns is None) == (self.factor is None):
            raise ValueError("exactly one of add_ns and factor")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLoss:
    """The region's links are cut, then every process in it freezes; its data survives."""

    region: str
    word = "region_loss"


Fault = Partition | Latency | RegionLoss
