"""The audit at the end: heal everything, wait until nothing moves, read what every node holds.

From the end of load on, and only then, the harness looks past the WAN.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chaoskit.clock import NS
from chaoskit.engine.quiescence import await_quiescence
from chaoskit.engine.reading import BEFORE, FINAL, NodeReading, united
from chaoskit.engine.timeline import Timeline
from chaoskit.engine.witness import NodeWitness
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, FailoverManager, Router, Stack

COMPLETE_TIMEOUT_S = 60
"""How long the failover manager may take to finish once everything is healed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """What the nodes said, and whether it can be trusted."""

    quiescent: bool
    reason: str
    readings: Sequence[NodeReading]
    authoritative: str | None
    claimants: Sequence[str]
    endpoints: Mapping[str, str]

    def as_json(self, incomplete: Sequence[str]) -> dict[str, Any]:
        """``audit.json``; ``incomplete`` are the clients whose streams lack their end."""
        return {
            "quiescent": self.quiescent,
            "reason": self.reason,
            "authoritative": self.authoritative,
            "claimants": list(self.claimants),
            "endpoints": dict(self.endpoints),
            "streams_complete": not incomplete,
            "streams_incomplete": list(incomplete),
            "nodes": [reading.as_json() for reading in self.readings],
        }


def no_audit(why: str) -> AuditResult:
    """An audit that did not take place."""
    return AuditResult(quiescent=False, reason=why, readings=(), authoritative=None, claimants=(), endpoints={})


class Auditor:
    """Reads the truth after a run.

    Args:
        manager: Whom it holds for the primary counts; it finishes what it has begun, and is stopped.
        witness: Who looks at nodes, and what it has seen.
    """

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        router: Router,
        manager: FailoverManager,
        witness: NodeWitness,
        *,
        clock: Clock,
    ) -> None:
        self._plan, self._stack, self._router = plan, stack, router
        self._manager, self._witness, self._clock = manager, witness, clock
        self._nodes = [node.name for node in plan.scenario.stack.topology.nodes]

    def run(self, timeline: Timeline, *, by: str) -> AuditResult:
        """Heal, let the manager finish, wait, read. The load has stopped."""
        excluded = timeline.excluded_regions()
        zombies = self._zombies(timeline.stopped_nodes())
        timeline.heal_all(by=by)
        timeline.settle()
        self._manager.complete(self._clock.now_ns() + COMPLETE_TIMEOUT_S * NS)
        self._manager.stop()
        deposed = self._manager.deposed()
        read = {reading.node for reading in zombies if reading.answered}
        alone = self._read_alone([node for node in deposed if node not in read])
        before = united([*self._witness.seen(), *zombies, *alone])
        for node in deposed:
            self._stack.database.kill(node)
        rest = [node for node in self._nodes if node not in deposed]
        reason = await_quiescence(self._manager.primary(), rest, self._stack.database, self._clock)
        with ThreadPoolExecutor(len(rest)) as pool:
            final = list(pool.map(lambda node: self._witness.look(node, FINAL), rest))
        held = "deposed; started alone for the audit, never back in service"
        final += [NodeReading(audit=FINAL, node=node, answered=False, why=held) for node in deposed]
        return self._result(before, final, reason, excluded=excluded)

    def _zombies(self, stopped: Collection[str]) -> list[NodeReading]:
        """Read, then end, deposed primaries that run and that nobody is going to rebuild."""
        alive = [
            node
            for node in self._manager.deposed()
            if node not in stopped and not self._manager.holds(node) and self._stack.database.running(node)
        ]
        readings = [self._witness.look(node, BEFORE) for node in alive]
        for node in alive:
            self._stack.database.kill(node)
        return readings

    def _read_alone(self, nodes: Sequence[str]) -> list[NodeReading]:
        """Start deposed primaries alone, and read them: what they have written since they were read before, too."""
        readings = []
        for node in nodes:
            self._stack.database.kill(node)
            readings.append(self._witness.alone(node))
        return readings

    def _result(
        self,
        before: Sequence[NodeReading],
        final: Sequence[NodeReading],
        reason: str | None,
        *,
        excluded: Sequence[str],
    ) -> AuditResult:
        regions = self._plan.scenario.stack.topology.regions
        endpoints = {region: self._router.node(region, "write") for region in regions}
        pointed = {node for region, node in endpoints.items() if region not in excluded}
        authoritative = authority(pointed, final)
        return AuditResult(
            quiescent=reason is None,
            reason=reason or "",
            readings=[*before, *final],
            authoritative=authoritative,
            claimants=sorted(pointed) if authoritative is None else [authoritative],
            endpoints=endpoints,
        )


def authority(pointed: Collection[str], final: Sequence[NodeReading]) -> str | None:
    """The answering writable node to which every surviving write endpoint points; None: they disagree, or it is not.

    Args:
        pointed: The nodes behind the surviving regions' write endpoints.
        final: What every node said at the end.
    """
    writable = [r.node for r in final if r.answered and r.in_recovery is False and r.node in pointed]
    return writable[0] if len(writable) == 1 and len(pointed) == 1 else None
