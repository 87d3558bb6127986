"""Strikes and heals on time. An injection is one burst; what it takes to prove it runs beside the clock."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import assert_never

from chaoskit.engine.events import EventLog
from chaoskit.engine.journal import Journal
from chaoskit.errors import ChaoskitError
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Latency, Mode, Partition, RegionLoss
from chaoskit.model.plan import Plan, PlannedStep
from chaoskit.protocols import Clock, Injector, Proof

SETTLE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One instant of the timeline, in ns since t0."""

    at_ns: int
    step: PlannedStep
    strikes: bool

    @property
    def words(self) -> str:
        """For whoever is watching."""
        return f"{self.step.name} ({self.step.fault.word})" if self.strikes else f"heal {self.step.name}"


class Timeline:
    """The steps of a plan, on the clock; heals whatever is left, always.

    Args:
        injectors: One per step, by its name.
    """

    def __init__(
        self, plan: Plan, injectors: Mapping[str, Injector], *, events: EventLog, journal: Journal, clock: Clock
    ) -> None:
        self._injectors, self._events, self._journal, self._clock = injectors, events, journal, clock
        strikes = [Due(at_ns=step.at_ns, step=step, strikes=True) for step in plan.steps]
        heals = [Due(at_ns=s.until_ns, step=s, strikes=False) for s in plan.steps if s.until_ns is not None]
        self.dues = sorted([*strikes, *heals], key=lambda due: (due.at_ns, due.strikes))
        self._struck: dict[str, PlannedStep] = {}
        self._pool = ThreadPoolExecutor(max(len(plan.steps), 1), thread_name_prefix="proof")
        self._proofs: list[Future[None]] = []

    def run(self, t0_ns: int, wait_until: Callable[[int, Due | None], bool]) -> None:
        """Do everything that is due; ``wait_until(run ns, next)`` returns False when the run is interrupted."""
        for due in self.dues:
            if not wait_until(t0_ns + due.at_ns, due):
                return
            if due.strikes:
                self._strike(due.step)
            else:
                self.heal(due.step.name, by="timeline")
                self.prove_heal(due.step.name)

    def standing(self) -> list[PlannedStep]:
        """Steps that struck and are not healed."""
        return list(self._struck.values())

    def heal(self, step: str, *, by: str) -> None:
        """Heal one step; idempotent. One whose heal failed still stands, to be healed again."""
        if step not in self._struck:
            return
        began_ns = self._clock.now_ns()
        first_ns, last_ns = self._injectors[step].heal()
        del self._struck[step]
        self._journal.healed(step)
        detail = {"heal_first_ns": first_ns, "healed_ns": last_ns, "by": by}
        self._events.emit(Event(t_ns=began_ns, event=Name.END, step=step, detail=detail))

    def prove_heal(self, step: str) -> None:
        """Prove a heal beside the clock."""
        self._proofs.append(self._pool.submit(self._prove, step, "heal", self._injectors[step].settled))

    def settle(self) -> None:
        """Wait until every proof is in."""
        _, late = wait(self._proofs, timeout=SETTLE_TIMEOUT_S)
        if late:
            self._events.say(Name.BROKEN, what="a proof", why=f"not in after {SETTLE_TIMEOUT_S:g} s")
        self._proofs.clear()

    def close(self) -> None:
        """Heal what is left, whatever happened; idempotent. What cannot be healed dies with its processes."""
        for step in list(self._struck):
            try:
                self.heal(step, by="interrupt")
            except ChaoskitError as error:
                self._events.say(Name.BROKEN, step=step, what=f"the heal of {step}", why=str(error))
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _strike(self, step: PlannedStep) -> None:
        injector = self._injectors[step.name]
        self._journal.fault(f"{step.name}: {step.fault.word}")
        self._struck[step.name] = step
        first_ns, last_ns = injector.strike()
        detail = {
            "fault": step.fault.word,
            "target": _target(step),
            "text": _text(step),
            "onset_first_ns": first_ns,
            "onset_last_ns": last_ns,
            "excluded_regions": [step.fault.region] if isinstance(step.fault, RegionLoss) else [],
        }
        self._events.emit(Event(t_ns=first_ns, event=Name.START, step=step.name, detail=detail))
        self._proofs.append(self._pool.submit(self._prove, step.name, "onset", injector.settle))

    def _prove(self, step: str, phase: str, settle: Callable[[], Proof]) -> None:
        try:
            proof = settle()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the fault is not proved
            proof = Proof(ok=False, text=f"{type(error).__name__}: {error}")
        self._events.say(Name.PROVED, step=step, phase=phase, ok=proof.ok, proof=proof.text)


def _target(step: PlannedStep) -> str:
    return step.fault.region if isinstance(step.fault, RegionLoss) else str(step.fault.link)


def _text(step: PlannedStep) -> str:
    """One sentence for someone who was not there."""
    fault = step.fault
    match fault:
        case RegionLoss():
            return f"{fault.region} lost power: its links cut, its servers and clients frozen, its disks kept"
        case Partition():
            return f"{fault.link} cut: {_MODES[fault.mode]}"
        case Latency():
            more = f"{fault.factor:g} times as long" if fault.add_ns is None else f"{fault.add_ns / 1e6:g} ms longer"
            return f"{fault.link}: bytes take {more}"
        case _:
            assert_never(fault)


_MODES = {
    Mode.STALL: "bytes are held and delivered at the heal",
    Mode.DROP: "bytes are lost, connections close at the heal",
    Mode.REFUSE: "connections close and new ones are refused",
}
