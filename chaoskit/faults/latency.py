"""``latency``: a link takes longer. Figures on ``<->`` are round trips, half each way."""

from collections.abc import Mapping, Sequence

from chaoskit.faults.ground import Ground
from chaoskit.faults.jitter import Jitter
from chaoskit.faults.partition import streams_of
from chaoskit.faults.proof import Canary, dials_of
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import Latency
from chaoskit.model.place import Situation
from chaoskit.model.plan import Dial
from chaoskit.protocols import Proof, Span, Stream

MS = 1_000_000


class LatencyInjector:
    """Adds delay to the streams that a link carries.

    Args:
        jitter_ns: What is added more or less, tick by tick, from the moment when the onset has been proved.
    """

    nodes: Sequence[str] = ()
    excluded_regions: Sequence[str] = ()

    def __init__(
        self, step: str, fault: Latency, now: Situation, ground: Ground, jitter_ns: Sequence[int] = ()
    ) -> None:
        self._step, self._fault, self._ground = step, fault, ground
        self.resolved, self._streams = streams_of(fault.link, now, ground)
        self._standing = Standing()
        self._canary = Canary(ground, dials_of(self._streams), self._own())
        self._jitter = Jitter(step, jitter_ns, self.slow, ground)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        fault = self._fault
        more = f"{fault.factor:g} times as long" if fault.add_ns is None else f"{fault.add_ns / MS:g} ms longer"
        about = f", more or less by up to {fault.jitter_ns / MS:g} ms" if fault.jitter_ns else ""
        return f"{self.resolved}: bytes take {more}{about}"

    def strike(self) -> Span:
        """Slow every stream of the link."""
        return self.slow()

    def settle(self) -> Proof:
        """Round trips grew by what was asked; then they begin to vary."""
        proof = self._standing.proof(self._canary.onset)
        self._jitter.start()
        return proof

    def heal(self) -> Span:
        """Back to the delay that other steps still ask for."""
        self._standing.over()
        self._jitter.stop()
        return self._ground.wan.heal(self._step)

    def settled(self) -> Proof:
        """Everything answers in the time that other steps leave to it."""
        return self._canary.heal()

    def slow(self, more_ns: int = 0) -> Span:
        """Ask for what the fault adds, and so much more: the least of it for good, the rest as a swing."""
        swing = {stream: self._share(stream, self._fault.jitter_ns + more_ns) for stream in self._streams}
        return self._ground.wan.slow(self._step, self._least(), swing)

    def _least(self) -> Mapping[Stream, int]:
        return {s: self._added(s) - self._share(s, self._fault.jitter_ns) for s in self._streams}

    def _added(self, stream: Stream) -> int:
        """Whole milliseconds, one way."""
        if self._fault.factor is not None:
            return round(self._ground.wan.base_delay_ns(stream) * (self._fault.factor - 1) / MS) * MS
        assert self._fault.add_ns is not None
        return self._share(stream, self._fault.add_ns)

    def _share(self, stream: Stream, figure_ns: int) -> int:
        """Of a round trip one half, the odd millisecond going upstream; of a single way all."""
        if not self._fault.link.both_ways:
            return figure_ns
        half_ms = figure_ns / MS / 2
        return (-int(-half_ms // 1) if stream.upstream else int(half_ms // 1)) * MS

    def _own(self) -> dict[Dial, int]:
        trips: dict[Dial, int] = {}
        for stream in self._streams:
            trips[stream.dial] = trips.get(stream.dial, 0) + self._added(stream)
        return trips
