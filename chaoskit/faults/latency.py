"""``latency``: a link takes longer. Figures on ``<->`` are round trips, half each way."""

from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import ROUNDS, Canary
from chaoskit.model.fault import Latency
from chaoskit.model.plan import Dial
from chaoskit.protocols import Proof, Span, Stream

MS = 1_000_000


class LatencyInjector:
    """Adds delay to the streams that a link carries."""

    def __init__(self, step: str, fault: Latency, ground: Ground) -> None:
        self._step, self._fault, self._ground = step, fault, ground
        streams = [s for s in ground.wan.streams() if fault.link.carries(s.source, s.target)]
        self._added_ns = {stream: self._added(stream) for stream in streams}
        self._canary = Canary(ground.wan, streams, ground.clock)
        self._canary.before(ROUNDS)

    def strike(self) -> Span:
        """Slow every stream of the link."""
        return self._ground.wan.slow(self._step, self._added_ns)

    def settle(self) -> Proof:
        """Round trips grew by what was asked."""
        trips: dict[Dial, float] = {}
        for stream, added_ns in self._added_ns.items():
            trips[stream.dial] = trips.get(stream.dial, 0.0) + added_ns / 1e9
        return self._canary.slower(trips)

    def heal(self) -> Span:
        """Back to the delay that other steps still ask for."""
        return self._ground.wan.heal(self._step)

    def settled(self) -> Proof:
        """Everything answers in its usual time."""
        return self._canary.slower({stream.dial: 0.0 for stream in self._added_ns})

    def _added(self, stream: Stream) -> int:
        """Whole milliseconds, one way; the odd one of a split round trip goes upstream."""
        if self._fault.factor is not None:
            return round(self._ground.wan.base_delay_ns(stream) * (self._fault.factor - 1) / MS) * MS
        assert self._fault.add_ns is not None
        if not self._fault.link.both_ways:
            return self._fault.add_ns
        half_ms = self._fault.add_ns / MS / 2
        return (-int(-half_ms // 1) if stream.upstream else int(half_ms // 1)) * MS
