"""``chaoskit run``: every trial of every scenario that is selected, one after another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import format_exc

from chaoskit import planning, wiring
from chaoskit.cli import selection
from chaoskit.cli.formats import print_results
from chaoskit.cli.shapes import Format
from chaoskit.cli.voice import result, say
from chaoskit.engine.rundir import prepare
from chaoskit.errors import Exit, StackError, UsageError
from chaoskit.judging import Judgement
from chaoskit.model.runtime import RuntimeName
from chaoskit.report.formats.unrun import Unrun
from chaoskit.report.reading import Row
from chaoskit.report.terminal import decisive, verdict_table
from chaoskit.session.outcomes import Outcome, combined, outcome_table
from chaoskit.session.running import Manner, run_trial
from chaoskit.session.trials import Trial, all_trials, draw_seed, seeds_text
from chaoskit.wiring.kit import Kit


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What ``chaoskit run`` was asked for; ``total`` and ``seed`` None: as each file says; ``json``: a line per run.

    ``shape``: one document at the end.
    """

    paths: tuple[Path, ...]
    filter: selection.Filter
    runtime: RuntimeName
    total: int | None
    seed: int | None
    exitfirst: bool
    json: bool
    shape: Format | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A trial and what became of it; ``judgement`` None: it has no result."""

    trial: Trial
    outcome: Outcome
    judgement: Judgement | None = None


Halt = Callable[[Trial], Outcome | None]
"""Asked before each trial: why it is not begun; None: it is."""


def run_series(request: Request, manner: Manner) -> Exit:
    """Run everything that was asked for; of several exit codes 1 > 3 > 4 > 0, and 130 when it was interrupted.

    Raises:
        UsageError: A file or the selection is wrong; nothing was started.
        StackError: The machine lacks what every run needs.
    """
    planned = _planned(request, manner)
    prepare(manner.report_dir)
    kit = wiring.kit(request.runtime, manner.env, say)
    ran = list(run_planned(planned, kit, manner, json=request.json, exitfirst=request.exitfirst))
    outcomes = [one.outcome for one in ran]
    if len(planned) > 1:
        say(outcome_table(outcomes, asked=len(planned)))
    if request.shape is not None:
        print_results(request.shape, results(ran), unrun(ran, planned))
    return combined(outcome.exit for outcome in outcomes)


def results(ran: Sequence[Ran]) -> list[Row]:
    """The results of those that have one."""
    return [one.judgement.result for one in ran if one.judgement is not None]


def unrun(ran: Sequence[Ran], planned: Sequence[Trial]) -> list[Unrun]:
    """Those without a result, and those that were not begun."""
    failed = [(one.trial, one.outcome.told, one.outcome.exit is None) for one in ran if one.judgement is None] + [
        (trial, "not begun: the series ended before it", False) for trial in planned[len(ran) :]
    ]
    return [
        Unrun(scenario=trial.chosen.scenario.title, trial=trial.number, why=why, skipped=skipped)
        for trial, why, skipped in failed
    ]


def _planned(request: Request, manner: Manner) -> list[Trial]:
    chosen = request.filter.keep(selection.load(request.paths, manner.sets))
    by_scenario = all_trials(chosen, total=request.total, seed=request.seed, drawn=draw_seed())
    planned = [trial for of in by_scenario for trial in of]
    if manner.keep_stack and len(planned) > 1:
        raise UsageError(
            f"--keep-stack with {len(planned)} runs", why="it waits for you after each", fix="select one run"
        )
    for of in by_scenario:
        announce(of, seeds=len(planned) > 1)
    return planned


def announce(of: Sequence[Trial], *, seeds: bool) -> None:
    """Say what the plan of a scenario warns of, and the seeds of its trials."""
    for warning in planning.warnings(of[0].plan):
        say(f"warning: {of[0].chosen.scenario.title}: {warning}")
    if seeds:
        say(seeds_text(of))


def run_planned(
    planned: Sequence[Trial],
    kit: Kit,
    manner: Manner,
    *,
    json: bool,
    exitfirst: bool = False,
    halt: Halt = lambda _trial: None,
) -> Iterator[Ran]:
    """Run trials one after another until one is interrupted; with ``exitfirst`` until one does not pass."""
    for trial, number in zip(planned, range(1, len(planned) + 1), strict=True):
        outcome = _left_out(trial, kit, halt)
        if outcome is None:
            place = "" if len(planned) == 1 else f"[{number} of {len(planned)}] "
            say(f"{place}{trial.name}, seed {trial.plan.seed}: {trial.chosen.scenario.question}")
            one = _attempt(trial, kit, manner, json=json)
        else:
            one = Ran(trial=trial, outcome=outcome)
        yield one
        if one.outcome.exit is Exit.INTERRUPTED or (exitfirst and one.outcome.exit not in (None, Exit.PASS)):
            break


def _left_out(trial: Trial, kit: Kit, halt: Halt) -> Outcome | None:
    """In a folder there may be scenarios that are not for this machine; one that was named must run."""
    why = kit.refuses(trial.chosen.scenario) if trial.chosen.found else None
    if why is not None:
        say(f"skipped {trial.name}: {why}")
        return Outcome(name=trial.name, exit=None, told=f"skipped: {why}")
    outcome = halt(trial)
    if outcome is not None:
        say(f"{trial.name}: {outcome.told}")
    return outcome


def _attempt(trial: Trial, kit: Kit, manner: Manner, *, json: bool) -> Ran:
    """Run one trial; what fails it, expected or not, does not stop the others. A wrong file stops them all."""
    try:
        finished = run_trial(trial, kit, manner)
    except KeyboardInterrupt:
        return _failed(trial, Exit.INTERRUPTED, "interrupted before it started")
    except StackError as error:
        say(f"chaoskit: {error}")
        return _failed(trial, error.exit_code, error.what)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - nothing was judged, so nobody failed
        words = f"{type(error).__name__}: {error}"
        say(f"{format_exc()}chaoskit: {trial.name} ended by an error of chaoskit's own: {words}")
        return _failed(trial, Exit.ENVIRONMENT, words)
    judgement = finished.judgement
    say(verdict_table(judgement.result))
    say(f"report: {judgement.report}")
    if json:
        result(judgement.result)
    told, report = decisive(judgement.result), str(judgement.report)
    outcome = Outcome(name=trial.name, exit=finished.exit, told=told, report=report)
    return Ran(trial=trial, outcome=outcome, judgement=judgement)


def _failed(trial: Trial, exit_code: Exit, told: str) -> Ran:
    return Ran(trial=trial, outcome=Outcome(name=trial.name, exit=exit_code, told=told))
