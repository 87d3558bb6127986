"""``freeze``: processes stop running and keep everything open: a gray failure, and a zombie once it is over."""

from collections.abc import Sequence

from chaoskit.errors import StackError
from chaoskit.faults.claims import State
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary, together
from chaoskit.faults.standing import Standing
from chaoskit.faults.standstill import Standstill
from chaoskit.faults.victims import dials_to, running
from chaoskit.model.fault import ALL_PROCESSES, Freeze
from chaoskit.model.place import Situation
from chaoskit.protocols import Proof, Span

ANSWERING = (ALL_PROCESSES, "postmaster")
"""Without these nobody is answered who asks anew."""


class FreezeInjector:
    """Stops processes of nodes, and lets them run on at the heal."""

    excluded_regions: Sequence[str] = ()

    def __init__(self, step: str, fault: Freeze, now: Situation, ground: Ground) -> None:
        self._step, self._process, self._ground = step, fault.process, ground
        self.nodes: Sequence[str] = running(step, fault.target, now, ground)
        whole = fault.process in ANSWERING
        self._canary = Canary(ground, dials_to(self.nodes, ground), silencing=step if whole else "")
        self._part = None if whole else Standstill(ground, self.nodes, fault.process)
        self._standing = Standing()
        self._frozen: list[str] = []
        self._failed = ""

    @property
    def resolved(self) -> str:
        """The nodes."""
        return " + ".join(self.nodes)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        what = "every process" if self._process == ALL_PROCESSES else f"its {self._process}"
        return f"{self.resolved} frozen: {what} stopped, connections kept open"

    def strike(self) -> Span:
        """Stop the processes; what cannot be stopped is told by the proof."""
        first_ns = self._ground.clock.now_ns()
        for node in self.nodes:
            self._freeze(node)
        return first_ns, self._ground.clock.now_ns()

    def settle(self) -> Proof:
        """A node that is stopped answers nobody; of one that still answers the part is seen to be stopped."""
        if self._failed:
            return Proof(ok=False, text=self._failed)
        return self._standing.proof(self._onset)

    def heal(self) -> Span:
        """Let the processes run on; idempotent."""
        self._standing.over()
        first_ns = self._ground.clock.now_ns()
        while self._frozen:
            node = self._frozen[-1]
            self._mark(node, State.CHANGING)
            self._ground.database.resume(node)
            self._frozen.pop()
        return first_ns, self._ground.clock.now_ns()

    def settled(self) -> Proof:
        """Nothing of a node is stopped any more, and it answers again."""
        self._ground.claims.release(self._step)
        return _vetoed(self._part.heal(), self._canary.heal()) if self._part else self._canary.heal()

    def _onset(self) -> Proof:
        return _vetoed(self._part.onset(), self._canary.onset()) if self._part else self._canary.onset()

    def _freeze(self, node: str) -> None:
        self._ground.intend(f"freeze {node}")
        self._frozen.append(node)
        self._mark(node, State.CHANGING)
        try:
            self._ground.database.freeze(node, self._process)
        except StackError as error:
            self._failed = " ".join(str(error).split())
        self._mark(node, State.STOPPED)

    def _mark(self, node: str, state: State) -> None:
        if self._part is None:
            self._ground.claims.mark(node, state)


def _vetoed(part: Proof, canary: Proof) -> Proof:
    """What was seen of the part, unless its node does what it must not; that it cannot be heard says nothing."""
    if False in (part.ok, canary.ok):
        return together(part, canary)
    return Proof(ok=part.ok, text=f"{part.text}; {canary.text}")
