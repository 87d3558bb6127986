"""One run, from a plan to a closed directory. Judging it is another's work, and can be repeated."""

import platform
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import Any

import psutil

from chaoskit.clock import NS
from chaoskit.engine import final_state
from chaoskit.engine.audit import Auditor, AuditResult, no_audit
from chaoskit.engine.events import EventLog
from chaoskit.engine.journal import Journal
from chaoskit.engine.progress import EVERY_S, WINDOW_NS, Progress, Watch, shares
from chaoskit.engine.rundir import RunDirectory
from chaoskit.engine.steady import await_steady
from chaoskit.engine.timeline import Due, Timeline
from chaoskit.errors import StackError
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Fault
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, Emit, FailoverManager, Injector, LoadDriver, Router, Runtime, Stack
from chaoskit.sql import ask

READY_TIMEOUT_S = 60
STOP_SLACK_S = 10
REPORT_LAG_NS = 300_000_000  # a probe's end is known that much later
LEAD_S = 0.3  # every process of the load hears of the start before it comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What the load needs in the database, and how the audit reads it back."""

    schema: tuple[str, ...]
    audit_query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The implementations that a run is put together from; ``wiring`` chooses them."""

    runtime: Runtime
    workload: Workload
    router: Callable[[Plan, Stack], Router]
    failover: Callable[[Plan, Stack, Router, Emit], FailoverManager]
    load: Callable[[Plan], LoadDriver]
    injector: Callable[[str, Fault, Plan, Stack, LoadDriver], Injector]
    history: Callable[[LoadDriver, Path], list[str]]  # writes history.parquet; clients whose stream lacks its end


class Run:
    """Executes a plan.

    Args:
        interrupted: Set by Ctrl-C: the timeline ends, what struck is healed, what was seen is kept.
        watch: Told four times a second how it goes.
        hold: Called with the live stack at the end of the run; for ``--keep-stack``.
    """

    def __init__(
        self,
        plan: Plan,
        parts: Parts,
        directory: RunDirectory,
        *,
        journal: Journal,
        clock: Clock,
        interrupted: Flag,
        watch: Watch,
        hold: Callable[[Stack], None] | None = None,
    ) -> None:
        self._plan, self._parts, self._directory = plan, parts, directory
        self._journal, self._clock, self._interrupted = journal, clock, interrupted
        self._watch, self._hold = watch, hold
        self._events = EventLog(directory.events, clock)
        self._t0_ns: int | None = None
        self.cut_short = False

    def execute(self) -> None:
        """Run the plan and write everything but the judgement.

        Raises:
            StackError: The stack or the load could not be brought up; nothing of it is left.
        """
        with ExitStack() as undo:
            undo.callback(self._events.close)
            self._watch(Progress(phase="starting"))
            load = self._parts.load(self._plan)
            undo.callback(lambda: load.stop(self._clock.now_ns()))
            load.start()  # its processes import while the servers start
            stack = undo.enter_context(self._parts.runtime.up(self._plan))
            load.connect(stack.endpoints())
            primary = stack.database.direct(self._plan.scenario.stack.topology.primary)
            for reply in ask(primary, self._parts.workload.schema, clock=self._clock, timeout_s=30):
                if reply.sqlstate:
                    raise StackError("the workload's tables could not be made", why=reply.message)
            load.ready(self._clock.now_ns() + READY_TIMEOUT_S * NS)
            self._drive(stack, load, undo)

    def _drive(self, stack: Stack, load: LoadDriver, undo: ExitStack) -> None:
        router = self._parts.router(self._plan, stack)
        manager = self._parts.failover(self._plan, stack, router, self._events.emit)
        undo.callback(manager.stop)
        steps = self._plan.steps
        began_ns = self._clock.now_ns() + round(LEAD_S * NS)
        load.begin(began_ns)
        self._events.emit(Event(t_ns=began_ns, event=Name.LOAD_STARTED))
        injectors = {s.name: self._parts.injector(s.name, s.fault, self._plan, stack, load) for s in steps}
        timeline = Timeline(self._plan, injectors, events=self._events, journal=self._journal, clock=self._clock)
        undo.callback(timeline.close)
        manager.start()
        if self._steady(load, began_ns):
            self._play(timeline, load)
        by = "interrupt" if self._interrupted.is_set() else "audit"
        if by == "interrupt":
            self._events.say(Name.INTERRUPTED)
        self.cut_short = self._interrupted.is_set()
        incomplete = self._stop(load, manager, timeline)
        audit = self._audit(stack, router, manager, timeline, by=by)
        self._write(audit, incomplete, stack)
        if self._hold is not None:
            self._hold(stack)

    def _steady(self, load: LoadDriver, began_ns: int) -> bool:
        """Wait for the steady state; t0 is when it was confirmed."""
        settings = self._plan.scenario.steady_state
        self._t0_ns, unsteady, counts = await_steady(
            settings,
            load,
            self._clock,
            began_ns=began_ns,
            lag_ns=self._plan.probes.timeout_ns + REPORT_LAG_NS,
            stop=self._interrupted.is_set,
            watch=lambda: self._tell("waiting for a steady state", load),
        )
        availability = {stream: ok / scheduled for stream, (ok, scheduled) in counts.items() if scheduled}
        if self._t0_ns is None:
            self._events.say(Name.NO_STEADY_STATE, why="; ".join(unsteady))
            return False
        self._events.emit(Event(t_ns=self._t0_ns, event=Name.STEADY, detail={"availability": availability}))
        return True

    def _play(self, timeline: Timeline, load: LoadDriver) -> None:
        assert self._t0_ns is not None
        timeline.run(self._t0_ns, lambda at_ns, due: self._wait_until(at_ns, due, timeline, load))
        self._wait_until(self._t0_ns + self._plan.duration_ns, None, timeline, load)

    def _wait_until(self, at_ns: int, due: Due | None, timeline: Timeline, load: LoadDriver) -> bool:
        """Wait for an instant while somebody watches; False when the run is interrupted."""
        phase = ", ".join(step.name for step in timeline.standing()) or "healthy"
        upcoming = due.words if due is not None else "the audit"
        while (left_s := (at_ns - self._clock.now_ns()) / NS) > 0:
            self._tell(phase, load, upcoming=(upcoming, left_s))
            # The last stretch is slept in one piece, so that a fault strikes when it is due.
            if self._interrupted.wait(left_s if left_s < 2 * EVERY_S else EVERY_S):
                return False
        return not self._interrupted.is_set()

    def _tell(self, phase: str, load: LoadDriver, upcoming: tuple[str, float] | None = None) -> None:
        now_ns = self._clock.now_ns()
        self._watch(
            Progress(
                phase=phase,
                t_s=None if self._t0_ns is None else (now_ns - self._t0_ns) / NS,
                end_s=self._plan.duration_ns / NS,
                upcoming=upcoming,
                availability=shares(load.availability(now_ns - WINDOW_NS, now_ns)),
                operations=load.operations(),
            )
        )

    def _stop(self, load: LoadDriver, manager: FailoverManager, timeline: Timeline) -> list[str]:
        """Stop the load and then the manager; the history is safe before anything else can go wrong.

        Returns:
            The clients whose stream lacks its end.
        """
        self._watch(Progress(phase="stopping the load"))
        timeline.settle()
        self._events.say(Name.LOAD_STOPPED)
        load.stop(self._clock.now_ns() + self._plan.probes.timeout_ns + STOP_SLACK_S * NS)
        for why in load.broken():
            self._events.say(Name.BROKEN, what="the load", why=why)
        incomplete = self._parts.history(load, self._directory.path / "history.parquet")
        shutil.rmtree(self._directory.streams)
        manager.stop()
        return incomplete

    def _audit(
        self, stack: Stack, router: Router, manager: FailoverManager, timeline: Timeline, *, by: str
    ) -> AuditResult:
        """Read the truth; an audit that fails says so, and leaves nothing to be believed."""
        self._watch(Progress(phase="reading what every node holds"))
        auditor = Auditor(
            self._plan,
            stack,
            router,
            primary=manager.primary,
            query=self._parts.workload.audit_query,
            events=self._events,
            clock=self._clock,
        )
        try:
            return auditor.run(timeline, by=by)
        except Exception as error:  # noqa: BLE001 - what was recorded is worth more than the audit
            why = f"{type(error).__name__}: {error}"
            self._events.say(Name.BROKEN, what="the audit", why=why)
            return no_audit(why)

    def _write(self, audit: AuditResult, incomplete: list[str], stack: Stack) -> None:
        self._directory.write_json("audit.json", audit.as_json(incomplete))
        final_state.write(audit, self._directory.path / "final.parquet", epoch_wall_ns=self._clock.epoch_wall_ns())
        self._directory.write_json("environment.json", {**stack.environment(), **machine()})
        self._events.say(Name.END_OF_RUN)


def machine() -> Mapping[str, Any]:
    """The machine, for the report: figures belong to it."""
    return {
        "cores": psutil.cpu_count() or 0,
        "memory_bytes": psutil.virtual_memory().total,
        "kernel": platform.release(),
        "architecture": platform.machine(),
    }
