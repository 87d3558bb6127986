"""When steps begin and end, and when the run is over."""

from collections.abc import Sequence

from chaoskit.errors import UsageError
from chaoskit.model.plan import PlannedStep
from chaoskit.model.scenario import Scenario, Step

# After the last known end a run goes on at least this long, to see what the heal causes.
SHORTEST_TAIL_NS = 10_000_000_000


def steps(timeline: Sequence[Step]) -> tuple[PlannedStep, ...]:
    """Return the steps with absolute times since t0, by ascending beginning."""
    planned = (
        PlannedStep(
            name=step.name,
            fault=step.fault,
            at_ns=step.at_ns,
            until_ns=None if step.for_ns is None else step.at_ns + step.for_ns,
        )
        for step in timeline
    )
    return tuple(sorted(planned, key=lambda step: step.at_ns))


def duration_ns(scenario: Scenario) -> int:
    """Return the length since t0: as given, or the last known end + max(10 s, the largest max of an rto).

    Raises:
        UsageError: No end is known: the timeline is empty, or a step lasts until the end of the run.
    """
    if scenario.duration_ns is not None:
        return scenario.duration_ns
    ends_ns = [step.at_ns + step.for_ns for step in scenario.timeline if step.for_ns is not None]
    if not ends_ns or len(ends_ns) < len(scenario.timeline):
        raise UsageError(
            f"the scenario {scenario.name} has no end",
            why="its timeline is empty, or a step lasts until the end of the run",
            fix="give the scenario a `duration`",
        )
    targets_s = (o.maximum for o in scenario.objectives if o.measure == "rto" and o.maximum is not None)
    return max(ends_ns) + max(SHORTEST_TAIL_NS, round(max(targets_s, default=0.0) * 1e9))
