"""A randomised fault phase for scenarios that do not ask for one.

A fault that always strikes so long after the steady state meets every timer of the stack in the same phase: five trials
are then one trial, five times. What is added is an overlay as ``--set`` makes it, so a run can be repeated and judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chaoskit import scenario_file
from chaoskit.errors import UsageError
from chaoskit.model.instant import Instant
from chaoskit.model.scenario import Runbook, Scenario
from chaoskit.scenario_file.instants import instant_text
from chaoskit.session.trials import Chosen

NARROWEST_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Phased:
    """A scenario, and what is to be said of its phase."""

    chosen: Chosen
    told: str


def phased(chosen: Chosen, sets: Sequence[str]) -> Phased:
    """Draw the beginning of the one step that begins at a fixed time; what cannot be moved stays, and says why."""
    scenario = chosen.scenario
    instants = [instant for step in scenario.timeline for instant in (step.at, step.until) if instant is not None]
    if not scenario.timeline:
        return Phased(chosen=chosen, told="nothing strikes, so there is no phase to draw")
    if any(instant.latest_ns is not None for instant in instants):
        return Phased(chosen=chosen, told="the file draws its own phase")
    fixed = [step for step in scenario.timeline if step.at.after is None]
    if len(fixed) != 1 or _elsewhere(scenario):
        why = f"{len(fixed)} steps begin at fixed times" if len(fixed) != 1 else "other instants are fixed too"
        return Phased(chosen=chosen, told=f"always the same phase: {why}, and moving one would ask another question")
    (step,) = fixed
    drawn = Instant(offset_ns=step.at.offset_ns, latest_ns=step.at.offset_ns + _width_ns(scenario))
    overlay = f"timeline.{step.name}.at={instant_text(drawn)}"
    try:
        moved = scenario_file.load(chosen.path, (*sets, overlay), variant=scenario.variant)
    except UsageError as error:
        return Phased(
            chosen=chosen, told=f"always the same phase: with `{overlay}` the file would be wrong: {error.what}"
        )
    return Phased(chosen=replace(chosen, scenario=moved, sets=(overlay,)), told=f"--set {overlay}")


def _elsewhere(scenario: Scenario) -> bool:
    """Whether something else than the beginning of a step stands at a fixed time."""
    ends = [step.until for step in scenario.timeline if step.until is not None]
    between = [instant for objective in scenario.objectives for instant in objective.between or ()]
    return any(instant.after is None for instant in (*ends, *between))


def _width_ns(scenario: Scenario) -> int:
    """As long as the slowest timer that is known: the operator's, or a second."""
    failover = scenario.stack.failover
    return max(NARROWEST_NS, failover.every_ns if isinstance(failover, Runbook) else 0)
