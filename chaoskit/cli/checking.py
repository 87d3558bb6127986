"""``validate`` and ``schema``."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from chaoskit import planning, scenario_file
from chaoskit.cli import selection
from chaoskit.cli.voice import document, say
from chaoskit.model.plan import Plan


def validate_scenarios(paths: Sequence[Path], sets: tuple[str, ...]) -> None:
    """Say that the files are right, and what their plans warn of.

    Raises:
        UsageError: One is not; every error of every file is told.
    """
    for path, variants in groupby(selection.load(paths, sets), key=lambda chosen: chosen.path):
        scenarios = [chosen.scenario for chosen in variants]
        plans = [planning.plan(scenario, seed=scenario.seed or 0, run="000000") for scenario in scenarios]
        for line in (*_warnings(plans), *map(_valid, plans)):
            say(f"{path}: {line}")
        if len(plans) > 1:
            say(f"{path}: {len(plans)} variants")


def _warnings(plans: Sequence[Plan]) -> Iterator[str]:
    """What the plans of a file warn of, each warning once; one that not all have says which do."""
    warned: dict[str, list[str]] = {}
    for plan in plans:
        for warning in planning.warnings(plan):
            warned.setdefault(warning, []).append(plan.scenario.title)
    for warning, titles in warned.items():
        place = "" if len(titles) == len(plans) else f"{', '.join(titles)}: "
        yield f"warning: {place}{warning}"


def _valid(plan: Plan) -> str:
    steps = "1 step" if len(plan.steps) == 1 else f"{len(plan.steps)} steps"
    return f"{plan.scenario.title} is valid: {steps}, {plan.duration_ns / 1e9:g} s after the steady state"


def print_schema() -> None:
    """Write the schema to stdout."""
    document(scenario_file.schema())
