"""How dead nodes come back: from their disk, or copied anew where it is gone.

What a disk holds is nobody's to undo here, even where the world has moved on: it may be the only copy of what was
acknowledged. A replica that has gone past its new primary is the failover manager's to read and to rebuild.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.faults.baseline import SLACK_S
from chaoskit.faults.ground import Ground
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Dial
from chaoskit.model.scenario import Failback

SOURCE_TIMEOUT_S = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """Brings the nodes of one step back, once they are dead and their links are open.

    Attributes:
        nodes: In any order; the primary is brought back first, since others follow it.
        destroyed: Whether their disks are gone.
    """

    ground: Ground
    step: str
    nodes: Sequence[str]
    destroyed: bool = False

    def bring(self) -> str:
        """Bring back every node that nobody holds down; return in words what was out of the ordinary.

        Raises:
            StackError: One did not come back; the others were tried all the same.
        """
        told, failed = [], []
        for node in sorted(self.nodes, key=lambda node: node != self.ground.primary()):
            try:
                told.append(self._bring(node))
            except StackError as error:
                failed.append(f"{node}: {' '.join(str(error).split())}")
        if failed:
            raise StackError("not every node came back", why="; ".join(failed), fix="see the logs in the run directory")
        return "; ".join(word for word in told if word)

    def _bring(self, node: str) -> str:
        if self.ground.holds(node):
            return f"{node} is left to the failover manager"
        if self.ground.database.running(node):
            return ""
        if self.destroyed:
            return self._copy(node, self.ground.primary())
        self.ground.database.restart(node, isolated=False)
        self._say(node, how="disk")
        return ""

    def _copy(self, node: str, source: str) -> str:
        """Copy a node that has no disk any more from the primary, once the way there is open."""
        if node == source:
            return f"{node} has nothing to start from, and there is no other primary to copy"
        dial = self._dial(node, source)
        self._await(dial)
        self.ground.database.rebuild(node, source, Failback.RECLONE, self.ground.wan.target(dial))
        self._say(node, how=Failback.RECLONE.value, source=source)
        return f"{node} was copied anew from {source}"

    def _dial(self, node: str, source: str) -> Dial:
        return next(d for d in self.ground.plan.dials if (d.source.name, d.target.name) == (node, source))

    def _open(self, dial: Dial) -> bool:
        """Whether the source answers; a copy behind a cut would hang."""
        added_ns = self.ground.wan.passage(dial)
        if added_ns is None:
            return False
        patience_s = self.ground.baseline.slowest_s([dial]) + added_ns / 1e9 + SLACK_S
        return self.ground.wan.ping([dial], patience_s)[dial] is not None

    def _await(self, dial: Dial) -> None:
        wait_for(
            lambda: None if self._open(dial) else "it does not answer",
            clock=self.ground.clock,
            timeout_s=SOURCE_TIMEOUT_S,
            what=f"{dial.source.name} cannot be copied from {dial.target.name}",
            fix="let the step end while the way to the primary is open",
            every_s=0.2,
        )

    def _say(self, node: str, **detail: Any) -> None:
        now_ns = self.ground.clock.now_ns()
        self.ground.emit(Event(t_ns=now_ns, event=Name.RESTARTED, step=self.step, node=node, detail=detail))
