"""One run: from a planned trial to a verdict and a report."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag

from chaoskit import judging, planning, scenario_file
from chaoskit.archive.index import renew_after_run
from chaoskit.clock import MonotonicClock
from chaoskit.engine.journal import Journal, index_directory
from chaoskit.engine.lock import host_lock
from chaoskit.engine.onlooker import Monitor
from chaoskit.engine.parts import Parts
from chaoskit.engine.progress import Watch
from chaoskit.engine.run import Run
from chaoskit.engine.rundir import RunDirectory, create
from chaoskit.errors import Exit, StackError
from chaoskit.model.runtime import RuntimeName
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Stack
from chaoskit.session.interrupts import interruptible
from chaoskit.session.trials import Trial
from chaoskit.wiring.kit import Kit
from chaoskit.wiring.parts import parts

LEFT = "not everything of this run could be removed; fix: chaoskit clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is told how a run goes: in words, and what is shown of its progress by its name."""

    say: Callable[[str], None]
    watching: Callable[[str], AbstractContextManager[Watch]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How runs are made, whatever the scenario. ``sets`` are the ``PATH=VALUE`` of ``--set``."""

    report_dir: Path
    keep_stack: bool
    lock: bool
    sets: tuple[str, ...]
    env: Mapping[str, str]
    audience: Audience
    monitors: tuple[Monitor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run that came to its end, or was interrupted on the way."""

    exit: Exit
    judgement: judging.Judgement


def run_trial(trial: Trial, kit: Kit, manner: Manner) -> Finished:
    """Run and judge one trial.

    Raises:
        StackError: The machine cannot carry it; nothing of it is left.
        KeyboardInterrupt: Interrupted before there was a stack; nothing of it is left.
    """
    why = kit.refuses(trial.chosen.scenario)
    if why is not None:
        raise StackError(f"the {kit.name} runtime cannot run {trial.chosen.scenario.title}", why=why)
    say = manner.audience.say
    with turn(manner), interruptible(say) as interrupted:
        directory, cut_short = _execute(trial, kit, manner, interrupted)
        judgement = judging.judge(directory.path)  # still deaf to Ctrl-C: what was seen is always reported
    renew_after_run(manner.report_dir, say)
    return Finished(exit=Exit.INTERRUPTED if cut_short else judgement.verdict.exit_code, judgement=judgement)


def _execute(trial: Trial, kit: Kit, manner: Manner, interrupted: Flag) -> tuple[RunDirectory, bool]:
    """Run the plan into a directory of its own; True: it was cut short."""
    hold = _holder(interrupted, manner.audience.say) if manner.keep_stack else None
    with prepared(trial, kit, manner, interrupted) as site, manner.audience.watching(trial.name) as watch:
        follow = [monitor.follow(trial.plan, trial=trial.number, clock=site.clock) for monitor in manner.monitors]
        run = Run(
            trial.plan,
            site.parts,
            site.directory,
            journal=site.journal,
            clock=site.clock,
            interrupted=interrupted,
            watch=watch,
            onlookers=tuple(follow),
            hold=hold,
        )
        run.execute()
    return site.directory, run.cut_short


def turn(manner: Manner) -> AbstractContextManager[None]:
    """Hold the machine for one stack, where that is wanted."""
    if not manner.lock:
        return nullcontext()
    return host_lock(waiting=lambda: manner.audience.say("waiting for another run on this machine"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where one run takes place: its directory, journal and clock, and what it is put together from."""

    directory: RunDirectory
    journal: Journal
    clock: Clock
    parts: Parts


@contextmanager
def prepared(trial: Trial, kit: Kit, manner: Manner, interrupted: Flag | None = None) -> Iterator[Site]:
    """Make the directory of a trial and keep its journal; nothing is started. What is left in the end is told.

    Raises:
        StackError: The directory cannot be made.
    """
    plan, started = trial.plan, datetime.now(UTC)
    directory = create(manner.report_dir, trial.chosen.scenario, plan.run, started)
    _describe(directory, trial, kit.name, (*manner.sets, *trial.chosen.sets), started)
    clock = MonotonicClock()
    journal = Journal(directory.journal, run=plan.run, index=index_directory(manner.env))
    launcher = Launcher(run=plan.run, logs=directory.logs, started=journal.process, interrupted=interrupted)
    bind = manner.env.get("CHAOSKIT_MASTER_BIND", "127.0.0.1")
    runtime = kit.runtime(journal, launcher, clock, directory.logs)
    made = parts(runtime, journal, launcher, clock, directory.streams, master_bind=bind)
    try:
        yield Site(directory=directory, journal=journal, clock=clock, parts=made)
    finally:
        journal.close()
        if journal.unfinished:
            manner.audience.say(LEFT)


def _describe(
    directory: RunDirectory, trial: Trial, runtime: RuntimeName, sets: tuple[str, ...], started: datetime
) -> None:
    """Write what the run is, before anything starts."""
    path, scenario, plan = trial.chosen.path, trial.chosen.scenario, trial.plan
    directory.write_text(judging.SCENARIO, path.read_text(encoding="utf-8"))
    directory.write_text("scenario.resolved.yaml", scenario_file.resolved(scenario))
    directory.write_json("plan.json", planning.as_json(plan))
    facts = {"run": plan.run, "seed": plan.seed, "trial": trial.number, "source": str(path), "sets": list(sets)}
    facts |= {"variant": scenario.variant, "runtime": runtime, "started_at": started.isoformat(timespec="seconds")}
    directory.write_json("run.json", facts)


def _holder(interrupted: Flag, say: Callable[[str], None]) -> Callable[[Stack], None]:
    """Show how to reach the live stack and wait for Ctrl-C."""

    def hold(stack: Stack) -> None:
        for region, endpoints in stack.endpoints().items():
            say(f'{region}: psql "{endpoints.write.conninfo()}"')
        say("the stack stays up until Ctrl-C")
        interrupted.wait()

    return hold
