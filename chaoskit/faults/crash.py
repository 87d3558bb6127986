"""``crash``: every process of some nodes dies at once; behind a cut, as the cut heals."""

from collections.abc import Sequence

from chaoskit.faults import links
from chaoskit.faults.comeback import Comeback
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary
from chaoskit.faults.standing import Standing
from chaoskit.faults.victims import dials_to, running
from chaoskit.model.fault import Crash
from chaoskit.model.place import Situation
from chaoskit.protocols import Proof, Span


class CrashInjector:
    """Kills nodes, and restarts them at the heal."""

    excluded_regions: Sequence[str] = ()

    def __init__(self, step: str, fault: Crash, now: Situation, ground: Ground) -> None:
        self._step, self._ground = step, ground
        self.nodes: Sequence[str] = running(step, fault.target, now, ground)
        self._comeback = Comeback(ground=ground, step=step, nodes=self.nodes)
        self._canary = Canary(ground, dials_to(self.nodes, ground), silencing=step)
        self._standing, self._struck, self._heard = Standing(), False, ""

    @property
    def resolved(self) -> str:
        """The nodes."""
        return " + ".join(self.nodes)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        return f"{self.resolved} crashed: every process killed at once, the disk kept"

    def strike(self) -> Span:
        """Kill every process of the nodes; freeze those of which a cut would let the end be heard."""
        first_ns = self._ground.clock.now_ns()
        self._struck = True
        for node in self.nodes:
            links.crash(self._ground, node)
        return first_ns, self._ground.clock.now_ns()

    def settle(self) -> Proof:
        """The nodes answer nobody."""
        proof = self._standing.proof(self._canary.onset)
        frozen = [node for node in self.nodes if self._ground.claims.cuts.doomed(node)]
        if not frozen or not proof.ok:
            return proof
        return Proof(ok=proof.ok, text=f"{proof.text}; {', '.join(frozen)} frozen, to be killed as its cut heals")

    def heal(self) -> Span:
        """End what was only frozen; the nodes come back in ``settled``."""
        self._standing.over()
        first_ns = self._ground.clock.now_ns()
        if self._struck:
            heard = [links.end(self._ground, self._step, node) for node in self.nodes]
            self._heard, self._struck = "; ".join(word for word in heard if word), False
        return first_ns, self._ground.clock.now_ns()

    def settled(self) -> Proof:
        """The nodes are back and answer, but for those that somebody else holds down."""
        try:
            told = self._comeback.bring()
        finally:
            self._ground.claims.release(self._step)
        proof = self._canary.heal()
        return Proof(ok=proof.ok, text="; ".join(word for word in (proof.text, told, self._heard) if word))
