"""Strikes, acts and heals on time. An injection is one burst; what it takes to prove it runs beside the clock."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from chaoskit.engine.agenda import Agenda, Due
from chaoskit.engine.events import EventLog
from chaoskit.engine.journal import Journal
from chaoskit.errors import Skipped, StackError
from chaoskit.model import place
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Action, Fault, LinkFault, RegionLoss
from chaoskit.model.place import Situation
from chaoskit.model.plan import Plan, PlannedStep
from chaoskit.protocols import Clock, FailoverManager, Injector, Proof

NODE_TIMEOUT_S = 210.0
"""Longer than the comeback of one node may take: until its source answers, until it is copied, until it follows."""
PROOF_TIMEOUT_S = 60.0
"""Longer than a proof may take once the nodes are back."""

Arm = Callable[[PlannedStep, Fault, Situation], Injector]
"""Make the injector of a fault; Skipped: it cannot be done now."""
Wait = Callable[[int, Due | None], bool]
"""Wait until an instant of the run, or until there is news; False: the run was interrupted."""


class Timeline:
    """The steps of a plan, on the clock; heals whatever is left, always.

    Args:
        arm: Makes an injector when its step begins: its roles are resolved then.
        manager: Knows who is primary, and carries out what is done on purpose.
    """

    def __init__(
        self,
        plan: Plan,
        arm: Arm,
        manager: FailoverManager,
        *,
        events: EventLog,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._plan, self._arm, self._manager = plan, arm, manager
        self._events, self._journal, self._clock = events, journal, clock
        self._struck: dict[str, tuple[PlannedStep, Injector]] = {}
        self._lost: dict[str, tuple[str, ...]] = {}
        self._pool = ThreadPoolExecutor(2 * max(len(plan.steps), 1), thread_name_prefix="proof")
        self._proofs: list[Future[None]] = []
        self._settle_s = len(plan.scenario.stack.topology.nodes) * NODE_TIMEOUT_S + PROOF_TIMEOUT_S

    def run(self, t0_ns: int, wait_until: Wait) -> None:
        """Do everything that is due before the end; returns there, or when the run is interrupted."""
        agenda, end_ns = Agenda(self._plan.steps, t0_ns), t0_ns + self._plan.duration_ns
        with self._events.heard(agenda.learn):
            while True:
                due = agenda.next()
                at_ns = end_ns if due is None else min(due.at_ns, end_ns)
                if not wait_until(at_ns, due):
                    return
                if self._clock.now_ns() < at_ns:
                    continue  # there is news, and perhaps something else is due first
                if due is None or due.at_ns >= end_ns:
                    return
                self._do(due, agenda)

    def standing(self) -> list[PlannedStep]:
        """Steps that struck and are not healed."""
        return [step for step, _ in self._struck.values()]

    def stopped_nodes(self) -> tuple[str, ...]:
        """The nodes that nobody can look at, because a standing fault has stopped them or pulled their cables."""
        return tuple(node for _, injector in self._struck.values() for node in injector.nodes)

    def excluded_regions(self) -> tuple[str, ...]:
        """The regions whose clients are lost with a standing fault."""
        return tuple(region for _, injector in self._struck.values() for region in injector.excluded_regions)

    def heal_all(self, *, by: str) -> None:
        """Heal everything that stands, the latest first, and prove it."""
        healed = [self.heal(step.name, by=by) for step in reversed(self.standing())]
        for step, injector in (one for one in healed if one is not None):
            self._prove_heal(step, injector)

    def heal(self, name: str, *, by: str) -> tuple[PlannedStep, Injector] | None:
        """Heal one step; idempotent (then None). One whose heal failed still stands, to be healed again."""
        if name not in self._struck:
            return None
        step, injector = self._struck[name]
        began_ns = self._clock.now_ns()
        first_ns, last_ns = injector.heal()
        del self._struck[name]
        self._lost.pop(name, None)
        self._journal.healed(name)
        detail = {"heal_first_ns": first_ns, "healed_ns": last_ns, "by": by}
        self._events.emit(Event(t_ns=began_ns, event=Name.END, step=name, detail=detail))
        return step, injector

    def settle(self) -> None:
        """Wait until every proof is in, and every action over."""
        _, late = wait(self._proofs, timeout=self._settle_s)
        if late:
            self._events.say(Name.BROKEN, what="a proof", why=f"not in after {self._settle_s:g} s")
        self._proofs = list(late)

    def close(self) -> None:
        """Heal what is left, whatever happened, and let nothing go on that was begun; idempotent.

        What cannot be healed dies with its processes.
        """
        for name in list(self._struck):
            try:
                self.heal(name, by="interrupt")
            except Exception as error:  # noqa: BLE001 - the others have to be healed all the same
                why = f"{type(error).__name__}: {error}"
                self._events.say(Name.BROKEN, step=name, what=f"the heal of {name}", why=why)
        self.settle()  # what is being brought back now would outlive the stack
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, due: Due, agenda: Agenda) -> None:
        step = due.step
        if not due.strikes:
            agenda.healed(step)
            if (healed := self.heal(step.name, by="timeline")) is not None:
                self._prove_heal(*healed)
            return
        try:
            onset_ns = self._strike(step, step.fault) if step.fault is not None else self._act(step)
        except Skipped as why:
            agenda.skipped(step)
            self._events.say(Name.SKIPPED, step=step.name, why=str(why))
        else:
            agenda.struck(step, onset_ns)

    def _situation(self, step: PlannedStep) -> Situation:
        return Situation(
            topology=self._plan.scenario.stack.topology,
            primary=self._manager.primary(),
            lost=frozenset(region for regions in self._lost.values() for region in regions),
            seed=f"{self._plan.seed}/{step.name}",
        )

    def _strike(self, step: PlannedStep, fault: Fault) -> int:
        now = self._situation(step)
        injector = self._armed(step, fault, now)
        self._journal.fault(f"{step.name}: {fault.word}")
        self._struck[step.name] = (step, injector)
        if isinstance(fault, RegionLoss):
            self._lost[step.name] = place.regions(fault.target, now)
        first_ns, last_ns = injector.strike()
        detail = {
            "fault": fault.word,
            "target": _target(step),
            "resolved": injector.resolved,
            "text": injector.text,
            "onset_first_ns": first_ns,
            "onset_last_ns": last_ns,
            "nodes": list(injector.nodes),
            "excluded_regions": list(injector.excluded_regions),
        }
        self._events.emit(Event(t_ns=first_ns, event=Name.START, step=step.name, detail=detail))
        self._beside(step, "onset", injector.settle)
        return first_ns

    def _armed(self, step: PlannedStep, fault: Fault, now: Situation) -> Injector:
        """The injector; a stack that cannot be looked at costs the step and not the run: nothing is touched yet."""
        try:
            return self._arm(step, fault, now)
        except Skipped:
            raise
        except StackError as error:
            raise Skipped(f"{step.name} cannot be begun", why=" ".join(str(error).split())) from error

    def _act(self, step: PlannedStep) -> int:
        """Begin an action: it takes its time beside the clock, and is never undone."""
        assert isinstance(step.deed, Action)
        targets = place.nodes(step.deed.target, self._situation(step))
        if len(targets) != 1:
            raise Skipped(f"{place.text(step.deed.target)} stands for {len(targets)} nodes, and one is needed")
        target, began_ns = targets[0].name, self._clock.now_ns()
        detail = {
            "fault": step.deed.word,
            "target": place.text(step.deed.target),
            "resolved": target,
            "text": f"a planned change of primary to {target}",
            "onset_first_ns": began_ns,
            "onset_last_ns": began_ns,
        }
        self._events.emit(Event(t_ns=began_ns, event=Name.START, step=step.name, detail=detail))
        self._proofs.append(self._pool.submit(self._switch, step.name, target))
        return began_ns

    def _switch(self, step: str, target: str) -> None:
        ok, why = True, ""
        try:
            self._manager.switchover(target)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the action was not carried out
            ok, why = False, f"{type(error).__name__}: {error}"
        self._events.say(Name.ACTED, step=step, ok=ok, why=why)
        self._events.say(Name.PROVED, step=step, phase="onset", ok=ok, proof=why or f"{target} is primary")

    def _prove_heal(self, step: PlannedStep, injector: Injector) -> None:
        self._beside(step, "heal", injector.settled)

    def _beside(self, step: PlannedStep, phase: str, settle: Callable[[], Proof]) -> None:
        self._proofs.append(self._pool.submit(self._prove, step.name, phase, settle))

    def _prove(self, step: str, phase: str, settle: Callable[[], Proof]) -> None:
        try:
            proof = settle()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the fault is not proved
            proof = Proof(ok=False, text=f"{type(error).__name__}: {error}")
        self._events.say(Name.PROVED, step=step, phase=phase, ok=proof.ok, proof=proof.text)


def _target(step: PlannedStep) -> str:
    """What the step strikes, as its file says it."""
    deed = step.deed
    return str(deed.link) if isinstance(deed, LinkFault) else place.text(deed.target)
