"""A link whose packets are impaired: a part of them lost, or no more of them than so many bytes a second."""

from collections.abc import Callable, Sequence
from typing import Protocol

from chaoskit.faults.ground import Ground
from chaoskit.faults.partition import streams_of
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import Link
from chaoskit.model.place import Situation
from chaoskit.protocols import Impairment, Proof, Span, Stream


class LinkProof(Protocol):
    """How it is told that the packets of some streams are impaired, and no longer."""

    def onset(self) -> Proof:
        """They are."""

    def heal(self) -> Proof:
        """They are not, but for what other steps ask for."""


Prover = Callable[[Ground, Sequence[Stream], Standing], LinkProof]


class ImpairedInjector:
    """Impairs the packets of the streams that a link carries.

    Args:
        impairment: What becomes of each stream by itself.
        words: The same in words.
        prover: Makes the proof; it ends early where the fault no longer stands.
    """

    nodes: Sequence[str] = ()
    excluded_regions: Sequence[str] = ()

    def __init__(
        self,
        step: str,
        link: Link,
        now: Situation,
        ground: Ground,
        *,
        impairment: Impairment,
        words: str,
        prover: Prover,
    ) -> None:
        self._step, self._ground, self._impairment, self._words = step, ground, impairment, words
        self.resolved, self._streams = streams_of(link, now, ground)
        self._standing = Standing()
        self._proof = prover(ground, self._streams, self._standing)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        return f"{self.resolved}: {self._words}"

    def strike(self) -> Span:
        """Impair every stream of the link."""
        return self._ground.wan.impair(self._step, dict.fromkeys(self._streams, self._impairment))

    def settle(self) -> Proof:
        """What gets through is what was asked for."""
        return self._standing.proof(self._proof.onset)

    def heal(self) -> Span:
        """Back to what other steps still ask for."""
        self._standing.over()
        return self._ground.wan.heal(self._step)

    def settled(self) -> Proof:
        """Everything gets through that other steps let through."""
        return self._proof.heal()


def still_filtered(ground: Ground, streams: Sequence[Stream]) -> str:
    """The streams of which the kernel still counts packets although nobody asks for it; empty: none."""
    counted = ground.wan.counts()
    left = [stream for stream in streams if stream in counted and ground.wan.impairment(stream) == Impairment()]
    return ", ".join(dict.fromkeys(stream.dial.name for stream in left))
