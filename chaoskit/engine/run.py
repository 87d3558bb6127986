"""One run, from a plan to a closed directory. Judging it is another's work, and can be repeated."""

import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from threading import Event as Flag
from typing import Any

import psutil

from chaoskit.clock import NS
from chaoskit.engine import final_state
from chaoskit.engine.agenda import NEWS, Due
from chaoskit.engine.audit import Auditor, AuditResult, no_audit
from chaoskit.engine.dashboard import Dashboard
from chaoskit.engine.events import EventLog
from chaoskit.engine.journal import Journal
from chaoskit.engine.lag import LagWatch
from chaoskit.engine.onlooker import Onlooker
from chaoskit.engine.parts import Parts, Scene, Workload
from chaoskit.engine.progress import EVERY_S, Watch
from chaoskit.engine.pulse import Pulse
from chaoskit.engine.rundir import RunDirectory
from chaoskit.engine.samples import Samples
from chaoskit.engine.server_log import telling
from chaoskit.engine.steady import await_steady
from chaoskit.engine.timeline import Timeline
from chaoskit.engine.witness import NodeWitness
from chaoskit.errors import StackError
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, FailoverManager, LoadDriver, Metered, Stack
from chaoskit.sql import ask

READY_TIMEOUT_S = 60
STOP_SLACK_S = 10
REPORT_LAG_NS = 300_000_000  # a probe's end is known that much later
LEAD_S = 0.3  # every process of the load hears of the start before it comes


class Run:
    """Executes a plan.

    Args:
        interrupted: Set by Ctrl-C: the timeline ends, what struck is healed, what was seen is kept.
        watch: Told four times a second how it goes.
        onlookers: Told the same, and every event.
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
        onlookers: Sequence[Onlooker] = (),
        hold: Callable[[Stack], None] | None = None,
    ) -> None:
        self._plan, self._parts, self._directory = plan, parts, directory
        self._journal, self._clock, self._interrupted = journal, clock, interrupted
        self._hold, self._onlookers = hold, onlookers
        self._events = EventLog(directory.events, clock)
        watches = (watch, *(onlooker.watch for onlooker in onlookers))
        self._dashboard = Dashboard(plan, watches, self._events, clock)
        self._news, self._load_over = Flag(), Flag()
        self.cut_short = False

    def execute(self) -> None:
        """Run the plan and write everything but the judgement.

        Raises:
            StackError: The stack or the load could not be brought up; nothing of it is left.
            UsageError: The load's own code cannot be used.
            KeyboardInterrupt: Interrupted before there was a stack: nothing was seen, and nothing of it is left.
        """
        with ExitStack() as undo:
            undo.callback(self._events.close)
            for onlooker in self._onlookers:
                ear = undo.enter_context(onlooker.hearing(self._events.emit))
                undo.enter_context(self._events.heard(ear))
            self._dashboard.phase("starting")
            workload = self._parts.workload(self._plan)
            load = self._parts.load(self._plan)
            undo.callback(lambda: load.stop(self._clock.now_ns()))
            load.start()  # its processes import while the servers start
            if self._interrupted.is_set():
                raise KeyboardInterrupt
            stack = undo.enter_context(self._parts.runtime.up(self._plan))
            load.connect(stack.endpoints())
            primary = stack.database.direct(self._plan.scenario.stack.topology.primary)
            for reply in ask(primary, workload.schema, clock=self._clock, timeout_s=30):
                if reply.sqlstate:
                    raise StackError("the workload's tables could not be made", why=reply.message)
            load.ready(self._clock.now_ns() + READY_TIMEOUT_S * NS)
            self._drive(stack, load, workload, undo)

    def _drive(self, stack: Stack, load: LoadDriver, workload: Workload, undo: ExitStack) -> None:
        parts, emit = self._parts, self._events.emit
        router = parts.router(self._plan, stack)
        witness = NodeWitness(stack.database, query=workload.audit_query, events=self._events, clock=self._clock)
        manager = parts.failover(self._plan, stack, router, witness, emit)
        undo.callback(manager.stop)
        scene = Scene(
            plan=self._plan,
            stack=stack,
            load=load,
            manager=manager,
            emit=emit,
            holds=lambda node: manager.holds(node) or (self._load_over.is_set() and node in manager.deposed()),
            load_running=lambda: not self._load_over.is_set(),
        )
        arm = parts.arms(scene)
        timeline = Timeline(self._plan, arm, manager, events=self._events, journal=self._journal, clock=self._clock)
        undo.callback(timeline.close)
        began_ns = self._clock.now_ns() + round(LEAD_S * NS)
        load.begin(began_ns)
        self._events.emit(Event(t_ns=began_ns, event=Name.LOAD_STARTED))
        manager.start()
        samples = Samples(self._directory.samples, stack, self._clock)
        undo.callback(samples.close)
        lag = LagWatch(stack.database, manager.primary, self._clock, samples.take)
        undo.callback(lag.stop)
        lag.start()
        pulse = Pulse(self._directory.pulse, stack.wan, self._clock)
        undo.callback(pulse.stop)
        pulse.start()
        t0_ns = self._steady(load, manager, began_ns)
        if t0_ns is not None:
            self._play(timeline, load, manager, lag, t0_ns)
        lag.stop()
        by = "interrupt" if self._interrupted.is_set() else "audit"
        if by == "interrupt":
            self._events.say(Name.INTERRUPTED)
        self.cut_short = self._interrupted.is_set()
        incomplete = self._stop(load, timeline)
        pulse.stop()
        audit = self._audit(Auditor(self._plan, stack, router, manager, witness, clock=self._clock), timeline, by=by)
        for why in stack.broken():
            self._events.say(Name.BROKEN, what="the stack", why=why)
        self._write(audit, incomplete, stack)
        if self._hold is not None:
            self._hold(stack)

    def _steady(self, load: LoadDriver, manager: FailoverManager, began_ns: int) -> int | None:
        """Wait for the steady state; t0 is when it was confirmed, None: it was not."""
        settings = self._plan.scenario.steady_state
        t0_ns, unsteady, counts = await_steady(
            settings,
            load,
            self._clock,
            began_ns=began_ns,
            lag_ns=self._plan.probes.timeout_ns + REPORT_LAG_NS,
            stop=self._interrupted.is_set,
            watch=lambda: self._dashboard.steadying(load, manager),
        )
        if t0_ns is None:
            self._events.say(Name.NO_STEADY_STATE, why="; ".join(unsteady))
            return None
        availability = {stream: ok / scheduled for stream, (ok, scheduled) in counts.items() if scheduled}
        self._dashboard.t0_ns = t0_ns
        self._events.emit(Event(t_ns=t0_ns, event=Name.STEADY, detail={"availability": availability}))
        return t0_ns

    def _play(self, timeline: Timeline, load: LoadDriver, manager: FailoverManager, lag: LagWatch, t0_ns: int) -> None:
        def tell(due: Due | None, left_s: float) -> None:
            standing = timeline.standing()
            self._dashboard.playing(load, manager, lag, standing=standing, due=due, left_s=left_s)

        with self._events.heard(self._hear):
            timeline.run(t0_ns, lambda at_ns, due: self._wait_until(at_ns, lambda left_s: tell(due, left_s)))

    def _hear(self, event: Event) -> None:
        if event.event in NEWS:
            self._news.set()

    def _wait_until(self, at_ns: int, tell: Callable[[float], None]) -> bool:
        """Wait for an instant or for news while somebody watches; False when the run is interrupted."""
        while (left_s := (at_ns - self._clock.now_ns()) / NS) > 0 and not self._interrupted.is_set():
            tell(left_s)
            # The last stretch is slept in one piece, so that a fault strikes when it is due.
            if self._news.wait(left_s if left_s < 2 * EVERY_S else EVERY_S):
                self._news.clear()
                break
        return not self._interrupted.is_set()

    def _stop(self, load: LoadDriver, timeline: Timeline) -> list[str]:
        """Stop the load; the history is safe before anything else can go wrong.

        Returns:
            The clients whose stream lacks its end.
        """
        self._dashboard.phase("stopping the load")
        timeline.settle()
        self._load_over.set()
        self._events.say(Name.LOAD_STOPPED)
        load.stop(self._clock.now_ns() + self._plan.probes.timeout_ns + STOP_SLACK_S * NS)
        for why in load.broken():
            self._events.say(Name.BROKEN, what="the load", why=why)
        incomplete = self._parts.history(load, self._directory.path / "history.parquet")
        shutil.rmtree(self._directory.streams)
        return incomplete

    def _audit(self, auditor: Auditor, timeline: Timeline, *, by: str) -> AuditResult:
        """Read the truth; an audit that fails says so, and leaves nothing to be believed."""
        self._dashboard.phase("reading what every node holds")
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
        self._directory.write_json("price.json", _price(stack))
        stack.keep_logs()
        self._tell_logs()
        self._events.say(Name.END_OF_RUN)

    def _tell_logs(self) -> None:
        """Repeat among the events what the servers wrote while the load ran, as far as it tells something."""
        epoch_ns = self._clock.epoch_wall_ns()
        at = {event.event: event.t_ns for event in self._events.seen}
        since_ns, until_ns = (epoch_ns + at[name] for name in (Name.LOAD_STARTED, Name.LOAD_STOPPED))
        for node in self._plan.scenario.stack.topology.nodes:
            log = self._directory.log(node.name)
            written = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
            for line in telling(written, since_ns, until_ns):
                at_ns, detail = line.wall_ns - epoch_ns, {"line": line.text, "times": line.times}
                self._events.emit(Event(t_ns=at_ns, event=Name.LOG, node=node.name, detail=detail))


def _price(stack: Stack) -> Mapping[str, Any]:
    """What the pattern cost on the WAN; null: the stack cannot tell. Nothing may need its connections any more."""
    try:
        pairs = stack.crossed() if isinstance(stack, Metered) else None
    except StackError:
        pairs = None
    rows = [{"from": a, "to": b, "bytes": count} for (a, b), count in (pairs or {}).items()]
    return {"wan": None if pairs is None else rows}


def machine() -> Mapping[str, Any]:
    """The machine, for the report: figures belong to it."""
    return {
        "cores": psutil.cpu_count() or 0,
        "memory_bytes": psutil.virtual_memory().total,
        "kernel": platform.release(),
        "architecture": platform.machine(),
    }
