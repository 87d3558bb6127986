"""Faults of a node's machine: claimed, journaled, done and undone node by node. What differs is a ``Change``."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from chaoskit.errors import Skipped, StackError
from chaoskit.faults.claims import State
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary
from chaoskit.faults.standing import Standing
from chaoskit.faults.victims import dials_to, running
from chaoskit.model.place import Place, Situation
from chaoskit.protocols import Machines, Proof, Span


class Change(ABC):
    """What is changed about the machines of some nodes.

    Attributes:
        word: The scenario's.
        state: What becomes of the nodes meanwhile; None: they answer as ever.
        unreachable: Whether nobody can look at the nodes meanwhile, past the WAN included.
    """

    word: str
    state: State | None = None
    unreachable = False

    def __init__(self, step: str, nodes: Sequence[str], machines: Machines, ground: Ground) -> None:
        self.step, self.nodes, self.machines, self.ground = step, nodes, machines, ground
        self.canary = Canary(ground, dials_to(nodes, ground), silencing=step if self.state is State.STOPPED else "")

    @property
    @abstractmethod
    def words(self) -> str:
        """What is changed, to go behind the nodes and a colon."""

    def before(self) -> None:  # noqa: B027 - most have nothing to look at
        """Look at what the proof will compare with: the fault is about to strike."""

    @abstractmethod
    def do(self, node: str) -> None:
        """Change it."""

    @abstractmethod
    def undo(self, node: str) -> None:
        """Change it back; idempotent."""

    @abstractmethod
    def onset(self, standing: Standing) -> Proof:
        """It is as it was to be; given up where it no longer stands."""

    def bring_back(self) -> str:
        """Bring back what the change has ended; says what was out of the ordinary."""
        return ""

    def heal(self) -> Proof:
        """It is as it was, and the nodes answer."""
        return self.canary.heal()


Maker = Callable[[str, Sequence[str], Machines, Ground], Change]
"""Makes a change from its step and the nodes that it strikes."""


class MachineInjector:
    """Changes the machines of nodes, and changes them back at the heal.

    Raises:
        Skipped: The nodes have no machines of their own, do not run, or belong to another step.
    """

    excluded_regions: Sequence[str] = ()

    def __init__(self, step: str, target: Place, now: Situation, ground: Ground, make: Maker) -> None:
        if ground.machines is None:
            why = "the nodes of this runtime share one machine"
            raise Skipped(f"{step} cannot be done", why=why, fix="run it with containers")
        self._step, self._ground = step, ground
        self._victims = running(step, target, now, ground)
        self._change = make(step, self._victims, ground.machines, ground)
        self.nodes: Sequence[str] = self._victims if self._change.unreachable else ()
        self._standing = Standing()
        self._changed: list[str] = []
        self._failed = ""

    @property
    def resolved(self) -> str:
        """The nodes."""
        return " + ".join(self._victims)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        return f"{self.resolved}: {self._change.words}"

    def strike(self) -> Span:
        """Change every machine; what cannot be changed is told by the proof."""
        self._change.before()
        first_ns = self._ground.clock.now_ns()
        for node in self._victims:
            self._do(node)
        return first_ns, self._ground.clock.now_ns()

    def settle(self) -> Proof:
        """The machines are as they were to be."""
        if self._failed:
            return Proof(ok=False, text=self._failed)
        return self._standing.proof(lambda: self._change.onset(self._standing))

    def heal(self) -> Span:
        """Change them back; idempotent."""
        self._standing.over()
        first_ns = self._ground.clock.now_ns()
        while self._changed:
            node = self._changed[-1]
            self._mark(node, State.CHANGING)
            self._change.undo(node)
            self._changed.pop()
        return first_ns, self._ground.clock.now_ns()

    def settled(self) -> Proof:
        """The machines are as they were, and the nodes on them answer."""
        try:
            told = self._change.bring_back()
        finally:
            self._ground.claims.release(self._step)
        proof = self._change.heal()
        return Proof(ok=proof.ok, text="; ".join(word for word in (proof.text, told) if word))

    def _do(self, node: str) -> None:
        self._ground.intend(f"{self._change.word} {node}")
        self._changed.append(node)
        self._mark(node, State.CHANGING)
        try:
            self._change.do(node)
        except StackError as error:
            self._failed = " ".join(str(error).split())
        self._mark(node, self._change.state)

    def _mark(self, node: str, state: State | None) -> None:
        if self._change.state is not None and state is not None:
            self._ground.claims.mark(node, state)
