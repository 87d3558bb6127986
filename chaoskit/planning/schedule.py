"""When steps begin and end, and when the run is over."""

from collections.abc import Sequence

from chaoskit.errors import UsageError
from chaoskit.model.draw import below
from chaoskit.model.fault import Latency
from chaoskit.model.instant import Instant, since_t0
from chaoskit.model.plan import PlannedStep
from chaoskit.model.scenario import Scenario, Step
from chaoskit.model.schedule import Window, drawn, latest, windows

# After the last known end a run goes on at least this long, to see what the heal causes.
SHORTEST_TAIL_NS = 10_000_000_000
# A latency with jitter changes that often, in an endless round of so many drawn values.
JITTER_TICK_NS = 250_000_000
JITTER_DRAWS = 256
MS = 1_000_000


def settle(timeline: Sequence[Step], seed: int) -> tuple[Step, ...]:
    """Draw every instant that the file leaves open: whole milliseconds, both ends included, from the seed and the step.

    So a trial's seed repeats its fault phase, and a step keeps its draw when another is added.
    """
    return drawn(timeline, lambda word, instant: _draw_ns(instant, f"{seed}/{word}"))


def _draw_ns(instant: Instant, seed: str) -> int:
    if instant.latest_ns is None:
        return instant.offset_ns
    width_ms = (instant.latest_ns - instant.offset_ns) // MS
    return instant.offset_ns + below(width_ms + 1, seed) * MS


def steps(timeline: Sequence[Step], seed: int) -> tuple[PlannedStep, ...]:
    """Return the steps, those whose onset is known first and by its time, then those that wait for an event."""
    planned = [_planned(window, seed) for window in windows(timeline)]
    return tuple(sorted(planned, key=lambda step: (step.at_ns is None, step.at_ns or 0)))


def _planned(window: Window, seed: int) -> PlannedStep:
    step = window.step
    return PlannedStep(
        name=step.name,
        deed=step.deed,
        at=_known(step.at, window.at_ns),
        for_ns=step.for_ns,
        until=None if step.until is None else _known(step.until, window.end_ns),
        jitter_ns=_jitter(step, seed),
    )


def _known(instant: Instant, known_ns: int | None) -> Instant:
    return instant if known_ns is None else since_t0(known_ns)


def _jitter(step: Step, seed: int) -> tuple[int, ...]:
    """Whole milliseconds between -jitter and +jitter, drawn from the seed and the step's name."""
    if not isinstance(step.deed, Latency) or not step.deed.jitter_ns:
        return ()
    widest_ms = step.deed.jitter_ns // MS
    drawn = (below(2 * widest_ms + 1, f"{seed}/{step.name}/{tick}") for tick in range(JITTER_DRAWS))
    return tuple((number - widest_ms) * MS for number in drawn)


def duration_ns(scenario: Scenario) -> int:
    """Return the length since t0: as given, or the last known end + max(10 s, the largest max of an rto).

    Drawn instants count as at their latest, so that every trial is as long.

    Raises:
        UsageError: No end is known: the timeline is empty, or a step lasts until the end of the run or for an event.
    """
    if scenario.duration_ns is not None:
        return scenario.duration_ns
    ends_ns = [window.end_ns for window in windows(latest(scenario.timeline)) if window.end_ns is not None]
    if not ends_ns or len(ends_ns) < len(scenario.timeline):
        raise UsageError(
            f"the scenario {scenario.title} has no end",
            why="its timeline is empty, waits for an event, or has a step that lasts until the end of the run",
            fix="give the scenario a `duration`",
        )
    targets_s = (o.maximum for o in scenario.objectives if o.measure == "rto" and isinstance(o.maximum, float))
    return max(ends_ns) + max(SHORTEST_TAIL_NS, round(max(targets_s, default=0.0) * 1e9))
