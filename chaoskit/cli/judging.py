"""``analyze`` and ``report``."""

from pathlib import Path

from chaoskit import judging
from chaoskit.cli.voice import result, say
from chaoskit.errors import Exit
from chaoskit.report.terminal import verdict_table


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
