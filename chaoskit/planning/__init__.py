"""A scenario becomes a plan: every number decided before anything starts. Pure and deterministic."""

from dataclasses import replace

from chaoskit.model import ability
from chaoskit.model.ability import ABILITIES, Need
from chaoskit.model.plan import Plan
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Scenario
from chaoskit.planning.dials import dials
from chaoskit.planning.doubts import warnings
from chaoskit.planning.form import as_json
from chaoskit.planning.instrument import max_connections, probe_plan
from chaoskit.planning.prediction import predictions
from chaoskit.planning.schedule import duration_ns, settle, steps

__all__ = ["as_json", "lacks", "needs", "plan", "warnings"]


def needs(scenario: Scenario) -> tuple[Need, ...]:
    """What the scenario asks of a runtime that not every one has, and for which step."""
    return ability.needs(scenario.timeline)


def lacks(scenario: Scenario, runtime: RuntimeName) -> str | None:
    """Why a runtime cannot run the scenario, before anything of it starts; None: it can."""
    lacking = [need for need in needs(scenario) if need.ability not in ABILITIES[runtime]]
    if lacking:
        steps = ", ".join(f"{need.step} ({need.what})" for need in lacking)
        return f"the runtime {runtime} has not what it takes for {steps}"
    if scenario.requires not in (None, runtime):
        return f"it requires the runtime {scenario.requires}"
    return None


def plan(scenario: Scenario, *, seed: int, run: str) -> Plan:
    """Decide everything a run needs to know.

    Args:
        scenario: A valid scenario.
        seed: Drawn by the caller where the scenario names none.
        run: Short id of the run.

    Raises:
        UsageError: The scenario cannot be carried out as it is (a probe timeout below what its round trips need).
    """
    settled = replace(scenario, timeline=settle(scenario.timeline, seed))
    probes = probe_plan(settled)
    return Plan(
        scenario=settled,
        run=run,
        seed=seed,
        dials=dials(settled.stack),
        steps=steps(settled.timeline, seed),
        duration_ns=duration_ns(scenario),
        probes=probes,
        max_connections=max_connections(settled, probes),
        predictions=predictions(settled, probes),
    )
