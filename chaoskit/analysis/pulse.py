"""Whether this machine kept up: the WAN is asked for an answer that crosses no link, and no fault touches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.columns import nearest_rank
from chaoskit.analysis.record import Pulse
from chaoskit.analysis.span import Span

SLOW_S = 0.025
"""A new connection needs two dozen such answers, one after the other, and a probe must have it before its deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How long the WAN itself took to answer.

    Attributes:
        p99_s: Of all answers; None: there was none.
        by_second: The median answer of each whole second of the run in which one was asked for, by seconds since t0.
        unasked: In so many whole seconds none was.
    """

    p99_s: float | None
    by_second: dict[int, float]
    unasked: int

    @classmethod
    def of(cls, pulses: Sequence[Pulse], span: Span) -> "Answers":
        """Sum up what was asked in ``span``."""
        by_second: dict[int, list[float]] = {}
        for pulse in pulses:
            if 0 <= span.since_s(pulse.t_ns) < int(span.duration_s):
                by_second.setdefault(int(span.since_s(pulse.t_ns)), []).append(pulse.took_s)
        return cls(
            p99_s=nearest_rank(np.concatenate([*by_second.values()]), 99) if by_second else None,
            by_second={second: float(np.median(took_s)) for second, took_s in by_second.items()},
            unasked=int(span.duration_s) - len(by_second),
        )

    @property
    def slowest_s(self) -> float | None:
        """The median of the slowest second; None: there was no answer."""
        return max(self.by_second.values(), default=None)


def busy(answers: Answers | None) -> list[str]:
    """Doubt seconds in which answers were slow: what was slow or timed out then may be this machine's doing."""
    if answers is None:
        return []
    doubts = []
    if slow := {at: took_s for at, took_s in answers.by_second.items() if took_s > SLOW_S}:
        worst = max(slow, key=lambda at: slow[at])
        doubts.append(
            f"This machine was too busy in {len(slow)} s of the run: {worst} s after t0 the WAN took "
            f"{slow[worst] * 1e3:.0f} ms for an answer that crosses no link, and {SLOW_S * 1e3:g} ms would be too long."
        )
    if answers.unasked:
        doubts.append(f"Whether this machine was too busy is not known of {answers.unasked} s: nobody asked the WAN.")
    return doubts
