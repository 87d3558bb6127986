"""Who asked the WAN for what, and what follows for each stream. Pure: the WAN sends the difference.

Overlaps need no rules of their own: a stream's condition is computed from everything still asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.protocols import Impairment, Stream
from chaoskit.runtimes.wan.chain import Condition


@dataclass(slots=True)
class Asks:
    """Standing asks by key.

    Attributes:
        base_ms: Each stream's planned one-way delay.
        torn: Streams that have lost bytes. Their connections must not survive the gap, and their end, like any other,
            is heard through a cut: so they go on losing until nothing cuts their dial any more.
    """

    base_ms: Mapping[Stream, int]
    cuts: dict[str, tuple[frozenset[Stream], Mode]] = field(default_factory=dict)
    delays_ms: dict[str, Mapping[Stream, int]] = field(default_factory=dict)
    swings_ms: dict[str, Mapping[Stream, int]] = field(default_factory=dict)
    impairments: dict[str, Mapping[Stream, Impairment]] = field(default_factory=dict)
    torn: frozenset[Stream] = frozenset()

    def cut(self, key: str, streams: Sequence[Stream], mode: Mode) -> None:
        """Ask for a cut."""
        self.cuts[key] = (frozenset(streams), mode)
        self._tear()

    def slow(self, key: str, added_ms: Mapping[Stream, int], swing_ms: Mapping[Stream, int] | None = None) -> None:
        """Ask for more delay, a part of which changes often; forgets what the key asked for before."""
        self.delays_ms[key] = dict(added_ms)
        self.swings_ms[key] = dict(swing_ms or {})

    def impair(self, key: str, wanted: Mapping[Stream, Impairment]) -> None:
        """Ask for something to be done to packets; forgets what the key asked for before."""
        self.impairments[key] = dict(wanted)

    def withdraw(self, key: str) -> None:
        """Forget what ``key`` asked for."""
        self.cuts.pop(key, None)
        self.delays_ms.pop(key, None)
        self.swings_ms.pop(key, None)
        self.impairments.pop(key, None)
        self._tear()

    def without(self, key: str) -> "Asks":
        """What would be asked for if it were not for ``key``."""
        others = replace(
            self,
            cuts=dict(self.cuts),
            delays_ms=dict(self.delays_ms),
            swings_ms=dict(self.swings_ms),
            impairments=dict(self.impairments),
        )
        others.withdraw(key)
        return others

    def condition(self, stream: Stream) -> Condition:
        """What the stream should do now."""
        modes = {mode for streams, mode in self.cuts.values() if stream in streams}
        planned_ms = self.base_ms[stream]
        added_ms = sum(added.get(stream, 0) for added in self.delays_ms.values())
        return Condition(
            planned_ms=planned_ms,
            added_ms=max(added_ms, -planned_ms),
            swing_ms=max(sum(swing.get(stream, 0) for swing in self.swings_ms.values()), 0),
            held=Mode.STALL in modes,
            lost=stream in self.torn,
        )

    def refused(self) -> frozenset[str]:
        """Names of the proxies that should be closed."""
        return frozenset(s.dial.name for streams, mode in self.cuts.values() if mode is Mode.REFUSE for s in streams)

    def impairment(self, stream: Stream) -> Impairment:
        """What should become of the stream's packets now: what one loses the next cannot, and the tightest holds."""
        mine = [asked[stream] for asked in self.impairments.values() if stream in asked]
        cut = any(mode is Mode.PACKETS and stream in streams for streams, mode in self.cuts.values())
        # In an order of their own, so that the same asks always give the same share.
        passing = prod(sorted(1 - one.lost for one in mine))
        limits = [one.bytes_per_s for one in mine if one.bytes_per_s is not None]
        return Impairment(lost=1.0 if cut else round(1 - passing, 12), bytes_per_s=min(limits, default=None))

    def impaired(self) -> dict[Stream, Impairment]:
        """Every stream whose packets something should become of."""
        found = {stream: self.impairment(stream) for stream in self.base_ms}
        return {stream: impairment for stream, impairment in found.items() if impairment != Impairment()}

    def passage_ms(self, dial: Dial) -> int | None:
        """What all asks add to the round trip of ``dial``; None: one of its directions is cut, or it is refused.

        What lost packets and thin pipes add is no figure, and is not in it.
        """
        ways = [Stream(dial, upstream) for upstream in (True, False)]
        conditions = [self.condition(way) for way in ways]
        if dial.name in self.refused() or any(condition.held or condition.lost for condition in conditions):
            return None
        if any(self.impairment(way).cut for way in ways):
            return None
        return sum(condition.added_ms + condition.swing_ms for condition in conditions)

    def _tear(self) -> None:
        losing = {stream for streams, mode in self.cuts.values() if mode is Mode.DROP for stream in streams}
        cut = {stream.dial for streams, _ in self.cuts.values() for stream in streams}
        self.torn = frozenset(stream for stream in self.torn | losing if stream.dial in cut)
