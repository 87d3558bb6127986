"""``validate``, ``schema``, ``analyze`` and ``report``."""

from pathlib import Path

from chaoskit import judging, planning, scenario_file
from chaoskit.cli.voice import document, result, say
from chaoskit.errors import Exit
from chaoskit.report.terminal import verdict_table


def validate_scenario(path: Path) -> None:
    """Say that the file is right, and what its plan warns of.

    Raises:
        UsageError: It is not, with every error.
    """
    scenario = scenario_file.load(path)
    plan = planning.plan(scenario, seed=scenario.seed or 0, run="000000")
    for warning in planning.warnings(plan):
        say(f"warning: {warning}")
    length_s = plan.duration_ns / 1e9
    say(f"{path}: {scenario.name} is valid: {len(plan.steps)} steps, {length_s:g} s after the steady state")


def print_schema() -> None:
    """Write the schema to stdout."""
    document(scenario_file.schema())


def analyze_directory(directory: Path, *, json: bool) -> Exit:
    """Judge a run directory again; the exit code of its verdict."""
    judgement = judging.judge(directory)
    say(verdict_table(judgement.result))
    say(f"report: {judgement.report}")
    if json:
        result(judgement.result)
    return judgement.verdict.exit_code


def report_directory(directory: Path) -> None:
    """Render the report again."""
    say(f"report: {judging.write_report(directory)}")
