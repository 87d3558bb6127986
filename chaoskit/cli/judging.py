"""``analyze`` and ``report``."""

from pathlib import Path

from chaoskit import judging
from chaoskit.archive.kept import whole
from chaoskit.archive.shelf import Shelf, read_shelf
from chaoskit.cli.formats import print_results
from chaoskit.cli.shapes import Format
from chaoskit.cli.voice import result, say
from chaoskit.errors import Exit, UsageError
from chaoskit.report.figures import printable
from chaoskit.report.terminal import verdict_table


def analyze_directory(directory: Path, *, json: bool) -> Exit:
    """Judge a run directory again; the exit code of its verdict."""
    judgement = judging.judge(directory)
    say(verdict_table(judgement.result))
    say(f"report: {judgement.report}")
    if json:
        result(judgement.result)
    return judgement.verdict.exit_code


def print_directory(directory: Path, shape: Format) -> None:
    """Print the results at or below a folder as one document.

    Raises:
        UsageError: There is none.
    """
    shelf = read_shelf(directory) if directory.is_dir() else Shelf(runs=(), unreadable=())
    for one in shelf.unreadable:
        say(f"left out {printable(str(one.path))}: {printable(one.why)}")
    if not shelf.runs:
        raise UsageError(f"no runs at or below {directory}", fix="name a run directory, or a folder of runs")
    print_results(shape, [whole(run) for run in shelf.runs])


def report_directory(directory: Path) -> None:
    """Render the report again."""
    say(f"report: {judging.write_report(directory)}")
