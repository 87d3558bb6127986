"""The network of a run: the streams of its dials, and what is done to their bytes and packets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party
from chaoskit.protocols.connection import Target


@dataclass(frozen=True, slots=True)
class Stream:
    """The bytes of one dial in one direction: ``source`` and ``target`` are the parties they leave and reach."""

    dial: Dial
    upstream: bool

    @property
    def source(self) -> Party:
        """Who sends these bytes."""
        return self.dial.source if self.upstream else self.dial.target

    @property
    def target(self) -> Party:
        """Who receives them."""
        return self.dial.target if self.upstream else self.dial.source


Span = tuple[int, int]  # first and last instant of a burst, in ns since the run's epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairment:
    """What becomes of the packets of a stream, below the bytes that a proxy sees.

    Attributes:
        lost: The share that never arrives; 1 is a cut.
        bytes_per_s: What passes at most; None: no limit.
    """

    lost: float = 0.0
    bytes_per_s: float | None = None

    @property
    def cut(self) -> bool:
        """Whether nothing passes."""
        return self.lost >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketCount:
    """What a packet filter saw of a stream since the impairment that is in force now."""

    passed: int
    lost: int
    passed_bytes: int


class PacketFilter(Protocol):
    """What can be done to the packets of a WAN's streams."""

    def impair(self, wanted: Mapping[Stream, Impairment]) -> None:
        """Put exactly this into force; streams that are not named pass unharmed. Idempotent.

        Raises:
            StackError: The kernel cannot do it, or did not in time.
        """

    def counts(self) -> Mapping[Stream, PacketCount]:
        """By every stream that the kernel impairs, also one that nobody wants impaired any more."""


class Wan(Protocol):
    """The one network of a run (docs/adr/0002-one-wan-one-chain.md). Every control call has a deadline.

    What is asked for under a ``key`` holds until ``heal(key)``. Asks overlap: delays add, the hardest cut holds, and a
    stream heals when the last key that cut it is healed.
    """

    def streams(self) -> Sequence[Stream]:
        """Every stream of every dial, in plan order."""

    def cut(self, key: str, streams: Sequence[Stream], mode: Mode) -> Span:
        """Cut ``streams`` in one burst."""

    def slow(self, key: str, added_ns: Mapping[Stream, int], swing_ns: Mapping[Stream, int] | None = None) -> Span:
        """Delay each stream by that much more, one way; replaces what ``key`` asked for before.

        ``swing_ns`` is added to it, and is the part that may change often: a change lets what it delays pass early.
        """

    def impair(self, key: str, wanted: Mapping[Stream, Impairment]) -> Span:
        """Do this to the packets of each stream; replaces what ``key`` asked for before.

        Of what one ask lets through the next loses its share; the tightest limit holds. Needs a packet filter.
        """

    def counts(self) -> Mapping[Stream, PacketCount]:
        """What became of the packets of every impaired stream, as the kernel counts them."""

    def impairment(self, stream: Stream) -> Impairment:
        """What all standing asks together do to the packets of ``stream``."""

    def carry(self, stream: Stream, size_bytes: int, timeout_s: float) -> float | None:
        """Send so many bytes over a connection of their own; seconds from the request to the whole answer.

        None: they did not arrive in time. StackError: ``stream`` does not lead to a node, so nobody takes them.
        """

    def base_delay_ns(self, stream: Stream) -> int:
        """The planned one-way delay of ``stream``."""

    def heal(self, key: str) -> Span:
        """Undo what was asked for under ``key``; idempotent."""

    def passage(self, dial: Dial, besides: str = "") -> int | None:
        """What all standing asks together add to the round trip of ``dial``, in ns; None: nothing comes back.

        ``besides``: as if nothing were asked for under that key.
        """

    def ping(self, dials: Sequence[Dial], timeout_s: float) -> Mapping[Dial, float | None]:
        """Round trip in seconds of one request to PostgreSQL through each dial, None where no answer came."""

    def pulse(self, timeout_s: float) -> float | None:
        """Seconds until the WAN's own process answered a request that crosses no link; None: it did not in time."""

    def target(self, dial: Dial) -> Target:
        """Where the dial's source finds its proxy."""

    def point(self, endpoint: str, dial: Dial) -> None:
        """Lead the endpoint called ``endpoint`` to another dial; closes its connections."""
