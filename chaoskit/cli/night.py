"""``chaoskit nightly``: the suite several times over, judged, kept, and held against all nights before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chaoskit import wiring
from chaoskit.archive.history import keep, night_name
from chaoskit.archive.index import look, write_index
from chaoskit.archive.shelf import read_shelf
from chaoskit.cli import selection
from chaoskit.cli.budget import Budget
from chaoskit.cli.formats import print_results
from chaoskit.cli.job import Job
from chaoskit.cli.series import Ran, announce, results, run_planned, unrun
from chaoskit.cli.shapes import Format
from chaoskit.cli.voice import say
from chaoskit.clock import MonotonicClock
from chaoskit.engine.rundir import prepare
from chaoskit.errors import Exit, UsageError
from chaoskit.model.runtime import RuntimeName
from chaoskit.report.formats.annotations import annotations
from chaoskit.report.formats.summary import summary
from chaoskit.report.formats.unrun import Unrun
from chaoskit.report.index import Overview, change_sentences
from chaoskit.session.outcomes import Outcome, combined, outcome_table
from chaoskit.session.phase import phased
from chaoskit.session.running import Manner
from chaoskit.session.trials import Trial, draw_seed, trials

FEWEST_TRIALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Nightly:
    """What was asked for.

    Attributes:
        total: Trials per scenario; None: as many as the file says, and five at least.
        seed: None: drawn, so that no night is like another.
        history: Where results are kept and held against each other; None: the run directories are the history.
        budget_ns: None: as long as it takes.
    """

    paths: tuple[Path, ...]
    filter: selection.Filter
    runtime: RuntimeName
    total: int | None
    seed: int | None
    history: Path | None
    budget_ns: int | None
    json: bool
    shape: Format | None


def run_nightly(asked: Nightly, manner: Manner, job: Job) -> Exit:
    """Run, keep and report a night; only objectives decide the exit code, as for ``run``, changes never do.

    Raises:
        UsageError: A file, the selection or a folder is wrong; nothing was started.
        StackError: The machine lacks what every run needs.
    """
    night = night_name(datetime.now(UTC))
    planned = _planned(asked, manner)
    prepare(manner.report_dir)
    if asked.history is not None:
        _check_history(asked.history, manner.report_dir)
    kit = wiring.kit(asked.runtime, manner.env, say)
    halt = Budget(asked.budget_ns, MonotonicClock()).halt if asked.budget_ns is not None else _never
    ran: list[Ran] = []
    for one in run_planned(planned, kit, manner, json=asked.json, halt=halt):
        ran.append(one)
        if asked.history is not None:
            _keep(one, asked.history, night)
    outcomes = [one.outcome for one in ran]
    say(outcome_table(outcomes, asked=len(planned)))
    _tell(asked, manner, job, ran, unrun(ran, planned), night)
    return combined(outcome.exit for outcome in outcomes)


def _keep(one: Ran, history: Path, night: str) -> None:
    """Keep a result, at once: what comes later may fail. A run that was interrupted says nothing of the database."""
    if one.judgement is None or one.outcome.exit is Exit.INTERRUPTED:
        return
    try:
        keep(one.judgement.report.parent, history, night)
    except (OSError, ValueError) as error:
        say(f"warning: {one.outcome.name} could not be kept in {history}: {error}")


def _never(_trial: Trial) -> Outcome | None:
    return None


def _planned(asked: Nightly, manner: Manner) -> list[Trial]:
    """Every trial, the first of each scenario first: what a budget cuts off is then missing from all alike."""
    seed = draw_seed() if asked.seed is None else asked.seed
    say(f"tonight's seed: {seed} (--seed {seed} repeats it)")
    by_scenario: list[Sequence[Trial]] = []
    for one in asked.filter.keep(selection.load(asked.paths, manner.sets)):
        moved = phased(one, manner.sets)
        say(f"{one.scenario.title}: {moved.told}")
        total = max(FEWEST_TRIALS, one.scenario.trials) if asked.total is None else asked.total
        by_scenario.append(trials(moved.chosen, total=total, seed=seed))
        announce(by_scenario[-1], seeds=True)
    if asked.total is not None and asked.total < FEWEST_TRIALS:
        say(f"warning: with {asked.total} trials a night a change is found later than with {FEWEST_TRIALS}")
    return sorted((trial for of in by_scenario for trial in of), key=lambda trial: trial.number)


def _check_history(history: Path, report_dir: Path) -> None:
    if history.resolve().is_relative_to(report_dir.resolve()):
        why = "every run would count twice: once as a directory, once as it is kept"
        raise UsageError(f"the history {history} lies in {report_dir}", why=why, fix="keep it beside")
    prepare(history)
    history.mkdir(parents=True, exist_ok=True)


def _tell(asked: Nightly, manner: Manner, job: Job, ran: Sequence[Ran], missing: Sequence[Unrun], night: str) -> None:
    found = results(ran)
    root = asked.history or manner.report_dir
    try:
        notes = _compared(root, night if asked.history else night[:10])
    except OSError as error:
        notes = (f"The nights in {root} could not be held against each other: {error}.",)
    for note in notes:
        say(note)
    job.summarize(lambda most_bytes: summary(found, missing, notes, most_bytes=most_bytes))
    job.annotate(annotations(found), quiet=asked.json or asked.shape is not None)
    if asked.shape is not None:
        print_results(asked.shape, found, missing)


def _compared(root: Path, night: str) -> tuple[str, ...]:
    """Renew the page over all nights, and return what changed as told tonight."""
    shelf = read_shelf(root, remember=True)
    overview = look(shelf, root)
    say(f"all nights: {write_index(overview, root)}")
    return _notes(overview, len({run.night for run in shelf.runs}), night)


def _notes(overview: Overview, nights: int, night: str) -> tuple[str, ...]:
    """What changed, as told tonight; what was told before stands on the page."""
    tonight = change_sentences(overview, told=night)
    before = len(change_sentences(overview)) - len(tonight)
    older = f" ({before} earlier on the page)" if before else ""
    return tonight or (f"No change was found tonight in {nights} {'night' if nights == 1 else 'nights'}{older}.",)
