"""``disk_full``: no room on the volume of nodes. A server that dies of it is the fault's doing, and is brought back."""

from collections.abc import Mapping, Sequence

from chaoskit.faults.claims import State
from chaoskit.faults.comeback import Comeback
from chaoskit.faults.ground import Ground
from chaoskit.faults.machine import Change
from chaoskit.faults.proof import together
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import DiskFull
from chaoskit.protocols import Machines, Proof

MB = 1_000_000
SLACK_BYTES = 1 * MB
"""Filesystems round, and a server goes on writing and removing while it is looked at."""


class FullDisk(Change):
    """Nodes whose volumes are filled but for ``leave_bytes``."""

    word = DiskFull.word
    state = State.FRAIL

    def __init__(self, step: str, nodes: Sequence[str], machines: Machines, ground: Ground, leave_bytes: int) -> None:
        super().__init__(step, nodes, machines, ground)
        self._leave_bytes = leave_bytes
        self._comeback = Comeback(ground=ground, step=step, nodes=nodes)
        self._died: list[str] = []

    @property
    def words(self) -> str:
        """What is done."""
        return f"disk filled, {self._leave_bytes / MB:g} MB left"

    def do(self, node: str) -> None:
        """Fill it; what the server suffers from now on is the fault's doing."""
        self.ground.database.excuse(node, True)
        self.machines.fill(node, self._leave_bytes)

    def undo(self, node: str) -> None:
        """Make room; a server that died is ended for good, so that it can be brought back."""
        if not self.ground.database.running(node):
            self._died.append(node)
            self.ground.database.kill(node)
        self.machines.empty(node)
        self.ground.database.excuse(node, False)

    def onset(self, _standing: Standing) -> Proof:
        """No more room is left than was to be, whether the server has died of it or not."""
        room = {node: self.machines.free_bytes(node) for node in self.nodes}
        return Proof(ok=not self._roomy(room), text=", ".join(self._words(node, free) for node, free in room.items()))

    def bring_back(self) -> str:
        """Start what died of it, where nobody holds it down."""
        told = self._comeback.bring()
        died = f"{', '.join(self._died)} had died of it" if self._died else ""
        return "; ".join(word for word in (died, told) if word)

    def heal(self) -> Proof:
        """There is room again, and the nodes answer that nobody else holds down."""
        proof = self.canary.heal()
        room = {node: self.machines.free_bytes(node) for node in self.nodes}
        full = [node for node in room if node not in self._roomy(room)]
        return together(proof, Proof(ok=False, text=f"still no room: {', '.join(full)}")) if full else proof

    def _roomy(self, room: Mapping[str, int]) -> list[str]:
        return [node for node, free in room.items() if free > self._leave_bytes + SLACK_BYTES]

    def _words(self, node: str, free: int) -> str:
        died = "" if self.ground.database.running(node) else ", and its server has died"
        return f"{node} has {free / MB:.1f} MB left{died}"
