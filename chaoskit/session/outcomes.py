"""How a series of runs ended: the exit code of all, and one line for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from chaoskit.errors import Exit
from chaoskit.model.verdict import Verdict
from chaoskit.report.figures import printable
from chaoskit.report.terminal import STYLES
from chaoskit.report.words import MARKS

WORDS = {Exit.ENVIRONMENT: "not run", Exit.INTERRUPTED: "interrupted", None: "skipped"}
GRAVEST_FIRST = (Exit.INTERRUPTED, Exit.FAIL, Exit.ENVIRONMENT, Exit.INCONCLUSIVE, Exit.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one run ended.

    Attributes:
        exit: None: skipped.
        told: The figure or the reason that decided, in one line.
        report: Where the report is; "": there is none.
    """

    name: str
    exit: Exit | None
    told: str
    report: str = ""


def combined(exits: Iterable[Exit | None]) -> Exit:
    """The exit code of several runs: 130, then 1 > 3 > 4 > 0. Where every run was skipped: 3."""
    seen = set(exits)
    return next((code for code in GRAVEST_FIRST if code in seen), Exit.ENVIRONMENT)


def outcome_table(outcomes: Sequence[Outcome], *, asked: int) -> Text:
    """One line per run, so that it can be searched; the path last, whole, to be copied."""
    widths = [max(len(cell) for cell in column) for column in zip(*map(_cells, outcomes), strict=True)]
    lines = Text()
    for outcome in outcomes:
        word, *cells = _cells(outcome)
        lines.append(f"{word:{widths[0]}}  ", style=_style(outcome))
        lines.append(
            "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths[1:], strict=True)).rstrip() + "\n"
        )
    left = "" if len(outcomes) == asked else f", {asked - len(outcomes)} not started"
    lines.append(f"{asked} runs: {_tally(outcomes)}{left}")
    return lines


def _cells(outcome: Outcome) -> tuple[str, str, str, str]:
    told = " ".join(printable(outcome.told).split())
    return _word(outcome), outcome.name, told, outcome.report


def _word(outcome: Outcome) -> str:
    verdict = _verdict(outcome)
    return WORDS[outcome.exit] if verdict is None else f"{MARKS[verdict]} {verdict.value}"


def _style(outcome: Outcome) -> str:
    verdict = _verdict(outcome)
    return "yellow" if verdict is None else STYLES[verdict]


def _verdict(outcome: Outcome) -> Verdict | None:
    return next((verdict for verdict in Verdict if verdict.exit_code is outcome.exit), None)


def _tally(outcomes: Sequence[Outcome]) -> str:
    words = [_word(outcome).lstrip("✓✕? ") for outcome in outcomes]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
