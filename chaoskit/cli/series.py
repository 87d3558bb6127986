"""``chaoskit run``: every trial of every scenario that is selected, one after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import format_exc

from chaoskit import planning
from chaoskit.cli import selection
from chaoskit.cli.voice import result, say
from chaoskit.engine.rundir import prepare
from chaoskit.errors import Exit, StackError, UsageError
from chaoskit.report.terminal import decisive, verdict_table
from chaoskit.runtimes.local.stack import Tools
from chaoskit.session.outcomes import Outcome, combined, outcome_table
from chaoskit.session.requirements import unmet
from chaoskit.session.running import Manner, run_trial
from chaoskit.session.trials import Trial, seeds_text, trials
from chaoskit.wiring import local_tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What ``chaoskit run`` was asked for; ``total`` and ``seed`` None: as each file says; ``json``: a line per run."""

    paths: tuple[Path, ...]
    filter: selection.Filter
    total: int | None
    seed: int | None
    exitfirst: bool
    json: bool


def run_series(request: Request, manner: Manner) -> Exit:
    """Run everything that was asked for; of several exit codes 1 > 3 > 4 > 0, and 130 when it was interrupted.

    Raises:
        UsageError: A file or the selection is wrong; nothing was started.
        StackError: The machine lacks what every run needs.
    """
    planned = _planned(request, manner)
    prepare(manner.report_dir)
    tools = local_tools(manner.env, say)
    outcomes = _run(planned, tools, manner, request)
    if len(planned) > 1:
        say(outcome_table(outcomes, asked=len(planned)))
    return combined(outcome.exit for outcome in outcomes)


def _planned(request: Request, manner: Manner) -> list[Trial]:
    chosen = request.filter.keep(selection.load(request.paths, manner.sets))
    by_scenario = [trials(one, total=request.total, seed=request.seed) for one in chosen]
    planned = [trial for of in by_scenario for trial in of]
    if manner.keep_stack and len(planned) > 1:
        raise UsageError(
            f"--keep-stack with {len(planned)} runs", why="it waits for you after each", fix="select one run"
        )
    for of in by_scenario:
        for warning in planning.warnings(of[0].plan):
            say(f"warning: {of[0].chosen.scenario.name}: {warning}")
        if len(planned) > 1:
            say(seeds_text(of))
    return planned


def _run(planned: Sequence[Trial], tools: Tools, manner: Manner, request: Request) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for trial, number in zip(planned, range(1, len(planned) + 1), strict=True):
        outcome = _skipped(trial, tools)
        if outcome is None:
            place = "" if len(planned) == 1 else f"[{number} of {len(planned)}] "
            say(f"{place}{trial.name}, seed {trial.plan.seed}: {trial.chosen.scenario.question}")
            outcome = _attempt(trial, tools, manner, json=request.json)
        outcomes.append(outcome)
        if outcome.exit is Exit.INTERRUPTED or (request.exitfirst and outcome.exit not in (None, Exit.PASS)):
            break
    return outcomes


def _skipped(trial: Trial, tools: Tools) -> Outcome | None:
    """In a folder there may be scenarios that are not for this machine; one that was named must run."""
    why = unmet(trial.chosen.scenario, tools) if trial.chosen.found else None
    if why is None:
        return None
    say(f"skipped {trial.name}: {why}")
    return Outcome(name=trial.name, exit=None, told=f"skipped: {why}")


def _attempt(trial: Trial, tools: Tools, manner: Manner, *, json: bool) -> Outcome:
    """Run one trial; what fails it, expected or not, does not stop the others. A wrong file stops them all."""
    try:
        finished = run_trial(trial, tools, manner)
    except KeyboardInterrupt:
        return Outcome(name=trial.name, exit=Exit.INTERRUPTED, told="interrupted before it started")
    except StackError as error:
        say(f"chaoskit: {error}")
        return Outcome(name=trial.name, exit=error.exit_code, told=error.what)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - nothing was judged, so nobody failed
        words = f"{type(error).__name__}: {error}"
        say(f"{format_exc()}chaoskit: {trial.name} ended by an error of chaoskit's own: {words}")
        return Outcome(name=trial.name, exit=Exit.ENVIRONMENT, told=words)
    judgement = finished.judgement
    say(verdict_table(judgement.result))
    say(f"report: {judgement.report}")
    if json:
        result(judgement.result)
    told, report = decisive(judgement.result), str(judgement.report)
    return Outcome(name=trial.name, exit=finished.exit, told=told, report=report)
