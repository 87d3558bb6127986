"""One fault that strikes and heals, and what proves both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chaoskit.protocols.wan import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether a fault or its heal took effect, and how we know. ``ok`` None: it could not be told."""

    ok: bool | None
    text: str


class Injector(Protocol):
    """One fault of one step, its roles resolved. The undo is safe at any time, before the do included."""

    @property
    def nodes(self) -> Sequence[str]:
        """The nodes that nobody can look at meanwhile: it stops or ends their processes, or pulls their cables."""

    @property
    def excluded_regions(self) -> Sequence[str]:
        """Regions whose clients are lost with it."""

    @property
    def resolved(self) -> str:
        """What it strikes, roles resolved: ``us-east/1``, ``us-east <-> eu-west + ap-south``."""

    @property
    def text(self) -> str:
        """One sentence of what was done, for someone who was not there."""

    def strike(self) -> Span:
        """Let it happen, as one burst; (first, last) onset."""

    def settle(self) -> Proof:
        """Prove the onset, then do what has to follow it. Takes a moment; runs beside the timeline."""

    def heal(self) -> Span:
        """Undo it; idempotent."""

    def settled(self) -> Proof:
        """Prove the heal."""
