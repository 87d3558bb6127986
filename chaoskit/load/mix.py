"""Which operation comes next: a user's seeded draw."""

from dataclasses import dataclass
from random import Random

from chaoskit.model.scenario import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a user: a write, a read, or a write followed by a read of the same key."""

    key: str
    write: bool
    read: bool


class Mix:
    """Draws turns so that ``write_share`` of all operations are writes.

    With ``read_after_ns`` a write brings a read along. Up to a share of one half every write is followed and further
    reads are drawn between; above it, there are not enough reads to follow every write, and some are followed.
    """

    def __init__(self, workload: Register, draw: Random) -> None:
        self._keys, self._draw = workload.keys, draw
        share = workload.write_share
        if workload.read_after_ns is None:
            self._write, self._follow = share, 0.0
        elif share <= 1 / 2:
            self._write, self._follow = share / (1 - share), 1.0
        else:
            self._write, self._follow = 1.0, (1 - share) / share

    def turn(self) -> Turn:
        """Draw the next turn."""
        write = self._draw.random() < self._write
        read = not write or self._draw.random() < self._follow
        return Turn(key=f"key/{self._draw.randrange(self._keys)}", write=write, read=read)
