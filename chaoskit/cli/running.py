"""``chaoskit run``: from a scenario file to a verdict and a report."""

import secrets
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from types import FrameType

from chaoskit import judging, planning, scenario_file
from chaoskit.cli.live import watching
from chaoskit.cli.voice import result, say
from chaoskit.clock import MonotonicClock
from chaoskit.engine.journal import Journal, index_directory
from chaoskit.engine.lock import host_lock
from chaoskit.engine.run import Run
from chaoskit.engine.rundir import RunDirectory, create, prepare
from chaoskit.errors import Exit
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Scenario
from chaoskit.processes import Launcher
from chaoskit.protocols import Stack
from chaoskit.report.terminal import verdict_table
from chaoskit.wiring import local_parts, local_tools


def run_scenario(
    path: Path, *, report_dir: Path, seed: int | None, keep_stack: bool, lock: bool, json: bool, env: Mapping[str, str]
) -> Exit:
    """Run one scenario; the exit code of its verdict, 130 when it was interrupted.

    Raises:
        UsageError: The file is wrong.
        StackError: The machine cannot carry it.
    """
    scenario = scenario_file.load(path)
    chosen = next(s for s in (seed, scenario.seed, secrets.randbelow(2**31)) if s is not None)
    plan = planning.plan(scenario, seed=chosen, run=secrets.token_hex(3))
    for warning in planning.warnings(plan):
        say(f"warning: {warning}")
    prepare(report_dir)
    tools = local_tools(env, say)
    say(f"{scenario.name}: {scenario.question}")
    waiting = host_lock(waiting=lambda: say("waiting for another run on this machine")) if lock else nullcontext()
    with waiting, _interruptible() as interrupted:
        started = datetime.now(UTC)
        directory = create(report_dir, scenario.name, plan.run, started)
        _describe(directory, scenario, plan, path, started)
        clock = MonotonicClock()
        journal = Journal(directory.journal, run=plan.run, index=index_directory(env))
        launcher = Launcher(run=plan.run, logs=directory.logs, started=journal.process)
        parts = local_parts(tools, journal, launcher, clock, directory.streams)
        try:
            with watching() as watch:
                hold = _holder(interrupted) if keep_stack else None
                run = Run(
                    plan,
                    parts,
                    directory,
                    journal=journal,
                    clock=clock,
                    interrupted=interrupted,
                    watch=watch,
                    hold=hold,
                )
                run.execute()
        finally:
            journal.close()
        judgement = judging.judge(directory.path)  # still deaf to Ctrl-C: what was seen is always reported
    say(verdict_table(judgement.result))
    say(f"report: {judgement.report}")
    if json:
        result(judgement.result)
    return Exit.INTERRUPTED if run.cut_short else judgement.verdict.exit_code


def _describe(directory: RunDirectory, scenario: Scenario, plan: Plan, path: Path, started: datetime) -> None:
    """Write what the run is, before anything starts."""
    directory.write_text(judging.SCENARIO, path.read_text(encoding="utf-8"))
    directory.write_text("scenario.resolved.yaml", scenario_file.resolved(scenario))
    directory.write_json("plan.json", planning.as_json(plan))
    facts = {"run": plan.run, "seed": plan.seed, "source": str(path), "runtime": "local"}
    directory.write_json("run.json", {**facts, "started_at": started.isoformat(timespec="seconds")})


@contextmanager
def _interruptible() -> Iterator[Flag]:
    """Ctrl-C (or SIGTERM) ends the timeline; a second one changes nothing: healing goes on."""
    interrupted = Flag()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        say("still healing" if interrupted.is_set() else "interrupted: healing, then reporting what was seen")
        interrupted.set()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _holder(interrupted: Flag) -> Callable[[Stack], None]:
    """Show how to reach the live stack and wait for Ctrl-C."""

    def hold(stack: Stack) -> None:
        for region, endpoints in stack.endpoints().items():
            say(f'{region}: psql "{endpoints.write.conninfo()}"')
        say("the stack stays up until Ctrl-C")
        interrupted.wait()

    return hold
