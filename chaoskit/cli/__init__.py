"""The command line. Results go to stdout, people's text and progress to stderr; imports that cost are made late."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from chaoskit.cli.shapes import Format, Shape
from chaoskit.errors import ChaoskitError, Exit
from chaoskit.model.runtime import RuntimeName

app = typer.Typer(
    name="chaoskit",
    help="Lose a region of your multi-region Postgres on purpose, and measure what your customers lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ScenarioPaths = Annotated[list[Path], typer.Argument(help="Files, and folders to search for *.chaos.yaml.")]
ScenarioPath = Annotated[Path, typer.Argument(help="A *.chaos.yaml file.")]
RunPath = Annotated[Path, typer.Argument(help="A run directory.")]
Names = Annotated[
    str, typer.Option("-k", metavar="EXPR", help="Only scenarios and variants by these names: 'loss and not any1'.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result on stdout: one JSON object per line and run.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a file's value: stack.replication=async. Repeatable."),
]
Runtime = Annotated[RuntimeName, typer.Option("--runtime", help="Processes of this machine, or containers.")]
Shaped = Annotated[Format | None, typer.Option("--format", help="Print all results as one document on stdout.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Overrides the file's; drawn where neither is.")]


@app.command()
def run(
    paths: ScenarioPaths,
    expression: Names = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", help="Only scenarios with this tag, or another.")] = None,
    exitfirst: Annotated[
        bool, typer.Option("-x", "--exitfirst", help="Stop after the first run that does not pass.")
    ] = False,
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help="Run each so often; overrides the file's.")
    ] = None,
    runtime: Runtime = RuntimeName.LOCAL,
    sets: Sets = None,
    seed: Seed = None,
    report_dir: Annotated[Path, typer.Option("--report-dir", help="Where run directories are made.")] = Path("reports"),
    keep_stack: Annotated[
        bool, typer.Option("--keep-stack", help="Keep the stack up after the run until Ctrl-C.")
    ] = False,
    prometheus: Annotated[
        int | None,
        typer.Option(
            "--prometheus", metavar="PORT", min=0, max=65535, help="Serve live metrics on this port of 127.0.0.1."
        ),
    ] = None,
    grafana: Annotated[
        str | None,
        typer.Option("--grafana", metavar="URL", help="Annotate each fault there; see CHAOSKIT_GRAFANA_TOKEN."),
    ] = None,
    no_lock: Annotated[bool, typer.Option("--no-lock", help="Do not wait for another run on this machine.")] = False,
    json: Json = False,
    shape: Shaped = None,
) -> None:
    """Run scenarios and judge them."""
    from chaoskit.cli.live import watching
    from chaoskit.cli.monitors import monitors
    from chaoskit.cli.selection import Filter
    from chaoskit.cli.series import Request, run_series
    from chaoskit.cli.voice import say
    from chaoskit.session.running import Audience, Manner

    request = Request(
        paths=tuple(paths),
        filter=Filter(expression=expression, tags=tuple(tags or ())),
        runtime=runtime,
        total=trials,
        seed=seed,
        exitfirst=exitfirst,
        json=json,
        shape=shape,
    )
    with monitors(prometheus=prometheus, grafana=grafana, env=os.environ) as asked:
        manner = Manner(
            report_dir=report_dir,
            keep_stack=keep_stack,
            lock=not no_lock,
            sets=tuple(sets or ()),
            env=os.environ,
            audience=Audience(say=say, watching=watching),
            monitors=asked,
        )
        code = run_series(request, manner)
    raise typer.Exit(code)


@app.command()
def nightly(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files, and folders to search for *.chaos.yaml; default: scenarios.")
    ] = None,
    expression: Names = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", help="Only scenarios with this tag, or another.")] = None,
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help="Run each so often; default: 5, or more where the file says.")
    ] = None,
    runtime: Runtime = RuntimeName.LOCAL,
    sets: Sets = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Repeat a night; drawn and printed otherwise.")] = None,
    report_dir: Annotated[Path, typer.Option("--report-dir", help="Where run directories are made.")] = Path("reports"),
    history: Annotated[
        Path | None, typer.Option("--history", help="Keep small results there, and hold nights against each other.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option("--budget", metavar="DUR", help="Begin no trial that would not be over in time: 90m.")
    ] = None,
    no_lock: Annotated[bool, typer.Option("--no-lock", help="Do not wait for another run on this machine.")] = False,
    json: Json = False,
    shape: Shaped = None,
) -> None:
    """Run the suite with several trials and a randomised phase, and tell what changed; objectives alone decide."""
    from chaoskit.cli.budget import read_budget
    from chaoskit.cli.job import job_of
    from chaoskit.cli.live import watching
    from chaoskit.cli.night import Nightly, run_nightly
    from chaoskit.cli.selection import Filter
    from chaoskit.cli.voice import say
    from chaoskit.session.running import Audience, Manner

    asked = Nightly(
        paths=tuple(paths or (Path("scenarios"),)),
        filter=Filter(expression=expression, tags=tuple(tags or ())),
        runtime=runtime,
        total=trials,
        seed=seed,
        history=history,
        budget_ns=None if budget is None else read_budget(budget),
        json=json,
        shape=shape,
    )
    manner = Manner(
        report_dir=report_dir,
        keep_stack=False,
        lock=not no_lock,
        sets=tuple(sets or ()),
        env=os.environ,
        audience=Audience(say=say, watching=watching),
    )
    raise typer.Exit(run_nightly(asked, manner, job_of(os.environ)))


@app.command()
def plan(
    scenario: ScenarioPath, expression: Names = "", sets: Sets = None, seed: Seed = None, json: Json = False
) -> None:
    """Show what a run would do, break and cost; opens no socket, starts nothing."""
    from chaoskit.cli.dry_run import show_plan
    from chaoskit.cli.selection import Filter

    show_plan(scenario, sets=tuple(sets or ()), wanted=Filter(expression=expression), seed=seed, json=json)


@app.command()
def compose(scenario: ScenarioPath, expression: Names = "", sets: Sets = None) -> None:
    """Print the Compose project that a run on docker would start; needs no engine."""
    from chaoskit.cli.compose import print_project
    from chaoskit.cli.selection import Filter

    print_project(scenario, tuple(sets or ()), Filter(expression=expression))


@app.command()
def validate(paths: ScenarioPaths, sets: Sets = None) -> None:
    """Check scenario files and their plans; opens no socket, starts nothing."""
    from chaoskit.cli.checking import validate_scenarios

    validate_scenarios(paths, tuple(sets or ()))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("region-loss.chaos.yaml"),
) -> None:
    """Write a commented scenario to start from; nothing is overwritten."""
    from chaoskit.cli.starter import write_starter

    write_starter(path)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from chaoskit.cli.checking import print_schema

    print_schema()


@app.command()
def analyze(directory: RunPath, json: Json = False) -> None:
    """Judge a run directory again (or any history.ndjson and final.ndjson) and renew its report."""
    from chaoskit.cli.judging import analyze_directory

    raise typer.Exit(analyze_directory(directory, json=json))


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(help="A run directory; with --format also a folder of runs.")],
    shape: Shaped = None,
) -> None:
    """Render report.html of a judged run again, or print results as a document."""
    from chaoskit.cli.judging import print_directory, report_directory

    if shape is None:
        report_directory(directory)
    else:
        print_directory(directory, shape)


@app.command()
def table(
    directory: Annotated[Path, typer.Argument(help="A folder of run directories, searched to any depth.")],
) -> None:
    """Print a Markdown table of all runs below a folder: what theory says beside what was observed."""
    from chaoskit.cli.observed import print_table

    print_table(directory)


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A run directory, or a folder of runs of one scenario.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="The same, to be held against A.")],
    shape: Annotated[Shape, typer.Option("--format", help="How it is printed.")] = Shape.TABLE,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show two groups of runs side by side: by how much they differ, how sure that is, and what else changed."""
    from chaoskit.cli.pairs import compare_folders

    compare_folders(a, b, Shape.JSON if json else shape)


@app.command()
def trend(
    directory: Annotated[Path, typer.Argument(help="A folder of runs, or of a nightly history.")] = Path("reports"),
    smallest: Annotated[
        float, typer.Option("--min-change", min=0.0, help="Tell no change of a median below this share.")
    ] = 0.05,
    json: Annotated[
        bool, typer.Option("--json", help="Print series and changes on stdout as one JSON object.")
    ] = False,
) -> None:
    """Show all runs below a folder as one page, with what changed from one night to the next; blocks nothing."""
    from chaoskit.cli.trends import show_trend

    show_trend(directory, smallest=smallest, json=json)


@app.command()
def doctor() -> None:
    """Name every tool chaoskit needs, where it was found, and the way out where one is missing."""
    from chaoskit.cli.machine import examine_machine

    raise typer.Exit(examine_machine(os.environ))


@app.command()
def clean() -> None:
    """End processes, and remove data and containers, that a killed run left behind; reports are kept."""
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
