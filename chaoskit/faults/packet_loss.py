"""``packet_loss``: a share of the packets never arrives. Proved by the kernel's own counts of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from chaoskit.clock import NS
from chaoskit.faults.ground import Ground
from chaoskit.faults.impaired import still_filtered
from chaoskit.faults.proof import Canary, dials_of
from chaoskit.faults.standing import Standing
from chaoskit.protocols import PacketCount, Proof, Stream

DEVIATIONS = 4.0
"""So many standard deviations off is too far: chance alone does that once in 16,000 proofs."""
ENOUGH_TIMEOUT_S = 20.0
"""How long to wait until enough packets have passed to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was lost of what was seen, and what should have been: each packet is a draw of its own."""

    seen: int = 0
    lost: int = 0
    expected: float = 0.0
    variance: float = 0.0

    @property
    def bound(self) -> float:
        """How far the lost may be from the expected."""
        return DEVIATIONS * sqrt(self.variance)

    @property
    def decisive(self) -> bool:
        """Whether a filter that loses nothing would be noticed."""
        return self.expected > self.bound

    @property
    def fits(self) -> bool:
        """Whether chance explains what was lost."""
        return abs(self.lost - self.expected) <= self.bound

    @property
    def text(self) -> str:
        """Both shares."""
        asked = self.expected / self.seen if self.seen else 0.0
        lost = self.lost / self.seen if self.seen else 0.0
        return f"{self.lost} of {self.seen} packets were lost, {lost:.1%} where {asked:.1%} were asked for"


def tally(counts: Mapping[Stream, PacketCount], shares: Mapping[Stream, float]) -> Tally:
    """Add up what was counted of the streams that lose a share of their packets."""
    seen = {stream: counts[stream].passed + counts[stream].lost for stream in shares if stream in counts}
    return Tally(
        seen=sum(seen.values()),
        lost=sum(counts[stream].lost for stream in seen),
        expected=sum(packets * shares[stream] for stream, packets in seen.items()),
        variance=sum(packets * shares[stream] * (1 - shares[stream]) for stream, packets in seen.items()),
    )


class LossProof:
    """Waits until enough packets have been counted."""

    def __init__(self, ground: Ground, streams: Sequence[Stream], standing: Standing) -> None:
        self._ground, self._streams, self._standing = ground, streams, standing
        self._canary = Canary(ground, dials_of(streams))

    def onset(self) -> Proof:
        """As many are lost as chance and the share allow; too few to tell is no proof of anything."""
        clock = self._ground.clock
        deadline_ns = clock.now_ns() + round(ENOUGH_TIMEOUT_S * NS)
        while True:
            found = self._tally()
            if found.decisive:
                return Proof(ok=found.fits, text=found.text)
            if not self._standing or clock.now_ns() >= deadline_ns:
                return Proof(ok=None, text=f"too few to tell: {found.text}")
            clock.sleep(0.1)

    def heal(self) -> Proof:
        """Nothing is filtered any more that nobody wants filtered, and everything answers."""
        if left := still_filtered(self._ground, self._streams):
            return Proof(ok=False, text=f"packets are still filtered: {left}")
        return self._canary.heal()

    def _tally(self) -> Tally:
        shares = {stream: self._ground.wan.impairment(stream).lost for stream in self._streams}
        return tally(self._ground.wan.counts(), {stream: share for stream, share in shares.items() if 0 < share < 1})
