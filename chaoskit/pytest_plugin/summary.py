"""One line per run at the end. What is told travels with the reports as properties, from xdist's workers, too."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from chaoskit.errors import Exit
from chaoskit.model.verdict import Verdict
from chaoskit.session.outcomes import WORDS, Outcome, outcome_table

FIRST = "chaoskit_run"
EXITS = {verdict.value: verdict.exit_code for verdict in Verdict} | {word: code for code, word in WORDS.items()}
"""The exit code that the command line would have, by the word for it; None: skipped."""
NOT_RUN, SKIPPED = WORDS[Exit.ENVIRONMENT], WORDS[None]
Property = tuple[str, object]


def told(name: str, verdict: str, words: str, report: str = "", seed: int | None = None) -> list[Property]:
    """What is told of a run, as properties of its test; ``chaoskit_run`` begins it."""
    properties: list[Property] = [(FIRST, name), ("chaoskit_verdict", verdict), ("chaoskit_told", words)]
    known = {"chaoskit_report": report, "chaoskit_seed": seed}
    return properties + [(key, value) for key, value in known.items() if value not in ("", None)]


def write(terminal: "pytest.TerminalReporter", reports: Iterable[Any], cut_short: Sequence[Property]) -> None:
    """Write the table of all runs that reports tell of, and of the one that Ctrl-C ended."""
    told_of: dict[str, Sequence[Property]] = {}
    for report in reports:
        properties = getattr(report, "user_properties", ())
        if len(properties) > len(told_of.get(report.nodeid, ())):
            told_of[report.nodeid] = properties  # that of a later phase has all that the earlier ones have
    outcomes = [outcome for properties in (*told_of.values(), cut_short) for outcome in _outcomes(properties)]
    terminal.write_sep("=", "chaoskit")
    for line in outcome_table(outcomes, asked=len(outcomes)).plain.splitlines():
        terminal.write_line(line)


def _outcomes(properties: Iterable[Property]) -> Iterator[Outcome]:
    run: dict[str, Any] = {}
    for name, value in properties:
        if name == FIRST and run:
            yield _outcome(run)
            run = {}
        if name.startswith("chaoskit_"):
            run[name] = value
    if run:
        yield _outcome(run)


def _outcome(run: dict[str, Any]) -> Outcome:
    return Outcome(
        name=run[FIRST],
        exit=EXITS[run["chaoskit_verdict"]],
        told=run["chaoskit_told"],
        report=run.get("chaoskit_report", ""),
    )
