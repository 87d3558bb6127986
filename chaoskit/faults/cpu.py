"""``cpu``: nodes get a share of one core. Proved by the kernel, which counts how often it held them back."""

from collections.abc import Mapping, Sequence

from chaoskit.clock import NS
from chaoskit.faults.claims import State
from chaoskit.faults.ground import Ground
from chaoskit.faults.machine import Change
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import Cpu
from chaoskit.protocols import Machines, Proof

BUSY_TIMEOUT_S = 10.0
"""How long to wait until a node wants more than its share."""


class Starvation(Change):
    """Nodes that get ``leave`` of one core."""

    word = Cpu.word
    state = State.STRAINED

    def __init__(self, step: str, nodes: Sequence[str], machines: Machines, ground: Ground, leave: float) -> None:
        super().__init__(step, nodes, machines, ground)
        self._leave = leave
        self._throttled_before: Mapping[str, int] = {}

    @property
    def words(self) -> str:
        """What is done."""
        return f"{100 * self._leave:g}% of one core left"

    def before(self) -> None:
        """How often each was held back before."""
        self._throttled_before = self._throttled()

    def do(self, node: str) -> None:
        """Limit it."""
        self.machines.throttle(node, self._leave)

    def undo(self, node: str) -> None:
        """As much as there is."""
        self.machines.throttle(node, None)

    def onset(self, standing: Standing) -> Proof:
        """Each node was held back; one that never wanted more than its share, or was ended, shows nothing."""
        clock = self.ground.clock
        deadline_ns = clock.now_ns() + round(BUSY_TIMEOUT_S * NS)
        while True:
            held_back = self._since(self._throttled_before)
            idle = [node for node in self.nodes if held_back.get(node, 0) <= 0]
            if not idle:
                held = ", ".join(f"{node} {times} times" for node, times in held_back.items())
                return Proof(ok=True, text=f"the kernel held back {held}")
            if not standing or clock.now_ns() >= deadline_ns:
                return Proof(ok=None, text=f"the kernel never had to hold back {', '.join(idle)}")
            clock.sleep(0.1)

    def heal(self) -> Proof:
        """The nodes answer, have no limit any more, and are held back no more."""
        limited = [node for node in self.nodes if self.machines.share(node) is not None]
        if limited:
            return Proof(ok=False, text=f"still limited: {', '.join(limited)}")
        before = self._throttled()
        proof = self.canary.heal()
        held = [node for node, times in self._since(before).items() if times > 0]
        return Proof(ok=False, text=f"still held back: {', '.join(held)}") if held else proof

    def _since(self, before: Mapping[str, int]) -> dict[str, int]:
        """How often each was held back since then; one that was started anew since counts anew."""
        return {node: times - before.get(node, times) for node, times in self._throttled().items()}

    def _throttled(self) -> dict[str, int]:
        running = [node for node in self.nodes if self.ground.database.running(node)]
        return {node: self.machines.throttled(node) for node in running}
