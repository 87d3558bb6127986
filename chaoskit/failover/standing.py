"""What the operator holds true of the nodes: who is primary, who follows whom, who has to come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from chaoskit.failover.election import lsn_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One picture of it; every change makes another.

    Attributes:
        follows: Whom each replica was last told to follow; strayed ones included.
        forks: Where the timeline of a primary that was deposed was left, as an LSN, by its name.
        silenced: Replicas that were told to follow nobody, heard or unheard, so that their position stays what it is.
        ahead: Replicas that were told to follow a primary which has less WAL than they: perhaps it only looks so.
        strayed: Replicas that hold WAL which the primary does not have, and so cannot follow it.
        deposed: Nodes that were promoted, are not primary, and have not been made replicas.
        curbed: Nodes that were told to refuse writes, heard or unheard, and may have to take them again.
        fenced: Nodes that refuse writes for good: deposed, or about to be.
    """

    primary: str
    follows: Mapping[str, str]
    forks: Mapping[str, str] = field(default_factory=dict)
    silenced: frozenset[str] = frozenset()
    ahead: frozenset[str] = frozenset()
    strayed: frozenset[str] = frozenset()
    deposed: frozenset[str] = frozenset()
    curbed: frozenset[str] = frozenset()
    fenced: frozenset[str] = frozenset()

    @property
    def replicas(self) -> tuple[str, ...]:
        """Those that follow the primary and can be promoted."""
        return tuple(n for n, source in self.follows.items() if source == self.primary and n not in self.astray)

    @property
    def astray(self) -> frozenset[str]:
        """Replicas that hold, or seem to hold, more than the primary they were told to follow."""
        return self.strayed | self.ahead

    @property
    def outcasts(self) -> frozenset[str]:
        """Nodes that have to be rebuilt before they can follow the primary."""
        return self.strayed | self.deposed

    def in_service(self, node: str) -> bool:
        """Whether it is the primary or was told to follow it."""
        return node == self.primary or node in self.replicas

    def silences(self, node: str) -> "Standing":
        """A replica is about to be told to follow nobody: that may happen, even if nothing is heard of it."""
        return replace(self, silenced=self.silenced | {node})

    def told(self, node: str, position: str) -> "Standing":
        """A replica that had got to ``position`` was told to follow the primary."""
        fork = self.forks.get(self.follows[node])
        beyond = fork is not None and lsn_bytes(position) > lsn_bytes(fork)
        ahead = self.ahead | {node} if beyond else self.ahead - {node}
        return self._follows(node, ahead)

    def streams(self, node: str) -> "Standing":
        """A replica was seen to stream from the primary."""
        return self._follows(node, self.ahead - {node})

    def stray(self, node: str) -> "Standing":
        """A replica that seemed to be ahead of the primary does not follow it."""
        return replace(self, ahead=self.ahead - {node}, strayed=self.strayed | {node})

    def promoted(self, new: str, fork: str, told: Mapping[str, str]) -> "Standing":
        """``new`` is primary; ``told`` are the replicas that were told so before, and how far each had got."""
        old = self.primary
        earlier = self.forks.get(old)
        least = fork if earlier is None or lsn_bytes(fork) < lsn_bytes(earlier) else earlier
        standing = replace(
            self,
            primary=new,
            follows={node: source for node, source in self.follows.items() if node != new},
            forks={**self.forks, old: least},
            silenced=self.silenced - {new},
            deposed=self.deposed | {old},
        )
        for node, position in told.items():
            standing = standing.told(node, position)
        return standing

    def usurps(self, node: str) -> "Standing":
        """A replica is a primary: it was told so once, unheard, and then another was promoted, or nobody."""
        follows = {name: source for name, source in self.follows.items() if name != node}
        silenced, ahead, deposed = self.silenced - {node}, self.ahead - {node}, self.deposed | {node}
        return replace(self, follows=follows, silenced=silenced, ahead=ahead, deposed=deposed)

    def curbs(self, node: str) -> "Standing":
        """A node is about to be told to refuse writes: what is sent may happen, even if nothing is heard of it."""
        return replace(self, curbed=self.curbed | {node})

    def takes_writes(self, node: str) -> "Standing":
        """A node said that it does not refuse writes any more."""
        return replace(self, curbed=self.curbed - {node})

    def refuses(self, node: str) -> "Standing":
        """A primary that is deposed, or is about to be, was fenced: there is no way back."""
        return replace(self, curbed=self.curbed - {node}, fenced=self.fenced | {node})

    def returned(self, node: str) -> "Standing":
        """A node was rebuilt and follows the primary."""
        rest = self._follows(node, self.ahead - {node})
        strayed, deposed = self.strayed - {node}, self.deposed - {node}
        curbed, fenced = self.curbed - {node}, self.fenced - {node}
        return replace(rest, strayed=strayed, deposed=deposed, curbed=curbed, fenced=fenced)

    def _follows(self, node: str, ahead: frozenset[str]) -> "Standing":
        follows = {**self.follows, node: self.primary}
        return replace(self, follows=follows, silenced=self.silenced - {node}, ahead=ahead)


class Board:
    """Where the operator's threads keep the one picture."""

    def __init__(self, standing: Standing) -> None:
        self._standing, self._lock = standing, Lock()

    @property
    def now(self) -> Standing:
        """The picture of now."""
        return self._standing

    def change(self, how: Callable[[Standing], Standing]) -> None:
        """Replace it by what ``how`` makes of it."""
        with self._lock:
            self._standing = how(self._standing)
