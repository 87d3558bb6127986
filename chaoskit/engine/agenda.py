"""What is due when: a plan's steps, and what their instants wait for. Pure; events tell it what has happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.model import instant
from chaoskit.model.event import Event, Name
from chaoskit.model.instant import Instant, Moment
from chaoskit.model.plan import PlannedStep

NEWS = frozenset(
    {
        Name.START,
        Name.END,
        Name.DETECTED,
        Name.DECIDED,
        Name.FENCED,
        Name.PROMOTED,
        Name.DEMOTED,
        Name.ROUTED,
        Name.FAILED_BACK,
    }
)
"""Events that an instant may wait for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A step that begins or is healed at ``at_ns`` of the run."""

    at_ns: int
    step: PlannedStep
    strikes: bool

    @property
    def words(self) -> str:
        """For whoever is watching."""
        return f"{self.step.name} ({self.step.deed.word})" if self.strikes else f"heal {self.step.name}"


class Agenda:
    """The steps that are still to begin or to be healed.

    Args:
        t0_ns: When the steady state was confirmed, in run ns.
    """

    def __init__(self, steps: Sequence[PlannedStep], t0_ns: int) -> None:
        self._t0_ns = t0_ns
        self._to_strike = list(steps)
        self._to_heal: list[tuple[PlannedStep, int]] = []  # with their onsets
        self._began: dict[str, int] = {}
        self._events: list[Event] = []

    def learn(self, event: Event) -> None:
        """Something happened."""
        if event.event in NEWS and event.t_ns >= self._t0_ns:
            self._events.append(event)

    def struck(self, step: PlannedStep, onset_ns: int) -> None:
        """The step began; a fault is to be healed."""
        self._to_strike.remove(step)
        self._began[step.name] = onset_ns
        if step.fault is not None and (step.for_ns is not None or step.until is not None):
            self._to_heal.append((step, onset_ns))

    def skipped(self, step: PlannedStep) -> None:
        """The step could not be done; nothing of it is due any more."""
        self._to_strike.remove(step)

    def healed(self, step: PlannedStep) -> None:
        """The step is over."""
        self._to_heal = [(other, onset_ns) for other, onset_ns in self._to_heal if other is not step]

    def next(self) -> Due | None:
        """What is due first, as far as it is known; heals before strikes at the same instant."""
        strikes = ((self._instant_ns(step.at), step, True) for step in self._to_strike)
        heals = ((self._end_ns(step, onset_ns), step, False) for step, onset_ns in self._to_heal)
        known = [
            Due(at_ns=at_ns, step=step, strikes=struck)
            for at_ns, step, struck in (*strikes, *heals)
            if at_ns is not None
        ]
        return min(known, key=lambda due: (due.at_ns, due.strikes), default=None)

    def _end_ns(self, step: PlannedStep, onset_ns: int) -> int | None:
        if step.for_ns is not None:
            return (onset_ns if step.at_ns is None else self._t0_ns + step.at_ns) + step.for_ns
        assert step.until is not None
        return self._instant_ns(step.until)

    def _instant_ns(self, when: Instant) -> int | None:
        if when.after is None:
            return self._t0_ns + when.offset_ns
        happened_ns = self._happened_ns(when.after)
        return None if happened_ns is None else happened_ns + when.offset_ns

    def _happened_ns(self, moment: Moment) -> int | None:
        since_ns = self._t0_ns if moment.step is None else self._began.get(moment.step)
        if since_ns is None:
            return None
        return min((e.t_ns for e in self._events if e.t_ns >= since_ns and _is(e, moment)), default=None)


def _is(event: Event, moment: Moment) -> bool:
    """Whether this is the event that the moment names: of its own step, where it is a step's start or end."""
    if event.event.value != moment.event:
        return False
    if moment.event in (instant.START, instant.END):
        return event.step == moment.step
    return event.event is not Name.FENCED or bool(event.detail.get("ok"))
