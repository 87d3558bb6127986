"""``validate`` and ``schema``."""

from collections.abc import Sequence
from pathlib import Path

from chaoskit import planning, scenario_file
from chaoskit.cli import selection
from chaoskit.cli.voice import document, say


def validate_scenarios(paths: Sequence[Path], sets: tuple[str, ...]) -> None:
    """Say that the files are right, and what their plans warn of.

    Raises:
        UsageError: One is not; every error of every file is told.
    """
    for chosen in selection.load(paths, sets):
        scenario = chosen.scenario
        plan = planning.plan(scenario, seed=scenario.seed or 0, run="000000")
        for warning in planning.warnings(plan):
            say(f"{chosen.path}: warning: {warning}")
        steps = "1 step" if len(plan.steps) == 1 else f"{len(plan.steps)} steps"
        say(f"{chosen.path}: {scenario.name} is valid: {steps}, {plan.duration_ns / 1e9:g} s after the steady state")


def print_schema() -> None:
    """Write the schema to stdout."""
    document(scenario_file.schema())
