"""The command line. Results go to stdout, people's text and progress to stderr; imports that cost are made late."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from chaoskit.errors import ChaoskitError, Exit

app = typer.Typer(
    name="chaoskit",
    help="Lose a region of your multi-region Postgres on purpose, and measure what your customers lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ScenarioPath = Annotated[Path, typer.Argument(help="A *.chaos.yaml file.")]
RunPath = Annotated[Path, typer.Argument(help="A run directory.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object on stdout.")]


@app.command()
def run(
    scenario: ScenarioPath,
    report_dir: Annotated[Path, typer.Option("--report-dir", help="Where run directories are made.")] = Path("reports"),
    seed: Annotated[
        int | None, typer.Option("--seed", help="Overrides the scenario's; drawn where neither is.")
    ] = None,
    keep_stack: Annotated[
        bool, typer.Option("--keep-stack", help="Keep the stack up after the run until Ctrl-C.")
    ] = False,
    no_lock: Annotated[bool, typer.Option("--no-lock", help="Do not wait for another run on this machine.")] = False,
    json: Json = False,
) -> None:
    """Run one scenario and judge it."""
    from chaoskit.cli.running import run_scenario

    code = run_scenario(
        scenario, report_dir=report_dir, seed=seed, keep_stack=keep_stack, lock=not no_lock, json=json, env=os.environ
    )
    raise typer.Exit(code)


@app.command()
def validate(scenario: ScenarioPath) -> None:
    """Check a scenario file and its plan; opens no socket, starts nothing."""
    from chaoskit.cli.judging import validate_scenario

    validate_scenario(scenario)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from chaoskit.cli.judging import print_schema

    print_schema()


@app.command()
def analyze(directory: RunPath, json: Json = False) -> None:
    """Judge a run directory again (or any history.ndjson and final.ndjson) and renew its report."""
    from chaoskit.cli.judging import analyze_directory

    raise typer.Exit(analyze_directory(directory, json=json))


@app.command()
def report(directory: RunPath) -> None:
    """Render report.html of a judged run again."""
    from chaoskit.cli.judging import report_directory

    report_directory(directory)


@app.command()
def doctor() -> None:
    """Name every tool chaoskit needs, where it was found, and the way out where one is missing."""
    from chaoskit.cli.machine import examine_machine

    raise typer.Exit(examine_machine(os.environ))


@app.command()
def clean() -> None:
    """End processes and remove data that a killed run left behind; reports are kept."""
    from chaoskit.cli.machine import clean_machine

    raise typer.Exit(clean_machine(os.environ))


def main() -> None:
    """Entry point: expected errors become their words and their exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C; a run that goes on has its own way to end
    try:
        app()
    except ChaoskitError as error:
        print(f"chaoskit: {error}", file=sys.stderr)  # noqa: T201 - the command line's own voice
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(int(Exit.INTERRUPTED))
