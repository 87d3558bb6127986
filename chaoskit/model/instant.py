"""Instants of a timeline: since t0, or since something that happens in the run (docs/scenario-file.md)."""

from dataclasses import dataclass

START, END = "start", "end"
"""Events of a step: its onset and its heal."""
RUN_EVENTS = ("detected", "decided", "fenced", "promoted", "demoted", "routed", "failed_back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The first event of that name; with ``step``, the first one after that step began."""

    event: str
    step: str | None = None

    def __str__(self) -> str:
        return self.event if self.step is None else f"{self.step}.{self.event}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """``offset_ns`` since t0, or since ``after``; negative: before it, which must then be known in advance.

    ``latest_ns``: it is drawn for each trial, from ``offset_ns`` to that, both since t0; None: it is not drawn.
    """

    offset_ns: int
    after: Moment | None = None
    latest_ns: int | None = None

    def __post_init__(self) -> None:
        if self.latest_ns is not None and (self.after is not None or self.latest_ns <= self.offset_ns):
            raise ValueError("a drawn instant lies since t0, between two times of which the second is later")

    def __str__(self) -> str:
        offset = f"{abs(self.offset_ns) / 1e9:g} s"
        if self.latest_ns is not None:
            return f"drawn from {offset} to {self.latest_ns / 1e9:g} s"
        if self.after is None:
            return offset
        return str(self.after) if not self.offset_ns else f"{self.after} {'-' if self.offset_ns < 0 else '+'} {offset}"


def since_t0(offset_ns: int) -> Instant:
    """An instant on the run's own clock."""
    return Instant(offset_ns=offset_ns)
