"""``disconnect``: the cables of nodes are pulled. What is under way hangs on both sides, and nobody is told.

Who dials anew is: the node at once that it has no network, the WAN after some seconds that there is no such host.
"""

from chaoskit.faults import links
from chaoskit.faults.claims import State
from chaoskit.faults.machine import Change
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import Disconnect
from chaoskit.protocols import Proof


class PulledCable(Change):
    """Nodes without a network interface."""

    word = Disconnect.word
    state = State.STOPPED
    unreachable = True

    @property
    def words(self) -> str:
        """What is done."""
        return "network interfaces gone, servers running"

    def do(self, node: str) -> None:
        """Pull it, and hold the WAL on its way to the node; the dials that lead to it prove that it is silent."""
        self.machines.unplug(node)
        links.hold_unread(self.ground, _unread(node), (d for d in self.ground.plan.dials if d.source.name == node))

    def undo(self, node: str) -> None:
        """Plug it in again."""
        self.machines.plug(node)
        self.ground.wan.heal(_unread(node))

    def onset(self, _standing: Standing) -> Proof:
        """The nodes answer nobody."""
        return self.canary.onset()


def _unread(node: str) -> str:
    """The key under which the WAN holds what does not reach the node; no step can be called so."""
    return f"not heard by {node}"
