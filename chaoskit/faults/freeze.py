"""``freeze``: processes stop running and keep everything open: a gray failure, and a zombie once it is over."""

from collections.abc import Sequence

from chaoskit.errors import StackError
from chaoskit.faults.claims import State
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary
from chaoskit.faults.standing import Standing
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
        self._canary = Canary(ground, dials_to(self.nodes, ground), silencing=fault.process in ANSWERING)
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
        self._canary.brace()
        first_ns = self._ground.clock.now_ns()
        for node in self.nodes:
            self._freeze(node)
        return first_ns, self._ground.clock.now_ns()

    def settle(self) -> Proof:
        """A node that is stopped answers nobody; one of which a part is stopped answers as ever."""
        if self._failed:
            return Proof(ok=False, text=self._failed)
        proof = self._standing.proof(self._canary.onset)
        if self._process in ANSWERING or not proof.ok:
            return proof
        return Proof(ok=proof.ok, text=f"{self._process} of {self.resolved} stopped; {proof.text}")

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
        """The nodes answer again."""
        self._ground.claims.release(self._step)
        return self._canary.heal()

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
        if self._process in ANSWERING:
            self._ground.claims.mark(node, state)
