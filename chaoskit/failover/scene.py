"""What the operator has at hand: its links, its view of the nodes, and its voice."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chaoskit.clock import NS
from chaoskit.failover.operator import Operator
from chaoskit.failover.standing import Board
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Dial, Plan
from chaoskit.model.scenario import Runbook
from chaoskit.model.topology import Role, Topology
from chaoskit.protocols import Clock, Database, Emit, Router, Target, Wan, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that the parts of a runbook share."""

    plan: Plan
    settings: Runbook
    wan: Wan
    router: Router
    database: Database
    witness: Witness
    clock: Clock
    emit: Emit
    board: Board

    @property
    def topology(self) -> Topology:
        """The nodes and their regions."""
        return self.plan.scenario.stack.topology

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node's name, in order."""
        return tuple(node.name for node in self.topology.nodes)

    @property
    def timeout_s(self) -> float:
        """Deadline of each action: that of a health check."""
        return self.settings.timeout_ns / NS

    @property
    def every_s(self) -> float:
        """How long the operator rests between two tries."""
        return self.settings.every_ns / NS

    @property
    def dials(self) -> Mapping[str, Dial]:
        """The operator's own dial to each node, by its name."""
        return {d.target.name: d for d in self._mine() if d.target.role is Role.NODE}

    @property
    def controls(self) -> Mapping[str, Dial]:
        """The operator's own dial to the control of each region's endpoints, which is where its clients are."""
        return {d.target.region: d for d in self._mine() if d.target.role is Role.CLIENTS}

    def operator(self) -> Operator:
        """Sessions of one's own: no two threads share one."""
        return Operator(self.dials, self.wan, clock=self.clock, timeout_s=self.timeout_s)

    def hands(self, node: str) -> bool:
        """Whether the operator's shell on the node's host answers: it hangs behind whatever cuts their link."""
        return self.wan.passage(self.dials[node]) is not None

    def linked(self, node: str, source: str) -> bool:
        """Whether the node's host reaches ``source``, as that shell would see."""
        return self.wan.passage(self._dial(node, source)) is not None

    def answering(self, nodes: Collection[str]) -> frozenset[str]:
        """Those whose servers answer the operator in time."""
        dials = {self.dials[node]: node for node in nodes}
        trips = self.wan.ping(list(dials), self.timeout_s)
        return frozenset(node for dial, node in dials.items() if trips[dial] is not None)

    def upstream(self, node: str, source: str) -> Target:
        """Where ``node`` finds ``source`` through the WAN."""
        return self.wan.target(self._dial(node, source))

    def say(self, name: Name, *, region: str | None = None, node: str | None = None, **detail: Any) -> None:
        """Say what happened, now."""
        self.emit(Event(t_ns=self.clock.now_ns(), event=name, region=region, node=node, detail=detail))

    def _mine(self) -> tuple[Dial, ...]:
        return tuple(d for d in self.plan.dials if d.source.role is Role.MANAGER)

    def _dial(self, source: str, target: str) -> Dial:
        return next(d for d in self.plan.dials if d.source.name == source and d.target.name == target)
