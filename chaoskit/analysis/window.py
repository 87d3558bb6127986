"""Parts of a run in which an objective looks: phases, and the time between two instants (docs/scenario-file.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, Spans, union
from chaoskit.analysis.faults import FaultRecord
from chaoskit.model.event import Event, Name
from chaoskit.model.instant import END, START, Instant, Moment
from chaoskit.model.scenario import Objective, Phase

EARLIEST_NS = int(np.iinfo(np.int64).min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Ascending spans [from, until) of run ns, apart from each other; NEVER_NS: to the end of the run."""

    spans: Spans

    @property
    def empty(self) -> bool:
        """Whether nothing can lie in it."""
        return not self.spans

    @property
    def last_ns(self) -> int:
        """Where it ends."""
        return max((until_ns for _, until_ns in self.spans), default=EARLIEST_NS)

    def holds(self, instants_ns: Ints) -> Bools:
        """Which instants lie in it; shape (instants,)."""
        held = np.zeros(len(instants_ns), dtype=bool)
        for from_ns, until_ns in self.spans:
            held |= (instants_ns >= from_ns) & (instants_ns < until_ns)
        return held

    def overlap_ns(self, from_ns: int, until_ns: int) -> int:
        """How much of [from_ns, until_ns) lies in it."""
        return sum(max(0, min(until, until_ns) - max(start, from_ns)) for start, until in self.spans)

    def touches(self, from_ns: int, until_ns: int) -> bool:
        """Whether anything of [from_ns, until_ns) lies in it."""
        return self.overlap_ns(from_ns, until_ns) > 0


WHOLE_RUN = Window(spans=((EARLIEST_NS, NEVER_NS),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What decides where a phase begins and ends.

    Attributes:
        faults: What struck, by onset; actions included.
        end_ns: The end of the load.
    """

    faults: tuple[FaultRecord, ...] = ()
    events: tuple[Event, ...] = ()
    t0_ns: int = 0
    end_ns: int = NEVER_NS


def window_of(objective: Objective, course: Course) -> Window | str:
    """Find where an objective looks; a sentence where that cannot be told."""
    if objective.between is not None:
        return _between(objective.between, course)
    if objective.phase is Phase.ALWAYS:
        return WHOLE_RUN
    mine = [fault for fault in course.faults if objective.step in (None, fault.step)]
    if not mine:
        return f"step {objective.step} never began" if objective.step else "nothing struck, so there are no phases"
    found = phase_window(objective.phase, mine, since_ns=course.t0_ns)
    return f"nothing of the run lies {objective.phase.value} {objective.step or 'its steps'}" if found.empty else found


def phase_window(phase: Phase, faults: Sequence[FaultRecord], *, since_ns: int = EARLIEST_NS) -> Window:
    """Return the part of a run before the first onset, inside the interval of any fault, or after one and in none.

    ``since_ns``: t0; the warm-up before it is in no phase.
    """
    during = union([(fault.onset_first_ns, fault.over_ns) for fault in faults])
    first_ns = min((fault.onset_first_ns for fault in faults), default=NEVER_NS)
    match phase:
        case Phase.ALWAYS:
            return WHOLE_RUN
        case Phase.BEFORE:
            return Window(spans=((since_ns, first_ns),) if since_ns < first_ns else ())
        case Phase.DURING:
            return Window(spans=during)
        case Phase.AFTER:
            ends_ns = [until_ns for _, until_ns in during]
            starts_ns = [*(from_ns for from_ns, _ in during[1:]), NEVER_NS]
            return Window(spans=tuple(s for s in zip(ends_ns, starts_ns, strict=False) if s[0] < s[1]))


def _between(ends: tuple[Instant, Instant], course: Course) -> Window | str:
    from_ns, until_ns = (resolved_ns(instant, course) for instant in ends)
    for instant, at_ns in zip(ends, (from_ns, until_ns), strict=True):
        if at_ns is None:
            return f"{instant.after} never came, so what is between cannot be told"
    assert from_ns is not None
    assert until_ns is not None
    if from_ns >= until_ns:
        return f"{ends[1]} was not after {ends[0]}, so nothing is between"
    if until_ns > course.end_ns:
        return f"the load ended before {ends[1]}, so what is between was not measured to its end"
    return Window(spans=((from_ns, NEVER_NS if until_ns == course.end_ns else until_ns),))


def resolved_ns(instant: Instant, course: Course) -> int | None:
    """When an instant was, in run ns; None: what it waits for never came."""
    if instant.after is None:
        return course.t0_ns + instant.offset_ns
    base_ns = _moment_ns(instant.after, course)
    return None if base_ns is None else base_ns + instant.offset_ns


def _moment_ns(moment: Moment, course: Course) -> int | None:
    if moment.step is None and moment.event in (START, END):
        return course.t0_ns if moment.event == START else course.end_ns
    step = next((fault for fault in course.faults if fault.step == moment.step), None)
    if moment.step is not None and step is None:
        return None
    if step is not None and moment.event == START:
        return step.onset_first_ns
    if step is not None and moment.event == END:
        return step.acted_ns if step.is_action else step.heal_first_ns
    since_ns = course.t0_ns if step is None else step.onset_first_ns
    return min((event.t_ns for event in course.events if event.t_ns >= since_ns and _is(event, moment)), default=None)


def _is(event: Event, moment: Moment) -> bool:
    """Whether it is the event that the moment names; fencing counts when it succeeded."""
    return event.event.value == moment.event and (event.event is not Name.FENCED or bool(event.detail.get("ok")))
