"""A live stack without a load of its own: whoever holds it drives it by hand."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaoskit import planning, scenario_file
from chaoskit.engine.events import EventLog
from chaoskit.engine.parts import Scene
from chaoskit.engine.timeline import Arm
from chaoskit.engine.witness import NodeWitness
from chaoskit.errors import StackError
from chaoskit.model.event import Event, Name
from chaoskit.model.place import Situation
from chaoskit.model.plan import PlannedStep
from chaoskit.protocols import Endpoints, Injector, Proof, Target
from chaoskit.session.running import Manner, Site, prepared, turn
from chaoskit.session.trials import Trial
from chaoskit.sql import ask
from chaoskit.wiring.kit import Kit

SCHEMA_TIMEOUT_S = 30
# What a fault by hand is read in: the scenario's own stack, and nothing else that could be at odds with it.
BARE = ("load=null", "objectives=null", "timeline=null", "duration=1h")


class Unproved(StackError):
    """A fault was not seen to take effect, or to be over: whatever follows would prove nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A fault that stands. ``resolved``: its roles as they are; ``proof``: how it is known that it took effect."""

    resolved: str
    text: str
    proof: str


class LiveStack:
    """Servers, their network, and whoever fails over, all running.

    Args:
        trial: The scenario that they are of.
        sets: What changed its file.
        scene: The stack and what acts on it.
        arm: Makes injectors.
    """

    def __init__(
        self, trial: Trial, sets: tuple[str, ...], scene: Scene, arm: Arm, *, site: Site, events: EventLog
    ) -> None:
        self._trial, self._sets, self._scene, self._arm = trial, sets, scene, arm
        self._site, self._events = site, events
        self._text = trial.chosen.path.read_text(encoding="utf-8")
        self._made, self._standing = 0, dict[str, Injector]()

    @property
    def run_dir(self) -> Path:
        """Logs, events and journal."""
        return self._site.directory.path

    @property
    def endpoints(self) -> Mapping[str, Endpoints]:
        """Where each region's clients write and read; ``endpoints["eu-west"].write.conninfo()`` is for libpq."""
        return self._scene.stack.endpoints()

    @property
    def primary(self) -> str:
        """The node that is primary, as far as whoever fails over knows."""
        return self._scene.manager.primary()

    def direct(self, node: str) -> Target:
        """The node's own address, past the network: to look at it, not for what is tested."""
        return self._scene.stack.database.direct(node)

    @contextmanager
    def fault(self, word: str, **keys: str | float) -> Iterator[Struck]:
        """Let a fault stand while the block runs: ``with stack.fault("partition", link="us-east <-> rest"):``.

        It has been seen to take effect when the block begins, and to be over when it has ended.

        Args:
            word: The fault, as a timeline writes it.
            **keys: Its keys, as a timeline writes them: ``add="200ms"``, ``mode="drop"``, ``factor=3``.

        Raises:
            UsageError: No timeline could say so.
            Unproved: It was not seen to take effect, or to be over.
            StackError: It cannot strike now.
        """
        step = self._step(word, keys)
        try:
            yield self._strike(step)
        except BaseException:
            self._recover(step.name)
            raise
        self._heal(step.name)

    def close(self) -> None:
        """Heal whatever still stands, the latest first."""
        for name in reversed([*self._standing]):
            self._recover(name)

    def _recover(self, name: str) -> None:
        """Heal where something worse is already told, or nobody is left to be told."""
        try:
            self._heal(name)
        except Exception as error:  # noqa: BLE001 - the others have to be healed all the same
            self._events.say(Name.BROKEN, step=name, what=f"the heal of {name}", why=f"{type(error).__name__}: {error}")

    def _step(self, word: str, keys: Mapping[str, str | float]) -> PlannedStep:
        """Read a fault as a timeline's: it means what it means there, or is refused in the same words."""
        self._made += 1
        name = f"by-hand-{self._made}"
        deed = {"fault": word, **keys, "at": "0s", "until": "end"}
        value = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in deed.items())
        sets = (*self._sets, *BARE, f"timeline.{name}={{{value}}}")
        chosen = self._trial.chosen
        scenario = scenario_file.parse(self._text, str(chosen.path), sets, variant=chosen.scenario.variant)
        (step,) = planning.plan(scenario, seed=self._trial.plan.seed, run=self._trial.plan.run).steps
        return step

    def _strike(self, step: PlannedStep) -> Struck:
        fault = step.fault
        assert fault is not None
        topology = self._trial.chosen.scenario.stack.topology
        now = Situation(topology=topology, primary=self.primary, seed=f"{self._trial.plan.seed}/{step.name}")
        injector = self._arm(step, fault, now)
        self._site.journal.fault(f"{step.name}: {fault.word}")
        self._standing[step.name] = injector
        first_ns, last_ns = injector.strike()
        detail = {"fault": fault.word, "resolved": injector.resolved, "text": injector.text}
        detail |= {"onset_first_ns": str(first_ns), "onset_last_ns": str(last_ns)}
        self._events.emit(Event(t_ns=first_ns, event=Name.START, step=step.name, detail=detail))
        proof = injector.settle()
        self._require(step.name, "onset", proof)
        return Struck(resolved=injector.resolved, text=injector.text, proof=proof.text)

    def _heal(self, name: str) -> None:
        """Heal a step and wait until what it stopped is back; idempotent. One whose heal failed still stands."""
        injector = self._standing.get(name)
        if injector is None:
            return
        injector.heal()
        del self._standing[name]
        self._site.journal.healed(name)
        self._events.say(Name.END, step=name)
        self._require(name, "heal", injector.settled())

    def _require(self, step: str, phase: str, proof: Proof) -> None:
        self._events.say(Name.PROVED, step=step, phase=phase, ok=proof.ok, proof=proof.text)
        if proof.ok is not True:
            raise Unproved(f"the {phase} of {step} is not proved", why=proof.text)


@contextmanager
def live(trial: Trial, kit: Kit, manner: Manner) -> Iterator[LiveStack]:
    """Bring up the stack of a scenario, with its failover and without its load and timeline; gone on exit.

    Raises:
        StackError: It cannot be brought up; nothing of it is left.
    """
    with turn(manner), ExitStack() as undo:
        site = undo.enter_context(prepared(trial, kit, manner))
        events = EventLog(site.directory.events, site.clock)
        undo.callback(events.close)
        scene = undo.enter_context(_scene(trial, site, events))
        arm = site.parts.arms(scene)
        scene.manager.start()
        stack = LiveStack(trial, manner.sets, scene, arm, site=site, events=events)
        undo.callback(stack.close)
        yield stack


@contextmanager
def _scene(trial: Trial, site: Site, events: EventLog) -> Iterator[Scene]:
    """The stack, and whoever acts on it, who has not begun."""
    plan, parts, clock = trial.plan, site.parts, site.clock
    workload, load = parts.workload(plan), parts.load(plan)
    load.stop(clock.now_ns())  # it never begins: the clients are those of whoever holds the stack
    with parts.runtime.up(plan) as stack, ExitStack() as undo:
        primary = stack.database.direct(plan.scenario.stack.topology.primary)
        for reply in ask(primary, workload.schema, clock=clock, timeout_s=SCHEMA_TIMEOUT_S):
            if reply.sqlstate:
                raise StackError("the workload's tables could not be made", why=reply.message)
        witness = NodeWitness(stack.database, query=workload.audit_query, events=events, clock=clock)
        manager = parts.failover(plan, stack, parts.router(plan, stack), witness, events.emit)
        undo.callback(manager.stop)
        yield Scene(
            plan=plan,
            stack=stack,
            load=load,
            manager=manager,
            emit=events.emit,
            holds=manager.holds,
            load_running=lambda: False,
        )
